"""Files and voice on the page, both ways: what a person attaches and says, what a bot sends."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy
import pytest
import soundfile
from aiogram.types import (
    BufferedInputFile,
    Message,
    MessageEntity,
    ReactionTypeEmoji,
    ReplyParameters,
)
from PIL import Image

from tests.web.chat_page import ChatPage
from tests.web.conftest import PageFor
from tests.web.fake_bot import FakeBot

pytestmark = pytest.mark.web

MIRA = "Мира"
RATE = 48_000
WEBM = """() => new Promise((done) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 240, height: 240 });
  const paint = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm" });
  recorder.ondataavailable = ({ data }) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.split(",")[1]);
    reader.readAsDataURL(data);
  };
  recorder.start();
  let frames = 0;
  const draw = () => {
    paint.fillStyle = `hsl(${frames * 9} 60% 50%)`;
    paint.fillRect(0, 0, 240, 240);
    if (frames++ < 40) setTimeout(draw, 50);
    else recorder.stop();
  };
  draw();
})"""


def picture(path: Path, width: int, height: int, colour: str) -> Path:
    Image.new("RGB", (width, height), colour).save(path)
    return path


def tone(seconds: float) -> bytes:
    at = numpy.arange(int(RATE * seconds)) / RATE
    sound = io.BytesIO()
    wave = (0.4 * numpy.sin(2 * numpy.pi * 330 * at)).astype("float32")
    soundfile.write(sound, wave, RATE, format="OGG", subtype="OPUS")
    return sound.getvalue()


async def message_of(bot: FakeBot) -> Message:
    message = (await bot.update("message")).message
    assert message is not None
    return message


async def fetch(bot: FakeBot, file_id: str) -> bytes:
    content = await bot.bot.download(file_id)
    assert content is not None
    return content.read()


async def test_a_document_is_attached_looked_over_and_sent(
    page_for: PageFor, bot: FakeBot, tmp_path: Path
) -> None:
    plan, spare = tmp_path / "План на год.docx", tmp_path / "лишнее.txt"
    plan.write_bytes(bytes(range(256)) * 40)
    spare.write_text("лишнее")
    page = await page_for(MIRA)
    await page.attach([plan, spare])
    await page.page.get_by_role("button", name="Убрать: лишнее.txt").click()
    await page.screenshot("tray")
    await page.say("вот план")
    message = await message_of(bot)
    assert message.document is not None
    assert message.document.file_name == plan.name
    assert message.caption == "вот план"
    assert await fetch(bot, message.document.file_id) == plan.read_bytes()
    sent = page.page.locator(".row.out[data-id]")
    assert await sent.count() == 1
    assert await sent.locator(".document-name").inner_text() == plan.name
    assert await sent.locator(".text").inner_text() == "вот план"
    assert await page.page.locator(".tile").count() == 0
    assert await page.download(plan.name) == plan.read_bytes()


async def test_photos_go_as_one_album_and_open_large(
    page_for: PageFor, bot: FakeBot, tmp_path: Path
) -> None:
    wide = picture(tmp_path / "море.png", 3000, 1500, "#336699")
    tall = picture(tmp_path / "гора.png", 400, 800, "#668844")
    page = await page_for(MIRA)
    await page.attach([wide, tall])
    await page.say("море и гора")
    first, second = await message_of(bot), await message_of(bot)
    assert first.photo is not None
    assert second.photo is not None
    assert first.media_group_id
    assert first.media_group_id == second.media_group_id
    assert (first.caption, second.caption) == ("море и гора", None)
    assert (first.photo[-1].width, first.photo[-1].height) == (2560, 1280)
    assert (second.photo[-1].width, second.photo[-1].height) == (400, 800)
    shown = Image.open(io.BytesIO(await fetch(bot, first.photo[-1].file_id)))
    assert shown.format == "JPEG"

    row = page.page.locator(".row.out[data-id]")
    await row.wait_for()
    assert await row.count() == 1
    assert await row.locator(".album .photo").count() == 2
    await page.screenshot("album")
    await page.reload()
    assert await row.locator(".album .photo").count() == 2

    await row.locator(".photo").first.click()
    viewer = page.page.get_by_role("dialog", name="Фотография")
    await viewer.get_by_text("1 из 2").wait_for()
    await page.page.keyboard.press("ArrowRight")
    await viewer.get_by_text("2 из 2").wait_for()
    await page.screenshot("viewer")
    await page.page.keyboard.press("Escape")
    await viewer.wait_for(state="detached")


async def test_an_album_loses_a_photo_and_stays_an_album(
    page_for: PageFor, bot: FakeBot, tmp_path: Path
) -> None:
    page = await page_for(MIRA)
    await page.attach([picture(tmp_path / f"{n}.png", 80, 80, f"#4466{n}0") for n in range(3)])
    await page.page.get_by_role("button", name="Отправить", exact=True).click()
    messages = [await message_of(bot) for _ in range(3)]
    photos = page.page.locator(".row.out[data-id] .photo")
    await photos.nth(2).wait_for()
    await bot.bot.delete_message(messages[0].chat.id, messages[0].message_id)
    await photos.nth(2).wait_for(state="detached")
    assert await photos.count() == 2
    assert await page.page.locator(".row.out[data-id]").count() == 1


async def test_pictures_as_files_stay_as_they_are(
    page_for: PageFor, bot: FakeBot, tmp_path: Path
) -> None:
    sea = picture(tmp_path / "море.png", 300, 200, "#336699")
    page = await page_for(MIRA)
    await page.attach([sea])
    await page.page.get_by_label("Отправить файлами").check()
    await page.page.get_by_role("button", name="Отправить", exact=True).click()
    message = await message_of(bot)
    assert message.document is not None
    assert await fetch(bot, message.document.file_id) == sea.read_bytes()


async def test_what_cannot_be_sent_is_named(
    page_for: PageFor, bot: FakeBot, tmp_path: Path
) -> None:
    empty, huge = tmp_path / "пусто.txt", tmp_path / "огромный.bin"
    empty.touch()
    with huge.open("wb") as file:
        file.truncate((50 << 20) + 1)
    broken = tmp_path / "не картинка.png"
    broken.write_bytes(b"not a picture")
    page = await page_for(MIRA)
    await page.page.locator(".file-input").set_input_files([empty, huge, broken])
    await page.wait_toast("«пусто.txt» пуст")
    await page.wait_toast("«огромный.bin» больше 50 МБ")
    await page.say("")
    message = await message_of(bot)
    assert message.document is not None
    assert message.document.file_name == broken.name


async def test_pictures_are_pasted_and_files_are_dropped(page_for: PageFor, bot: FakeBot) -> None:
    page = await page_for(MIRA)
    await page.page.evaluate(
        """async () => {
          const canvas = new OffscreenCanvas(40, 30);
          canvas.getContext("2d").fillRect(0, 0, 40, 30);
          const picture = new DataTransfer();
          const content = await canvas.convertToBlob();
          picture.items.add(new File([content], "вид.png", { type: "image/png" }));
          const field = document.querySelector("textarea.field");
          const paste = { clipboardData: picture, bubbles: true, cancelable: true };
          field.dispatchEvent(new ClipboardEvent("paste", paste));
        }"""
    )
    await page.page.locator(".photo-tile").wait_for()
    dropped = await page.page.evaluate_handle(
        """() => {
          const files = new DataTransfer();
          files.items.add(new File(["# Мысли"], "мысли.md", { type: "text/markdown" }));
          return files;
        }"""
    )
    pane = page.page.locator(".chat-body")
    await pane.dispatch_event("dragenter", {"dataTransfer": dropped})
    await page.page.get_by_text("Отпустите, чтобы прикрепить").wait_for()
    await page.screenshot("drop")
    await pane.dispatch_event("drop", {"dataTransfer": dropped})
    await page.page.locator(".file-tile").wait_for()
    await page.page.get_by_text("Отпустите, чтобы прикрепить").wait_for(state="hidden")
    await page.field.press("Enter")
    photo, document = await message_of(bot), await message_of(bot)
    assert photo.photo is not None
    assert document.document is not None
    assert await fetch(bot, document.document.file_id) == "# Мысли".encode()


async def test_a_file_that_did_not_leave_can_be_sent_again_or_dropped(
    page_for: PageFor, bot: FakeBot, tmp_path: Path
) -> None:
    plan = tmp_path / "план.txt"
    plan.write_text("план")
    page = await page_for(MIRA)
    await page.say("раз")
    await page.wait_text("echo: раз")
    await page.page.context.set_offline(True)
    await page.attach([plan])
    await page.say("первый")
    await page.attach([plan])
    await page.say("второй")
    failed = page.page.locator(".row.failed")
    await failed.nth(1).wait_for()
    await page.screenshot("failed")
    await failed.nth(0).get_by_role("button", name="Убрать").click()
    await page.page.context.set_offline(False)
    await failed.get_by_role("button", name="Не отправлено. Нажмите, чтобы повторить.").click()
    await page.page.locator(".row.out[data-id] .document").wait_for()
    assert await page.page.locator(".row.pending").count() == 0
    captions = [(await message_of(bot)).caption for _ in range(2)]
    assert captions == [None, "второй"]


async def test_a_voice_message_is_recorded_sent_and_heard(page_for: PageFor, bot: FakeBot) -> None:
    page = await page_for(MIRA)
    await page.record_voice(2)
    message = await message_of(bot)
    assert message.voice is not None
    assert message.voice.duration >= 2
    assert message.voice.mime_type == "audio/ogg"
    samples, rate = soundfile.read(io.BytesIO(await fetch(bot, message.voice.file_id)))
    assert abs(len(samples) / rate - message.voice.duration) < 1
    assert numpy.abs(samples).max() > 0.05
    await page.play_last_voice("out")
    await page.screenshot("heard")


async def test_a_recording_is_cancelled_by_button_and_by_key(
    page_for: PageFor, bot: FakeBot
) -> None:
    page = await page_for(MIRA)
    bar = page.page.get_by_role("group", name="Запись голосового сообщения")
    for cancel in ("button", "key"):
        await page.start_recording(1)
        await page.screenshot("recording")
        if cancel == "button":
            await bar.get_by_role("button", name="Отменить запись").click()
        else:
            await page.page.keyboard.press("Escape")
        await bar.wait_for(state="hidden")
        await page.field.wait_for()
    await page.say("ничего")
    assert (await message_of(bot)).text == "ничего"


async def test_a_denied_microphone_is_said_plainly(page_for: PageFor, bot: FakeBot) -> None:
    page = await page_for(MIRA)
    await page.page.context.clear_permissions()
    await page.page.get_by_role("button", name="Записать").click()
    await page.wait_toast("Браузер не дал микрофон")
    assert await page.field.is_visible()


async def test_the_bot_s_voice_plays_and_is_sought_in(page_for: PageFor, bot: FakeBot) -> None:
    page = await page_for(MIRA)
    await page.say("скажи")
    await page.wait_text("echo: скажи")
    voice = BufferedInputFile(tone(8), "voice.ogg")
    await bot.bot.send_voice(page.person_id, voice, duration=8, caption="Голосом")
    await page.play_last_voice()
    player = page.page.get_by_role("group", name="Голосовое сообщение, 0:08")
    await player.get_by_role("button", name="Пауза").click()
    await player.get_by_role("button", name="Воспроизвести").wait_for()
    await player.get_by_role("slider", name="Место в записи").fill("750")
    audio = await player.locator("audio").element_handle()
    await page.page.wait_for_function("(audio) => Math.abs(audio.currentTime - 6) < 0.1", arg=audio)
    await player.get_by_text("0:06").wait_for()
    await page.screenshot("sought")
    await player.get_by_role("slider").press("ArrowLeft")
    await page.page.wait_for_function(
        "(audio) => Math.abs(audio.currentTime - 5.2) < 0.1", arg=audio
    )
    await player.get_by_role("button", name="Воспроизвести").click()
    await page.page.wait_for_function(
        "(audio) => audio.ended || audio.currentTime === 0", arg=audio
    )
    await player.get_by_text("0:08").wait_for()


async def test_only_one_recording_is_heard_at_a_time(page_for: PageFor, bot: FakeBot) -> None:
    page = await page_for(MIRA)
    await page.say("скажи")
    await page.wait_text("echo: скажи")
    sound = BufferedInputFile(tone(9), "песня.ogg")
    await bot.bot.send_audio(page.person_id, sound, duration=9)
    await bot.bot.send_voice(page.person_id, BufferedInputFile(tone(9), "v.ogg"), duration=9)
    music = page.page.locator(".music")
    await music.get_by_role("button", name="Воспроизвести").click()
    await music.get_by_role("button", name="Пауза").wait_for()
    await page.play_last_voice()
    await music.get_by_role("button", name="Воспроизвести").wait_for()


async def test_sound_that_is_no_sound_is_said_so(page_for: PageFor, bot: FakeBot) -> None:
    page = await page_for(MIRA)
    await page.say("скажи")
    await page.wait_text("echo: скажи")
    await bot.bot.send_voice(page.person_id, BufferedInputFile(b"OggS" + bytes(99), "v.ogg"))
    await page.page.locator(".voice .play").click()
    await page.page.get_by_text("Не удаётся воспроизвести").wait_for()


async def test_the_bot_s_document_is_saved_byte_for_byte(page_for: PageFor, bot: FakeBot) -> None:
    content = bytes(range(256)) * 300
    bot.on_message = lambda message: message.answer_document(
        BufferedInputFile(content, "План «Пекарня».pdf"),
        caption="Готово: план на год",
        caption_entities=[MessageEntity(type="bold", offset=8, length=4)],
    )
    page = await page_for(MIRA)
    await page.say("сделай план файлом")
    name = await page.last_document()
    assert name == "План «Пекарня».pdf"
    assert await page.page.locator(".row.in .text strong").inner_text() == "план"
    assert await page.download(name) == content


async def test_a_page_among_the_files_is_never_run(
    page_for: PageFor, bot: FakeBot, tmp_path: Path
) -> None:
    trap = tmp_path / "страница.html"
    trap.write_text("<script>opener ? (opener.broken = 1) : 0; top.broken = 1</script>")
    page = await page_for(MIRA)
    await page.attach([trap])
    await page.say("")
    link = page.page.locator(".row[data-id] .document")
    address = await link.get_attribute("href")
    await page.page.evaluate(
        """(address) => new Promise((done) => {
          const frame = document.createElement("iframe");
          frame.src = address;
          frame.onload = done;
          setTimeout(done, 1000);
          document.body.append(frame);
        })""",
        address,
    )
    assert await page.page.evaluate("window.broken") is None


async def test_a_long_quote_is_folded_and_a_short_one_is_not(
    page_for: PageFor, bot: FakeBot
) -> None:
    long, short = "Сегодня я думал о пекарне у моря. " * 12, "Коротко"

    async def write(message: Message) -> None:
        text = long.strip() if message.text == "длинно" else short
        quote = MessageEntity(type="expandable_blockquote", offset=0, length=len(text))
        reply = ReplyParameters(message_id=message.message_id)
        await message.answer(text, entities=[quote], reply_parameters=reply)

    bot.on_message = write
    page = await page_for(MIRA)
    await page.say("длинно")
    quote = page.page.locator(".row.in blockquote")
    unfold = quote.get_by_role("button", name="Развернуть")
    await unfold.wait_for()
    await page.screenshot("folded")
    folded = await lines(page)
    await unfold.click()
    assert await lines(page) > folded + 1
    await quote.get_by_role("button", name="Свернуть").click()
    assert await lines(page) == folded == 3
    await page.say("коротко")
    await page.wait_text(short)
    assert await lines(page) == 1
    assert (
        await page.page.locator(".row.in").last.get_by_role("button", name="Развернуть").count()
        == 0
    )


async def lines(page: ChatPage) -> int:
    """How many lines of the newest quote are to be seen."""
    return await page.page.locator(".quote-text").last.evaluate(
        "(quote) => Math.round(quote.clientHeight / parseFloat(getComputedStyle(quote).lineHeight))"
    )


async def test_a_reply_leads_to_what_it_answers(page_for: PageFor, bot: FakeBot) -> None:
    page = await page_for(MIRA)
    await page.say("начало")
    start = await message_of(bot)
    for _ in range(12):
        await bot.bot.send_message(page.person_id, "строка\n" * 9)
    reply = ReplyParameters(message_id=start.message_id)
    voice = BufferedInputFile(tone(1), "v.ogg")
    await bot.bot.send_voice(page.person_id, voice, duration=1, reply_parameters=reply)
    quoted = page.page.locator(".replied")
    await quoted.wait_for()
    origin = page.page.locator(f".row[data-id='{start.message_id}']")
    assert "начало" in await quoted.inner_text()
    await quoted.click()
    await page.page.wait_for_function(
        "(row) => row.getBoundingClientRect().top > 0", arg=await origin.element_handle()
    )


async def test_a_reaction_stands_under_what_it_answers(page_for: PageFor, bot: FakeBot) -> None:
    bot.on_message = lambda message: message.react([ReactionTypeEmoji(emoji="✍")])
    page = await page_for(MIRA)
    await page.say("Хочу дом")
    reaction = page.page.locator(".row.out", has_text="Хочу дом").locator(".reaction")
    await reaction.wait_for()
    assert await reaction.inner_text() == "✍"
    await page.screenshot("reaction")
    await page.reload()
    await reaction.wait_for()
    message = await message_of(bot)
    await bot.bot.set_message_reaction(message.chat.id, message.message_id, [])
    await reaction.wait_for(state="detached")


async def test_videos_round_and_plain_are_played(page_for: PageFor, bot: FakeBot) -> None:
    page = await page_for(MIRA)
    await page.say("покажи")
    await page.wait_text("echo: покажи")
    film = base64.b64decode(await page.page.evaluate(WEBM))
    await bot.bot.send_video_note(page.person_id, BufferedInputFile(film, "n.webm"), duration=2)
    await bot.bot.send_video(page.person_id, BufferedInputFile(film, "v.webm"), duration=2)
    note = page.page.get_by_role("button", name="Видеосообщение: Воспроизвести")
    await note.click()
    video = await page.page.locator(".video-note video").element_handle()
    await page.page.wait_for_function("(video) => video.currentTime > 0", arg=video)
    await page.screenshot("round")
    plain = page.page.locator("video.video")
    await page.page.wait_for_function(
        "(video) => video.readyState >= 1", arg=await plain.element_handle()
    )
