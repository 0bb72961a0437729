"""Updates pushed to a bot's own server, in order per lane, repeated until it answers 2xx."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.playground.params import Params
from bot.playground.refusals import bad_request
from bot.playground.server import NAMES
from bot.playground.shapes import Json, as_list
from bot.playground.updates import Entry
from bot.playground.world import Bot, World
from core import Background

if TYPE_CHECKING:
    from aiohttp import ClientSession

SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
ANSWER_WITHIN = 60.0
FIRST_DELAY = 1.0
LONGEST_DELAY = 60.0
LONGEST_RETRY_AFTER = 3600.0


class Webhooks:
    """The first repeat comes at once, the next after a second, each later one doubles the wait."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pushers: dict[int, Pusher] = {}
        self._session: ClientSession | None = None

    def resume(self) -> None:
        """Push for the bots whose webhook was set in an earlier run."""
        for bot in self._world.bots.values():
            if bot.webhook.get("url"):
                self._start(bot)

    def set_webhook(self, world: World, bot: Bot, params: Params) -> bool:
        url = params.text("url")
        if not url:
            return self.delete_webhook(world, bot, params)
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or (parts.hostname or "") not in NAMES:
            raise bad_request("bad webhook: the playground delivers to loopback only")
        secret = params.text("secret_token")
        if secret and not SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        connections = params.integer("max_connections", 40)
        kinds = as_list(params.parsed("allowed_updates"))
        if kinds is not None:
            bot.queue.allowed = [str(kind) for kind in kinds]
        self._drop_if_asked(bot, params)
        bot.webhook = {
            "url": url,
            "secret": secret,
            "max_connections": min(100, max(1, connections)),
        }
        world.keeping.put_bot(bot)
        bot.queue.interrupt("terminated by setWebhook request")
        self._start(bot)
        return True

    def delete_webhook(self, world: World, bot: Bot, params: Params) -> bool:
        bot.webhook = {}
        world.keeping.put_bot(bot)
        self._stop(bot)
        self._drop_if_asked(bot, params)
        return True

    def get_webhook_info(self, world: World, bot: Bot, params: Params) -> Json:
        info: Json = {
            "url": bot.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(bot.queue),
        }
        if bot.webhook:
            info["max_connections"] = bot.webhook["max_connections"]
        if bot.queue.allowed:
            info["allowed_updates"] = bot.queue.allowed
        pusher = self._pushers.get(bot.id)
        if pusher and pusher.last_error:
            info["last_error_date"], info["last_error_message"] = pusher.last_error
        return info

    async def close(self) -> None:
        for pusher in self._pushers.values():
            await pusher.close()
        if self._session:
            await self._session.close()

    def _start(self, bot: Bot) -> None:
        from aiohttp import ClientSession, DummyCookieJar

        self._stop(bot)
        if self._session is None:
            self._session = ClientSession(cookie_jar=DummyCookieJar())
        pusher = self._pushers[bot.id] = Pusher(self._world, bot, self._session)
        for entry in bot.queue.entries():
            pusher.add(entry)
        bot.queue.on_push = pusher.add

    def _stop(self, bot: Bot) -> None:
        bot.queue.on_push = None
        if pusher := self._pushers.pop(bot.id, None):
            pusher.stop()

    def _drop_if_asked(self, bot: Bot, params: Params) -> None:
        if params.flag("drop_pending_updates"):
            bot.queue.drop_all()


class Pusher:
    def __init__(self, world: World, bot: Bot, session: ClientSession) -> None:
        self._world = world
        self._bot = bot
        self._session = session
        self._lanes: dict[str, deque[Entry]] = {}
        self._free = asyncio.Semaphore(bot.webhook["max_connections"])
        self._work = Background()
        self._tasks: set[asyncio.Task[None]] = set()
        self.last_error: tuple[int, str] | None = None

    def add(self, entry: Entry) -> None:
        if lane := self._lanes.get(entry.lane):
            lane.append(entry)
            return
        self._lanes[entry.lane] = deque([entry])
        task = self._work.spawn(self._empty(entry.lane), f"webhook lane {entry.lane}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        await self._work.drain(0)

    async def _empty(self, name: str) -> None:
        lane = self._lanes[name]
        failures = 0
        while lane:
            entry = lane[0]
            if entry.expires_at <= self._world.now():
                lane.popleft()
                continue
            async with self._free:
                wait = await self._post(entry)
            if wait is None:
                lane.popleft()
                failures = 0
                self._bot.queue.done(entry.update_id)
                continue
            failures += 1
            if failures > 1:
                await asyncio.sleep(wait or min(LONGEST_DELAY, FIRST_DELAY * 2 ** (failures - 2)))
        del self._lanes[name]

    async def _post(self, entry: Entry) -> float | None:
        """None: taken. Otherwise how long the server asked to wait, 0 where it did not say."""
        from aiohttp import ClientError, ClientTimeout

        hook = self._bot.webhook
        headers = {"Content-Type": "application/json"}
        if hook["secret"]:
            headers[SECRET_HEADER] = hook["secret"]
        try:
            async with self._session.post(
                hook["url"],
                data=entry.body,
                headers=headers,
                allow_redirects=False,
                timeout=ClientTimeout(ANSWER_WITHIN),
            ) as response:
                if 200 <= response.status < 300:
                    return None
                self._fail(f"Wrong response from the webhook: {response.status} {response.reason}")
                asked = response.headers.get("Retry-After", "")
                return min(LONGEST_RETRY_AFTER, float(asked)) if asked.isdecimal() else 0.0
        except (ClientError, OSError, TimeoutError) as error:
            self._fail(f"Connection failed: {type(error).__name__}")
            return 0.0

    def _fail(self, why: str) -> None:
        self.last_error = (int(self._world.now()), why)
