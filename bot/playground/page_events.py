"""The page's live stream: server-sent events of one person's chat."""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot.playground.page_api import find_person
from bot.playground.sending import current_draft
from bot.playground.world import World

HEARTBEAT = 15.0


class PageEvents:
    def __init__(self, world: World) -> None:
        self._world = world

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/playground/chats/{person}/events", self.events)

    async def events(self, request: web.Request) -> web.StreamResponse:
        person = find_person(self._world, request)
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
            }
        )
        queue = self._world.watchers.open(person.id)
        try:
            await response.prepare(request)
            await response.write(b"retry: 1000\n\n")
            quiet_until = self._world.now() + HEARTBEAT
            while True:
                try:
                    async with asyncio.timeout(self._patience(person.id, quiet_until)):
                        frame = await queue.get()
                except TimeoutError:
                    if self._world.now() < quiet_until:
                        continue
                    frame = b": still here\n\n"
                if frame is None:
                    break
                await response.write(frame)
                quiet_until = self._world.now() + HEARTBEAT
        except ConnectionError:
            pass
        finally:
            self._world.watchers.close(person.id, queue)
        return response

    def _patience(self, person_id: int, quiet_until: float) -> float:
        """Wake up for the heartbeat, or earlier for a draft that is about to fade."""
        now = self._world.now()
        until = quiet_until
        if bot := self._world.page_bot():
            chat = self._world.chat(bot, self._world.people[person_id])
            if draft := current_draft(self._world, chat):
                until = min(until, draft.expires_at)
        return min(HEARTBEAT, max(0.01, until - now + 0.01))
