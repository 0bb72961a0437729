"""Control for tests: files of every kind that people send, and what becomes of files."""

from __future__ import annotations

import secrets

from aiohttp import web

from bot.playground import people
from bot.playground.media import KINDS, shelve
from bot.playground.page_api import answer, refuse
from bot.playground.params import Params, read_params
from bot.playground.refusals import Refusal
from bot.playground.shapes import Json
from bot.playground.sim import does
from bot.playground.world import Bot, World


class SimFiles:
    """`POST /sim/files`, multipart: `file`, or several under any names, which make an album.

    `person` and, if wanted, `bot`, `kind` (document, photo, voice…), `caption`, `duration`,
    `size` (told in place of the true one). Without `person` nobody sends
    anything, and `contents` can be given to `/sim/posts` for as many people as one likes.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/sim/files", self.send)
        app.router.add_post("/sim/expiry", does(self._expiry))
        app.router.add_post("/sim/voices", does(self._voices))

    async def send(self, request: web.Request) -> web.StreamResponse:
        try:
            params = await read_params(request)
            contents = self._contents(params)
            pressed = self._world.now()
            if not params.text("person"):
                return answer({"contents": contents, "time": pressed})
            person = self._world.person(params.integer("person"))
            chat = self._world.chat(self._bot(params), person)
            sent = [people.post(self._world, chat, content) for content in contents]
        except Refusal as refusal:
            return refuse(400, refusal.description)
        except people.CannotDo as cannot:
            return refuse(409, str(cannot))
        except LookupError as error:
            return refuse(400, f"{type(error).__name__}: {error}")
        return answer({"messages": sent, "time": pressed})

    def _voices(self, body: Json) -> Json:
        """`forbidden` is a setting of the person's privacy: no voices, no round videos."""
        person = self._world.person(int(body["person"]))
        person.forbids_voices = body.get("forbidden", True) is True
        self._world.keeping.put_person(person)
        return {"forbidden": person.forbids_voices}

    def _expiry(self, body: Json) -> Json:
        """While `expired`, Telegram knows no file that was ever sent."""
        self._world.files.expired = body.get("expired", True) is True
        return {"expired": self._world.files.expired}

    def _contents(self, params: Params) -> list[Json]:
        kind = KINDS[params.text("kind") or "document"]
        duration = params.integer("duration")
        size = params.integer("size") or None
        contents: list[Json] = [
            {kind.field: shelve(self._world, kind, upload, duration, size)}
            for upload in params.uploads.values()
        ]
        if not contents:
            raise people.CannotDo("no_file")
        if len(contents) > 1:
            group = str(secrets.randbits(53))
            for content in contents:
                content["media_group_id"] = group
        if caption := params.text("caption"):
            contents[0]["caption"] = caption
        return contents

    def _bot(self, params: Params) -> Bot:
        if params.text("bot"):
            return self._world.bots[params.integer("bot")]
        if bot := self._world.page_bot():
            return bot
        raise people.CannotDo("no_bot")
