"""Pictures inside a request: taken apart as strictly as OpenAI takes them, described by size."""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.playground.image_size import image_size
from bot.playground.model_refusals import ModelRefusal
from bot.playground.words import words

SIZE_LIMIT = 20 << 20
MOST = 500
DETAILS = {"low", "high", "auto", "original"}
TYPES = ("png", "jpeg", "gif", "webp")
PATCH = 32
TOKENS_PER_PATCH = 1.2
_DATA = re.compile(r"data:image/(\w+);base64,", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ShownPicture:
    sha256: str
    width: int
    height: int

    @property
    def tokens(self) -> int:
        patches = -(-self.width // PATCH) * -(-self.height // PATCH)
        return round(patches * TOKENS_PER_PATCH)


def read_picture(url: Any, detail: Any, where: str) -> ShownPicture:
    """`url` must be a base64 data URL: the playground fetches nothing from anywhere."""
    if detail is not None and (not isinstance(detail, str) or detail not in DETAILS):
        raise _refuse(where, f"Invalid value: '{detail}'.", "invalid_value")
    if not isinstance(url, str) or not url:
        raise _refuse(where, "Expected a base64-encoded data URL.", "invalid_type")
    if not url.startswith("data:"):
        raise _refuse(
            where,
            "Error while downloading the image: this server takes base64-encoded data URLs only.",
            "invalid_image_url",
        )
    head = _DATA.match(url)
    if head is None or head[1].lower() not in TYPES:
        raise _refuse(
            where,
            f"You uploaded an unsupported image. Please make sure your image is of one of the "
            f"following formats: {list(TYPES)}.",
            "unsupported_image",
        )
    try:
        content = b64decode(url[head.end() :], validate=True)
    except (binascii.Error, ValueError):
        raise _refuse(where, "Invalid base64 image_url.", "invalid_base64") from None
    if len(content) > SIZE_LIMIT:
        raise _refuse(
            where, f"The image is larger than {SIZE_LIMIT} bytes.", "image_file_too_large"
        )
    size = image_size(content)
    if size is None or min(size) < 1:
        raise _refuse(
            where, "The image data you provided does not represent a valid image.", "invalid_image"
        )
    return ShownPicture(hashlib.sha256(content).hexdigest(), *size)


def description(pictures: Sequence[ShownPicture], language: str) -> str:
    sizes = ", ".join(f"{picture.width}×{picture.height}" for picture in pictures)
    prepared: str = words(language)["pictures"]
    return prepared.replace("{count}", str(len(pictures))).replace("{sizes}", sizes)


def _refuse(where: str, message: str, code: str) -> ModelRefusal:
    return ModelRefusal(400, message, param=where, code=code)
