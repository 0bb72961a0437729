"""What a pressed button says, in at most 64 bytes. Anybody can send any of it: handlers trust none.

Ids are checked against their owner in the database; what can't be read here is an outdated button.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

PageNumber = Annotated[int, Field(ge=0, le=10_000)]
Place = Annotated[int, Field(ge=0, lt=2**63)]
Part = Annotated[int, Field(ge=0, lt=2**15)]
Nonce = Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]


class NewVision(CallbackData, prefix="new"):
    """`nonce` is the button's own: pressed twice, it makes one vision. `keep`: leave the text."""

    nonce: Nonce
    keep: bool


class ShowList(CallbackData, prefix="list"):
    page: PageNumber


class OpenVision(CallbackData, prefix="open"):
    vision: UUID
    page: PageNumber


class Resume(CallbackData, prefix="go"):
    vision: UUID


class ChangeVision(CallbackData, prefix="set"):
    vision: UUID
    to: Literal["active", "frozen", "restored"]
    page: PageNumber


class AskDelete(CallbackData, prefix="del"):
    vision: UUID
    page: PageNumber


class Delete(CallbackData, prefix="del!"):
    vision: UUID
    sure: bool
    page: PageNumber


class Rename(CallbackData, prefix="name"):
    vision: UUID


class SendHeld(CallbackData, prefix="held"):
    """`wake` a frozen vision first. `source`: held for this vision, or for want of any."""

    vision: UUID
    source: Literal["vision", "nowhere"]
    wake: bool


class ShowHistory(CallbackData, prefix="hist"):
    """The page before the place (`anchor`, `part`); 0, 0 is the latest one."""

    vision: UUID
    anchor: Place
    part: Part


class SendOriginal(CallbackData, prefix="orig"):
    """The files of a message, as they were sent."""

    message: Place
    files: Annotated[int, Field(ge=1, le=10)]


class ShowFiles(CallbackData, prefix="files"):
    vision: UUID
    page: PageNumber


class SendFile(CallbackData, prefix="file"):
    file: UUID


class Export(CallbackData, prefix="exp"):
    vision: UUID


class Retry(CallbackData, prefix="retry"):
    vision: UUID


class Continue(CallbackData, prefix="more"):
    vision: UUID


class DropQuestion(CallbackData, prefix="drop"):
    pass


class ShowSettings(CallbackData, prefix="sets"):
    pass


class SetLanguage(CallbackData, prefix="lang"):
    language: Literal["ru", "en"]


class SetVoice(CallbackData, prefix="voice"):
    voice: Literal["off", "when_i_speak", "always"]


class ChooseZone(CallbackData, prefix="zones"):
    pass


class AskZone(CallbackData, prefix="zone?"):
    pass


class SetZone(CallbackData, prefix="zone", sep="|"):
    name: Annotated[str, Field(min_length=1, max_length=50)]
