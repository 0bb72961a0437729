"""What the chat page asks for and does. People on the page are the people of the world."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

from bot.playground import people
from bot.playground.callbacks import Queries
from bot.playground.page_albums import send_album
from bot.playground.params import read_params
from bot.playground.profile import commands_for
from bot.playground.refusals import Refusal
from bot.playground.sending import current_draft
from bot.playground.shapes import Json, as_list, as_object, parse_object
from bot.playground.words import words
from bot.playground.world import Chat, Person, World

Deed = Callable[[Chat, Json], Json]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
NAME_LIMIT = 64


class PageApi:
    def __init__(self, world: World, queries: Queries) -> None:
        self._world = world
        self._queries = queries

    def add_routes(self, app: web.Application) -> None:
        add = app.router
        add.add_get("/playground/bots", self.bots)
        add.add_get("/playground/hints", self.hints)
        add.add_get("/playground/people", self.people)
        add.add_post("/playground/people", self.add_person)
        chat = "/playground/chats/{person}"
        add.add_get(chat, self.chat)
        for name, deed in {
            "messages": self._write,
            "edits": self._edit,
            "presses": self._press,
            "stops": self._stop,
            "block": self._block,
            "start": self._start,
        }.items():
            add.add_post(f"{chat}/{name}", self._does(deed))
        add.add_post(f"{chat}/albums", self.album)

    async def bots(self, request: web.Request) -> web.Response:
        return answer([bot.user() for bot in self._world.page_bots()])

    async def hints(self, request: web.Request) -> web.Response:
        language = "en" if request.query.get("lang", "").startswith("en") else "ru"
        return answer({"hints": words(language)["hints"]})

    async def people(self, request: web.Request) -> web.Response:
        return answer([self._shown(person) for person in self._world.people.values()])

    async def add_person(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        name = str(body.get("first_name", "")).strip()
        language = str(body.get("language_code", "ru"))
        if not name or len(name) > NAME_LIMIT or not (language.isascii() and language.isalpha()):
            return refuse(400, "invalid_person")
        person = Person(self._world.free_person_id(), name, language_code=language[:8].lower())
        return answer(self._shown(self._world.add_person(person)))

    async def chat(self, request: web.Request) -> web.Response:
        world = self._world
        person = find_person(world, request)
        bot = world.page_bot()
        if bot is None:
            return answer(
                {
                    "bot": None,
                    "commands": [],
                    "messages": [],
                    "draft": None,
                    "blocked": False,
                    "action": None,
                }
            )
        chat = world.chat(bot, person)
        draft = current_draft(world, chat)
        return answer(
            {
                "bot": bot.user(),
                "commands": commands_for(bot, person),
                "messages": [world.as_seen(chat, message) for message in chat.messages.values()],
                "draft": draft.shown() if draft else None,
                "blocked": chat.blocked,
                "action": chat.action if chat.action_until > world.now() and chat.action else None,
            }
        )

    async def album(self, request: web.Request) -> web.Response:
        """multipart: the files in their order; if wanted `kind` (photo) and `caption`."""
        person = find_person(self._world, request)
        bot = self._world.page_bot()
        if bot is None:
            return refuse(409, "no_bot")
        chat = self._world.chat(bot, person)
        try:
            sent = send_album(self._world, chat, await read_params(request))
        except people.CannotDo as cannot:
            return refuse(409 if str(cannot) == "blocked" else 400, str(cannot))
        except Refusal as refusal:
            return refuse(refusal.code, refusal.description)
        return answer({"messages": [self._world.as_seen(chat, message) for message in sent]})

    def _does(self, deed: Deed) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            person = find_person(self._world, request)
            body = await read_body(request)
            bot = self._world.page_bot()
            if bot is None:
                return refuse(409, "no_bot")
            try:
                return answer(deed(self._world.chat(bot, person), body))
            except people.CannotDo as cannot:
                return refuse(409 if str(cannot) == "blocked" else 400, str(cannot))

        return handle

    def _write(self, chat: Chat, body: Json) -> Json:
        reply_to = body.get("reply_to_message_id")
        origin: Json | None = None
        if body.get("forwarded") is True:
            origin = {
                "type": "hidden_user",
                "sender_user_name": words("names")["forwarded_from"],
                "date": int(self._world.now()),
            }
        sent = people.write(
            self._world,
            chat,
            str(body.get("text", "")),
            reply_to=reply_to if isinstance(reply_to, int) else None,
            forward_origin=origin,
        )
        return {"messages": [self._world.as_seen(chat, message) for message in sent]}

    def _edit(self, chat: Chat, body: Json) -> Json:
        edited = people.edit(
            self._world, chat, whole(body, "message_id"), str(body.get("text", ""))
        )
        return {"message": self._world.as_seen(chat, edited)}

    def _press(self, chat: Chat, body: Json) -> Json:
        if chat.blocked or chat.person is None:
            raise people.CannotDo("blocked")
        message = chat.messages.get(whole(body, "message_id"))
        data = body.get("data")
        if message is None or not isinstance(data, str) or data not in _buttons(message):
            raise people.CannotDo("not_found")
        return {
            "callback_query_id": self._queries.press(chat, chat.person, message["message_id"], data)
        }

    def _stop(self, chat: Chat, body: Json) -> Json:
        people.stop(self._world, chat, whole(body, "draft_id"))
        return {}

    def _block(self, chat: Chat, body: Json) -> Json:
        people.block(self._world, chat, body.get("blocked") is True)
        return {"blocked": chat.blocked}

    def _start(self, chat: Chat, body: Json) -> Json:
        people.block(self._world, chat, False)
        return self._write(chat, {"text": "/start"})

    def _shown(self, person: Person) -> Json:
        bot = self._world.page_bot()
        chat = self._world.chats.get((bot.id, person.id)) if bot else None
        return {
            "id": person.id,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "username": person.username,
            "language_code": person.language_code,
            "blocked": chat is not None and chat.blocked,
        }


def find_person(world: World, request: web.Request) -> Person:
    try:
        return world.person(int(request.match_info["person"]))
    except (ValueError, LookupError):
        raise web.HTTPNotFound(
            text=orjson.dumps({"error": "no_person"}).decode(), content_type="application/json"
        ) from None


async def read_body(request: web.Request) -> Json:
    body = parse_object(await request.read())
    if body is None:
        raise web.HTTPBadRequest(
            text=orjson.dumps({"error": "not_json"}).decode(), content_type="application/json"
        )
    return body


def whole(body: Json, name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise people.CannotDo(f"invalid_{name}")
    return value


def answer(content: object) -> web.Response:
    return web.Response(
        body=orjson.dumps(content),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def refuse(status: int, error: str) -> web.Response:
    return web.Response(
        body=orjson.dumps({"error": error}), status=status, content_type="application/json"
    )


def _buttons(message: Json) -> set[str]:
    markup = as_object(message.get("reply_markup")) or {}
    rows = [as_list(row) or [] for row in as_list(markup.get("inline_keyboard")) or []]
    buttons = [as_object(button) or {} for row in rows for button in row]
    return {button["callback_data"] for button in buttons if "callback_data" in button}
