"""Somebody speaks of taking their life: the fixed answer, and nothing of it anywhere else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.playground import Playground, start_playground
from bot.playground.model_conduct import Conduct
from core.care import Care
from core.care.help_lines import read_help_lines
from core.care.moderating import ServerModeration
from core.llm.moderating import ServerModerator
from core.reading import Document
from tests.contract.conftest import Someone
from tests.contract.media_world import MediaWorld

Signed = Callable[..., Awaitable[Someone]]
Opens = Callable[..., Awaitable[MediaWorld]]

SEEN_BY_THE_SERVER_ALONE = "Мне уже незачем просыпаться по утрам"


@pytest.fixture
async def scripted() -> AsyncIterator[Playground]:
    playground = await start_playground()
    playground.model.behave(Conduct(first_token=0.0, total=0.0))
    yield playground
    await playground.close()


@pytest.fixture
async def opens(db: Any, tmp_path: Path, scripted: Playground) -> AsyncIterator[Opens]:
    """A process that answers; with `moderated`, over real HTTP to a server with moderation."""
    opened: list[MediaWorld] = []
    moderators: list[ServerModerator] = []

    async def open_(*, moderated: bool = False, seconds: float = 20.0, model: str = "m") -> Any:
        moderation = None
        if moderated:
            moderator = ServerModerator(
                api_key="any", base_url=scripted.model_url, model=model, connections=4
            )
            moderators.append(moderator)
            moderation = ServerModeration(db, moderator, seconds=seconds)
        care = Care(read_help_lines(""), moderation)
        opened.append(MediaWorld(db, tmp_path, speaks=True, care=care))
        await opened[-1].open()
        return opened[-1]

    yield open_
    for world in opened:
        await world.close()
    for moderator in moderators:
        await moderator.close()


async def stored(dsn: str, query: str) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        return await (await connection.execute(query)).fetchall()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "text", "words", "line"),
    [
        ("ru", "Я больше не хочу жить", "с таким нельзя оставаться", "8-800-2000-122"),
        ("en", "I want to kill myself", "nobody should be alone with this", "findahelpline.com"),
    ],
)
async def test_the_fixed_answer_comes_instead_of_the_companions(
    opens: Opens,
    someone: Signed,
    dsn: str,
    caplog: pytest.LogCaptureFixture,
    language: str,
    text: str,
    words: str,
    line: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    world = await opens()
    anna = await someone(1, language_code=language)
    vision = await anna.creates()
    await world.says(anna, text)
    answer = await world.screen.next()
    assert words in answer.content
    assert line in answer.content
    assert (answer.sender, answer.type, answer.payload) == ("assistant", "text", {"care": True})
    assert world.model.requests == []
    assert await anna.hears(vision["id"]) == [("user", text), ("assistant", answer.content)]
    for table in ("admin_log", "problems", "notices", "tokenscount", "feedback"):
        assert await stored(dsn, f"select * from public.{table}") == []
    assert text not in caplog.text
    assert "care" not in " ".join(r.getMessage() for r in caplog.records if r.levelno >= 20)
    # The companion goes on, and knows.
    await world.says(anna, "Спасибо, мне чуть легче" if language == "ru" else "Thanks")
    assert (await world.screen.next()).content == "Вот ответ"
    [request] = world.model.requests
    note = request.messages[-2].content
    assert ("бережнее" if language == "ru" else "gentler") in note
    assert answer.content in [message.content for message in request.messages]


async def test_voices_captions_and_forwards_count_and_what_a_document_says_does_not(
    opens: Opens, someone: Signed
) -> None:
    world = await opens()
    anna = await someone()
    await anna.creates()
    world.ears.says = "Я устала и хочу умереть"
    await world.sends(anna, "voice")
    assert (await world.screen.next()).payload["notice"] == "transcript"
    assert (await world.screen.next()).payload == {"care": True}
    await world.sends(anna, "photo", caption="не хочу больше жить")
    assert (await world.screen.next()).payload == {"care": True}
    await world.says(anna, "Переслано от: Оля\n> я хочу покончить с собой")
    assert (await world.screen.next()).payload == {"care": True}
    world.eyes.text = Document("Хочу умереть", "txt", None, whole=True)
    await world.sends(anna, "document", name="роман.txt")
    assert (await world.screen.next()).content == "Вот ответ"


async def test_words_changed_while_they_are_being_answered_count(
    opens: Opens, someone: Signed
) -> None:
    world = await opens()
    anna = await someone()
    await anna.creates()
    world.ears.gate.clear()
    await world.says(anna, "Мне грустно")
    assert (await world.screen.next()).content == "Вот ответ"
    await world.sends(anna, "voice")
    await asyncio.wait_for(world.ears.began.wait(), 20)
    await world.says(anna, "Сегодня пасмурно")
    state = await world.dialogue.edit(anna.user_id, "m:3", "Сегодня я покончу с собой")
    assert state == "unanswered"
    world.ears.gate.set()
    seen = [await world.screen.next(), await world.screen.next()]
    assert [each.payload.get("care") for each in seen] == [None, True]


async def test_what_the_server_sees_stops_the_companion_before_its_first_shown_word(
    opens: Opens, someone: Signed, scripted: Playground, dsn: str
) -> None:
    scripted.model.behave(Conduct(moderating=0.5))
    world = await opens(moderated=True)
    anna = await someone()
    await anna.creates()
    await world.says(anna, SEEN_BY_THE_SERVER_ALONE)
    assert (await world.screen.next()).payload == {"care": True}
    assert not any(preview.shown_words for preview in world.screen.previews)
    await world.says(anna, "Хочу дом у моря")
    assert (await world.screen.next()).content == "Вот ответ"
    assert world.screen.previews[-1].shown_words
    rows = await stored(
        dsn,
        "select totaltokens, meta::text || rawusage::text from public.tokenscount"
        " where meta ->> 'purpose' = 'moderation'",
    )
    assert [row[0] for row in rows] == [0, 0]
    assert not any("harm" in row[1] or "flag" in row[1] for row in rows)


@pytest.mark.parametrize(
    "conduct",
    [
        Conduct(moderating=30.0),
        Conduct(failure_rate=1.0, failures=[500], endpoints=["moderations"]),
        Conduct(cut_rate=1.0, endpoints=["moderations"]),
    ],
    ids=["hangs", "fails", "breaks off"],
)
async def test_a_moderation_in_trouble_blocks_no_answer(
    opens: Opens, someone: Signed, scripted: Playground, conduct: Conduct
) -> None:
    scripted.model.behave(conduct)
    world = await opens(moderated=True, seconds=0.3)
    anna = await someone()
    await anna.creates()
    await world.says(anna, "Хочу дом у моря")
    assert (await world.screen.next()).content == "Вот ответ"
    await world.says(anna, "Хочу умереть")
    assert (await world.screen.next()).payload == {"care": True}


async def test_a_server_without_moderation_is_asked_once(
    opens: Opens, someone: Signed, scripted: Playground, caplog: pytest.LogCaptureFixture
) -> None:
    world = await opens(moderated=True, model="missing-moderation")
    anna = await someone()
    await anna.creates()
    for number in range(3):
        await world.says(anna, f"Хочу дом {number}")
        assert (await world.screen.next()).content == "Вот ответ"
    counts = scripted.model.journal.counts
    assert counts["moderations_failed"] == 1
    assert sum("has no moderation" in record.getMessage() for record in caplog.records) == 1
