"""/doctor in the chat: for admins alone, one at a time, readable, with the open problems."""

from __future__ import annotations

import asyncio

import pytest
from aiogram.methods import EditMessageText, SendMessage

from bot.callbacks.problems import RunDoctor
from core import Problems, Result
from tests.scenarios.conftest import STALE, Product
from tests.telegram import Person

RESULTS = [
    Result(0, "settings", "ok", "data by DATABASE_URL", "", 1),
    Result(1, "database", "ok", "answers in 1 ms", "", 1),
    Result(2, "model answers", "failed", "api.example refuses <the key>", "Make a new one.", 900),
    Result(3, "disk space", "warning", "900 MB are free", "Free some space.", 2),
    Result(4, "voice", "skipped", "because TTS_MODEL is not set", "", 0),
]


@pytest.fixture
async def admins(product: Product, anna: Person, kate: Person) -> None:
    for each in (anna, kate):
        await each.says("/start")
    await appoint(product, anna.id, kate.id)


async def appoint(product: Product, *ids: int) -> None:
    policy = {
        "mode": "open",
        "guest_messages": 0,
        "admin_telegram_ids": list(ids),
        "limits": {},
        "budget": {},
    }
    await product.db.call("set_policy", policy=policy)


async def result(person: Person, before: int = 0) -> str:
    """The text that the checkup ends with."""
    async with asyncio.timeout(20):
        while True:
            edits = [e for e in person.session.sent(EditMessageText) if e.chat_id == person.id]
            if len(edits) > before and "…" not in person.heard()[-1]:
                return person.heard()[-1]
            await asyncio.sleep(0.02)


@pytest.mark.usefixtures("admins")
async def test_what_fails_comes_first_with_what_to_do(product: Product, anna: Person) -> None:
    product.results[:] = RESULTS
    await anna.says("/doctor")
    said = await result(anna)
    assert "🩺 Проверяю…" in anna.heard()
    assert said.startswith("Не всё работает · ")
    assert (
        "❌ ответы модели\nПроверь модель в настройках, её ключ и адрес сервера.\n"
        "api.example refuses <the key> Make a new one." in said
    )
    assert "⚠️ место на диске\nОсвободи место" in said
    assert "✅ настройки, база данных\n" in said
    assert "⏭ Не проверял: голос" in said
    assert said.index("❌") < said.index("⚠️") < said.index("✅")
    assert said.endswith("Открытых неполадок нет.")


@pytest.mark.usefixtures("admins")
async def test_in_english_with_open_problems_below(product: Product, kate: Person) -> None:
    product.results[:] = RESULTS[:2]
    problems = Problems(product.db)
    await problems.put("disk_full", "box", {"free_gb": 0.4, "percent": 2})
    await kate.says("/doctor")
    said = await result(kate)
    assert said.startswith("All is well · ")
    assert "✅ settings, database" in said
    assert "Open problems\n⚠️ The disk is filling up (box): 0.4 GB are left, 2 %." in said
    assert "less than a minute by now." in said
    assert kate.buttons()[-1] == "Check again"


@pytest.mark.usefixtures("admins")
async def test_one_at_a_time_and_again_by_button(product: Product, anna: Person) -> None:
    product.results[:] = RESULTS[:1]
    user_id = await product.user_id(anna)
    problems = Problems(product.db)
    await problems.begin_checkup(user_id, "another process")
    await anna.says("/doctor")
    assert anna.heard()[-1] == "Уже проверяю — результат появится выше."
    await problems.end_checkup(user_id, "another process")
    await anna.says("/doctor")
    await result(anna)
    await anna.presses("Проверить ещё раз")
    assert (await result(anna, before=1)).startswith("Всё хорошо")
    sent = [m for m in anna.session.sent(SendMessage) if m.chat_id == anna.id]
    assert sum("🩺" in (m.text or "") for m in sent) == 2


@pytest.mark.parametrize(
    ("who", "unknown"), [("anna", "Такой команды я не знаю"), ("kate", "I don’t know that command")]
)
async def test_for_others_there_is_no_such_thing(
    request: pytest.FixtureRequest, product: Product, who: str, unknown: str
) -> None:
    person: Person = request.getfixturevalue(who)
    await appoint(product)
    await person.says("/start")
    await person.says("/doctor")
    assert person.heard()[-1].startswith(unknown)
    await person.presses_data(RunDoctor().pack())
    assert STALE in person.told() or "This button is out of date" in person.told()
    assert not any("🩺" in said for said in person.heard())
