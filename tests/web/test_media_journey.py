"""Speaking, showing and being given files, in a real browser with the whole bot behind it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.web.conftest import PageFor
from tests.web.whole_bot import folder, page_url

__all__ = ["folder", "page_url"]

pytestmark = [pytest.mark.web, pytest.mark.timeout(240)]


async def test_speak_show_and_be_given_a_file(page_for: PageFor, tmp_path: Path) -> None:
    chat = await page_for("Мира")
    await chat.start()
    await chat.press("Создать визию")
    await chat.wait_text("Визия от")

    await chat.record_voice(2)
    quote = chat.page.locator(".row.in blockquote.foldable .quote-text").first
    await quote.wait_for(timeout=60_000)
    heard = await quote.inner_text()
    assert len(heard) > 20
    await chat.play_last_voice()
    await chat.screenshot("1-voice")

    picture = tmp_path / "дом.png"
    Image.new("RGB", (640, 480), "teal").save(picture)
    await chat.attach([picture])
    await chat.say("Такой дом")
    await chat.wait_text("Такой дом")
    await chat.screenshot("2-picture")

    plan = tmp_path / "план.txt"
    plan.write_text("Сначала дом, потом сад.", "utf-8")
    await chat.attach([plan])
    await chat.say("Что скажешь?")

    await chat.say("Сделай план файлом")
    name = await chat.last_document()
    assert name.endswith(".pdf")
    assert (await chat.download(name)).startswith(b"%PDF-")
    await chat.screenshot("3-document")

    await chat.say("/files")
    await chat.page.locator(".keyboard .key", has_text="План на неделю").last.click()
    await chat.page.locator(".row.in[data-id] .document").nth(1).wait_for()
    await chat.say("/history")
    await chat.wait_text("📄 план.txt\nЧто скажешь?")
    await chat.screenshot("4-history")
    await chat.say("/settings")
    await chat.wait_text("голос")
    await chat.screenshot("5-settings")
