"""A word to the operators, their answer, and the talk that follows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot
from aiogram.methods import SendDocument, SendPhoto, SendVideoNote, SendVoice
from aiogram.types import Message

from bot.callbacks.feedback import AnswerFeedback, FinishFeedback, OpenFeedback, ShowFeedback
from bot.delivery.notices import NoticeSender
from bot.texts import Texts
from core import Background, Notices
from tests.scenarios.admin_world import boss, chief, labels, screen, toasts
from tests.scenarios.conftest import Person, Product
from tests.scenarios.test_visions import make

__all__ = ["boss", "chief"]

VOICE = {"file_id": "v", "file_unique_id": "v", "duration": 3, "mime_type": "audio/ogg"}
PHOTO = [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}]
NOTE = {"file_id": "n", "file_unique_id": "n", "duration": 3, "length": 9}


@pytest.fixture
async def sender(product: Product, bot: Bot, texts: Texts) -> AsyncIterator[NoticeSender]:
    background = Background()
    notices = Notices(product.db, per_second=1000)
    yield NoticeSender(bot, notices, background, texts, unreachable=product.users.set_unreachable)
    await background.drain(1)


async def sent(sender: NoticeSender) -> None:
    for _ in range(6):
        await sender.look()


def told(person: Person, words: str) -> Message:
    """The newest message of the bot with these words."""
    return next(
        message
        for (chat, _), message in sorted(person.session.messages.items(), reverse=True)
        if chat == person.chat_id and words in f"{message.text or ''}{message.caption or ''}"
    )


async def replies(person: Person, to: Message, **content: Any) -> None:
    answered = to.model_dump(mode="json", exclude_none=True, by_alias=True)
    answered["date"] = 1
    await person.sends(reply_to_message=answered, **content)


@pytest.mark.parametrize("english", [False, True])
async def test_a_word_goes_to_the_admins_and_their_answer_back(
    anna: Person, kate: Person, boss: Person, chief: Person, sender: NoticeSender, english: bool
) -> None:
    person, admin = (kate, chief) if english else (anna, boss)
    answer = "Answer" if english else "Ответить"
    await person.says("/feedback")
    assert labels(person) == (["Cancel"] if english else ["Отмена"])
    await person.says("Не хватает <b>тёмной</b> темы & звука")
    assert person.heard()[-1].startswith("Thank you!" if english else "Спасибо!")
    await sent(sender)
    for each in (boss, chief):
        assert f"{person.name}" in screen(each)
        assert "Не хватает <b>тёмной</b> темы & звука" in screen(each)
    await admin.presses(answer)
    await admin.says("Уже делаем <тему>")
    assert admin.heard()[-1] == ("Sent." if english else "Отправил.")
    await sent(sender)
    heard = person.heard()[-1]
    assert heard.startswith("💬 The team's answer" if english else "💬 Ответ команды")
    assert heard.endswith("Уже делаем <тему>")
    await replies(person, told(person, "Уже делаем <тему>"), text="Спасибо!")
    await sent(sender)
    assert ("answers the team" if english else "отвечает команде") in screen(admin)
    assert len([text for text in person.heard() if text == heard]) == 1


async def test_voices_photos_and_documents_come_by_their_id(
    anna: Person, boss: Person, sender: NoticeSender
) -> None:
    for content in (
        {"voice": VOICE},
        {"photo": PHOTO, "caption": "Вот тут"},
        {"document": {"file_id": "d", "file_unique_id": "d", "file_name": "лог.txt"}},
        {"video_note": NOTE},
    ):
        await anna.says("/feedback")
        await anna.sends(**content)
        assert anna.heard()[-1].startswith("Спасибо!")
    await sent(sender)
    session = anna.session
    for kind, name in ((SendVoice, "v"), (SendPhoto, "p"), (SendDocument, "d")):
        [call] = session.sent(kind)
        assert getattr(call, call.__api_method__.removeprefix("send").lower()) == name
        assert call.chat_id == boss.id
        assert "пишет команде" in (call.caption or "")
        assert call.parse_mode == "HTML"
        assert call.reply_markup
    assert "Вот тут" in (session.sent(SendPhoto)[0].caption or "")
    [note] = session.sent(SendVideoNote)
    assert (note.chat_id, note.video_note) == (boss.id, "n")
    await boss.says("/admin")
    await boss.presses("Отзывы")
    assert not any(label.endswith(":") for label in labels(boss))
    # The answer may be a voice as well.
    await replies(boss, told(boss, "пишет команде"), voice=VOICE | {"file_id": "w"})
    await sent(sender)
    answer = session.sent(SendVoice)[-1]
    assert (answer.chat_id, answer.voice) == (anna.id, "w")
    assert "Ответ команды" in (answer.caption or "")


async def test_a_file_telegram_knows_no_more_leaves_the_words(
    anna: Person, boss: Person, sender: NoticeSender
) -> None:
    await anna.says("/feedback")
    await anna.sends(photo=PHOTO, caption="Вот тут сломано")
    anna.session.unknown.add("p")
    await sent(sender)
    assert "Вот тут сломано" in screen(boss)


async def test_an_album_is_one_word_and_nothing_of_it_goes_to_the_vision(
    anna: Person, boss: Person, product: Product, sender: NoticeSender
) -> None:
    await make(anna, "Дом")
    await anna.says("/feedback")
    heard = len(anna.heard())
    for number in range(3):
        photo = [PHOTO[0] | {"file_id": f"p{number}", "file_unique_id": f"p{number}"}]
        await anna.sends(photo=photo, media_group_id="77")
    assert len(anna.heard()) == heard + 1
    await sent(sender)
    assert [call.photo for call in anna.session.sent(SendPhoto)] == ["p0", "p1", "p2"]
    await anna.says("А теперь о доме")
    assert await product.said(anna) == ["А теперь о доме"]


@pytest.mark.parametrize("english", [False, True])
async def test_what_can_not_be_passed_on_keeps_the_question_open(
    anna: Person, kate: Person, boss: Person, sender: NoticeSender, english: bool
) -> None:
    person = kate if english else anna
    await person.says("/feedback")
    await person.sends(location={"latitude": 1.0, "longitude": 2.0})
    assert ("can't pass" if english else "не получится") in person.heard()[-1]
    await person.says("я" * 3501)
    assert ("too long" if english else "Длинновато") in person.heard()[-1]
    await person.sends(photo=PHOTO, caption="я" * 800)
    assert ("too long" if english else "Длинновато") in person.heard()[-1]
    await person.says("Короче")
    assert person.heard()[-1].startswith("Thank you" if english else "Спасибо")
    await sent(sender)
    assert screen(boss).endswith("Короче")


async def test_the_question_can_be_dropped_and_a_word_said_at_once(
    anna: Person, boss: Person, product: Product, sender: NoticeSender
) -> None:
    await make(anna, "Дом")
    await anna.says("/feedback")
    await anna.presses("Отмена")
    await anna.says("Это визии")
    assert await product.said(anna) == ["Это визии"]
    await anna.says("/feedback Всё здорово")
    await sent(sender)
    assert screen(boss).endswith("Всё здорово")


async def test_a_repeated_update_is_one_word_and_one_answer(
    anna: Person, boss: Person, sender: NoticeSender
) -> None:
    for _ in range(2):
        await anna.feeds(update_id=700, message=anna._message(70, **command("Темно")))
    await sent(sender)
    assert sum("Темно" in text for text in boss.heard()) == 1
    reply = told(boss, "Темно").model_dump(mode="json", exclude_none=True, by_alias=True)
    content = {"text": "Учтём", "reply_to_message": reply | {"date": 1}}
    for _ in range(2):
        await boss.feeds(update_id=701, message=boss._message(71, **content))
    await sent(sender)
    assert sum(text.endswith("Учтём") for text in anna.heard()) == 1


def command(text: str) -> dict[str, Any]:
    entity = {"type": "bot_command", "offset": 0, "length": 9}
    return {"text": f"/feedback {text}", "entities": [entity]}


@pytest.mark.parametrize("english", [False, True])
async def test_so_many_words_a_day(
    anna: Person, kate: Person, boss: Person, sender: NoticeSender, english: bool
) -> None:
    person = kate if english else anna
    for number in range(11):
        await person.says(f"/feedback Слово {number}")
    assert ("enough for the team" if english else "достаточно") in person.heard()[-1]
    for _ in range(4):
        await sent(sender)
    assert sum("Слово" in text for text in boss.heard()) == 10


@pytest.mark.parametrize("english", [False, True])
async def test_admins_read_open_talks_in_the_panel_and_close_them(
    anna: Person, boss: Person, chief: Person, sender: NoticeSender, english: bool
) -> None:
    admin = chief if english else boss
    panel, done, reopen = (
        ("Feedback", "✓ Done", "Open again")
        if english
        else ("Отзывы", "✓ Разобрано", "Вернуть в работу")
    )
    for number in range(9):
        await anna.says(f"/feedback Отзыв номер {number}")
    await admin.says("/admin")
    await admin.presses(panel)
    assert "9" in screen(admin)
    assert sum("Отзыв номер" in label for label in labels(admin)) == 8
    await admin.presses("›")
    assert sum("Отзыв номер" in label for label in labels(admin)) == 1
    await admin.presses(next(label for label in labels(admin) if "номер 0" in label))
    assert "Отзыв номер 0" in screen(admin)
    await admin.presses(done)
    assert reopen in labels(admin)
    await admin.says("/admin")
    await admin.presses(panel)
    assert "8" in screen(admin)
    await admin.says("/admin")
    log = "Log" if english else "Журнал"
    await admin.presses(next(label for label in labels(admin) if log in label))
    assert ("feedback done" if english else "отзыв разобран") in screen(admin)
    assert "Отзыв номер" not in screen(admin)


async def test_a_stranger_gets_nowhere(
    anna: Person, kate: Person, boss: Person, product: Product, sender: NoticeSender
) -> None:
    await anna.says("/feedback Секрет для команды")
    await sent(sender)
    thread = 1
    before = len(kate.heard())
    for data in (
        ShowFeedback(page=0),
        OpenFeedback(thread=thread),
        AnswerFeedback(thread=thread),
        FinishFeedback(thread=thread, done=True),
    ):
        await kate.presses_data(data.pack())
    assert set(toasts(kate)) == {"That button is no longer valid"} or len(set(toasts(kate))) == 1
    assert len(kate.heard()) == before
    # A reply to somebody else's message, by its number, means nothing.
    stolen = told(boss, "Секрет").model_copy(update={"chat": told(boss, "Секрет").chat})
    await replies(kate, stolen, text="Ответ чужого")
    await sent(sender)
    assert not any("Ответ чужого" in text for text in anna.heard())


@pytest.mark.parametrize("english", [False, True])
async def test_somebody_in_danger_is_answered_here_as_well(
    anna: Person, kate: Person, english: bool
) -> None:
    person = kate if english else anna
    await person.says("/feedback " + ("I want to die" if english else "Я не хочу больше жить"))
    assert ("nobody should be alone" if english else "нельзя оставаться") in person.heard()[-1]
