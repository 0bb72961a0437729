"""Files inside messages: what a bot sends, what a person sends, and how a bot downloads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from mimetypes import guess_type

from bot.playground.files import DOWNLOAD_LIMIT, StoredFile
from bot.playground.image_size import image_size
from bot.playground.params import Params
from bot.playground.photo_sizes import Copy, smaller_copies
from bot.playground.refusals import bad_request
from bot.playground.sending import deliver, target
from bot.playground.shapes import Json
from bot.playground.texting import read_caption
from bot.playground.uploads import Upload
from bot.playground.voice_notes import probe_file
from bot.playground.world import Bot, World

PHOTO_LIMIT = 10 << 20
PHOTO_SIDES = 10_000
PICTURED = frozenset({"photo", "sticker", "video", "animation"})
TYPED = frozenset({"document", "voice", "audio", "video", "animation"})
SOUNDS = frozenset({"voice", "audio"})
FORBIDDABLE = frozenset({"voice", "video_note"})
BARE = frozenset({"video_note", "sticker"})
"""Kinds without a caption."""

UNKNOWN_TYPE = "application/octet-stream"
ENDINGS = {"voice": ".oga", "photo": ".jpg", "video_note": ".mp4"}
"""What the paths of files end in, whatever names they came with."""


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
        if kind.field in FORBIDDABLE and chat.person and chat.person.forbids_voices:
            raise bad_request("VOICE_MESSAGES_FORBIDDEN")
        caption, entities = ("", []) if kind.field in BARE else read_caption(params)
        upload = params.upload(kind.field)
        actual = _actual(kind, upload) if upload else kind
        if upload:
            described = shelve(world, actual, upload, params.integer("duration"))
        else:
            described = _known(world, kind, params.text(kind.field))
        content: Json = {actual.field: described}
        if actual.field == "animation":
            content["document"] = content["animation"]
        if caption:
            content["caption"] = caption
        if entities:
            content["caption_entities"] = entities
        message = deliver(world, chat, params, content)
        file = described[-1] if isinstance(described, list) else described
        world.journal.sent(
            kind.method,
            bot.id,
            chat.id,
            message["message_id"],
            caption,
            file=file["file_unique_id"],
            uploaded=upload.size if upload else 0,
        )
        return message

    return send


def shelve(
    world: World, kind: Kind, upload: Upload, duration: int = 0, size: int | None = None
) -> Json | list[Json]:
    """Keep a file and describe it as Telegram does inside a message. `size` is what to tell of
    it, where that is to differ from the truth."""
    if not upload.size:
        raise bad_request("file must be non-empty")
    extra: Json = {}
    if kind.duration:
        extra["duration"] = duration or (_seconds(upload) if kind.field in SOUNDS else 0)
    if kind.field == "video_note":
        extra["length"] = 240
    if kind.field in PICTURED:
        extra |= _sides(kind, upload)
    if kind.field == "sticker":
        extra |= {"type": "regular", "is_animated": False, "is_video": False}
    copies = smaller_copies(upload.path, world.keeping.incoming) if kind.field == "photo" else []
    smaller = [_shelve_copy(world, kind, copy) for copy in copies]
    file = world.files.add(
        kind.folder,
        upload.name,
        _mime_type(kind, upload),
        upload.path,
        extra,
        upload.size if size is None else size,
        ENDINGS.get(kind.field),
    )
    described = describe(kind, file)
    return [*smaller, *described] if isinstance(described, list) else described


def describe(kind: Kind, file: StoredFile) -> Json | list[Json]:
    described = file.reference()
    if kind.field == "photo":
        return [described]
    if kind.named:
        described["file_name"] = file.name
    if kind.field in TYPED:
        described["mime_type"] = file.mime_type
    return described


def get_file(world: World, bot: Bot, params: Params) -> Json:
    file = world.files.known(params.text("file_id"))
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


def _actual(kind: Kind, upload: Upload) -> Kind:
    """A voice must be OGG/Opus, MP3 or M4A; Telegram makes a document of any other."""
    head = upload.head()
    if kind.field != "voice" or (head.startswith(b"OggS") and b"vorbis" not in head[:200]):
        return kind
    compressed = head.startswith((b"ID3", b"\xff\xfb", b"\xff\xf3")) or head[4:11] == b"ftypM4A"
    return kind if compressed else KINDS["document"]


def _known(world: World, kind: Kind, file_id: str) -> Json | list[Json]:
    if not file_id:
        raise bad_request(f"there is no {kind.field} in the request")
    if file := world.files.known(file_id):
        if file.folder != kind.folder:
            raise bad_request("type of file mismatch")
        return describe(kind, file)
    if "://" in file_id:
        raise bad_request("failed to get HTTP URL content")
    if file_id.startswith("pg-"):
        raise bad_request("wrong file identifier/HTTP URL specified")
    raise bad_request("wrong remote file identifier specified: Wrong string length")


def _shelve_copy(world: World, kind: Kind, copy: Copy) -> Json:
    sides = {"width": copy.width, "height": copy.height}
    size = copy.path.stat().st_size
    name = f"photo{ENDINGS['photo']}"
    return world.files.add(kind.folder, name, "image/jpeg", copy.path, sides, size).reference()


def _mime_type(kind: Kind, upload: Upload) -> str:
    """By the name where the sender said nothing of it, as Telegram's servers do."""
    said = upload.content_type.partition(";")[0].strip()
    if kind.field == "voice" and upload.head().startswith(b"OggS"):
        return "audio/ogg"
    if said and said != UNKNOWN_TYPE:
        return said
    return guess_type(upload.name)[0] or UNKNOWN_TYPE


def _seconds(upload: Upload) -> int:
    probe = probe_file(upload.path)
    return round(probe.seconds) if probe.container else 0


def _sides(kind: Kind, upload: Upload) -> Json:
    size = image_size(upload.head())
    if kind.field == "photo":
        if upload.size > PHOTO_LIMIT:
            raise bad_request("file is too big for a photo; the maximum size is 10485760 bytes")
        if size is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        if sum(size) > PHOTO_SIDES or min(size) < 1 or max(size) > 20 * min(size):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
    width, height = size or (512, 512)
    return {"width": width, "height": height}
