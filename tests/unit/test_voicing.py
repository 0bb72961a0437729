"""Voices of many answers at once: none is lost because the line to the server is busy."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from core.dialogue import voicing
from core.dialogue.voicing import Voices
from core.files.local import LocalFiles
from core.llm import Model
from core.speech import Spoken
from tests.unit.test_outbox import SIMPLE

VISION = "6f1c2a52-0d3f-4f0e-9c0a-0f5b7d1f2a11"
VOICE = replace(SIMPLE, type="audio", sender="system", content="Привет", vision_id=VISION)


class Database:
    async def call(self, function: str, **arguments: Any) -> Any:
        if function != "keep_voice":
            return {}
        sound = {"file_id": "f", "kind": "voice", "name": "voice.ogg", "telegram_id": None}
        told = {name: getattr(VOICE, name) for name in VOICE.__slots__}
        about = arguments["file"]
        file = sound | about["meta"] | {name: about[name] for name in ("path", "mime", "size")}
        return {"delivery": told | {"id": arguments["id"], "file": file, "sent": []}}


class Mouth:
    provider, model, voice = "test", "mouth", "v"

    def __init__(self) -> None:
        self.speaking = self.most = 0

    async def speak(self, text: str, language: str) -> Spoken:
        self.speaking += 1
        self.most = max(self.most, self.speaking)
        await asyncio.sleep(0.01)
        self.speaking -= 1
        return Spoken(b"OggS", 1.0, None, "mouth", None)

    async def close(self) -> None: ...


async def test_more_voices_than_connections_wait_for_their_turn(tmp_path: Path) -> None:
    store = LocalFiles(tmp_path)
    await store.open()
    mouth = Mouth()
    voices = Voices(cast("Any", Database()), store, mouth, cast("Model", None), summing="cheap")
    made = await asyncio.gather(*(voices.voiced(replace(VOICE, id=n)) for n in range(40)))
    assert all(delivery and delivery.attachment for delivery in made)
    assert 1 < mouth.most <= voicing.SPOKEN_AT_ONCE
