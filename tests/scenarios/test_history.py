"""The dialogue read again in the chat, and taken away as a file."""

from __future__ import annotations

import re

import pytest
from aiogram import Bot
from aiogram.methods import SendChatAction, SendDocument, SendPhoto, SendVideo, SendVoice
from aiogram.types import InputFile

from bot.handlers import export
from bot.handlers.export import file_name
from bot.texts import Texts
from tests.scenarios.conftest import Person, Product
from tests.scenarios.test_visions import make, screen


async def talk(person: Person, product: Product, turns: int, start: int = 1) -> None:
    for number in range(start, start + turns):
        await person.says(f"вопрос {number}")
        await product.answer(person, f"ответ **{number}**")


async def files(person: Person) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for call in person.session.sent(SendDocument):
        assert not isinstance(call.document, str)
        # The bot reads the file while it sends it; here nobody has, so it is still open.
        found.append((call.document.filename or "", call.caption or ""))
    return found


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Contents of the files as Telegram would have received them."""
    contents: list[str] = []
    send = Bot.send_document

    async def read_and_send(self: Bot, chat_id: int, document: InputFile, **more: object):
        chunks = [chunk async for chunk in document.read(self)]
        contents.append(b"".join(chunks).decode())
        return await send(self, chat_id, document, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Bot, "send_document", read_and_send)
    return contents


async def test_the_history_goes_question_answer_with_formatting(
    anna: Person, product: Product
) -> None:
    await make(anna, "Дом")
    await talk(anna, product, 2)
    await anna.says("/history")
    said = anna.heard()[-1]
    assert re.findall(r"вопрос \d|ответ \d", said) == ["вопрос 1", "ответ 1", "вопрос 2", "ответ 2"]
    assert "**" not in said
    call = anna.session.answered[-1]
    bold = [
        said.encode("utf-16-le")[e.offset * 2 : (e.offset + e.length) * 2].decode("utf-16-le")
        for e in call.entities
        if e.type == "bold"
    ]
    assert bold[0] == "Дом"
    assert {"1", "2"} < set(bold)
    assert any(part.startswith("Ты, ") for part in bold)
    assert any(part.startswith("Спутник, ") for part in bold)


async def test_the_last_twenty_and_then_older_ones(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await talk(anna, product, 25)
    await anna.says("/history")
    assert re.findall(r"вопрос (\d+)", anna.heard()[-1]) == [str(n) for n in range(16, 26)]
    await anna.presses("↑ Раньше")
    assert re.findall(r"вопрос (\d+)", anna.heard()[-1]) == [str(n) for n in range(6, 16)]
    await anna.presses("↑ Раньше")
    assert re.findall(r"вопрос (\d+)", anna.heard()[-1]) == [str(n) for n in range(1, 6)]
    assert screen(anna) == ["Скачать всё"]


async def test_long_messages_are_shortened_between_words(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    for _ in range(10):
        await anna.says("мечта о доме 😀 " * 200)
        await product.answer(anna, "**веранда** и *сад* " * 300)
    await anna.says("/history")
    messages = anna.heard()[1:]
    assert len(messages) > 1
    shown = re.findall(r"^.* …$", "\n".join(messages), re.MULTILINE)
    assert len(shown) == 20
    whole_words = {"мечта", "о", "доме", "😀", "веранда", "и", "сад", "…"}
    assert {word for words in shown for word in words.split()} == whole_words
    assert all(400 < len(words) <= 610 for words in shown)
    assert all(len(said.encode("utf-16-le")) <= 8192 for said in messages)
    assert anna.buttons().count("Скачать всё") == 1


async def test_an_empty_dialogue_says_so(anna: Person, kate: Person) -> None:
    await make(anna, "Дом")
    await anna.says("/history")
    assert "пока ни слова" in anna.heard()[-1]
    await make(kate, "Home")
    await kate.says("/export")
    assert "Not a word in Home yet" in kate.heard()[-1]


async def test_times_are_the_persons_own(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await anna.says("вопрос")
    user = await product.user_id(anna)
    [entry] = await product.entries(user)
    shown = set[str]()
    for zone in ("-11:00", "+13:00"):
        await product.users.set_timezone(user, zone)
        await anna.says("/history")
        hour = (entry.created_at.hour + int(zone[:3])) % 24
        assert f"Ты, {hour:02}:{entry.created_at:%M}" in anna.heard()[-1]
        shown.add(re.findall(r"— .+ —", anna.heard()[-1])[0])
    assert len(shown) == 2


async def test_the_history_of_a_card_leaves_the_card(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await talk(anna, product, 1)
    await anna.says("/visions")
    await anna.presses("✓ Дом")
    await anna.presses("История")
    assert "ответ 1" in anna.heard()[-1]
    assert "В архив" in anna.buttons()


async def test_an_outdated_place_says_it_is_the_beginning(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    await talk(anna, product, 1)
    user = await product.user_id(anna)
    [item] = (await product.visions.page(user, 0, 1)).items
    await anna.presses_data(f"hist:{item.id.replace('-', '')}:1:0")
    assert anna.told() == ["Раньше ничего нет — это самое начало."]


async def test_export_sends_the_whole_dialogue(
    anna: Person, product: Product, exported: list[str]
) -> None:
    await make(anna, "Дом у моря: «план» / 2027?")
    await talk(anna, product, 3)
    await anna.says("/export")
    assert await files(anna) == [
        ("Дом у моря план 2027.md", "Весь разговор: «Дом у моря: «план» / 2027?»")
    ]
    [content] = exported
    assert content.startswith("# Дом у моря: «план» / 2027?\n")
    assert re.findall(r"вопрос \d|ответ \*\*\d\*\*", content) == [
        f"{word} {number}" if word == "вопрос" else f"{word} **{number}**"
        for number in (1, 2, 3)
        for word in ("вопрос", "ответ")
    ]
    assert anna.session.sent(SendChatAction)[0].action == "upload_document"


async def test_export_reads_every_portion(
    anna: Person, product: Product, exported: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_PORTION", 3)
    await make(anna, "Дом")
    await talk(anna, product, 4)
    await anna.says("/history")
    await anna.presses("Скачать всё")
    assert exported[0].count("вопрос") == exported[0].count("ответ") == 4


async def test_a_dialogue_beyond_telegrams_limit_comes_in_parts(
    anna: Person, product: Product, exported: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "FILE_BYTES", 300)
    await make(anna, "Дом")
    await talk(anna, product, 12)
    await anna.says("/export")
    names = [name for name, _ in await files(anna)]
    assert len(names) > 1
    assert names[:2] == ["Дом, часть 1.md", "Дом, часть 2.md"]
    assert "".join(exported).count("вопрос") == 12
    assert all(len(content.encode()) < 1000 for content in exported)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../etc/passwd", "etc passwd"),
        ("...", "визия"),
        ("a\u202egpj.exe", "a gpj exe"),
        ("CON: <>|?*", "CON"),
        ("я" * 120, "я" * 60),
    ],
)
def test_file_names_are_safe(texts: Texts, title: str, name: str) -> None:
    assert file_name(title, texts.words("ru")) == name


def recording(number: int, seconds: int = 5) -> dict[str, object]:
    return {"file_id": f"T{number}", "file_unique_id": f"U{number}", "duration": seconds}


async def test_what_came_with_the_words_is_marked_and_can_be_had_again(
    anna: Person, product: Product
) -> None:
    await make(anna, "Дом")
    await product.users.set_timezone(await product.user_id(anna), "+00:00")
    await anna.sends(voice=recording(1, 65))
    await product.heard(anna, "Хочу дом")
    await product.made(anna, "план.pdf", b"%PDF-1.7", "Вот **план**")
    document = {"file_id": "T2", "file_unique_id": "U2", "file_name": "смета.xlsx"}
    await anna.sends(document=document)
    await anna.says("/history")
    said = anna.heard()[-1]
    entries = await product.entries(await product.user_id(anna))
    times = [f"{entry.created_at:%H:%M}" for entry in entries]
    assert f"Ты, {times[0]}\n🎙 голосовое, 1:05\nХочу дом" in said
    assert "📄 план.pdf\nВот план" in said
    assert f"Ты, {times[3]}\n📄 смета.xlsx" in said
    assert "[" not in said
    assert screen(anna) == [
        f"🎙 {times[0]} · голосовое, 1:05",
        f"📄 {times[2]} · план.pdf",
        f"📄 {times[3]} · смета.xlsx",
        "Скачать всё",
    ]
    await anna.presses(f"🎙 {times[0]} · голосовое, 1:05")
    assert anna.session.sent(SendVoice)[-1].voice == "T1"
    await anna.presses(f"📄 {times[3]} · смета.xlsx")
    assert anna.session.sent(SendDocument)[-1].document == "T2"
    await anna.presses(f"📄 {times[2]} · план.pdf")
    made = anna.session.sent(SendDocument)[-1].document
    assert isinstance(made, InputFile)
    assert made.filename == "план.pdf"


def picture(number: int) -> list[dict[str, object]]:
    return [{"file_id": f"P{number}", "file_unique_id": f"P{number}", "width": 9, "height": 9}]


async def test_a_message_with_files_has_one_button_that_brings_them_all(
    kate: Person, product: Product
) -> None:
    await make(kate, "Home")
    for number in range(10):
        await kate.sends(photo=picture(number), media_group_id="7")
    await kate.says("/history")
    [label, _] = screen(kate)
    assert label.startswith("🖼 ")
    assert label.endswith(" · 10 photos")
    assert kate.heard()[-1].count("🖼 10 photos") == kate.heard()[-1].count("photo") == 1
    await kate.presses(label)
    assert [call.photo for call in kate.session.sent(SendPhoto)] == [f"P{n}" for n in range(10)]


async def test_every_message_of_a_page_has_its_button(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    for number in range(20):
        await anna.sends(voice=recording(number, 10 + number))
    await anna.says("/history")
    labels = [label for label in screen(anna) if label.startswith("🎙")]
    assert [label[-2:] for label in labels] == [str(10 + number) for number in range(20)]


async def test_a_lost_file_of_an_album_does_not_keep_back_the_others(
    anna: Person, product: Product
) -> None:
    await make(anna, "Дом")
    for number in range(3):
        await anna.sends(photo=picture(number), media_group_id="7")
    anna.session.unknown.add("P1")
    await anna.says("/history")
    await anna.presses(screen(anna)[0])
    assert [call.photo for call in anna.session.sent(SendPhoto)] == ["P0", "P2"]
    assert "не получилось" in anna.heard()[-1]


INNER = "Картинок: 1. На картинке дом"


async def test_files_are_told_by_the_persons_own_words(
    anna: Person, product: Product, exported: list[str]
) -> None:
    await make(anna, "Дом")
    await anna.sends(photo=picture(1), caption="Вот такой дом")
    await product.read(anna, INNER)
    plan = {"file_id": "T", "file_unique_id": "T", "file_name": "План.docx"}
    await anna.sends(document=plan, caption="Прочти, пожалуйста")
    await product.read(anna, "# План переезда")
    await anna.sends(voice=recording(1, 65), caption="Наговорил")
    await product.read(anna, "(запись не прослушана)", "unclear")
    await anna.sends(voice=recording(2, 7), caption="Ещё")
    await product.heard(anna, "Хочу дом")
    await anna.says("/history")
    history = anna.heard()[-1]
    await anna.says("/export")
    for said, gap in ((history, "\n"), (exported[0], "\n\n")):
        for lines in (
            ["🖼 фото", "Вот такой дом"],
            ["📄 План.docx", "Прочти, пожалуйста"],
            ["🎙 голосовое, 1:05", "Наговорил"],
            ["🎙 голосовое, 0:07", "Ещё", "Хочу дом"],
        ):
            assert gap.join(lines) in said
        for noted in (INNER, "План переезда", "не прослушана", "["):
            assert noted not in said


async def test_a_caption_is_whole_however_much_was_heard(
    anna: Person, product: Product, exported: list[str]
) -> None:
    await make(anna, "Дом")
    caption = "Подпись " * 40
    await anna.sends(voice=recording(1), caption=caption)
    await product.heard(anna, "слово " * 1000)
    await anna.says("/history")
    [_, shown] = anna.heard()[-1].split(caption.strip())
    assert 0 < shown.count("слово") < 60
    assert shown.endswith("слово …")
    await anna.says("/export")
    assert exported[0].count("слово") == 1000


async def test_a_forwarded_file_says_whose_it_is(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    origin = {"type": "hidden_user", "sender_user_name": "Боря", "date": 1}
    await anna.sends(voice=recording(1, 5), forward_origin=origin)
    await product.heard(anna, "Хочу дом")
    await anna.says("/history")
    assert "[Переслано от: Боря]\n🎙 голосовое, 0:05\nХочу дом" in anna.heard()[-1]


async def test_what_only_telegram_has_comes_from_telegram(anna: Person, product: Product) -> None:
    await make(anna, "Дом")
    video = {"file_id": "V", "file_unique_id": "U", "width": 1, "height": 1, "duration": 600}
    await anna.sends(video=video | {"file_size": 1_500_000_000})
    await anna.says("/history")
    await anna.presses(screen(anna)[0])
    assert anna.session.sent(SendVideo)[-1].video == "V"
    anna.session.unknown.add("V")
    await anna.presses(screen(anna)[0])
    assert "не получилось" in anna.heard()[-1]


async def test_the_export_names_the_files(
    anna: Person, kate: Person, product: Product, exported: list[str]
) -> None:
    await make(anna, "Дом")
    await anna.sends(voice=recording(1, 65))
    await product.heard(anna, "Хочу дом")
    await product.made(anna, "план.pdf", b"%PDF-1.7")
    await anna.says("/export")
    assert "\n\n🎙 голосовое, 1:05\n\nХочу дом\n" in exported[0]
    assert exported[0].endswith("\n\n📄 план.pdf\n")
    await make(kate, "Home")
    await kate.sends(voice=recording(2))
    await kate.says("/export")
    assert exported[1].endswith("\n\n🎙 voice message, 0:05\n")
