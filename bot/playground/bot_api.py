"""The HTTP side of the Bot API: one address per method, one shape of answer."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

from bot.playground.callbacks import Queries
from bot.playground.faults import Dropped, Faults, FloodControl
from bot.playground.methods import build_methods
from bot.playground.params import Params, read_params
from bot.playground.refusals import Refusal, bad_request, conflict
from bot.playground.shapes import as_list
from bot.playground.webhook import Webhooks
from bot.playground.world import Bot, World

LONGEST_POLL = 50


class BotApi:
    def __init__(self, world: World, queries: Queries, webhooks: Webhooks) -> None:
        self._world = world
        self._methods = build_methods(queries, webhooks)
        self.faults = Faults()
        self.flood = FloodControl(world.now)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        try:
            bot = self._world.bot(request.match_info["token"])
            result = await self._answer(bot, request)
        except Refusal as refusal:
            self._world.journal.refused[request.match_info["method"]] += 1
            return _refused(refusal)
        except Dropped:
            return drop(request)
        return web.Response(
            body=b'{"ok":true,"result":' + result + b"}", content_type="application/json"
        )

    async def _answer(self, bot: Bot, request: web.Request) -> bytes:
        name = request.match_info["method"]
        self._world.journal.calls[name] += 1
        name = name.lower()
        params = await read_params(request)
        chat_id = params.text("chat_id")
        dropped = self.faults.check(name, chat_id)
        self.flood.check(name, bot.id, chat_id)
        if name == "getupdates":
            result = await self._get_updates(bot, params)
        elif method := self._methods.get(name):
            if name == "getme":
                self._meet(bot)
            result = orjson.dumps(method(self._world, bot, params))
        else:
            raise Refusal(404, "Not Found")
        if dropped:
            raise dropped
        return result

    async def _get_updates(self, bot: Bot, params: Params) -> bytes:
        self._meet(bot)
        if bot.webhook.get("url"):
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        listen(self._world, bot, params)
        limit = params.integer("limit", 100)
        timeout = params.integer("timeout")
        if timeout < 0:
            raise bad_request("timeout must be non-negative")
        return await bot.queue.get(
            params.integer("offset"),
            limit if 1 <= limit <= 100 else 100,
            min(timeout, LONGEST_POLL),
        )

    def _meet(self, bot: Bot) -> None:
        if not bot.seen:
            bot.seen = True
            for person_id in self._world.watchers.people():
                person = self._world.people[person_id]
                self._world.emit(self._world.chat(bot, person), "bot", bot.user())


def listen(world: World, bot: Bot, params: Params) -> None:
    """Take over `allowed_updates`; left out, the previous choice stays."""
    wanted: Any = params.parsed("allowed_updates")
    if wanted is None:
        return
    kinds = as_list(wanted)
    if kinds is None:
        raise bad_request("can't parse allowed_updates: expected an Array of String")
    if kinds != bot.queue.allowed:
        bot.queue.allowed = [str(kind) for kind in kinds]
        world.keeping.put_bot(bot)


def drop(request: web.Request) -> web.StreamResponse:
    """Close the connection; whatever is returned after that reaches nobody."""
    if request.transport:
        request.transport.abort()
    return web.Response()


def _refused(refusal: Refusal) -> web.Response:
    body: dict[str, Any] = {
        "ok": False,
        "error_code": refusal.code,
        "description": refusal.description,
    }
    headers: dict[str, str] = {}
    if refusal.retry_after is not None:
        body["parameters"] = {"retry_after": refusal.retry_after}
        headers["Retry-After"] = str(refusal.retry_after)
    return web.Response(
        body=orjson.dumps(body),
        status=refusal.code,
        content_type="application/json",
        headers=headers,
    )
