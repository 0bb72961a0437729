"""Every button and every command in the hands of those who may not: found by themselves, so that a
new one is tried as well."""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import uuid
from collections.abc import Iterator
from typing import Any, get_args

import psycopg
import pytest
from aiogram import Dispatcher, Router
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData
from aiogram.methods import AnswerCallbackQuery
from pydantic import ValidationError

import bot.callbacks
from bot.callbacks import OpenVision, ShowFiles, ShowHistory, ShowList
from core.administration.people import person_ref
from tests.access import make_invite, open_to, set_person
from tests.digest import rows_of_others
from tests.scenarios.conftest import NewPerson, Person, Product
from tests.telegram import RecordingSession

SECRET = "тайна"
ROLES = ("stranger", "guest", "blocked")
UNKNOWN = "Такой команды я не знаю"


def classes() -> list[type[CallbackData]]:
    for module in pkgutil.iter_modules(bot.callbacks.__path__):
        importlib.import_module(f"bot.callbacks.{module.name}")
    found: list[type[CallbackData]] = []
    waiting = [CallbackData]
    while waiting:
        waiting += (below := waiting.pop().__subclasses__())
        found += [each for each in below if each.__module__.startswith("bot.callbacks")]
    return sorted(found, key=lambda each: each.__prefix__)


def commands(router: Router) -> set[str]:
    names = {
        str(command)
        for handler in router.message.handlers
        for each in handler.filters or []
        if isinstance(each.callback, Command)
        for command in each.callback.commands
    }
    return names.union(*(commands(below) for below in router.sub_routers))


class Victim:
    """Somebody with something behind every id that a button can name."""

    def __init__(self, user_id: str, vision_id: str, message_ids: list[int], file_id: str) -> None:
        self.user_id = user_id
        self._ids: dict[str, list[Any]] = {
            "vision": [uuid.UUID(vision_id)],
            "file": [uuid.UUID(file_id)],
            "message": message_ids,
        }

    def presses(self, kind: type[CallbackData]) -> Iterator[str]:
        """The data of a button of this kind, with each of what may stand in it."""
        fields = [
            [(name, value) for value in self._values(name, field.annotation)]
            for name, field in kind.model_fields.items()
        ]
        packed = 0
        for values in itertools.product(*fields):
            try:
                data = kind(**dict(values)).pack()
            except (ValidationError, ValueError):
                continue
            packed += 1
            yield data
            # Some have a dozen of choices in each of several places.
            if packed >= 12:
                return
        assert packed, f"no value of this test fits {kind.__name__}"

    def _values(self, name: str, annotation: Any) -> list[Any]:
        if name in self._ids:
            return self._ids[name]
        if annotation is bool:
            return [True, False]
        if choices := get_args(annotation):
            return list(choices)
        if annotation is int:
            return [1, 0, *self._ids["message"]]
        if annotation is uuid.UUID:
            return [*self._ids["vision"], *self._ids["file"]]
        return [person_ref(self.user_id), "0a1b2c3d", "vision", SECRET, "UTC"]


async def make_victim(product: Product, owner: Person) -> Victim:
    await owner.says(f"/new_vision {SECRET}")
    await owner.says(SECRET)
    await product.answer(owner, SECRET)
    await owner.sends(
        photo=[{"file_id": "f", "file_unique_id": "f", "width": 1, "height": 1}], caption=SECRET
    )
    await product.kept(owner, b"bytes")
    user = await product.user_id(owner)
    entries = await product.entries(user)
    [vision] = (await product.visions.page(user, 0, 9)).items
    files = await product.attachments.page(user, vision.id, 0, 9)
    await owner.says("/freeze")
    await owner.says(SECRET)
    messages = [entry.id for entry in entries]
    return Victim(user, vision.id, messages, files.items[0].attachment.file_id or "")


@pytest.mark.parametrize("role", ROLES)
async def test_another_persons_things_behind_every_button_and_command(
    role: str,
    product: Product,
    person: NewPerson,
    dispatcher: Dispatcher,
    session: RecordingSession,
    dsn: str,
) -> None:
    owner = person(name=SECRET)
    victim = await make_victim(product, owner)
    for kind in (ShowList, OpenVision, ShowHistory, ShowFiles):
        heard = len(session.calls)
        for data in victim.presses(kind):
            await owner.presses_data(data)
        assert SECRET in repr(session.calls[heard:]), f"{kind.__name__} tells its owner nothing"
    await make_invite(product.db)
    other: Person = person(name="Лео")
    await other.says("/new_vision Чужая")
    own = [await product.user_id(other), await product.vision_id(other)]
    if role == "blocked":
        await set_person(dsn, own[0], "level = 'blocked'")
        await other.says("Ау")
    await open_to(product.db, "list" if role == "guest" else "open")
    names = commands(dispatcher)
    assert len(names) > 15
    session.calls.clear()
    session.answered.clear()
    presses = [data for kind in classes() for data in victim.presses(kind)]
    words = SECRET if role != "stranger" else "Моя"
    tried = [*presses, *(f"/{name} {words}" for name in sorted(names))]
    assert len(tried) > 100
    with psycopg.connect(dsn, autocommit=True) as connection:
        before = rows_of_others(connection, own)
        for number, name in enumerate(tried):
            calls = len(session.calls)
            await (other.presses_data(name) if number < len(presses) else other.says(name))
            assert rows_of_others(connection, own) == before, name
            told = repr(session.calls[calls:]) + repr(session.uploads)
            assert SECRET not in told, name
            assert victim.user_id not in told, name
            if role == "blocked":
                for call in session.calls[calls:]:
                    assert isinstance(call, AnswerCallbackQuery), name
                    assert call.text is None, name


async def test_admins_commands_are_unknown_to_others(
    anna: Person, dispatcher: Dispatcher, product: Product
) -> None:
    await open_to(product.db, "open", admin_telegram_ids=[anna.id + 1000])
    await anna.says("/new_vision Дом")
    of_admins = {"admin", "broadcast", "doctor", "numbers"}
    assert of_admins < commands(dispatcher)
    for name in sorted(of_admins):
        await anna.says(f"/{name}")
        assert UNKNOWN in anna.heard()[-1], name
    assert await product.said(anna) == []
