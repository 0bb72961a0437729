"""Who is there: bots, people, chats and their messages. The rules of talking stand elsewhere."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.playground.files import FileShelf
from bot.playground.journal import Journal
from bot.playground.keeping import Keeping
from bot.playground.refusals import Refusal, bad_request
from bot.playground.shapes import Json
from bot.playground.updates import UpdateQueue
from bot.playground.watching import Watchers
from bot.playground.words import words

TOKEN = re.compile(r"(\d{1,16}):[A-Za-z0-9_-]{3,}")

FIRST_UPDATE = 100_000_001


@dataclass(slots=True)
class Person:
    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = "ru"
    deactivated: bool = False
    forbids_voices: bool = False

    def user(self) -> Json:
        user: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.last_name:
            user["last_name"] = self.last_name
        if self.username:
            user["username"] = self.username
        user["language_code"] = self.language_code
        return user

    def chat(self) -> Json:
        chat: Json = {"id": self.id, "type": "private", "first_name": self.first_name}
        if self.last_name:
            chat["last_name"] = self.last_name
        if self.username:
            chat["username"] = self.username
        return chat


@dataclass(slots=True)
class Bot:
    id: int
    first_name: str
    username: str
    queue: UpdateQueue
    next_message: int = 1
    seen: bool = False
    profile: Json = field(default_factory=dict[str, object])
    webhook: Json = field(default_factory=dict[str, object])

    def user(self) -> Json:
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": self.first_name,
            "username": self.username,
        }


@dataclass(slots=True)
class Draft:
    draft_id: int
    text: str
    entities: list[Json]
    can_stop: bool
    keep_on_stop: bool
    thread_id: int
    expires_at: float

    def shown(self) -> Json:
        return {
            "draft_id": self.draft_id,
            "text": self.text,
            "entities": self.entities,
            "can_stop": self.can_stop,
        }


@dataclass(slots=True)
class Chat:
    """A private chat of a bot with a person, or a group (`person` is None, `id` negative).

    A bot can't write first: `started` turns true with the person's first message.
    """

    bot: Bot
    public: Json
    person: Person | None
    started: bool = False
    blocked: bool = False
    messages: dict[int, Json] = field(default_factory=dict[int, Json])
    draft: Draft | None = None
    stopped_draft: int = 0
    action: str = ""
    action_until: float = 0.0

    @property
    def id(self) -> int:
        return self.public["id"]


class World:
    """`clock` is Unix time in seconds; tests move it to see things expire."""

    def __init__(self, keeping: Keeping, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.keeping = keeping
        self.bots: dict[int, Bot] = {}
        self.people: dict[int, Person] = {}
        self.chats: dict[tuple[int, int], Chat] = {}
        self.groups: dict[int, str] = {}
        self.files = FileShelf(keeping)
        self.journal = Journal(self.now)
        self.watchers = Watchers()

    def now(self) -> float:
        return self.clock()

    def bot(self, token: str) -> Bot:
        """Any well-formed token is a bot of its own; its id is what stands before the colon."""
        if not (match := TOKEN.fullmatch(token)):
            raise Refusal(401, "Unauthorized: invalid token specified")
        bot_id = int(match[1])
        return self.bots.get(bot_id) or self._new_bot(bot_id)

    def page_bot(self) -> Bot | None:
        """The bot the page talks with: the first that came in this run, else one from before."""
        return next(iter(self.page_bots()), None)

    def page_bots(self) -> list[Bot]:
        return sorted(self.bots.values(), key=lambda bot: not bot.seen)

    def add_bot(self, bot_id: int) -> Bot:
        names = words("names")["bot"]
        queue = UpdateQueue(self.now, FIRST_UPDATE)
        bot = Bot(bot_id, names["first_name"], f"{names['username']}_{bot_id}_bot", queue)
        self.bots[bot_id] = bot
        queue.on_kept = lambda entry: self.keeping.put_update(bot_id, entry)
        queue.on_gone = lambda entry: self.keeping.drop_update(bot_id, entry.update_id)
        return bot

    def _new_bot(self, bot_id: int) -> Bot:
        bot = self.add_bot(bot_id)
        self.keeping.put_bot(bot)
        return bot

    def add_person(self, person: Person) -> Person:
        self.people[person.id] = person
        self.keeping.put_person(person)
        return person

    def free_person_id(self) -> int:
        return max(self.people, default=1000) + 1

    def person(self, person_id: int) -> Person:
        """LookupError where there is nobody with this id."""
        return self.people[person_id]

    def chat(self, bot: Bot, person: Person) -> Chat:
        """The person's chat with this bot, made at the first look."""
        key = (bot.id, person.id)
        if not (chat := self.chats.get(key)):
            chat = self.chats[key] = Chat(bot, person.chat(), person)
        return chat

    def group(self, bot: Bot, group_id: int) -> Chat:
        """LookupError where there is no such group."""
        key = (bot.id, group_id)
        if not (chat := self.chats.get(key)):
            public = {"id": group_id, "type": "group", "title": self.groups[group_id]}
            chat = self.chats[key] = Chat(bot, public, None, started=True)
        return chat

    def chat_for_bot(self, bot: Bot, chat_id: int) -> Chat:
        """The chat a bot may write to, or the refusal Telegram gives."""
        chat = self.chats.get((bot.id, chat_id))
        person = chat.person if chat else self.people.get(chat_id)
        if person and person.deactivated:
            raise Refusal(403, "Forbidden: user is deactivated")
        if not chat and not person:
            raise bad_request("chat not found")
        if not chat or not chat.started:
            raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        if chat.blocked:
            raise Refusal(
                403,
                "Forbidden: bot was blocked by the user"
                if person
                else "Forbidden: bot was kicked from the group chat",
            )
        return chat

    def new_message(self, chat: Chat, sender: Json, **content: object) -> Json:
        """A message with the next id, kept and shown. Ids count per bot, over all its chats."""
        bot = chat.bot
        message: Json = {
            "message_id": bot.next_message,
            "from": sender,
            "chat": chat.public,
            "date": int(self.now()),
            **content,
        }
        bot.next_message += 1
        chat.messages[message["message_id"]] = message
        self.keeping.put_message(chat.bot.id, message)
        self.show(chat, "message", message)
        return message

    def show(self, chat: Chat, event: str, message: Json) -> None:
        if chat.person and self.watchers.any(chat.person.id):
            self.emit(chat, event, self.as_seen(chat, message))

    def emit(self, chat: Chat, event: str, data: Json) -> None:
        """Tell the open pages of this chat's person, if they look at this bot."""
        if chat.person and self.watchers.any(chat.person.id) and chat.bot is self.page_bot():
            self.watchers.emit(chat.person.id, event, data)

    @staticmethod
    def as_seen(chat: Chat, message: Json) -> Json:
        own = chat.person is not None and message["from"]["id"] == chat.person.id
        return {**message, "out": True} if own else message
