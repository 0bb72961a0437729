"""Downloads: for bots by path, for the page by file id; and files that people send."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from bot.playground import people
from bot.playground.files import DOWNLOAD_LIMIT, StoredFile
from bot.playground.html_text import utf16
from bot.playground.media import KINDS, shelve
from bot.playground.page_api import answer, find_person, refuse
from bot.playground.params import read_params
from bot.playground.refusals import Refusal
from bot.playground.shapes import Json
from bot.playground.texting import CAPTION_LIMIT
from bot.playground.world import World

SHOWN_AS_THEY_ARE = frozenset(
    [
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "audio/ogg",
        "audio/mpeg",
        "audio/mp4",
        "audio/webm",
        "audio/wav",
        "video/mp4",
        "video/webm",
    ]
)


class FileRoutes:
    def __init__(self, world: World) -> None:
        self._world = world

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/file/bot{token}/{path:.+}", self.for_bot)
        app.router.add_get("/playground/files/{file_id}", self.for_page)
        app.router.add_post("/playground/chats/{person}/files", self.from_person)

    async def for_bot(self, request: web.Request) -> web.StreamResponse:
        try:
            self._world.bot(request.match_info["token"])
        except Refusal as refusal:
            return refuse(refusal.code, refusal.description)
        file = self._world.files.at_path(request.match_info["path"])
        if file is None or file.size > DOWNLOAD_LIMIT:
            return refuse(404, "Not Found")
        return self._download(file, "application/octet-stream")

    async def for_page(self, request: web.Request) -> web.StreamResponse:
        """Never as something a browser would run: unknown types come as plain bytes."""
        file = self._world.files.find(request.match_info["file_id"])
        if file is None:
            return refuse(404, "no_file")
        safe = file.mime_type in SHOWN_AS_THEY_ARE
        return self._download(file, file.mime_type if safe else "application/octet-stream")

    async def from_person(self, request: web.Request) -> web.StreamResponse:
        """multipart: `file`; if wanted `kind` (document, photo, voice…), `caption`, `duration`."""
        person = find_person(self._world, request)
        bot = self._world.page_bot()
        if bot is None:
            return refuse(409, "no_bot")
        try:
            params = await read_params(request)
            upload = params.upload("file")
            kind = KINDS.get(params.text("kind") or "document")
            caption = params.text("caption").strip()
            if upload is None or kind is None or utf16(caption) > CAPTION_LIMIT:
                return refuse(400, "invalid_file")
            chat = self._world.chat(bot, person)
            if chat.blocked:
                return refuse(409, "blocked")
            content: Json = {
                kind.field: shelve(self._world, kind, upload, params.integer("duration"))
            }
            if caption:
                content["caption"] = caption
            message = people.post(self._world, chat, content)
        except Refusal as refusal:
            return refuse(400, refusal.description)
        return answer({"messages": [self._world.as_seen(chat, message)]})

    def _download(self, file: StoredFile, content_type: str) -> web.StreamResponse:
        try:
            content = self._world.files.content(file)
        except LookupError:
            return refuse(404, "no_file")
        return web.Response(
            body=content,
            headers={
                "Content-Type": content_type,
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "sandbox; default-src 'none'",
                "Cache-Control": "private, max-age=3600",
            },
        )
