"""Pressed buttons: the query goes to the bot, the answer back to the person as a toast."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass

from bot.playground.html_text import utf16
from bot.playground.params import Params
from bot.playground.refusals import bad_request
from bot.playground.shapes import Json
from bot.playground.updates import CALLBACK_LIFE
from bot.playground.world import Bot, Chat, Person, World

ANSWERABLE = 15 * 60.0
MOST_KEPT = 20_000
TEXT_LIMIT = 200


@dataclass(slots=True)
class Query:
    chat: Chat
    person: Person
    pressed_at: float
    answered: bool = False


class Queries:
    """A bot may answer a query for about a quarter of an hour; unread ones go after 150 s."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._queries: OrderedDict[str, Query] = OrderedDict()
        self._number = secrets.randbelow(1 << 60)

    def press(self, chat: Chat, person: Person, message_id: int, data: str) -> str:
        self._number += 1
        query_id = str(self._number)
        self._queries[query_id] = Query(chat, person, self._world.now())
        while len(self._queries) > MOST_KEPT:
            self._queries.popitem(last=False)
        message = chat.messages.get(message_id) or {
            "chat": chat.public,
            "message_id": message_id,
            "date": 0,
        }
        payload: Json = {
            "id": query_id,
            "from": person.user(),
            "message": message,
            "chat_instance": str(chat.id * 7919 + chat.bot.id),
            "data": data,
        }
        chat.bot.queue.push("callback_query", payload, f"query:{person.id}", CALLBACK_LIFE)
        return query_id

    def answer(self, world: World, bot: Bot, params: Params) -> bool:
        query = self._queries.get(params.text("callback_query_id"))
        fresh = query is not None and world.now() - query.pressed_at <= ANSWERABLE
        if query is None or not fresh or query.chat.bot is not bot:
            raise bad_request(
                "query is too old and response timeout expired or query ID is invalid"
            )
        text = params.text("text")
        if utf16(text) > TEXT_LIMIT:
            raise bad_request("MESSAGE_TOO_LONG")
        if not query.answered:
            query.answered = True
            if world.watchers.any(query.person.id):
                world.watchers.emit(
                    query.person.id,
                    "toast",
                    {
                        "callback_query_id": params.text("callback_query_id"),
                        "text": text,
                        "show_alert": params.flag("show_alert"),
                    },
                )
        return True
