"""A broadcast from the first word to the last number, as admins and people see it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import psycopg
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramForbiddenError, TelegramNetworkError, TelegramRetryAfter
from aiogram.methods import EditMessageText, SendDocument, SendMessage, SendPhoto
from aiogram.types import Message

from bot.broadcasting.progress import Progress
from bot.broadcasting.sending import Broadcasting
from bot.callbacks.broadcast import (
    AskStop,
    ChangeBroadcast,
    ChooseWhom,
    Compose,
    DropBroadcast,
    SendBroadcast,
    ShowBroadcast,
    ShowBroadcasts,
    StopBroadcast,
)
from bot.delivery.notices import NoticeSender
from bot.texts import Texts
from core import Background, BroadcastOutcome, BroadcastSends, Notices
from tests.scenarios.conftest import NewPerson, Person, Product, answers, refused

SENT = {
    "ru": ("Всем", "Отправить (2)", "Рассылка идёт", "Рассылка закончена"),
    "en": ("Everybody", "Send (2)", "on its way", "is finished"),
}


async def rows(dsn: str, query: str) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        return await (await connection.execute(query.encode())).fetchall()


async def counts(dsn: str) -> dict[str, int]:
    query = "select state, count(*) from public.broadcast_recipients group by 1"
    return dict(await rows(dsn, query))


async def change(dsn: str, statement: str, *values: object) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(statement.encode(), values)


@pytest.fixture
async def admins(product: Product, anna: Person) -> Callable[..., Awaitable[None]]:
    """Makes them admins by the settings; Anna is one."""

    async def appoint(*people: Person) -> None:
        policy: dict[str, Any] = {"mode": "open", "guest_messages": 0, "limits": {}, "budget": {}}
        ids = [anna.id, *(person.id for person in people)]
        await product.db.call("set_policy", policy=policy | {"admin_telegram_ids": ids})

    await appoint()
    return appoint


@pytest.fixture
def progress(product: Product, bot: Bot, texts: Texts) -> Progress:
    return Progress(bot, BroadcastSends(product.db, worker="p", per_second=1000), texts)


@pytest.fixture
async def sending(
    product: Product, bot: Bot, progress: Progress
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Call it, and a worker goes on until nobody waits any more."""
    background = Background()
    sends = BroadcastSends(product.db, worker="w", per_second=1000)
    broadcasting = Broadcasting(bot, sends, background, progress)

    async def go() -> None:
        limit = time.monotonic() + 30
        while True:
            assert time.monotonic() < limit
            rows = await product.db.call("claim_broadcast_sends", worker="look", limit=0,
                                         lease_seconds=1, per_second=1)  # fmt: skip
            if "broadcast_id" not in rows:
                return
            await broadcasting.look()
            await broadcasting.settle(30)

    yield go
    await background.drain(1)


async def composes(person: Person, **content: Any) -> None:
    await person.says("/broadcast")
    if "text" in content:
        await person.says(**content)
    else:
        await person.sends(**content)


async def starts(person: Person, text: str = "Новости", whom: str = "Всем") -> None:
    await composes(person, text=text)
    await person.presses(whom)
    label = next(
        label for label in reversed(person.buttons()) if label.startswith(("Отпр", "Send"))
    )
    await person.presses(label)


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_from_the_first_word_to_the_last_number(
    language: str,
    person: NewPerson,
    admins: Any,
    sending: Any,
    progress: Progress,
    product: Product,
    bot: Bot,
    texts: Texts,
) -> None:
    admin, reader = person(language=language), person(language="ru")
    await admins(admin)
    await reader.says("/start")
    everybody, send, running, finished = SENT[language]

    await admin.says("/broadcast")
    assert ("не перевожу" if language == "ru" else "don't translate") in admin.heard()[-1]
    bold = [{"type": "bold", "offset": 0, "length": 7}]
    await admin.says("Новости <b>", entities=bold)
    assert admin.heard()[-2] == "Новости <b>"
    await admin.presses(everybody)
    assert ("2 людям" if language == "ru" else "2 people") in admin.heard()[-1]
    await admin.presses(send)
    assert running in admin.heard()[-1]
    assert "0 %" in admin.heard()[-1]

    await sending()
    assert reader.heard()[-1] == "Новости <b>"
    [letter] = [call for call in admin.session.sent(SendMessage) if call.chat_id == reader.id][-1:]
    assert [entity.type for entity in letter.entities or []] == ["bold"]
    assert letter.parse_mode is None

    await progress.look()
    assert finished in admin.heard()[-1]
    assert "100 %" in admin.heard()[-1]
    assert isinstance(admin.session.answered[-1], EditMessageText)
    notices = NoticeSender(bot, Notices(product.db, per_second=1000), Background(), texts,
                           unreachable=product.users.set_unreachable)  # fmt: skip
    for _ in range(2):
        await notices.look()
    told = [call for call in admin.session.sent(SendMessage) if finished in (call.text or "")]
    assert [call.chat_id for call in told] == [admin.id]
    heard = len(reader.heard())
    await sending()
    assert len(reader.heard()) == heard


