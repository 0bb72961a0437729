"""A Telegram that lives in the test: records every call, answers as promised, refuses as it does.

`RecordingSession` stands in for the network, `Person` for somebody who holds the phone. Updates go
through `Dispatcher.feed_raw_update`, so routers, filters, middlewares and texts are the real ones.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import AsyncGenerator
from html.parser import HTMLParser
from typing import Any, TypeVar, get_args, get_origin

from aiogram import Bot, Dispatcher
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import TelegramBadRequest, TelegramEntityTooLarge
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMessage,
    DeleteMessages,
    EditMessageReplyMarkup,
    EditMessageText,
    GetFile,
    SendAnimation,
    SendAudio,
    SendChatAction,
    SendDocument,
    SendMessageDraft,
    SendPhoto,
    SendVideo,
    SendVideoNote,
    SendVoice,
    TelegramMethod,
)
from aiogram.types import (
    Animation,
    Audio,
    Chat,
    Document,
    File,
    ForumTopic,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    Message,
    PhotoSize,
    User,
    Video,
    VideoNote,
    Voice,
)

M = TypeVar("M", bound=TelegramMethod[Any])

UPLOAD_BYTES = 50 << 20
DOWNLOAD_BYTES = 20 << 20
KEPT_BYTES = 1 << 20

MEDIA: dict[type[TelegramMethod[Any]], tuple[str, Any]] = {
    SendDocument: ("document", Document),
    SendVoice: ("voice", Voice),
    SendAudio: ("audio", Audio),
    SendVideo: ("video", Video),
    SendVideoNote: ("video_note", VideoNote),
    SendAnimation: ("animation", Animation),
    SendPhoto: ("photo", PhotoSize),
}

TAGS = {"b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"}


class RecordingSession(BaseSession):
    """`calls` holds every attempt, `answered` only those that Telegram accepted.

    `fail(kind, error, …)` makes the next calls of that method raise; `files` is by file id.
    `uploads` are the first bytes of what the bot sent, by the id it got. Ids in `unknown` are
    refused as wrong ones, and one that was given out is taken for its own kind only.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[TelegramMethod[Any]] = []
        self.answered: list[TelegramMethod[Any]] = []
        self.files: dict[str, bytes] = {}
        self.uploads: dict[str, bytes] = {}
        self.unknown: set[str] = set()
        self._kinds: dict[str, str] = {}
        self.messages: dict[tuple[int, int], Message] = {}
        self.update_ids = itertools.count(1)
        self.message_ids = itertools.count(1000)
        self._failures: list[tuple[type[TelegramMethod[Any]], BaseException]] = []

    def fail(self, kind: type[TelegramMethod[Any]], *errors: BaseException) -> None:
        self._failures += [(kind, error) for error in errors]

    def sent(self, kind: type[M]) -> list[M]:
        """Accepted calls of one method, oldest first."""
        return [call for call in self.answered if isinstance(call, kind)]

    async def make_request(
        self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None
    ) -> Any:
        self.calls.append(method)
        for number, (kind, error) in enumerate(self._failures):
            if isinstance(method, kind):
                del self._failures[number]
                raise error
        self._refuse(method)
        media = await self._media(bot, method) if type(method) in MEDIA else {}
        result = self._answer(bot, method, media)
        self.answered.append(method)
        return result

    def _refuse(self, method: TelegramMethod[Any]) -> None:
        def no(reason: str) -> TelegramBadRequest:
            return TelegramBadRequest(method=method, message=f"Bad Request: {reason}")

        if isinstance(method, AnswerCallbackQuery) and len(method.text or "") > 200:
            raise no("MESSAGE_TOO_LONG")
        if isinstance(method, GetFile):
            size = len(self.files.get(method.file_id, b""))
            if method.file_id not in self.files or method.file_id in self.unknown:
                raise no("wrong file_id or the file is temporarily unavailable")
            if size > DOWNLOAD_BYTES:
                raise no("file is too big")
        caption = (getattr(method, "caption", None) or "").encode("utf-16-le")
        if len(caption) > 2048:
            raise no("message caption is too long")
        for entity in getattr(method, "caption_entities", None) or []:
            if entity.offset + entity.length > len(caption) // 2:
                raise no("entity beyond the end of the caption")
        if not hasattr(method, "text") or isinstance(method, AnswerCallbackQuery):
            return
        text = visible(method)
        if not text.strip() and not isinstance(method, SendMessageDraft):
            raise no("message text is empty")
        if len(text.encode("utf-16-le")) > 8192:
            raise no("message is too long")
        if getattr(method, "parse_mode", None) == "HTML" and (fault := html_fault(method.text)):
            raise no(f"can't parse entities: {fault}")
        for entity in getattr(method, "entities", None) or []:
            if entity.offset + entity.length > len(text.encode("utf-16-le")) // 2:
                raise no("entity beyond the end of the text")
        if isinstance(method, EditMessageText):
            old = self.messages.get((int(method.chat_id or 0), method.message_id or 0))
            if old and (old.text, old.reply_markup) == (text, method.reply_markup):
                raise no("message is not modified")

    async def _media(self, bot: Bot, method: TelegramMethod[Any]) -> dict[str, Any]:
        """What Telegram makes of a file, as a field of the message; or its refusal."""
        field, shape = MEDIA[type(method)]
        file = getattr(method, field)
        if isinstance(file, InputFile):
            name = await self._taken(bot, method, field, file)
        elif file in self.unknown:
            raise TelegramBadRequest(
                method, "Bad Request: wrong remote file identifier specified: Wrong string length"
            )
        elif (kind := self._kinds.get(file, field)) != field:
            raise TelegramBadRequest(
                method, f"Bad Request: can't use file of type {kind} as {field}"
            )
        else:
            name = file
        about: dict[str, Any] = {"file_id": name, "file_unique_id": name}
        if field in ("photo", "video", "animation"):
            about |= {"width": 1, "height": 1}
        if field not in ("photo", "document"):
            about["duration"] = method.duration or 1
        if field == "video_note":
            about["length"] = 1
        if field == "document" and isinstance(file, InputFile):
            about["file_name"] = file.filename
        return {field: [shape(**about)] if field == "photo" else shape(**about)}

    async def _taken(self, bot: Bot, method: Any, field: str, file: InputFile) -> str:
        first, size = b"", 0
        async for chunk in file.read(bot):
            size += len(chunk)
            first += chunk[: KEPT_BYTES - len(first)]
        if not size:
            raise TelegramBadRequest(method, "Bad Request: file must be non-empty")
        if size > UPLOAD_BYTES:
            raise TelegramEntityTooLarge(method, "Request Entity Too Large")
        if field == "voice" and not first.startswith((b"OggS", b"ID3", b"\xff\xfb")):
            raise TelegramBadRequest(method, "Bad Request: wrong type of the file")
        name = f"file{next(self.message_ids)}"
        self.uploads[name], self._kinds[name] = first, field
        return name

    def _answer(self, bot: Bot, method: TelegramMethod[Any], media: dict[str, Any]) -> Any:
        kind = method.__returning__
        if isinstance(method, EditMessageReplyMarkup):
            return self._redraw(method)
        if kind is Message or Message in get_args(kind):
            return self._message(bot, method, media)
        if kind is bool:
            self._forget(method)
            return True
        if kind is ForumTopic:
            topic = next(self.message_ids)
            return ForumTopic(message_thread_id=topic, name=method.name, icon_color=7322096)
        if kind is File:
            size = len(self.files[method.file_id])
            return File(
                file_id=method.file_id,
                file_unique_id=method.file_id,
                file_size=size,
                file_path=method.file_id,
            )
        if kind is User:
            return User(id=bot.id, is_bot=True, first_name="bot", username="path_bot")
        if get_origin(kind) is list:
            return []
        raise NotImplementedError(f"{type(method).__name__} -> {kind}")

    def _message(self, bot: Bot, method: Any, media: dict[str, Any]) -> Message:
        chat_id = int(method.chat_id)
        message = Message(
            message_id=getattr(method, "message_id", None) or next(self.message_ids),
            date=int(time.time()),
            chat=Chat(id=chat_id, type="private" if chat_id > 0 else "supergroup"),
            from_user=User(id=bot.id, is_bot=True, first_name="bot", username="path_bot"),
            text=visible(method) or None,
            caption=getattr(method, "caption", None),
            message_thread_id=getattr(method, "message_thread_id", None),
            reply_markup=keyboard_of(method),
            **media,
        ).as_(bot)
        self.messages[chat_id, message.message_id] = message
        return message

    def _redraw(self, method: EditMessageReplyMarkup) -> Any:
        key = (int(method.chat_id or 0), method.message_id or 0)
        if key in self.messages:
            self.messages[key] = self.messages[key].model_copy(
                update={"reply_markup": method.reply_markup}
            )
        return self.messages.get(key, True)

    def _forget(self, method: TelegramMethod[Any]) -> None:
        if isinstance(method, DeleteMessage):
            self.messages.pop((int(method.chat_id), method.message_id), None)
        elif isinstance(method, DeleteMessages):
            for number in method.message_ids:
                self.messages.pop((int(method.chat_id), number), None)

    async def stream_content(self, url: str, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        yield self.files[url.rsplit("/", 1)[1]]

    async def close(self) -> None: ...


class Person:
    """Someone in a chat with the bot; a private one unless `chat` (a group's id < 0) is given."""

    _ids = itertools.count(101)

    def __init__(
        self,
        dispatcher: Dispatcher,
        bot: Bot,
        id: int | None = None,
        name: str = "Аня",
        language: str | None = "ru",
        chat: int | None = None,
        thread_id: int | None = None,
    ) -> None:
        self.dispatcher, self.bot = dispatcher, bot
        self.id = id or next(Person._ids)
        self.name, self.language, self.thread_id = name, language, thread_id
        self.chat_id = chat or self.id
        assert isinstance(bot.session, RecordingSession)
        self.session: RecordingSession = bot.session

    def in_group(self, chat: int = -1001) -> Person:
        return Person(self.dispatcher, self.bot, self.id, self.name, self.language, chat)

    @property
    def me(self) -> dict[str, Any]:
        about = {"id": self.id, "is_bot": False, "first_name": self.name}
        return about | ({"language_code": self.language} if self.language else {})

    @property
    def chat(self) -> dict[str, Any]:
        if self.chat_id > 0:
            return {"id": self.chat_id, "type": "private", "first_name": self.name}
        return {"id": self.chat_id, "type": "supergroup", "title": "Группа"}

    async def sends(self, **content: Any) -> Any:
        """Any message, e.g. `sends(voice={"file_id": …, "file_unique_id": …, "duration": 3})`."""
        return await self.feeds(message=self._message(next(self.session.message_ids), **content))

    async def says(self, text: str, **content: Any) -> Any:
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0].encode("utf-16-le")) // 2
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        return await self.sends(text=text, **content)

    async def forwards(self, text: str, author: str = "Кто-то") -> Any:
        origin = {"type": "hidden_user", "date": int(time.time()), "sender_user_name": author}
        return await self.sends(text=text, forward_origin=origin)

    async def edits(self, text: str, message_id: int = 1) -> Any:
        edited = self._message(message_id, text=text, edit_date=int(time.time()))
        return await self.feeds(edited_message=edited)

    async def presses(self, label: str) -> Any:
        """Press the newest button with exactly this label among those still on the screen."""
        for message, button in reversed(self._buttons()):
            if button.text == label:
                return await self._callback(button.callback_data, message)
        raise AssertionError(f"no button {label!r}, there are {self.buttons()}")

    async def presses_data(self, data: str, message_id: int | None = None) -> Any:
        """A press with any data: old, forged, somebody else's."""
        known = self.session.messages.get((self.chat_id, message_id or 0))
        return await self._callback(data, known, message_id or 1)

    async def stops(self, draft_id: int) -> Any:
        thread = {"message_thread_id": self.thread_id} if self.thread_id else {}
        stopped = {"chat": self.chat, "draft_id": draft_id, **thread}
        return await self.feeds(stopped_message_generation=stopped)

    async def blocks(self, back: bool = False) -> Any:
        """Block the bot, or let it back in."""
        user = {"id": self.bot.id, "is_bot": True, "first_name": "bot"}
        states: list[dict[str, Any]] = [
            {"status": "member", "user": user},
            {"status": "kicked", "user": user, "until_date": 0},
        ]
        old, new = reversed(states) if back else states
        change = {"chat": self.chat, "from": self.me, "date": int(time.time())}
        return await self.feeds(
            my_chat_member={**change, "old_chat_member": old, "new_chat_member": new}
        )

    def heard(self) -> list[str]:
        """What the bot said and edited in this chat, oldest first, as it looks on the screen."""
        return [
            text
            for call in self.session.answered
            if getattr(call, "chat_id", None) == self.chat_id
            and not isinstance(call, SendMessageDraft | SendChatAction)
            and (text := visible(call) or getattr(call, "caption", None))
        ]

    def drafted(self) -> list[str]:
        drafts = self.session.sent(SendMessageDraft)
        return [draft.text or "" for draft in drafts if draft.chat_id == self.chat_id]

    def told(self) -> list[str]:
        """Texts of the answers to button presses (anybody's)."""
        return [call.text for call in self.session.sent(AnswerCallbackQuery) if call.text]

    def buttons(self) -> list[str]:
        """Labels still on the screen, oldest message first."""
        return [button.text for _, button in self._buttons()]

    async def feeds(self, **event: Any) -> Any:
        """One raw update with the next update id; pass `update_id` to redeliver."""
        event.setdefault("update_id", next(self.session.update_ids))
        return await self.dispatcher.feed_raw_update(self.bot, event)

    def _buttons(self) -> list[tuple[Message, InlineKeyboardButton]]:
        return [
            (message, button)
            for (chat, _), message in sorted(self.session.messages.items())
            if chat == self.chat_id and message.reply_markup
            for row in message.reply_markup.inline_keyboard
            for button in row
        ]

    def _message(self, message_id: int, **content: Any) -> dict[str, Any]:
        if self.thread_id:
            content |= {"message_thread_id": self.thread_id, "is_topic_message": True}
        now = int(time.time())
        about = {"message_id": message_id, "date": now, "chat": self.chat, "from": self.me}
        return about | content

    async def _callback(
        self, data: str | None, message: Message | None, message_id: int = 1
    ) -> Any:
        shown: dict[str, Any] = {"message_id": message_id, "date": 0, "chat": self.chat}
        if message:
            shown = message.model_dump(mode="json", exclude_none=True, by_alias=True)
            shown["date"] = int(time.time())
        query = {"id": str(next(self.session.message_ids)), "from": self.me, "chat_instance": "1"}
        return await self.feeds(callback_query={**query, "data": data, "message": shown})


def visible(method: Any) -> str:
    """The text of a call as a person sees it."""
    text = getattr(method, "text", None) or ""
    if getattr(method, "parse_mode", None) != "HTML":
        return text
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return "".join(reader.text)


def keyboard_of(method: Any) -> InlineKeyboardMarkup | None:
    markup = getattr(method, "reply_markup", None)
    return markup if isinstance(markup, InlineKeyboardMarkup) else None


def html_fault(text: str) -> str | None:
    """Why Telegram would not take this HTML, None if it would."""
    if "<" in re.sub(r"</?[a-z][^<>]*>", "", text):
        return "unsupported start tag"
    reader = _Reader()
    reader.feed(text)
    reader.close()
    if reader.fault or reader.open:
        return reader.fault or f"can't find end tag of {reader.open[-1]}"
    return None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.open: list[str] = []
        self.fault: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.fault = self.fault or f"unsupported start tag {tag!r}"
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.fault = self.fault or f"unexpected end tag {tag!r}"

    def handle_data(self, data: str) -> None:
        self.text.append(data)
