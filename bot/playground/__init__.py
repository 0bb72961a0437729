"""A Telegram and a model on loopback, and a chat page: the whole product without any account.

Also the ground for end-to-end tests and benchmarks: `/sim` makes people act and things fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

    from bot.playground.model_conduct import ScriptedModel
    from bot.playground.webhook import Webhooks
    from bot.playground.world import World

__all__ = ["Playground", "start_playground"]


@dataclass(frozen=True, slots=True)
class Playground:
    """A running playground. `world` and `model` are for tests in the same process."""

    url: str
    world: World
    model: ScriptedModel
    _webhooks: Webhooks
    _runner: web.AppRunner

    @property
    def telegram_url(self) -> str:
        """The base address of the Bot API server, for `TELEGRAM_API_URL`."""
        return self.url

    @property
    def model_url(self) -> str:
        """The base address of the scripted model, for `OPENAI_BASE_URL`: it answers over both
        APIs, hears, speaks, and has a realtime voice, under any model's name."""
        return f"{self.url}/v1"

    async def close(self) -> None:
        """Stop serving within about a second. Long polls end empty."""
        self.world.watchers.close_all()
        for bot in self.world.bots.values():
            bot.queue.release()
        await self._webhooks.close()
        await self._runner.cleanup()
        self.world.keeping.close()


async def start_playground(
    *, port: int = 0, host: str = "127.0.0.1", state: Path | None = None
) -> Playground:
    """Serve on `port` (0: any free one). With `state`, a folder, everything outlives a restart.

    Raises ValueError for a host that is not loopback, OSError for a port in use, and its
    kind BlockingIOError where another playground uses the folder.
    """
    from bot.playground.serving import serve

    return await serve(port=port, host=host, state=state)
