"""Downloads: for bots by path, for the page by file id; and files that people send."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from aiohttp import web

from bot.playground import people
from bot.playground.bot_api import drop
from bot.playground.faults import DOWNLOAD, Dropped, Faults
from bot.playground.files import DOWNLOAD_LIMIT, StoredFile
from bot.playground.html_text import utf16
from bot.playground.media import KINDS, shelve
from bot.playground.page_api import answer, find_person, refuse
from bot.playground.params import read_params
from bot.playground.refusals import Refusal
from bot.playground.sending import without_reply
from bot.playground.shapes import Json
from bot.playground.texting import CAPTION_LIMIT
from bot.playground.uploads import Upload
from bot.playground.voice_notes import NotSound, as_voice_note
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
    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/file/bot{token}/{path:.+}", self.for_bot)
        app.router.add_get("/playground/files/{file_id}", self.for_page)
        app.router.add_post("/playground/chats/{person}/files", self.from_person)

    async def for_bot(self, request: web.Request) -> web.StreamResponse:
        """Faults of the method `download` strike here; `drop` breaks off in the middle."""
        try:
            self._world.bot(request.match_info["token"])
            broken = self._faults.check(DOWNLOAD, "")
        except Refusal as refusal:
            return refuse(refusal.code, refusal.description)
        except Dropped:
            return drop(request)
        file = self._world.files.at_path(request.match_info["path"])
        if file is None or file.size > DOWNLOAD_LIMIT:
            return refuse(404, "Not Found")
        if broken:
            return await _half(request, self._world.files.content(file), file.size)
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
            duration = params.integer("duration")
            if kind.field == "voice":
                upload, duration = await self._as_voice(upload, duration)
            content: Json = {kind.field: shelve(self._world, kind, upload, duration)}
            if caption:
                content["caption"] = caption
            if original := chat.messages.get(params.integer("reply_to_message_id")):
                content["reply_to_message"] = without_reply(original)
            message = people.post(self._world, chat, content)
        except Refusal as refusal:
            return refuse(400, refusal.description)
        except NotSound:
            return refuse(400, "invalid_file")
        return answer({"messages": [self._world.as_seen(chat, message)]})

    async def _as_voice(self, upload: Upload, duration: int) -> tuple[Upload, int]:
        """Browsers record anything but OGG/Opus, clients of Telegram nothing else."""
        target = self._world.keeping.incoming / uuid4().hex
        try:
            note = await asyncio.to_thread(as_voice_note, upload.path, target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        seconds = duration or max(1, round(note.seconds))
        if note.ogg == upload.path:
            return upload, seconds
        return Upload("voice.ogg", note.ogg, note.ogg.stat().st_size, "audio/ogg"), seconds

    def _download(self, file: StoredFile, content_type: str) -> web.StreamResponse:
        try:
            path = self._world.files.content(file)
        except LookupError:
            return refuse(404, "no_file")
        return web.FileResponse(
            path,
            headers={
                "Content-Type": content_type,
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "sandbox; default-src 'none'",
                "Cache-Control": "private, max-age=3600",
            },
        )


async def _half(request: web.Request, path: Path, size: int) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": str(size)})
    await response.prepare(request)
    with path.open("rb") as content:
        await response.write(content.read(size // 2))
    return drop(request)
