"""Puts the parts together and opens the port."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from bot.playground import Playground, page_files
from bot.playground.bot_api import BotApi
from bot.playground.callbacks import Queries
from bot.playground.file_routes import FileRoutes
from bot.playground.keeping import FolderKeeping, Keeping
from bot.playground.model_api import ModelApi
from bot.playground.model_conduct import ScriptedModel
from bot.playground.model_hearing import HearingApi
from bot.playground.model_moderating import ModeratingApi
from bot.playground.model_realtime import RealtimeApi
from bot.playground.model_speaking import SpeakingApi
from bot.playground.page_api import PageApi
from bot.playground.page_events import PageEvents
from bot.playground.params import INCOMING
from bot.playground.restoring import restore
from bot.playground.server import new_application, require_loopback
from bot.playground.sim import Sim
from bot.playground.sim_files import SimFiles
from bot.playground.webhook import Webhooks
from bot.playground.words import words
from bot.playground.world import Person, World


async def serve(*, port: int, host: str, state: Path | None) -> Playground:
    require_loopback(host)
    world = _open_world(state)
    webhooks = Webhooks(world)
    queries = Queries(world)
    model = ScriptedModel()
    bot_api = BotApi(world, queries, webhooks)
    app = new_application()
    app[INCOMING] = world.keeping.incoming
    app.router.add_route("*", "/bot{token}/{method}", bot_api.handle)
    for api in (
        ModelApi(model),
        HearingApi(model),
        SpeakingApi(model),
        RealtimeApi(model),
        ModeratingApi(model),
    ):
        api.add_routes(app)
    page_files.add_routes(app)
    PageApi(world, queries).add_routes(app)
    PageEvents(world).add_routes(app)
    Sim(world, queries, bot_api, model).add_routes(app)
    FileRoutes(world, bot_api.faults).add_routes(app)
    SimFiles(world).add_routes(app)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.5)
    try:
        await runner.setup()
        await web.TCPSite(runner, host, port, reuse_address=True).start()
    except OSError:
        await runner.cleanup()
        world.keeping.close()
        raise
    webhooks.resume()
    address = runner.addresses[0]
    name = f"[{address[0]}]" if ":" in address[0] else address[0]
    return Playground(f"http://{name}:{address[1]}", world, model, webhooks, runner)


def _open_world(state: Path | None) -> World:
    if state is None:
        world = World(Keeping())
    else:
        keeping = FolderKeeping(state)
        world = World(keeping)
        restore(world, keeping.log)
    if not world.people:
        for person in words("names")["people"]:
            world.add_person(Person(**person))
    return world
