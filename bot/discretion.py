"""What must not be told: secrets anywhere, and people's words in what foreign errors say."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, cast
from urllib.parse import quote, unquote, urlsplit

import orjson
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from bot.settings import Settings
from core import Misconfigured

STRUCK = "***"

_SHORTEST_SECRET = 6
_OURS = ("bot.", "core.", "__main__.")
_KEYWORD_PASSWORD = re.compile(r"\bpassword\s*=\s*'?([^\s']+)")
_CONNECTION_ERRORS = (ConnectionError, TimeoutError)


def secrets_of(settings: BaseSettings) -> list[str]:
    """Every value that is kept secret, the passwords within addresses, and the webhook's secret
    where it is made of the token."""
    values: list[str] = []
    for name in type(settings).model_fields:
        value: object = getattr(settings, name)
        if isinstance(value, SecretStr):
            values.append(value.get_secret_value())
        elif isinstance(value, str) and "@" in value:
            values.append(value)
    values += _made_of(settings)
    return [*values, *(part for value in values for part in _passwords(value))]


class Secrets:
    """Whatever way they are written: as they are, in JSON, or inside an address."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
        forms = {form for secret in known for form in _forms(secret)}
        # The longest first: one may be a part of another.
        self._forms = sorted(forms, key=len, reverse=True)

    def struck_out(self, text: str) -> str:
        for form in self._forms:
            if form in text:
                text = text.replace(form, STRUCK)
        return text

    def struck_out_of(self, value: Any) -> Any:
        """The same of all texts within what JSON can hold."""
        match value:
            case str():
                return self.struck_out(value)
            case dict():
                return {key: self.struck_out_of(each) for key, each in value.items()}  # pyright: ignore[reportUnknownVariableType]
            case list() | tuple():
                return [self.struck_out_of(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
            case _:
                return value


def is_ours(module: str) -> bool:
    return f"{module}.".startswith(_OURS)


def may_speak(kind: type[BaseException]) -> bool:
    """Whether errors of this kind have words of ours alone, and names and figures of machines."""
    return is_ours(kind.__module__) or issubclass(kind, _CONNECTION_ERRORS)


def told(error: BaseException) -> str:
    """Its kind, its words if it `may_speak`, and what a foreign one says in figures."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else _full_name(kind)
    if may_speak(kind):
        words = str(error)
        return f"{name}: {words}" if words else name
    figure: object = getattr(error, "sqlstate", None) or getattr(error, "errno", None)
    return f"{name} ({figure})" if figure else name


def told_trace(error: BaseException | None) -> str:
    """The traceback with all its causes; of each error what `told` tells."""
    return "".join(_trace(error, set())).rstrip("\n") if error else ""


def _trace(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    hidden = error.__suppress_context__ and error.__cause__ is None
    before = None if hidden else error.__cause__ or error.__context__
    if before is not None and id(before) not in seen:
        yield from _trace(before, seen)
        cause = error.__cause__ is not None
        yield "\nwhich caused:\n\n" if cause else "\nand while that was dealt with:\n\n"
    if error.__traceback__:
        yield "Traceback (most recent call last):\n"
        yield from traceback.format_tb(error.__traceback__)
    yield f"{told(error)}\n"
    if isinstance(error, BaseExceptionGroup):
        for member in cast("BaseExceptionGroup[BaseException]", error).exceptions:
            if id(member) not in seen:
                yield "\none of them:\n"
                yield from _trace(member, seen)


def _forms(secret: str) -> Iterator[str]:
    yield secret
    # JSON writes some characters in its own way, addresses write others in theirs.
    yield orjson.dumps(secret).decode()[1:-1]
    yield quote(secret, safe="")
    yield unquote(secret)


def _made_of(settings: BaseSettings) -> Iterator[str]:
    if isinstance(settings, Settings) and settings.webhook_url:
        from bot.intake.address import address_of  # only who has a webhook needs it

        # Without a proper address there is no secret either; the start says what is wrong with it.
        with suppress(Misconfigured):
            yield address_of(settings).secret


def _passwords(address: str) -> Iterator[str]:
    """What stands for a person or a key in an address, or in a connection string."""
    with suppress(ValueError):
        parts = urlsplit(address)
        key = parts.username if parts.scheme in ("http", "https") else None
        yield from filter(None, (parts.password, key))
    yield from _KEYWORD_PASSWORD.findall(address)


def _full_name(kind: type[BaseException]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
