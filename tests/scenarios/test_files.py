"""Files both ways: what was heard, what was made, what a vision has, what couldn't be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import SendChatAction, SendDocument, SendMessage, SendPhoto, SendVoice
from aiogram.types import InputFile

from bot.delivery.attachments import file_name
from bot.keyboards.files import files_keyboard
from bot.texts import Texts, Words
from core import Attachment, FileItem, FilesPage
from tests.scenarios.conftest import STALE, NewPerson, Person, Product, SendAll, refused
from tests.scenarios.test_visions import make, screen

PLAN = {"file_id": "T-plan", "file_unique_id": "U-plan", "file_name": "план.pdf", "file_size": 9}


def voice(number: int = 1, seconds: int = 5) -> dict[str, Any]:
    return {"file_id": f"T{number}", "file_unique_id": f"U{number}", "duration": seconds}


def sent_files(person: Person) -> list[SendDocument]:
    return [call for call in person.session.sent(SendDocument) if call.chat_id == person.chat_id]


async def test_what_was_heard_is_quoted_under_the_voice_before_the_answer(
    anna: Person, product: Product, outbox: SendAll
) -> None:
    await make(anna, "Дом")
    await anna.feeds(message=anna._message(77, voice=voice()))
    await product.heard(anna, "Хочу дом у моря, с верандой")
    await product.answer(anna, "Расскажи о веранде")
    await outbox()
    told, answer = anna.session.sent(SendMessage)[-2:]
    assert told.text == "🎙 Расслышал так:\nХочу дом у моря, с верандой"
    [quote] = told.entities or []
    assert (quote.type, quote.extract_from(told.text)) == (
        "expandable_blockquote",
        "Хочу дом у моря, с верандой",
    )
    assert told.reply_parameters
    assert told.reply_parameters.message_id == 77
    assert told.reply_parameters.allow_sending_without_reply
    assert told.disable_notification
    assert told.reply_markup is None
    assert answer.text == "Расскажи о веранде"
    assert answer.disable_notification is None
    assert await product.said(anna) == ["Хочу дом у моря, с верандой", "Расскажи о веранде"]


async def test_what_was_heard_in_english(kate: Person, product: Product, outbox: SendAll) -> None:
    await make(kate, "Home")
    await kate.sends(voice=voice())
    await product.heard(kate, "A porch by the sea")
    await outbox()
    assert kate.heard()[-1] == "🎙 Here’s what I heard:\nA porch by the sea"


async def test_a_made_file_comes_with_its_caption_and_again_by_its_id(
    anna: Person, product: Product, outbox: SendAll
) -> None:
    await make(anna, "Дом")
    await anna.says("Сделай план файлом")
    await product.made(anna, "план.pdf", b"%PDF-1.7", "Вот твой **план**")
    await outbox()
    [first] = sent_files(anna)
    assert isinstance(first.document, InputFile)
    assert (first.document.filename, first.caption) == ("план.pdf", "Вот твой план")
    await anna.says("/files")
    assert "1 файл" in anna.heard()[-1]
    assert screen(anna) == ["📄 план.pdf ✨", "‹ К визии"]
    await anna.presses("📄 план.pdf ✨")
    again = sent_files(anna)[-1]
    assert again.document in anna.session.uploads
    assert anna.told() == []


async def test_files_of_both_the_newest_first(kate: Person, product: Product) -> None:
    await make(kate, "Home")
    await kate.sends(document=PLAN | {"file_name": "mine.pdf"})
    await product.kept(kate, b"%PDF-1.7")
    await product.made(kate, "table.xlsx", b"PK")
    await kate.sends(photo=[{"file_id": "P", "file_unique_id": "UP", "width": 1, "height": 1}])
    await product.kept(kate, b"\xff\xd8")
    await kate.says("/files")
    assert "<b>Home</b>" not in kate.heard()[-1]
    assert "Home: 3 files" in kate.heard()[-1]
    assert screen(kate) == [
        "🖼 photo",
        "📄 table.xlsx ✨",
        "📄 mine.pdf",
        "‹ Back to the vision",
    ]
    await kate.presses("🖼 photo")
    assert kate.session.sent(SendPhoto)[0].photo == "P"
    await kate.presses("📄 mine.pdf")
    assert sent_files(kate)[-1].document == "T-plan"


async def test_voices_are_no_files(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.sends(voice=voice())
    await product.kept(anna, b"OggS")
    await anna.says("/files")
    assert "файлов пока нет" in anna.heard()[-1]
    assert "сделай план файлом" in anna.heard()[-1]


async def test_an_empty_list_and_no_vision(anna: Person, kate: Person) -> None:
    await anna.says("/files")
    assert "Визий пока нет" in anna.heard()[-1]
    await make(kate, "Home")
    await kate.says("/files")
    assert "No files in Home yet" in kate.heard()[-1]
    assert screen(kate) == ["Open the vision"]


async def test_many_files_come_in_pages(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.says("Сделай")
    for number in range(1, 11):
        await product.made(anna, f"файл {number}.md", b"%d" % number)
        await anna.says("И ещё")
    await anna.says("/files")
    assert "10 файлов" in anna.heard()[-1]
    assert screen(anna)[:2] == ["📄 файл 10.md ✨", "📄 файл 9.md ✨"]
    assert screen(anna)[8:11] == ["‹", "1 / 2", "›"]
    sent = len(anna.session.messages)
    await anna.presses("›")
    assert screen(anna)[:2] == ["📄 файл 2.md ✨", "📄 файл 1.md ✨"]
    await anna.presses("›")
    assert screen(anna)[0] == "📄 файл 10.md ✨"
    assert len(anna.session.messages) == sent
    vision = (await product.vision_id(anna)).replace("-", "")
    await anna.presses_data(f"files:{vision}:7")
    assert "📄 файл 1.md ✨" in screen(anna)


async def test_the_card_leads_to_the_files_and_back(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.says("Сделай")
    await product.made(anna, "план.md", b"# 1")
    await anna.says("/visions")
    await anna.presses("✓ Дом")
    sent = len(anna.session.messages)
    await anna.presses("Файлы")
    await anna.presses("‹ К визии")
    assert "Создана" in anna.heard()[-1]
    assert len(anna.session.messages) == sent


async def test_names_fit_their_buttons_and_the_header(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.says("Сделай")
    await product.made(anna, 'Очень "длинное"\r\nимя ' + "я" * 200 + ".docx", b"x")
    await anna.says("/files")
    [label, _] = screen(anna)
    assert len(label) < 60
    assert "\n" not in label
    await anna.presses(label)
    name = sent_files(anna)[-1].document
    assert isinstance(name, InputFile)
    assert name.filename
    assert name.filename.endswith(".docx")
    assert not set('"\r\n') & set(name.filename)
    assert len(name.filename) <= 120


NOON = datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize(
    ("language", "before", "marks"),
    [
        ("ru", timedelta(hours=2), ("12:00", "10:00")),
        ("ru", timedelta(days=2), ("12:00", "18.11")),
        ("en", timedelta(days=2), ("12:00", "November 18")),
        ("ru", timedelta(days=400), ("12:00", "16.10.2025")),
    ],
)
def test_files_of_one_name_are_told_apart_by_when_they_came(
    texts: Texts, language: str, before: timedelta, marks: tuple[str, str]
) -> None:
    later, earlier = labels(
        texts.words(language), (NOON, "план.pdf"), (NOON, "смета.xlsx"), (NOON - before, "план.pdf")
    )[::2]
    assert (later, earlier) == tuple(f"📄 план.pdf · {mark} ✨" for mark in marks)


def test_files_of_one_name_and_day_are_told_apart_by_the_time(texts: Texts) -> None:
    day = NOON - timedelta(days=1)
    found = labels(
        texts.words("ru"),
        (day, "план.pdf"),
        (day - timedelta(hours=3), "план.pdf"),
        (day, "я" * 100 + ".pdf"),
    )
    assert found[:2] == ["📄 план.pdf · 19.11 12:00 ✨", "📄 план.pdf · 19.11 09:00 ✨"]
    assert "·" not in found[2]


def labels(words: Words, *files: tuple[datetime, str]) -> list[str]:
    """Of the buttons of these files, which the companion made."""
    items = tuple(
        FileItem(
            Attachment(str(uuid4()), "a", "document", name, "application/pdf", 1, None, None),
            made=True,
            created_at=moment.astimezone(UTC),
        )
        for moment, name in files
    )
    shown = files_keyboard(uuid4(), FilesPage("Дом", len(items), items), 0, NOON, words)
    return [row[0].text for row in shown.inline_keyboard[: len(items)]]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\u202egpj.exe.txt", "gpj.exe.txt"),
        ("a\u200b\u2066b\x07c\n.pdf", "ab c .pdf"),
        ("семья 👨\u200d👩\u200d👧.jpg", "семья 👨\u200d👩\u200d👧.jpg"),
        ("сердце ❤\ufe0f\u200d🔥.jpg", "сердце ❤\ufe0f\u200d🔥.jpg"),
        ("a\u200db.pdf", "ab.pdf"),
        ("\u202e\u200d", "file"),
    ],
)
def test_names_are_what_they_look_like(texts: Texts, name: str, shown: str) -> None:
    assert labels(texts.words("en"), (NOON, name)) == [f"📄 {shown} ✨"]
    assert file_name(name) == shown.replace("file", "")


async def test_a_file_that_is_lost_or_that_telegram_forgot_is_said_so(
    anna: Person, kate: Person, product: Product, outbox: SendAll
) -> None:
    for person, said in ((anna, "он потерялся"), (kate, "the file is lost")):
        await make(person, "Дом")
        await person.says("Сделай")
        await product.made(person, "план.md", b"# 1")
        await product.store.delete([path async for path, _ in product.store.kept()])
        await outbox()
        assert said in person.heard()[-1]
        assert "план.md" in person.heard()[-1]
        await person.says("/files")
        await person.presses("📄 план.md ✨")
        assert said in person.heard()[-1]
        assert sent_files(person) == []


async def test_files_of_others_are_out_of_reach(
    anna: Person, kate: Person, product: Product
) -> None:
    await make(kate, "Home")
    await kate.sends(document=PLAN)
    await product.kept(kate, b"%PDF-1.7")
    user = await product.user_id(kate)
    [entry] = await product.entries(user)
    [item] = (await product.attachments.page(user, await product.vision_id(kate), 0, 9)).items
    assert item.attachment.file_id
    vision = (await product.vision_id(kate)).replace("-", "")
    await make(anna, "Дом")
    for data in (
        f"file:{item.attachment.file_id.replace('-', '')}",
        f"orig:{entry.id}:1",
        f"files:{vision}:0",
    ):
        assert len(data.encode()) <= 64
        await anna.presses_data(data)
    assert anna.told() == [STALE] * 3
    assert sent_files(anna) == []


@pytest.mark.parametrize(
    "data",
    ["file:x", "orig:1:0", "orig:99999999999999999999:1", "files:1:0", "orig:1:11", "voice:loud"],
)
async def test_forged_buttons_are_stale(anna: Person, data: str) -> None:
    await anna.presses_data(data)
    assert anna.told() == [STALE]


async def test_a_file_stays_in_its_topic(person: NewPerson, product: Product) -> None:
    boris = person(name="Борис", thread_id=9)
    await make(boris, "Дом")
    await boris.says("Сделай")
    await product.made(boris, "план.md", b"# 1")
    await boris.says("/files")
    [(message, button)] = [pair for pair in boris._buttons() if "план" in pair[1].text]
    topical = message.model_copy(update={"is_topic_message": True})
    await boris._callback(button.callback_data, topical)
    assert sent_files(boris)[-1].message_thread_id == 9
    action = boris.session.sent(SendChatAction)[-1]
    assert (action.action, action.message_thread_id) == ("upload_document", 9)


async def test_a_voice_that_may_not_be_sent_is_explained(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.sends(voice=voice())
    [entry] = await product.entries(await product.user_id(anna))
    anna.session.fail(SendVoice, refused("VOICE_MESSAGES_FORBIDDEN"))
    await anna.presses_data(f"orig:{entry.id}:1")
    assert "не принимает от меня голосовые" in anna.heard()[-1]


async def test_what_could_not_be_read_is_told_and_can_be_tried_again(
    anna: Person, kate: Person, product: Product, outbox: SendAll
) -> None:
    for person, said, again in (
        (anna, "под паролем", "Повторить"),
        (kate, "has a password", "Try again"),
    ):
        await make(person, "Дом")
        await person.sends(document=PLAN)
        items = [{"kind": "document", "name": "план.pdf", "state": "locked"}]
        notice = {"sender": "system", "type": "info", "content": ""}
        unread = notice | {"payload": {"notice": "unread", "items": items}}
        unfetched = notice | {"payload": {"notice": "unfetched"}}
        await product.answer(person, "Пришли без пароля", None, unread, unfetched)
        await outbox()
        told = person.heard()[-2]
        assert told.startswith("план.pdf")
        assert said in told
        assert person.buttons()[-1] == again


async def test_an_unexpected_refusal_is_not_taken_for_a_lost_file(
    anna: Person, product: Product
) -> None:
    await make(anna, "Дом")
    await anna.says("Сделай")
    await product.made(anna, "план.md", b"# 1")
    await anna.says("/files")
    refusal = refused("chat not found")
    anna.session.fail(SendDocument, refusal, refusal)
    with pytest.raises(TelegramBadRequest):
        await anna.presses("📄 план.md ✨")
