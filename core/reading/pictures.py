"""The isolated job that makes any picture fit for a model."""

from __future__ import annotations

import io
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pi_heif
from PIL import AvifImagePlugin, Image, ImageOps, UnidentifiedImageError

from core.isolated import JobRefused
from core.reading.picture_headers import heif_is_sound, is_picture, webp_pixels

JOBS = ("normalise",)

SIDE = 2048
BYTES = 4_000_000
PIXELS = 65_000_000
"""A little more than the 9248 × 6936 of telephones with 64 megapixels."""
_HEAD = 2**20
_QUALITIES = (85, 75, 60, 40, 20)
# Pillow knows more formats, and starts other programs for some of them.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF", "HEIF")


def normalise(arguments: dict[str, Any]) -> dict[str, Any]:
    """Makes of the picture at `path` a JPEG at `target`; returns its `width` and `height`.

    It is upright, on white, of the first frame, and has no metadata. Refuses with the reasons of
    `Unread`.
    """
    path, target = Path(arguments["path"]), Path(arguments["target"])
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise JobRefused("empty")
    if webp_pixels(head) > PIXELS:
        raise JobRefused("heavy")
    if not heif_is_sound(head):
        raise JobRefused("broken")
    _settle()
    # Decoders raise more kinds of errors on damaged files than they name.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = _small(path)
    except (JobRefused, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise JobRefused("heavy") from None
    except UnidentifiedImageError:
        raise JobRefused("broken" if is_picture(head) else "unsupported") from None
    except Exception:
        raise JobRefused("broken") from None
    target.write_bytes(_jpeg(picture))
    return {"width": picture.width, "height": picture.height}


def _settle() -> None:
    # A thread costs address space, which is limited, and the server's cores are others' as well.
    register: Any = cast(Any, pi_heif).register_heif_opener
    register(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.MAX_IMAGE_PIXELS = PIXELS


def _small(path: Path) -> Image.Image:
    with Image.open(path, formats=_FORMATS) as opened:
        if opened.width * opened.height > PIXELS:
            raise JobRefused("heavy")
        opened.draft("RGB", (SIDE, SIDE))
        opened.load()
        picture = _resizable(opened)
        picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
        with suppress(Exception):  # a damaged EXIF is no reason to refuse the picture
            ImageOps.exif_transpose(picture, in_place=True)
        return _on_white(picture)


def _resizable(picture: Image.Image) -> Image.Image:
    """In a mode that has colours to mix, not numbers of colours."""
    if picture.has_transparency_data:
        return picture if picture.mode == "RGBA" else picture.convert("RGBA")
    if picture.mode in {"P", "1"}:
        return picture.convert("RGB")
    if picture.mode.startswith("I;16"):
        return picture.convert("I").point(_high_byte).convert("L")
    if picture.mode in {"I", "F"}:
        return _stretched(picture.convert("F"))
    return picture


def _high_byte(value: Any) -> Any:
    return value * (1 / 256) + 0


def _stretched(picture: Image.Image) -> Image.Image:
    """Numbers of unknown meaning, the least black and the greatest white."""
    least, greatest = picture.getextrema()
    assert isinstance(least, float)
    assert isinstance(greatest, float)
    scale = 255 / (greatest - least) if greatest > least else 0.0
    return picture.point(lambda value: value * scale - least * scale).convert("L")


def _on_white(picture: Image.Image) -> Image.Image:
    """A new picture: nothing that came with the old one goes with it."""
    blank = Image.new("RGB", picture.size, "white")
    if picture.mode == "RGBA":
        blank.paste(picture, mask=picture)
    else:
        blank.paste(picture if picture.mode == "RGB" else picture.convert("RGB"))
    return blank


def _jpeg(picture: Image.Image) -> bytes:
    data = b""
    for quality in _QUALITIES:
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality)
        data = buffer.getvalue()
        if len(data) <= BYTES:
            break
    return data