@pytest.mark.parametrize("kind", ["photo", "document"])
async def test_files_go_with_their_captions(
    kind: str, anna: Person, kate: Person, admins: Any, sending: Any
) -> None:
    await kate.says("/start")
    small = {"file_id": "small", "file_unique_id": "s", "width": 90, "height": 90}
    large = {"file_id": "large", "file_unique_id": "l", "width": 900, "height": 900}
    paper = {"file_id": "large", "file_unique_id": "l", "file_name": "план.pdf"}
    italic = [{"type": "italic", "offset": 0, "length": 2}]
    file: dict[str, Any] = {"photo": [small, large]} if kind == "photo" else {"document": paper}
    await composes(anna, **file, caption="Вот он", caption_entities=italic)
    await anna.presses("Всем")
    await anna.presses("Отправить (2)")
    await sending()
    calls = anna.session.sent(SendPhoto if kind == "photo" else SendDocument)
    # The preview, and then both.
    assert sorted(call.chat_id for call in calls) == sorted([anna.id, anna.id, kate.id])
    for call in calls:
        assert (call.photo if isinstance(call, SendPhoto) else call.document) == "large"
        assert call.caption == "Вот он"
        assert [entity.type for entity in call.caption_entities or []] == ["italic"]


async def test_what_can_not_be_broadcast_is_said_kindly_and_the_question_stays(
    anna: Person, person: NewPerson, admins: Any
) -> None:
    voice = {"file_id": "v", "file_unique_id": "v", "duration": 3}
    photo = [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}]
    await composes(anna, voice=voice)
    assert "текст, фото или документ" in anna.heard()[-1]
    for number in range(3):
        await anna.sends(photo=photo, media_group_id="album", caption=str(number))
    assert len([said for said in anna.heard() if "Альбом" in said]) == 1
    await anna.sends(photo=photo, caption="я" * 1025)
    assert "1024" in anna.heard()[-1]
    anna.session.fail(SendMessage, refused("ENTITY_BOUNDS_INVALID"))
    await anna.says("Плохое")
    assert "не принимает" in anna.heard()[-1]
    await anna.forwards("Хорошее")
    assert "Кому отправим?" in anna.heard()[-1]
    english = person(name="Eve", language="en")
    await admins(english)
    await composes(english, voice=voice)
    assert "a text, a photo or a document" in english.heard()[-1]
    await english.sends(photo=photo, media_group_id="another")
    assert "album" in english.heard()[-1]
    await english.sends(photo=photo, caption="я" * 1025)
    assert "1024" in english.heard()[-1]


async def test_choosing_others_and_changing_ones_mind(
    anna: Person, kate: Person, admins: Any, dsn: str
) -> None:
    await kate.says("/start")
    await composes(anna, text="Новости")
    await anna.presses("Кто говорит по-английски")
    assert "1 человеку" in anna.heard()[-1]
    assert "по-английски" in anna.heard()[-1]
    await anna.presses("Другим людям")
    await anna.presses("Гостям")
    assert "таких людей нет" in anna.heard()[-1]
    assert "Отправить (0)" not in anna.buttons()
    await anna.presses("Отмена")
    assert "никому не отправил" in anna.heard()[-1]
    assert await counts(dsn) == {}
    # The question before the message can be dropped as well.
    await anna.says("/broadcast")
    await anna.presses("Отмена")
    await anna.says("Просто слова")
    assert "Кому отправим?" not in anna.heard()[-1]


