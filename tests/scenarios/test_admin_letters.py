"""Letters of admins and their invites."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot

from bot.delivery.notices import NoticeSender
from bot.texts import Texts
from core import Background, Notices
from tests.scenarios.admin_world import CONSOLE, boss, chief, labels, screen
from tests.scenarios.conftest import Person, Product
from tests.scenarios.test_admin import open_card

__all__ = ["boss", "chief"]


@pytest.fixture
async def sender(product: Product, bot: Bot, texts: Texts) -> AsyncIterator[NoticeSender]:
    background = Background()
    notices = Notices(product.db, per_second=1000)
    yield NoticeSender(bot, notices, background, texts, unreachable=product.users.set_unreachable)
    await background.drain(1)


@pytest.mark.parametrize("english", [False, True])
async def test_a_letter_is_shown_and_then_sent_once(
    boss: Person, chief: Person, anna: Person, sender: NoticeSender, english: bool
) -> None:
    admin = chief if english else boss
    write, send = ("Write", "Send") if english else ("Написать", "Отправить")
    await anna.says("/start")
    await open_card(admin, "Аня")
    await admin.presses(write)
    await admin.says("  Привет, <b>Аня</b>!\n\nЖдём тебя & всех.\n")
    assert screen(admin).endswith("\n\nПривет, <b>Аня</b>!\n\nЖдём тебя & всех.")
    heard = len(anna.heard())
    await sender.look()
    assert len(anna.heard()) == heard
    message, button = next(pair for pair in reversed(admin._buttons()) if pair[1].text == send)
    await admin.presses(send)
    # Once more, by a client that has not seen the answer yet.
    admin.session.messages[admin.chat_id, message.message_id] = message
    await admin.presses_data(button.callback_data or "", message.message_id)
    await sender.look()
    await sender.look()
    assert anna.heard()[heard:] == [
        "Сообщение от команды\n\nПривет, <b>Аня</b>!\n\nЖдём тебя & всех."
    ]
    assert ("on its way" if english else "Отправлено") in screen(admin)


async def test_a_letter_may_be_dropped_or_said_shorter(
    boss: Person, anna: Person, sender: NoticeSender
) -> None:
    await anna.says("/start")
    heard = len(anna.heard())
    await open_card(boss, "Аня")
    await boss.presses("Написать")
    await boss.says("😀" * 1751)
    assert "помещается 3 500 знаков" in screen(boss).replace("\xa0", " ")
    await boss.says("😀" * 1750)
    await boss.presses("Отмена")
    assert screen(boss).startswith("Аня")
    await sender.look()
    assert len(anna.heard()) == heard


async def test_whom_a_letter_can_not_reach(
    boss: Person, anna: Person, product: Product, sender: NoticeSender
) -> None:
    await anna.says("/start")
    await open_card(boss, "Аня")
    await anna.blocks()
    await boss.presses("Написать")
    await boss.says("Вернись")
    await boss.presses("Отправить")
    assert "по возвращении" in screen(boss)
    await boss.presses("‹ К карточке")
    assert "заблокирован" in screen(boss)
    await boss.presses("Написать")
    await boss.says("Ещё одно")
    await product.administration.set_level(CONSOLE, await product.user_id(anna), "blocked")
    await boss.presses("Отправить")
    assert "сначала верни доступ" in screen(boss)
    await boss.presses("‹ К карточке")
    assert "Написать" not in labels(boss)


@pytest.mark.parametrize("english", [False, True])
async def test_an_invite_is_made_shown_once_and_revoked(
    boss: Person, chief: Person, anna: Person, product: Product, english: bool
) -> None:
    admin = chief if english else boss
    invites, new, five, day, make, to_list = (
        ("Invites", "＋ Invite", "5 places", "1 day", "Make the link", "‹ To invites")
        if english
        else (
            "Приглашения",
            "＋ Пригласить",
            "5 мест",
            "1 день",
            "Сделать ссылку",
            "‹ К приглашениям",
        )
    )
    await admin.says("/admin")
    await admin.presses(invites)
    await admin.presses(new)
    await admin.presses(five)
    await admin.presses(day)
    assert {f"✓ {five}", f"✓ {day}"} <= set(labels(admin))
    message, button = next(pair for pair in reversed(admin._buttons()) if pair[1].text == make)
    await admin.presses(make)
    found = re.search(r"https://t\.me/path_bot\?start=(i_[\w-]+)", screen(admin))
    assert found
    await admin.presses_data(button.callback_data or "", message.message_id)
    page = await product.access.invites.page(CONSOLE, 0, 10)
    assert [(invite.uses, invite.used) for invite in page.items] == [(5, 0)]
    await anna.says(f"/start {found[1]}")
    user_id = await product.user_id(anna)
    assert (await product.administration.card(CONSOLE, user_id)).line.given == "member"
    await admin.presses(to_list)
    [label] = [label for label in labels(admin) if "/5" in label]
    assert label.startswith("1/5 · ")
    await admin.presses(label)
    assert found[1] not in screen(admin)
    await admin.presses("Revoke" if english else "Отозвать")
    yes = "Yes, revoke" if english else "Да, отозвать"
    await admin.presses(yes)
    assert ("Revoked" if english else "Отозвано") in screen(admin)
    await admin.presses(to_list)
    assert any(label.startswith("✕ 1/5") for label in labels(admin))


async def test_an_invite_with_a_note(boss: Person, product: Product) -> None:
    await boss.says("/admin")
    await boss.presses("Приглашения")
    await boss.presses("＋ Пригласить")
    await boss.presses("Сделать с пометкой")
    await boss.says("Для <b>школы</b> & всех")
    assert "https://t.me/path_bot?start=i_" in screen(boss)
    await boss.presses("‹ К приглашениям")
    [label] = [label for label in labels(boss) if "школы" in label]
    await boss.presses(label)
    assert "Пометка: Для <b>школы</b> & всех" in screen(boss)
    assert (await product.access.invites.page(CONSOLE, 0, 10)).total == 1


async def test_invites_come_in_pages(boss: Person, product: Product) -> None:
    for number in range(9):
        await product.access.invites.make(CONSOLE, uses=1, hours=1, note=f"Н{number}")
    await boss.says("/admin")
    await boss.presses("Приглашения")
    await boss.presses("›")
    [label] = [label for label in labels(boss) if "Н0" in label]
    # Somebody makes another one meanwhile: this one is still found.
    for number in range(9, 16):
        await product.access.invites.make(CONSOLE, uses=1, hours=1, note=f"Н{number}")
    await boss.presses(label)
    assert "Пометка: Н0" in screen(boss)
