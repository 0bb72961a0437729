"""Files inside messages: what a bot sends, what a person sends, and how a bot downloads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.playground.files import DOWNLOAD_LIMIT, StoredFile
from bot.playground.image_size import image_size
from bot.playground.params import Params, Upload
from bot.playground.refusals import bad_request
from bot.playground.sending import deliver, target
from bot.playground.shapes import Json
from bot.playground.texting import read_caption
from bot.playground.world import Bot, World

PHOTO_LIMIT = 10 << 20
PHOTO_SIDES = 10_000


@dataclass(frozen=True, slots=True)
class Kind:
    """`field` is the name in calls and messages. Only some kinds carry a duration or a name."""

    method: str
    field: str
    folder: str
    duration: bool = False
    named: bool = False


KINDS = {
    kind.field: kind
    for kind in (
        Kind("sendDocument", "document", "documents", named=True),
        Kind("sendPhoto", "photo", "photos"),
        Kind("sendVoice", "voice", "voice", duration=True),
        Kind("sendAudio", "audio", "music", duration=True, named=True),
        Kind("sendVideo", "video", "videos", duration=True, named=True),
        Kind("sendAnimation", "animation", "animations", duration=True, named=True),
        Kind("sendVideoNote", "video_note", "video_notes", duration=True),
        Kind("sendSticker", "sticker", "stickers"),
    )
}


def sender(kind: Kind) -> Callable[[World, Bot, Params], Json]:
    def send(world: World, bot: Bot, params: Params) -> Json:
        chat = target(world, bot, params)
        caption, entities = read_caption(params)
        content: Json = {kind.field: _sent(world, kind, params)}
        if kind.field == "animation":
            content["document"] = content["animation"]
        if caption:
            content["caption"] = caption
        if entities:
            content["caption_entities"] = entities
        message = deliver(world, chat, params, content)
        world.journal.sent(kind.method, bot.id, chat.id, message["message_id"], caption)
        return message

    return send


def shelve(world: World, kind: Kind, upload: Upload, duration: int = 0) -> Json | list[Json]:
    """Keep a file and describe it as Telegram does inside a message."""
    if not upload.content:
        raise bad_request("file must be non-empty")
    extra: Json = {}
    if kind.duration:
        extra["duration"] = duration
    if kind.field in {"video_note"}:
        extra["length"] = 240
    if kind.field in {"photo", "sticker", "video", "animation"}:
        extra |= _sides(kind, upload)
    if kind.field == "sticker":
        extra |= {"type": "regular", "is_animated": False, "is_video": False}
    mime_type = upload.content_type.partition(";")[0].strip() or "application/octet-stream"
    file = world.files.add(kind.folder, upload.name, mime_type, upload.content, extra)
    return describe(kind, file)


def describe(kind: Kind, file: StoredFile) -> Json | list[Json]:
    described = file.reference()
    if kind.field == "photo":
        return [described]
    if kind.named:
        described["file_name"] = file.name
    if kind.field in {"document", "voice", "audio", "video", "animation"}:
        described["mime_type"] = file.mime_type
    return described


def get_file(world: World, bot: Bot, params: Params) -> Json:
    file = world.files.find(params.text("file_id"))
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if file.size > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_size": file.size,
        "file_path": file.path,
    }


def _sent(world: World, kind: Kind, params: Params) -> Json | list[Json]:
    if upload := params.upload(kind.field):
        return shelve(world, kind, upload, params.integer("duration"))
    known = params.text(kind.field)
    if not known:
        raise bad_request(f"there is no {kind.field} in the request")
    if file := world.files.find(known):
        return describe(kind, file)
    if "://" in known:
        raise bad_request("failed to get HTTP URL content")
    raise bad_request("wrong remote file identifier specified: Wrong string length")


def _sides(kind: Kind, upload: Upload) -> Json:
    size = image_size(upload.content)
    if kind.field == "photo":
        if len(upload.content) > PHOTO_LIMIT:
            raise bad_request("file is too big for a photo; the maximum size is 10485760 bytes")
        if size is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        if sum(size) > PHOTO_SIDES or min(size) < 1 or max(size) > 20 * min(size):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
    width, height = size or (512, 512)
    return {"width": width, "height": height}