async def test_pressed_twice_it_is_sent_once(
    anna: Person, kate: Person, admins: Any, sending: Any, dsn: str
) -> None:
    await kate.says("/start")
    await composes(anna, text="Один раз")
    await anna.presses("Всем")
    message, button = anna._buttons()[-3]
    assert button.text == "Отправить (2)"
    for _ in range(2):
        await anna.presses_data(button.callback_data or "", message.message_id)
    await sending()
    await anna.presses_data(button.callback_data or "", message.message_id)
    await sending()
    assert kate.heard().count("Один раз") == 1
    assert await counts(dsn) == {"sent": 2}


async def test_a_blocked_bot_a_leaving_person_and_trouble_on_the_way(
    anna: Person,
    person: NewPerson,
    product: Product,
    admins: Any,
    sending: Any,
    progress: Progress,
    dsn: str,
) -> None:
    people = [person() for _ in range(5)]
    for each in people:
        await each.says("/start")
    await starts(anna)
    await people[0].blocks()
    leaving = await product.user_id(people[1])
    await change(dsn, "update public.users set erase_at = now() + '7 days' where id = %s", leaving)
    session = anna.session
    session.fail(
        SendMessage,
        TelegramForbiddenError(method=None, message="Forbidden: bot was blocked by the user"),  # type: ignore[arg-type]
        TelegramNetworkError(method=None, message="HTTP Client says - timeout"),  # type: ignore[arg-type]
        refused("MESSAGE_INVALID"),
    )
    await sending()
    assert await counts(dsn) == {"blocked": 2, "skipped": 1, "unclear": 1, "failed": 1, "sent": 1}
    await progress.look()
    said = anna.heard()[-1]
    for line in ("Получили: 1 из 6", "Закрыли бота: 2", "уходят): 1", "не взял: 1", "шлём): 1"):
        assert line in said
    assert len(await rows(dsn, "select from public.telegram_accounts where not reachable")) == 2


async def test_telegram_asks_for_a_pause_and_everybody_gets_it_all_the_same(
    anna: Person, kate: Person, admins: Any, product: Product, sending: Any, dsn: str
) -> None:
    await kate.says("/start")
    await starts(anna)
    wait = TelegramRetryAfter(method=None, message="Too Many Requests", retry_after=1)  # type: ignore[arg-type]
    anna.session.fail(SendMessage, wait)
    await sending()
    assert await counts(dsn) == {"sent": 2}
    assert kate.heard().count("Новости") == 1


