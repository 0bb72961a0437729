"""Pictures made fit for a model."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.reading import JpegPicture, Unreadable
from core.reading.picture_headers import is_picture, webp_pixels
from core.reading.reader import IsolatedReader
from tests.unit import reading_samples as samples
from tests.unit.reading_in_process import InProcess, scratch_in

RED, BLUE, WHITE = (220, 30, 30), (30, 30, 220), (255, 255, 255)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path) -> None:
    (tmp_path / "temporary").mkdir()


async def look(folder: Path, data: bytes) -> tuple[JpegPicture, Image.Image]:
    path = folder / "kept"
    path.write_bytes(data)
    try:
        found = await IsolatedReader(InProcess(), scratch_in(folder / "temporary")).picture(path)
    finally:
        assert list((folder / "temporary").iterdir()) == []
    image = Image.open(io.BytesIO(found.data))
    assert image.format == "JPEG"
    assert image.mode == "RGB"
    assert image.size == (found.width, found.height)
    return found, image


async def refusal(folder: Path, data: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        await look(folder, data)
    return refused.value.reason


def close(image: Image.Image, at: tuple[int, int], color: tuple[int, int, int]) -> bool:
    pixel: Any = image.getpixel(at)
    return all(abs(a - b) < 16 for a, b in zip(pixel, color, strict=True))


@pytest.mark.parametrize("kind", sorted(set(samples.PICTURES) - {"heic"}))
async def test_kinds(tmp_path: Path, kind: str) -> None:
    _, image = await look(tmp_path, samples.PICTURES[kind]())
    assert image.size == (96, 64)
    assert close(image, (10, 30), RED)
    assert close(image, (85, 30), BLUE)


async def test_heic_turned_and_without_its_place(tmp_path: Path) -> None:
    found, image = await look(tmp_path, samples.HEIC)
    assert image.size == (64, 96)
    assert close(image, (30, 10), BLUE)
    assert close(image, (30, 85), RED)
    assert not image.getexif()
    assert b"Cam" not in found.data


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "CMYK", "I;16", "YCbCr"])
async def test_modes(tmp_path: Path, mode: str) -> None:
    kind = "JPEG" if mode in {"CMYK", "YCbCr"} else "PNG"
    source = Image.linear_gradient("L").resize((64, 256))
    if mode == "I;16":
        source = source.convert("I").point(lambda value: value * 256 + 0).convert("I;16")
    elif mode != "L":
        source = source.convert("RGB").convert(mode)
    buffer = io.BytesIO()
    source.save(buffer, kind)
    _, image = await look(tmp_path, buffer.getvalue())
    assert close(image, (30, 2), (0, 0, 0))
    assert close(image, (30, 253), WHITE)


async def test_numbers_of_unknown_meaning_are_stretched(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    gradient = Image.linear_gradient("L").convert("F").point(lambda value: value * 1000 - 5000)
    gradient.save(buffer, "TIFF")
    _, image = await look(tmp_path, buffer.getvalue())
    assert close(image, (9, 0), (0, 0, 0))
    assert close(image, (9, 255), WHITE)


async def test_transparent_is_white(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(buffer, "PNG")
    _, image = await look(tmp_path, buffer.getvalue())
    assert close(image, (4, 4), WHITE)


@pytest.mark.parametrize(
    ("orientation", "red", "blue"),
    [
        (1, (10, 30), (85, 30)),
        (3, (85, 30), (10, 30)),
        (6, (30, 10), (30, 85)),
        (8, (30, 85), (30, 10)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
async def test_upright_and_without_metadata(
    tmp_path: Path, kind: str, orientation: int, red: tuple[int, int], blue: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "CameraMaker"
    exif.get_ifd(0x8825)[1] = "N"
    data = samples.picture(kind, exif=exif, comment=b"CommentOfSomebody")
    found, image = await look(tmp_path, data)
    assert close(image, red, RED)
    assert close(image, blue, BLUE)
    assert not image.getexif()
    assert b"CameraMaker" not in found.data
    assert b"CommentOfSomebody" not in found.data


@pytest.mark.parametrize(("size", "small"), [((4000, 1000), (2048, 512)), ((30, 9000), (7, 2048))])
async def test_the_longer_side(
    tmp_path: Path, size: tuple[int, int], small: tuple[int, int]
) -> None:
    found, _ = await look(tmp_path, samples.picture("PNG", size))
    assert (found.width, found.height) == small


async def test_noise_stays_under_the_limit(tmp_path: Path) -> None:
    noise = Image.effect_noise((2048, 2048), 200)
    buffer = io.BytesIO()
    Image.merge("RGB", (noise, noise.rotate(90), noise.rotate(180))).save(buffer, "BMP")
    found, _ = await look(tmp_path, buffer.getvalue())
    assert len(found.data) <= 4_000_000


async def test_the_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "lime", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    _, image = await look(tmp_path, buffer.getvalue())
    assert close(image, (9, 9), (255, 0, 0))


def png(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("size", [(100_000, 100_000), (9_000, 9_000), (2**31 - 1, 1)])
async def test_bombs_are_known_by_their_header(tmp_path: Path, size: tuple[int, int]) -> None:
    assert await refusal(tmp_path, png(*size)) == "heavy"


async def test_a_webp_bomb_is_known_before_it_is_opened(tmp_path: Path) -> None:
    for options in ({}, {"lossless": True}, {"exif": b"x" * 20}):
        data = bytearray(samples.picture("WEBP", **options))
        assert webp_pixels(data) == 96 * 64
        match bytes(data[12:16]):
            case b"VP8 ":
                data[26:30] = b"\xff\x3f\xff\x3f"
            case b"VP8L":
                data[21:25] = b"\xff\xff\xff\x0f"
            case _:
                data[24:30] = b"\xff\x3f\0\xff\x3f\0"
        assert await refusal(tmp_path, bytes(data)) == "heavy"


async def test_an_item_of_no_name_is_not_given_to_the_decoder(tmp_path: Path) -> None:
    at = samples.HEIC.index(b"infe", samples.HEIC.index(b"infe") + 4) + 12
    assert samples.HEIC[at : at + 4] == b"Exif"
    data = samples.HEIC[:at] + b"E\xffif" + samples.HEIC[at + 4 :]
    assert await refusal(tmp_path, data) == "broken"


@pytest.mark.parametrize("kind", sorted(samples.PICTURES))
async def test_truncated(tmp_path: Path, kind: str) -> None:
    data = samples.PICTURES[kind]()
    assert is_picture(data)
    assert await refusal(tmp_path, data[: len(data) // 2]) == "broken"
    assert await refusal(tmp_path, data[:16]) == "broken"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"just a text", "unsupported"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "unsupported"),
        (samples.picture("ICO"), "unsupported"),
        (b"\0\0\0\x1cftypheic" + bytes(500), "broken"),
    ],
)
async def test_refusals(tmp_path: Path, data: bytes, reason: str) -> None:
    assert await refusal(tmp_path, data) == reason
