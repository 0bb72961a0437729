"""The admins' panel: people, what becomes of them, and the log of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from aiogram.methods import EditMessageText
from aiogram.types import InlineKeyboardMarkup

from bot.callbacks.admin import (
    AskLetter,
    AskLimit,
    AskNote,
    AskPerson,
    ChooseLimit,
    IssueInvite,
    PlanInvite,
    RevokeInvite,
    SendLetter,
    SetLevel,
    SetLimit,
    ShowFound,
    ShowInvite,
    ShowInvites,
    ShowLimits,
    ShowLog,
    ShowPanel,
    ShowPeople,
    ShowPerson,
)
from bot.texts import Texts
from bot.texts.acts import act_line
from core import Act, Profile, person_ref
from tests.scenarios.admin_world import CONSOLE, admin_of, boss, chief, labels, rows_of, screen
from tests.scenarios.conftest import NewPerson, Person, Product
from tests.telegram import html_fault

__all__ = ["boss", "chief"]


PHONE_CHARACTERS = 24
"""Of a label that shares its row with another one."""


async def open_card(admin: Person, name: str, mark: str = "🌱") -> None:
    await admin.says("/admin")
    people = "Люди" if admin.language == "ru" else "People"
    await admin.presses(people)
    await admin.presses(f"{mark} {name}")


async def test_one_message_in_place(boss: Person, chief: Person, anna: Person) -> None:
    await anna.says("/start")
    await boss.says("/admin")
    assert rows_of(boss) == [
        ["Люди", "Приглашения"],
        ["Цифры", "Рассылка"],
        ["Отзывы", "Проверка"],
        ["Журнал"],
    ]
    sent = len(boss.session.messages)
    for label in ("Люди", "Найти", "‹ К людям", "🌱 Аня", "Лимиты", "Токены в день", "‹ К лимитам"):
        await boss.presses(label)
    for label in ("‹ К карточке", "Закрыть доступ", "Не надо", "‹ К людям", "‹ К панели"):
        await boss.presses(label)
    for label in ("Приглашения", "＋ Пригласить", "5 мест", "30 дней", "‹ К приглашениям"):
        await boss.presses(label)
    for label in ("‹ К панели", "Журнал", "‹ К панели"):
        await boss.presses(label)
    rows = [
        [button.text for button in row]
        for call in boss.session.sent(EditMessageText)
        if isinstance(call.reply_markup, InlineKeyboardMarkup)
        for row in call.reply_markup.inline_keyboard
    ]
    shared = {label for row in rows if len(row) > 1 for label in row}
    assert len(shared) > 15
    assert {label for label in shared if len(label) > PHONE_CHARACTERS} == set()
    assert len(boss.session.messages) == sent
    assert boss.session.sent(EditMessageText)
    await chief.says("/admin")
    assert rows_of(chief) == [
        ["People", "Invites"],
        ["Numbers", "Broadcast"],
        ["Feedback", "Check-up"],
        ["Log"],
    ]


async def test_the_card_tells_numbers_in_the_admins_own_words_and_zone(
    boss: Person, chief: Person, anna: Person, product: Product
) -> None:
    await anna.says("/new_vision Тайная визия")
    await anna.says("Тайные слова")
    await product.users.set_timezone(await product.user_id(boss), "Asia/Tokyo")
    for admin, told in (
        (boss, ["Аня", "участник", "в пути 1", "в архиве 0", "Язык: русский", "Последний визит"]),
        (chief, ["Аня", "member", "1 on the way", "Language: Russian", "Last seen", "no limit"]),
    ):
        await open_card(admin, "Аня")
        for words in told:
            assert words in screen(admin)
        assert str(anna.id) in screen(admin)
        assert "Тайн" not in screen(admin)
    await open_card(boss, "Аня")
    user_id = await product.user_id(anna)
    card = await product.administration.card(CONSOLE, user_id)
    assert card.line.seen_at
    hour = f"{(card.line.seen_at.hour + 9) % 24:02}:{card.line.seen_at.minute:02}"
    assert hour in screen(boss)


async def test_search_by_name_and_by_what_is_found(
    boss: Person, person: NewPerson, product: Product
) -> None:
    for number in range(10):
        await person(name=f"Мария {number}").says("/start")
    odd = person(name="<b>Глеб & Ко</b>")
    await odd.says("/start")
    await boss.says("/admin")
    await boss.presses("Люди")
    await boss.presses("Найти")
    await boss.says("никто такой")
    assert "никого нет" in screen(boss)
    await boss.says("мария")
    assert "10 человек" in screen(boss)
    assert len([label for label in labels(boss) if "Мария" in label]) == 8
    await boss.presses("›")
    assert len([label for label in labels(boss) if "Мария" in label]) == 2
    await boss.presses("Найти")
    await boss.says("глёб")
    await boss.presses("🌱 <b>Глеб & Ко</b>")
    assert screen(boss).startswith("<b>Глеб & Ко</b>")
    await boss.presses("Закрыть доступ")
    assert "<b>Глеб & Ко</b>?" in screen(boss)
    await boss.says("/admin")
    await boss.presses("Люди")
    await boss.presses("Найти")
    await boss.says("Мария" + " " * 30 + "|" + "я" * 50)
    assert "никого нет" in screen(boss)
    # The question was answered by what was found: words go to the vision again.
    await boss.presses("‹ К людям")
    await boss.says("Мария")
    assert "Куда это записать" in boss.heard()[-1]
    assert await product.user_id(odd)


async def test_people_page_by_last_seen_and_by_first(boss: Person, person: NewPerson) -> None:
    for number in range(9):
        await person(name=f"Нина {number}").says("/start")
    await boss.says("/admin")
    await boss.presses("Люди")
    assert "Всего: 10" in screen(boss)
    first = labels(boss)
    await boss.presses("›")
    assert "2 / 2" in labels(boss)
    shown = [label for label in (*first, *labels(boss)) if "Нина" in label or "Борис" in label]
    assert len(set(shown)) == len(shown) == 10
    await boss.presses("Сначала новые")
    assert "Сначала новые" in screen(boss)
    assert labels(boss)[0] == "🌱 Нина 8"


@pytest.mark.parametrize("english", [False, True])
async def test_shutting_out_asks_once_and_letting_back_in_undoes_it(
    boss: Person, chief: Person, anna: Person, product: Product, english: bool
) -> None:
    admin = chief if english else boss
    block, yes, no, back = (
        ("Shut out", "Yes, shut out", "No", "Let back in")
        if english
        else ("Закрыть доступ", "Да, закрыть", "Не надо", "Вернуть доступ")
    )
    user_id = await product.user_id(anna)

    async def level() -> str:
        return (await product.administration.card(CONSOLE, user_id)).line.level

    await open_card(admin, "Аня")
    await admin.presses(block)
    assert await level() == "member"
    await admin.presses(no)
    await admin.presses(block)
    data = next(b.callback_data for _, b in reversed(admin._buttons()) if b.text == yes)
    await admin.presses(yes)
    assert await level() == "blocked"
    assert "⛔" in screen(admin)
    assert not any(bound in screen(admin) for bound in ("без предела", "no limit"))
    await admin.presses_data(data or "")
    await admin.presses(back)
    assert await level() == "member"
    log = await product.administration.log(CONSOLE, 0, 10)
    mine = [act for act in log.items if act.user_id == user_id]
    assert [act.details["to"] for act in mine] == [None, "blocked"]


async def test_a_guest_is_let_in_and_the_leave_is_taken_back(
    boss: Person, anna: Person, product: Product
) -> None:
    await product.db.call(
        "set_policy",
        policy={
            "mode": "list",
            "guest_messages": 0,
            "admin_telegram_ids": [],
            "limits": {},
            "budget": {},
        },
    )
    await anna.says("/start")
    await open_card(boss, "Аня", "👤")
    assert "так решает режим доступа" in screen(boss)
    await boss.presses("Впустить")
    assert "🌱 участник" in screen(boss)
    await boss.presses("Отозвать допуск")
    assert "👤 гость" in screen(boss)


async def test_admins_appoint_and_dismiss_others_but_not_themselves(
    boss: Person, anna: Person, product: Product
) -> None:
    await anna.says("/start")
    await open_card(boss, "Аня")
    await boss.presses("Сделать админом")
    await boss.presses("Да, сделать")
    await anna.says("/admin")
    assert rows_of(anna)[0] == ["Люди", "Приглашения"]
    await open_card(anna, "Аня", "⭐")
    own = labels(anna)
    assert not {"Снять с админов", "Закрыть доступ"} & set(own)
    ref = person_ref(await product.user_id(anna))
    for to in ("blocked", "dismissed"):
        await anna.presses_data(SetLevel(person=ref, to=to, sure=True).pack())  # type: ignore[arg-type]
        assert "Себя так изменить нельзя" in anna.told()[-1]
    await open_card(boss, "Аня", "⭐")
    await boss.presses("Снять с админов")
    await boss.presses("Да, снять")
    await anna.says("/admin")
    assert anna.heard()[-1].startswith("Такой команды")


async def test_an_admin_by_settings_is_not_changed_here(
    boss: Person, anna: Person, product: Product
) -> None:
    await product.db.call(
        "set_policy",
        policy={
            "mode": "open",
            "guest_messages": 0,
            "admin_telegram_ids": [anna.id],
            "limits": {},
            "budget": {},
        },
    )
    await anna.says("/start")
    await open_card(boss, "Аня", "⭐")
    assert "задано в настройках" in screen(boss)
    assert "Закрыть доступ" not in labels(boss)
    ref = person_ref(await product.user_id(anna))
    await boss.presses_data(SetLevel(person=ref, to="blocked", sure=True).pack())
    assert "ADMIN_IDS" in boss.told()[-1]


@pytest.mark.parametrize("english", [False, True])
async def test_limits_by_presets_and_any_number(
    boss: Person, chief: Person, anna: Person, product: Product, english: bool
) -> None:
    admin = chief if english else boss
    limits, tokens, daily, own, like = (
        ("Limits", "Tokens a day", "Messages a day", "Another number", "Like the level")
        if english
        else ("Лимиты", "Токены в день", "Сообщения в день", "Своё число", "Как у уровня")
    )
    user_id = await product.user_id(anna)

    async def kept() -> object:
        return (await product.administration.card(CONSOLE, user_id)).limits

    await open_card(admin, "Аня")
    await admin.presses(limits)
    await admin.presses(tokens)
    preset = next(label for label in labels(admin) if label.startswith("20"))
    await admin.presses(preset)
    assert await kept() == {"tokens_per_day": 20_000}
    assert ("own" if english else "свой") in screen(admin)
    await admin.presses(daily)
    await admin.presses(own)
    for wrong in ("много", "-5", "1" * 30, "²"):
        await admin.says(wrong)
        assert "1,000,000,000" in screen(admin).replace("\xa0", ",")
    await admin.says("1 500")
    assert await kept() == {"tokens_per_day": 20_000, "messages_per_day": 1500}
    await admin.presses(tokens)
    await admin.presses(like)
    assert await kept() == {"messages_per_day": 1500}
    await admin.presses(daily)
    await admin.presses("No limit" if english else "Без предела")
    assert await kept() == {"messages_per_day": 0}


async def test_the_log_in_words_and_pages(
    boss: Person, chief: Person, anna: Person, product: Product
) -> None:
    user_id = await product.user_id(anna)
    by, administration = await product.user_id(boss), product.administration
    for level in ("blocked", None, "member", "admin", "member", "guest"):
        await administration.set_level(by, user_id, level)  # type: ignore[arg-type]
    await administration.set_limits(
        by, user_id, {"tokens_per_day": 20_000, "messages_per_day": None, "messages_per_minute": 0}
    )
    await administration.write_to(by, user_id, "Тайное письмо", "k")
    invite, _ = await product.access.invites.make(CONSOLE, uses=5, hours=24, note="Кому")
    await product.access.invites.revoke(CONSOLE, invite.id)
    await boss.says("/admin")
    await boss.presses("Журнал")
    await boss.presses("›")
    told = boss.heard()[-1] + boss.heard()[-2]
    for words in (
        "Борис: закрыт доступ: Аня",
        "возвращён доступ: Аня",
        "открыт доступ: Аня",
        "теперь админ: Аня",
        "больше не админ: Аня",
        "теперь гость: Аня",
        "сообщения в минуту — без предела",
        "письмо: Аня",
        "console:test: приглашение № 1, мест 5",
        "отозвано приглашение № 1",
    ):
        assert words in told
    assert "Тайное" not in told
    await chief.says("/admin")
    await chief.presses("Log")
    assert "Борис: a letter: Аня" in screen(chief)


def everything(ref: str) -> list[str]:
    """The data of every button of the panel, about one person and one invite."""
    return [
        data.pack()
        for data in (
            ShowPanel(),
            ShowPeople(order="seen", page=0),
            AskPerson(),
            ShowFound(page=0, query="а"),
            ShowPerson(person=ref),
            SetLevel(person=ref, to="blocked", sure=False),
            SetLevel(person=ref, to="blocked", sure=True),
            SetLevel(person=ref, to="admin", sure=True),
            SetLevel(person=ref, to="mode", sure=True),
            ShowLimits(person=ref),
            ChooseLimit(person=ref, which=0),
            SetLimit(person=ref, which=0, to=5),
            AskLimit(person=ref, which=0),
            AskLetter(person=ref),
            SendLetter(person=ref),
            ShowInvites(page=0),
            PlanInvite(uses=1, days=1),
            IssueInvite(uses=1, days=1, nonce="0" * 8),
            AskNote(uses=1, days=1),
            ShowInvite(invite=1, page=0),
            RevokeInvite(invite=1, page=0, sure=True),
            ShowLog(page=0),
        )
    ]


@pytest.mark.parametrize("demoted", [False, True])
async def test_for_everybody_else_it_is_not_there(
    anna: Person, kate: Person, boss: Person, product: Product, demoted: bool
) -> None:
    if demoted:
        await admin_of(product, anna)
        await anna.says("/admin")
        await product.administration.set_level(CONSOLE, await product.user_id(anna), None)
    await product.access.invites.make(CONSOLE, uses=1, hours=1, note="")
    await anna.says("/no_such_command")
    unknown = anna.heard()[-1]
    await anna.says("/admin")
    assert anna.heard()[-1] == unknown
    before = (await product.administration.log(CONSOLE, 0, 1)).total
    seen = len(anna.heard())
    ref = person_ref(await product.user_id(kate))
    for data in everything(ref):
        await anna.presses_data(data)
        assert anna.told()[-1].startswith("Кнопка устарела"), data
    assert len(anna.heard()) == seen
    assert (await product.administration.log(CONSOLE, 0, 1)).total == before
    assert (await product.administration.card(CONSOLE, await product.user_id(kate))).limits == {}


async def test_a_demotion_in_the_middle_of_a_press_is_an_outdated_button(
    boss: Person, anna: Person, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The handler's filter has let the press pass; the database does not."""
    await anna.says("/start")
    await open_card(boss, "Аня")
    boss_id = await product.user_id(boss)
    resolve = product.administration.resolve

    async def demoted_meanwhile(admin_id: str, name: str) -> str:
        await product.administration.set_level(CONSOLE, boss_id, None)
        return await resolve(admin_id, name)

    monkeypatch.setattr(
        type(product.administration), "resolve", lambda _, *a: demoted_meanwhile(*a)
    )
    await boss.presses("Лимиты")
    assert boss.told()[-1].startswith("Кнопка устарела")


