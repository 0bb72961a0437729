"""Secrets from files: `NAME_FILE=/run/secrets/name` in place of `NAME=value`."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from core.errors import Misconfigured

SUFFIX = "_file"
LONGEST = 16 * 1024


class SecretFiles(PydanticBaseSettingsSource):
    """Values of the secrets whose `NAME_FILE` is set. Calling it raises `Misconfigured`, in one
    line, for every file that gives no secret and every secret that is given in both ways."""

    def __init__(self, settings: type[BaseSettings], given: Mapping[str, str | None]) -> None:
        """`given` are all names of the environment and of `.env`, in small letters."""
        super().__init__(settings)
        self._given = given

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        file = self._given.get(field_name + SUFFIX)
        return (_secret(Path(file)) if file else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        complaints: list[str] = []
        for name in secret_names(self.settings_cls):
            if self._given.get(name) and self._given.get(name + SUFFIX):
                both = f"{name}, {name}{SUFFIX}".upper()
                complaints.append(f"{both}: one of the two, not both")
                continue
            try:
                value, _, _ = self.get_field_value(self.settings_cls.model_fields[name], name)
            except ValueError as error:
                # Not the path: it may be the secret itself, put under the wrong name.
                complaints.append(f"{name}{SUFFIX}".upper() + f": {error}")
                continue
            if value is not None:
                values[name] = value
        if complaints:
            raise Misconfigured("; ".join(complaints))
        return values


def secret_names(settings: type[BaseSettings]) -> list[str]:
    return [name for name, field in settings.model_fields.items() if field.annotation is SecretStr]


def _secret(file: Path) -> str:
    content = _content(file)
    try:
        value = content.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise ValueError("the file is not UTF-8 text") from None
    if not value.strip():
        raise ValueError("the file is empty")
    return value


def _content(file: Path) -> bytes:
    try:
        # A pipe without a writer must not hold the start up.
        opened = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise ValueError("is not a file")
            content = os.read(opened, LONGEST + 1)
        finally:
            os.close(opened)
    except OSError as error:
        raise ValueError(f"the file can't be read: {error.strerror}") from None
    if len(content) > LONGEST:
        raise ValueError(f"the file is longer than {LONGEST} bytes")
    return content
