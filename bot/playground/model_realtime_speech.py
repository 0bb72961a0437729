"""One spoken answer of a realtime session, event by event."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.playground.model_asked import count_tokens
from bot.playground.model_conduct import ScriptedModel
from bot.playground.model_http import described
from bot.playground.model_refusals import CutOff, ModelRefusal
from bot.playground.model_wire import new_id
from bot.playground.shapes import Json
from bot.playground.tones import RATE, seconds_for, tone

ENDPOINT = "realtime"
PIECE = RATE * 2 // 5
PAUSE = 0.01
TOKENS_PER_SECOND = 20
SESSION_TOKENS = 40


class Send(Protocol):
    async def __call__(self, kind: str, **content: Any) -> None: ...


@dataclass(slots=True)
class Speech:
    text: str
    model: str
    voice: str
    speed: float
    send: Send
    id: str = field(default_factory=lambda: new_id("resp"))
    item_id: str = field(default_factory=lambda: new_id("item"))

    async def give(self, model: ScriptedModel, failure: ModelRefusal | None) -> None:
        """One counted call. Raises `CutOff` where it is to break off in the middle."""
        model.journal.enter()
        model.journal.note_sound(
            ENDPOINT, {"model": self.model, "voice": self.voice, "input": self.text}
        )
        outcome = "stopped"
        try:
            await self.send("response.created", response=self._snapshot("in_progress"))
            if failure:
                outcome = "failed"
                await self._fail(failure)
                return
            cut = False
            try:
                await model.think(ENDPOINT, model.conduct.first_token, model.conduct.speaking)
            except CutOff:
                cut = True
            outcome = "cut" if cut else outcome
            await self._speak(model.conduct.total, cut=cut)
            outcome = "done"
        finally:
            model.journal.leave(ENDPOINT, outcome)

    async def _speak(self, total: float | None, *, cut: bool) -> None:
        seconds = seconds_for(self.text, self.speed)
        sound = await tone(seconds, "pcm")
        pieces = [sound[at : at + PIECE] for at in range(0, len(sound), PIECE)]
        pause = PAUSE if total is None else total / len(pieces)
        place = {"response_id": self.id, "output_index": 0}
        await self.send("response.output_item.added", **place, item=self._item("in_progress"))
        place |= {"item_id": self.item_id, "content_index": 0}
        part = {"type": "audio", "transcript": ""}
        await self.send("response.content_part.added", **place, part=part)
        for number, piece in enumerate(pieces):
            if cut and number == len(pieces) // 2:
                raise CutOff
            words = self._words_of(number, len(pieces))
            await self.send("response.output_audio_transcript.delta", **place, delta=words)
            delta = b64encode(piece).decode()
            await self.send("response.output_audio.delta", **place, delta=delta)
            await asyncio.sleep(pause)
        await self.send("response.output_audio.done", **place)
        await self.send("response.output_audio_transcript.done", **place, transcript=self.text)
        part = {"type": "audio", "transcript": self.text}
        await self.send("response.content_part.done", **place, part=part)
        item = self._item("completed")
        await self.send("response.output_item.done", response_id=self.id, output_index=0, item=item)
        response = self._snapshot("completed") | {"output": [item], "usage": self._usage(seconds)}
        await self.send("response.done", response=response)

    async def _fail(self, failure: ModelRefusal) -> None:
        response = self._snapshot("failed")
        response["status_details"] = {"type": "failed", "error": described(failure)}
        await self.send("response.done", response=response)

    def _words_of(self, number: int, pieces: int) -> str:
        length = len(self.text)
        return self.text[length * number // pieces : length * (number + 1) // pieces]

    def _item(self, status: str) -> Json:
        content = [{"type": "output_audio", "transcript": self.text}]
        return {
            "id": self.item_id,
            "object": "realtime.item",
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": content if status == "completed" else [],
        }

    def _snapshot(self, status: str) -> Json:
        return {
            "id": self.id,
            "object": "realtime.response",
            "status": status,
            "status_details": None,
            "output": [],
            "output_modalities": ["audio"],
            "audio": {
                "output": {"format": {"type": "audio/pcm", "rate": RATE}, "voice": self.voice}
            },
            "usage": None,
            "metadata": None,
        }

    def _usage(self, seconds: float) -> Json:
        asked = count_tokens(self.text) + SESSION_TOKENS
        said, heard = count_tokens(self.text), round(seconds * TOKENS_PER_SECOND)
        return {
            "input_tokens": asked,
            "output_tokens": said + heard,
            "total_tokens": asked + said + heard,
            "input_token_details": {"text_tokens": asked, "audio_tokens": 0, "cached_tokens": 0},
            "output_token_details": {"text_tokens": said, "audio_tokens": heard},
        }