async def test_nonsense_in_buttons_is_an_outdated_button(boss: Person, product: Product) -> None:
    await boss.says("/admin")
    nobody = "0" * 16
    for data in (
        *(data for data in everything(nobody) if nobody in data and "ads" not in data),
        "adu:xyz",
        "adl:" + nobody + ":king:1",
        "adj:" + nobody + ":3",
        "adk:" + nobody + ":0:-2",
        "adk:" + nobody + ":1:999999999999",
        "adp:seen:-1",
        "adn:3:7",
        "adx:99:0",
        "adr:99:0:1",
        "ad",
    ):
        await boss.presses_data(data)
        assert boss.told()[-1].startswith("Кнопка устарела"), data


@pytest.mark.parametrize("english", [False, True])
async def test_acts_of_every_kind_have_words(
    boss: Person, product: Product, texts: Texts, english: bool
) -> None:
    admin = await product.users.sign_in(boss.id, Profile("Борис"), "test")
    words = texts.words("en" if english else "ru")
    numbers = {"invite_id": 1, "uses": 5, "broadcast": 7, "tokens_per_day": None}
    about_people = ("write_to", "erase", "keep", "answer_feedback", "finish_feedback")
    broadcasts = [f"broadcast_{to}" for to in ("drafted", "started", "paused", "stopped")]
    said: set[str] = set()
    kinds = (*about_people, *broadcasts, "make_invite", "revoke_invite", "of_the_future")
    for kind in kinds:
        user = "<b>Аня</b>" if kind in about_people else None
        act = Act(1, CONSOLE, None, kind, user and "u1", user, numbers, datetime.now(UTC))
        line = act_line(act, admin, words)
        assert html_fault(line) is None
        assert ("&lt;b&gt;Аня" in line) == bool(user)
        assert (kind in line) == (kind == "of_the_future")
        said.add(line)
    assert len(said) == len(kinds)
    for kind in (*about_people, "set_level", "set_limits"):
        act = Act(1, CONSOLE, None, kind, None, None, {"to": "member"}, datetime.now(UTC))
        gone = "somebody who is here no more" if english else "которого здесь больше нет"
        assert gone in act_line(act, admin, words)
