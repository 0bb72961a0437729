"""What texts become on the page: formatting, and nothing that was not asked for."""

from __future__ import annotations

import random

import pytest
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message, MessageEntity

from bot.playground import Playground
from bot.playground.world import Person
from tests.web.conftest import PageFor
from tests.web.fake_bot import FakeBot

pytestmark = pytest.mark.web

MIRA = "Мира"
INLINE = ["bold", "italic", "underline", "strikethrough", "spoiler", "code", "text_link", "hashtag"]
EVIL = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>\'"&amp;'


class Marked:
    """Text with entities counted in UTF-16 units, as Telegram counts them."""

    def __init__(self) -> None:
        self.text = ""
        self.entities: list[MessageEntity] = []

    def add(self, text: str, *kinds: str, **extra: str) -> Marked:
        offset, length = (len(part.encode("utf-16-le")) // 2 for part in (self.text, text))
        self.text += text
        for kind in kinds:
            self.entities.append(MessageEntity(type=kind, offset=offset, length=length, **extra))
        return self


async def test_entities_become_formatting(page_for: PageFor, bot: FakeBot) -> None:
    marked = (
        Marked()
        .add("🧭🏔 ")
        .add("важное", "bold", "italic")
        .add(" и ")
        .add("скрытое", "spoiler")
        .add(", ")
        .add("ссылка", "text_link", url="https://example.org/путь")
        .add(", /help и ")
        .add("код", "code")
        .add("\n")
        .add("мысль", "blockquote")
        .add("\n")
        .add("print('🧭')\n  x = 1", "pre", language="python")
        .add("\n")
        .add("\n".join(f"строка {n}" for n in range(9)), "expandable_blockquote")
    )

    async def write(message: Message) -> None:
        if message.text == "покажи":
            await message.answer(marked.text, entities=marked.entities)
        else:
            await message.answer("помощь")

    bot.on_message = write
    page = await page_for(MIRA)
    await page.say("покажи")
    await page.wait_text("важное")
    await page.screenshot("formatting")
    text = page.page.locator(".row.in .text")
    assert await text.locator("strong em").inner_text() == "важное"
    assert await text.locator(".inline-code").inner_text() == "код"
    assert await text.locator("blockquote").first.inner_text() == "мысль"
    assert await text.locator("pre").inner_text() == "print('🧭')\n  x = 1"
    assert await text.locator(".code-head").inner_text() == "python"
    link = text.get_by_role("link", name="ссылка")
    assert (await link.get_attribute("href") or "").startswith("https://example.org/")
    assert "noopener" in (await link.get_attribute("rel") or "")

    await text.get_by_role("button", name="Показать скрытый текст").click()
    assert "shown" in (await text.locator(".spoiler").get_attribute("class") or "")
    await text.get_by_role("button", name="Развернуть").click()
    assert (
        await text.get_by_role("button", name="Свернуть").get_attribute("aria-expanded") == "true"
    )
    await text.get_by_role("button", name="Скопировать").click()
    await page.wait_toast("Скопировано")
    assert await page.page.evaluate("navigator.clipboard.readText()") == "print('🧭')\n  x = 1"
    await text.get_by_role("button", name="/help").click()
    await page.wait_text("помощь")
    assert (await page.texts())[-2] == "/help"


async def test_text_and_formatting_survive_entities_that_cross(
    page_for: PageFor, bot: FakeBot
) -> None:
    page = await page_for(MIRA)
    dice = random.Random(20261120)
    cases: list[dict[str, object]] = []
    for _ in range(400):
        text = "".join(dice.choices("ab яё\n🧭\u0301<&ש", k=dice.randint(1, 40)))
        entities = [
            {
                "type": dice.choice([*INLINE, "unheard_of"]),
                "offset": dice.randint(0, 40),
                "length": dice.randint(0, 40),
                "url": dice.choice(["https://example.org", "javascript:alert(1)", "::"]),
            }
            for _ in range(dice.randint(0, 8))
        ]
        cases.append({"text": text, "entities": entities})
    wrong = await page.page.evaluate(
        """async (cases) => {
          const { formatted } = await import('/page/entities.js');
          const { wordsIn } = await import('/page/words.js');
          const actions = { say: wordsIn('ru'), sendCommand() {}, copy() {} };
          const tags = { bold: 'strong', italic: 'em', underline: 'u' };
          return cases.filter(({ text, entities }) => {
            const made = document.createElement('div');
            made.append(formatted(text, entities, actions));
            const links = [...made.querySelectorAll('a')].every((a) => a.protocol === 'https:');
            if (made.textContent !== text || !links) return true;
            const walker = document.createTreeWalker(made, NodeFilter.SHOW_TEXT);
            let at = 0;
            while (walker.nextNode()) {
              const { length, parentElement } = walker.currentNode;
              for (const end = at + length; at < end; at += 1) {
                if (parentElement.closest('code')) continue;
                for (const [type, tag] of Object.entries(tags)) {
                  const asked = entities.some(
                    (e) => e.type === type && e.offset <= at && at < e.offset + e.length,
                  );
                  if (asked !== Boolean(parentElement.closest(tag))) return true;
                }
              }
            }
            return false;
          });
        }""",
        cases,
    )
    assert wrong == []


async def test_markup_from_outside_stays_text(
    page_for: PageFor, bot: FakeBot, playground: Playground
) -> None:
    playground.world.add_person(Person(4001, EVIL[:40], last_name=EVIL[40:60]))
    markup = InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=EVIL, callback_data="x")]]
    )
    bot.on_message = lambda message: message.answer(EVIL, reply_markup=markup)
    bot.on_press = lambda press: press.answer(EVIL)
    page = await page_for(MIRA)
    await page.say(EVIL)
    await page.page.locator(".row.in").wait_for()
    assert await page.texts() == [EVIL, EVIL]
    await page.press(EVIL)
    await page.wait_toast(EVIL)
    await page.page.locator(".person").nth(2).wait_for()
    assert await page.page.evaluate("window.broken") is None
    assert await page.page.locator(".chat img, .chat script, .people img").count() == 0


async def test_only_harmless_addresses_open(page_for: PageFor, bot: FakeBot) -> None:
    page = await page_for(MIRA)
    opened = await page.page.evaluate(
        "async (list) => list.map((await import('/page/links.js')).openable)",
        [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java\nscript:alert(1)",
            " data:text/html,x",
            "file:///etc/passwd",
            "vbscript:x",
            "example.org/a",
            "tg://user?id=1",
            "mailto:a@example.org",
        ],
    )
    assert [address for address in opened if address] == [
        "https://example.org/a",
        "tg://user?id=1",
        "mailto:a@example.org",
    ]


async def test_strange_scripts_stay_inside_their_bubbles(page_for: PageFor, bot: FakeBot) -> None:
    texts = [
        "שלום עולם, זה טקסט מימין לשמאל",
        "z" + "\u0301\u0316" * 300,
        "x" * 4000,
        "\u202eright to left override",
        "слово " * 600,
    ]
    page = await page_for(MIRA, phone=True)
    for text in texts:
        await page.say(text)
        await page.wait_text("echo: " + text[:40])
    outside = await page.page.evaluate(
        """() => [...document.querySelectorAll('.row')].filter((row) => {
          const { left, right } = row.querySelector('.bubble').getBoundingClientRect();
          return left < 0 || right > innerWidth;
        }).length"""
    )
    assert outside == 0
    assert await page.page.evaluate("document.documentElement.scrollWidth > innerWidth") is False
