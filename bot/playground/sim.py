"""Control for tests and benchmarks: act as a person, make things fail, read what happened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from typing import Any

from aiohttp import web

from bot.playground import people
from bot.playground.bot_api import BotApi
from bot.playground.callbacks import Queries
from bot.playground.faults import Fault
from bot.playground.model_conduct import Conduct, ScriptedModel
from bot.playground.page_api import answer, read_body, refuse
from bot.playground.shapes import Json
from bot.playground.world import Bot, Chat, Person, World

Handler = Callable[[Json], Any]
Route = Callable[[web.Request], Awaitable[web.StreamResponse]]
LONGEST_WAIT = 60.0


class Sim:
    """Every deed takes `bot` (an id; the page's bot when left out) and mostly `person` (an id)."""

    def __init__(
        self, world: World, queries: Queries, bot_api: BotApi, model: ScriptedModel
    ) -> None:
        self._world = world
        self._queries = queries
        self._bot_api = bot_api
        self._model = model

    def add_routes(self, app: web.Application) -> None:
        add = app.router
        add.add_get("/sim/sent", _asks(self.sent))
        add.add_get("/sim/counters", _asks(self.counters))
        add.add_get("/sim/model", _asks(self.model_journal))
        for name, handler in {
            "people": self._people,
            "messages": self._messages,
            "crowd": self._crowd,
            "posts": self._posts,
            "updates": self._updates,
            "edits": self._edits,
            "presses": self._presses,
            "stops": self._stops,
            "block": self._block,
            "deactivate": self._deactivate,
            "groups": self._groups,
            "faults": self._faults,
            "flood": self._flood,
            "redeliver": self._redeliver,
            "reset": self._reset,
            "model": self._conduct,
        }.items():
            add.add_post(f"/sim/{name}", does(handler))

    async def sent(self, request: web.Request) -> web.Response:
        """`since` a seq; `methods`, separated by commas; `chat`; `wait` seconds for `count`."""
        query = request.query
        count = int(query.get("count", 1))
        since = int(query.get("since", 0))
        methods = set(query["methods"].split(",")) if "methods" in query else None
        chat = int(query["chat"]) if "chat" in query else None
        wait = min(LONGEST_WAIT, float(query.get("wait", 0)))
        journal = self._world.journal
        found = (
            await journal.wait(since, wait, methods, chat, count)
            if wait
            else journal.since(since, methods, chat)
        )
        return answer({"last_seq": journal.last_seq, "sent": [entry._asdict() for entry in found]})

    async def counters(self, request: web.Request) -> web.Response:
        bots = {str(bot.id): len(bot.queue) for bot in self._world.bots.values()}
        return answer({**self._world.journal.counters(), "pending_updates": bots})

    async def model_journal(self, request: web.Request) -> web.Response:
        return answer(self._model.journal.shown(int(request.query.get("last", 20))))

    def _people(self, body: Json) -> Json:
        """`count` people at once, or one with the given fields."""
        world = self._world
        made: list[int] = []
        for _ in range(int(body.get("count", 1))):
            person_id = int(body.get("id", 0)) or world.free_person_id()
            person = Person(
                person_id,
                str(body.get("first_name", f"P{person_id}")),
                str(body.get("last_name", "")),
                str(body.get("username", "")),
                str(body.get("language_code", "ru")),
            )
            world.add_person(person)
            made.append(person_id)
        return {"people": made}

    def _messages(self, body: Json) -> Json:
        """`text` from `person`; in a group with `group`; `forwarded` adds a forward_origin.

        `time` of the answer is when the person pressed send, on the clock of `/sim/sent`.
        """
        chat, person = self._chat(body)
        pressed = self._world.now()
        origin: Json | None = None
        if body.get("forwarded"):
            origin = {
                "type": "user",
                "sender_user": person.user(),
                "date": int(self._world.now()),
            }
        sent = people.write(
            self._world,
            chat,
            str(body.get("text", "")),
            sender=person,
            reply_to=body.get("reply_to_message_id"),
            forward_origin=origin,
        )
        return {"messages": sent, "time": pressed}

    def _crowd(self, body: Json) -> Json:
        """The same `text` from each of `people` (ids) at one moment."""
        pressed = self._world.now()
        for person in body["people"]:
            self._messages({**body, "person": person})
        return {"sent": len(body["people"]), "time": pressed}

    def _posts(self, body: Json) -> Json:
        """A message of any kind: `content` is e.g. `{"sticker": {...}}` or `{"contact": {...}}`."""
        chat, person = self._chat(body)
        return {"messages": [people.post(self._world, chat, dict(body["content"]), person)]}

    def _updates(self, body: Json) -> Json:
        """Any update as it stands, e.g. `kind` channel_post with its `payload`."""
        payload = dict(body["payload"])
        lane = str(body.get("lane", "chat:0"))
        return {"update_id": self._bot(body).queue.push(str(body["kind"]), payload, lane)}

    def _edits(self, body: Json) -> Json:
        chat, _ = self._chat(body)
        text = str(body.get("text", ""))
        return {"message": people.edit(self._world, chat, int(body["message_id"]), text)}

    def _presses(self, body: Json) -> Json:
        """Any `data` is passed on, also what no button has."""
        chat, person = self._chat(body)
        message_id, data = int(body["message_id"]), str(body["data"])
        return {"callback_query_id": self._queries.press(chat, person, message_id, data)}

    def _stops(self, body: Json) -> Json:
        chat, _ = self._chat(body)
        draft_id = body.get("draft_id") or (chat.draft.draft_id if chat.draft else 0)
        people.stop(self._world, chat, int(draft_id))
        return {}

    def _block(self, body: Json) -> Json:
        chat, _ = self._chat(body)
        people.block(self._world, chat, body.get("blocked", True) is True)
        return {"blocked": chat.blocked}

    def _deactivate(self, body: Json) -> Json:
        person = self._world.person(int(body["person"]))
        person.deactivated = body.get("deactivated", True) is True
        self._world.keeping.put_person(person)
        return {"deactivated": person.deactivated}

    def _groups(self, body: Json) -> Json:
        """`person` makes a group with `title` and adds the bot."""
        world = self._world
        group_id = int(body.get("id", 0)) or min(world.groups, default=-100) - 1
        world.groups[group_id] = str(body.get("title", "Group"))
        world.keeping.put_group(group_id, world.groups[group_id])
        chat = world.group(self._bot(body), group_id)
        people.add_to_group(world, chat, world.person(int(body["person"])))
        return {"group": group_id}

    def _faults(self, body: Json) -> Json:
        """A list under `faults`, or one fault; `clear` forgets those from before."""
        if body.pop("clear", False):
            self._bot_api.faults.clear()
        for fault in body.get("faults", [body] if "method" in body else []):
            self._bot_api.faults.add(Fault(**fault))
        return {}

    def _flood(self, body: Json) -> Json:
        self._bot_api.flood.strict = body.get("strict") is True
        return {"strict": self._bot_api.flood.strict}

    def _redeliver(self, body: Json) -> Json:
        return {"again": self._bot(body).queue.redeliver(int(body.get("n", 1)))}

    def _reset(self, body: Json) -> Json:
        """Forget the journals; people, chats and queues stay."""
        self._world.journal.clear()
        self._model.journal.clear()
        return {}

    def _conduct(self, body: Json) -> Json:
        """Set the given fields; `reset` begins from the defaults."""
        current = Conduct() if body.pop("reset", False) else self._model.conduct
        known = {field.name for field in fields(Conduct)}
        if unknown := set(body) - known:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        self._model.behave(Conduct(**{**asdict(current), **body}))
        return asdict(self._model.conduct)

    def _bot(self, body: Json) -> Bot:
        if "bot" in body:
            return self._world.bots[int(body["bot"])]
        if bot := self._world.page_bot():
            return bot
        raise people.CannotDo("no_bot")

    def _chat(self, body: Json) -> tuple[Chat, Person]:
        bot, person = self._bot(body), self._world.person(int(body["person"]))
        if "group" in body:
            return self._world.group(bot, int(body["group"])), person
        return self._world.chat(bot, person), person


def _asks(route: Route) -> Route:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await route(request)
        except ValueError as error:
            return refuse(400, str(error))

    return handle


def does(handler: Handler) -> Route:
    async def handle(request: web.Request) -> web.StreamResponse:
        body = await read_body(request)
        try:
            return answer(handler(body))
        except people.CannotDo as cannot:
            return refuse(409, str(cannot))
        except (LookupError, TypeError, ValueError) as error:
            return refuse(400, f"{type(error).__name__}: {error}")

    return handle