async def test_a_message_that_telegram_takes_from_nobody_stops_by_itself(
    anna: Person, person: NewPerson, admins: Any, sending: Any, progress: Progress, dsn: str
) -> None:
    for _ in range(120):
        await person().says("/start")
    await starts(anna)
    anna.session.fail(SendMessage, *[refused("MESSAGE_INVALID")] * 200)
    await sending()
    assert (await counts(dsn))["failed"] >= 10
    await progress.look()
    assert "подряд отказывается" in anna.heard()[-1]


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_pausing_resuming_stopping_and_another_admin(
    language: str,
    person: NewPerson,
    anna: Person,
    admins: Any,
    sending: Any,
    progress: Progress,
    dsn: str,
) -> None:
    russian = language == "ru"
    boss = person(name="Boss", language=language)
    await admins(boss)
    await boss.says("/start")
    await starts(anna)

    await boss.says("/broadcast")
    assert ("Рассылки" if russian else "Broadcasts") in boss.heard()[-1]
    running = next(label for label in boss.buttons() if label.startswith("📣"))
    assert running.endswith("0 из 2" if russian else "0 of 2")
    await boss.presses(running)
    await boss.presses("⏸ Пауза" if russian else "⏸ Pause")
    assert ("на паузе" if russian else "is paused") in boss.heard()[-1]
    await sending()
    assert await counts(dsn) == {"waiting": 2}
    await progress.look()
    assert "на паузе" in anna.heard()[-1]
    await anna.presses("▶ Продолжить")
    assert "идёт" in anna.heard()[-1]
    await progress.look()

    await boss.presses("⏸ Пауза" if russian else "⏸ Pause")
    await boss.presses("⏹ Остановить" if russian else "⏹ Stop")
    await boss.presses("Не надо" if russian else "No")
    assert ("пусть идёт" if russian else "goes on") in boss.heard()[-1]
    await boss.presses("⏹ Остановить" if russian else "⏹ Stop")
    await boss.presses("Да, остановить" if russian else "Yes, stop it")
    assert ("Останавливаю" if russian else "Stopping") in boss.heard()[-1]
    await sending()
    await progress.look()
    assert "остановлена" in anna.heard()[-1]
    assert "Не отправлено: 2" in anna.heard()[-1]
    assert await counts(dsn) == {"waiting": 2}
    # Buttons that are left on older screens change nothing any more.
    for stale in (
        ChangeBroadcast(broadcast=1, to="sending"),
        AskStop(broadcast=1),
        StopBroadcast(broadcast=1, sure=True),
        SendBroadcast(broadcast=1),
        DropBroadcast(broadcast=1),
        ChooseWhom(broadcast=1, whom="all"),
        ShowBroadcast(broadcast=1),
    ):
        await anna.presses_data(stale.pack())
    await sending()
    assert await counts(dsn) == {"waiting": 2}


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_whoever_is_no_admin_finds_nothing(
    language: str, person: NewPerson, anna: Person, admins: Any, dsn: str
) -> None:
    stranger = person(language=language)
    await starts(anna)
    await composes(anna, text="Черновик")
    await stranger.says("/broadcast")
    unknown = "Такой команды я не знаю" if language == "ru" else "I don’t know"
    assert unknown in stranger.heard()[-1]
    for data in (
        *(ShowBroadcasts(), Compose(), ShowBroadcast(broadcast=2)),
        ChooseWhom(broadcast=2, whom="all"),
        *(SendBroadcast(broadcast=2), DropBroadcast(broadcast=2), ShowBroadcast(broadcast=1)),
        *(ChangeBroadcast(broadcast=1, to="paused"), AskStop(broadcast=1)),
        StopBroadcast(broadcast=1, sure=True),
    ):
        said = len(stranger.heard())
        await stranger.presses_data(data.pack())
        assert len(stranger.heard()) == said
        stale = "устарела" if language == "ru" else "out of date"
        assert stale in (answers(stranger.session)[-1] or "")
    await stranger.says("Слова")
    assert await counts(dsn) == {"waiting": 1}


async def test_an_admin_no_more_can_not_go_on(
    anna: Person, product: Product, admins: Any, dsn: str
) -> None:
    await composes(anna, text="Новости")
    await anna.presses("Всем")
    policy: dict[str, Any] = {"mode": "open", "guest_messages": 0, "limits": {}, "budget": {}}
    await product.db.call("set_policy", policy=policy | {"admin_telegram_ids": []})
    await anna.presses("Отправить (1)")
    assert await counts(dsn) == {}


async def test_the_progress_moves_and_survives_a_taken_away_message(
    anna: Person, kate: Person, admins: Any, progress: Progress, product: Product
) -> None:
    await kate.says("/start")
    await starts(anna)
    sends = BroadcastSends(product.db, worker="w", per_second=1000)
    while not (claimed := (await sends.claim(1)).sends):
        pass
    await sends.mark(1, {claimed[0]: BroadcastOutcome("sent")})
    await progress.look()
    assert "Получили: 1 из 2" in anna.heard()[-1]
    assert "50 %" in anna.heard()[-1]
    drawn = len(anna.session.sent(EditMessageText))
    await progress.look()
    assert len(anna.session.sent(EditMessageText)) == drawn
    screen = anna._buttons()[-1][0]
    assert isinstance(screen, Message)
    while not (claimed := (await sends.claim(1)).sends):
        pass
    await sends.mark(1, {claimed[0]: BroadcastOutcome("sent")})
    anna.session.fail(EditMessageText, refused("message to edit not found"))
    await progress.look()
    await progress.look()
    row = await product.db.call(
        "list_broadcasts", admin_id=await product.user_id(anna), offset=0, limit=1
    )
    assert row["items"][0]["status"] == "finished"
