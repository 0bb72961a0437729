"""Parameters of a Bot API call, the same whether they came as a query, form, JSON or multipart."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from aiohttp import BodyPartReader, web

from bot.playground.forms import parse_form
from bot.playground.refusals import Refusal, bad_request
from bot.playground.shapes import as_object
from bot.playground.uploads import Upload, receive

FIELD_LIMIT = 1 << 20
INCOMING: web.AppKey[Path] = web.AppKey("incoming", Path)
"""The folder where files of requests are put at first."""


class Params:
    """Empty strings count as missing for numbers and objects, as Telegram's server reads them."""

    __slots__ = ("uploads", "values")

    def __init__(self, values: Mapping[str, Any], uploads: Mapping[str, Upload]) -> None:
        self.values = values
        self.uploads = uploads

    def text(self, name: str) -> str:
        value = self.values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else orjson.dumps(value).decode()

    def integer(self, name: str, default: int = 0) -> int:
        value = self.values.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad_request(f"invalid {name} specified") from None

    def flag(self, name: str) -> bool:
        value = self.values.get(name)
        return value is True or (
            isinstance(value, str) and value.lower() in {"true", "yes", "1", "t"}
        )

    def parsed(self, name: str) -> Any:
        """A JSON value, sent as such or as its text; None where nothing was sent."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            raise bad_request(f"can't parse {name}: can't parse JSON object") from None

    def upload(self, name: str) -> Upload | None:
        """The file sent under this name, or the one it points to with `attach://`."""
        if found := self.uploads.get(name):
            return found
        value = self.values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            return self.uploads.get(value.removeprefix("attach://"))
        return None


async def read_params(request: web.Request) -> Params:
    values: dict[str, Any] = dict(request.query) if request.query_string else {}
    if request.method != "POST" or not request.can_read_body:
        return Params(values, {})
    kind = request.content_type
    if kind == "application/x-www-form-urlencoded":
        values.update(parse_form(await request.read()))
        return Params(values, {})
    if kind == "application/json":
        try:
            sent = as_object(orjson.loads(await request.read()))
        except orjson.JSONDecodeError:
            sent = None
        if sent is None:
            raise bad_request("can't parse JSON object")
        values.update(sent)
        return Params(values, {})
    if kind == "multipart/form-data":
        try:
            return await _read_multipart(request, values)
        except ValueError:
            raise bad_request("can't parse multipart form") from None
    return Params(values, {})


async def _read_multipart(request: web.Request, values: dict[str, Any]) -> Params:
    uploads: dict[str, Upload] = {}
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader) or not part.name:
            continue
        if part.filename is None:
            values[part.name] = await _field(part)
        else:
            uploads[part.name] = await receive(part, request.app[INCOMING])
    return Params(values, uploads)


async def _field(part: BodyPartReader) -> str:
    content = b""
    while chunk := await part.read_chunk():
        content += chunk
        if len(content) > FIELD_LIMIT:
            raise Refusal(413, "Request Entity Too Large")
    return content.decode("utf-8", "replace")
