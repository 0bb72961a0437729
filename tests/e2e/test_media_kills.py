"""Voices, pictures and files under kills: nothing is lost, nothing is heard or looked at twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.killing import Store, come_and_create, kill_now_and_then, settle, unmarked
from tests.processes import Ground, bot_process
from tests.samples import photo, voice_note

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(420)]

PEOPLE = 60
MESSAGES = 240
KILLS = 8
DATABASE_KILLS = (3,)
SENDS = "sendMessage,sendDocument,sendVoice"

UNREAD = """
    select m.id::text from public.vision_messages m,
      jsonb_array_elements(m.payload -> 'files') as file
    where m.sender = 'user' and file ->> 'state' is distinct from 'ok'
"""
KINDS = """
    select m.type, count(*) from public.vision_messages m
    where m.sender <> 'user' group by 1
"""
RECEIPTS = """
    select a.telegram_id, unnest(d.receipts) from public.deliveries d
    join public.telegram_accounts a on a.user_id = d.user_id
"""


async def talk(here: Ground, people: list[int], chance: random.Random) -> dict[str, int]:
    """Everybody speaks, shows, sends and asks for files; each thing is sent once."""
    kinds: dict[str, Callable[[int, int], Any]] = {
        "voice": lambda person, n: here.sends(person, "v.ogg", voice_note(n), kind="voice"),
        "photo": lambda person, n: here.sends(person, "p.jpg", photo(n), kind="photo"),
        "document": lambda person, n: here.sends(person, "план.txt", f"Шаг {n}".encode()),
        "wish": lambda person, n: here.says(person, f"Сделай план файлом, номер {n}"),
        "text": lambda person, n: here.says(person, f"шаг {n}"),
    }
    sent = dict.fromkeys(kinds, 0)
    for number in range(MESSAGES):
        kind = chance.choice(list(kinds))
        await kinds[kind](chance.choice(people), number)
        sent[kind] += 1
        await asyncio.sleep(0.08)
    return sent


async def test_kills_with_media_in_the_mix(
    here: Ground, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(20261120)
    await here.post("model", reset=True, first_token=0.2, total=0.6)
    bot = bot_process(here, data, TTS_MODEL="tts-1")
    await bot.start()
    try:
        await here.until_polled()
        people = await come_and_create(here, PEOPLE)
        await asyncio.sleep(1)
        finished = asyncio.Event()
        killing = asyncio.ensure_future(
            kill_now_and_then(bot, data, here, chance, finished, KILLS, DATABASE_KILLS)
        )
        sent = await talk(here, people, chance)
        finished.set()
        kills = await killing
        store = Store(data)
        await settle(here, store, bot, 150)

        [(kept,)] = await store.rows(
            "select count(*) from public.vision_messages where sender = 'user'"
        )
        assert kept == MESSAGES
        assert await store.rows(UNREAD) == []
        paths = await store.rows("select storage_path, size from public.files")
        for path, size in paths:
            assert (data / "files" / "kept" / path).stat().st_size == size
        stored = dict(await store.rows(KINDS))
        assert stored["file_result"] >= 1
        assert stored["audio"] >= 1

        receipts = set(await store.rows(RECEIPTS))
        arrived = await here.sent(methods=SENDS)
        assert receipts <= {(entry["chat"], entry["message_id"]) for entry in arrived}
        replies = sum("Расскажи, о чём эта визия" in entry["text"] for entry in arrived)
        twice = len(arrived) - replies - len(receipts)
        model = await here.get("model", last=0)
        heard, seen = model["heard"], model["seen"]
        assert (len(heard), len(seen)) == (sent["voice"], sent["photo"])
        again = sum(heard.values()) - len(heard) + sum(seen.values()) - len(seen)
        with capsys.disabled():
            print(
                f"\nmedia: {sent}, {len(kills)} kills, stored {stored}, {twice} sends repeated,"
                f" {again} readings repeated, model {model['counts']}"
            )
        assert again <= len(kills)
        assert twice <= unmarked(arrived, kills)
        assert await bot.terminate() == 0
    finally:
        await bot.kill()
