"""The voice of an answer: made when it is about to be sent, kept, never paid for twice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from dataclasses import replace

from core.database import Database
from core.database.patience import patiently
from core.dialogue.deliveries import read_delivery
from core.dialogue.delivery import Delivery
from core.errors import CoreError, Filtered
from core.files import FileStore
from core.llm import ChatMessage, Done, Model
from core.llm.prompts import prompt
from core.llm.retrying import Deadlines, repeated
from core.speech import SPOKEN_CHARACTERS, Speaking, Spoken
from core.speech.wording import spoken_text
from core.tokenscount import call_model_and_log_tokens, speak_and_log

log = logging.getLogger(__name__)

VOICE_BYTES = 10_000_000
DEADLINES = Deadlines(first_token=20, gap=10, total=40, tries=2)
"""The text has arrived already: a voice that comes much later says nothing new."""

SHORT_TOKENS = 400

SPOKEN_AT_ONCE = 16
"""More of them wait here, where their deadlines don't run yet."""


class Voices:
    """`summing` is the model that says long answers shortly."""

    def __init__(
        self,
        db: Database,
        store: FileStore,
        speaking: Speaking,
        model: Model,
        *,
        summing: str,
    ) -> None:
        self._db = db
        self._store = store
        self._speaking = speaking
        self._model = model
        self._summing = summing
        self._room = asyncio.Semaphore(SPOKEN_AT_ONCE)

    async def voiced(self, delivery: Delivery) -> Delivery | None:
        """The delivery with its sound; None where there will be no voice. Does not raise."""
        if delivery.attachment is not None or delivery.vision_id is None:
            return delivery
        try:
            async with self._room:
                return await self._voiced(delivery, delivery.vision_id)
        except CoreError as error:
            log.warning("delivery %d stays without a voice: %s", delivery.id, error)
            return None

    async def _voiced(self, delivery: Delivery, vision_id: str) -> Delivery:
        text = delivery.content
        if delivery.payload.get("speak") == "shortly":
            text = await self._shortly(delivery, text)
        text = text[:SPOKEN_CHARACTERS]
        spoken = await self._spoken(delivery, text)
        blob = await self._store.put(vision_id, _once(spoken.ogg), limit=VOICE_BYTES)
        seconds = None if spoken.seconds is None else round(spoken.seconds)
        kept = {
            "path": blob.path,
            "mime": "audio/ogg",
            "size": blob.size,
            "meta": {"kind": "voice", "name": "voice.ogg", "seconds": seconds, "made": True},
        }
        voice = {"id": delivery.id, "lease": delivery.lease, "content": text, "file": kept}
        row = await patiently("keep_voice", lambda: self._db.call("keep_voice", **voice))
        return read_delivery(row["delivery"])

    async def _spoken(self, delivery: Delivery, text: str) -> Spoken:
        async def call(attempt: int, seconds: float) -> Spoken:
            return await speak_and_log(
                db=self._db,
                client=self._speaking,
                clientid=delivery.user_id,
                clienttype="user",
                text=text,
                language=delivery.language,
                meta=_meta(delivery, "speaking"),
                attempt=attempt,
                seconds=seconds,
            )

        return await repeated(call, DEADLINES)

    async def _shortly(self, delivery: Delivery, text: str) -> str:
        messages = [
            ChatMessage("system", prompt("say_shortly", delivery.language)),
            ChatMessage("user", text),
        ]

        async def call(attempt: int, seconds: float) -> Done:
            return await call_model_and_log_tokens(
                db=self._db,
                client=self._model,
                clientid=delivery.user_id,
                clienttype="user",
                provider=self._model.provider,
                model=self._summing,
                messages=messages,
                meta=_meta(delivery, "summing up"),
                effort="none",
                max_output_tokens=SHORT_TOKENS,
                attempt=attempt,
                deadlines=replace(DEADLINES, first_token=DEADLINES.total),
                seconds=seconds,
            )

        done = await repeated(call, DEADLINES)
        if not (aloud := spoken_text(done.text)):
            raise Filtered("nothing to say is left")
        return aloud


async def _once(data: bytes) -> AsyncGenerator[bytes, None]:
    yield data


def _meta(delivery: Delivery, purpose: str) -> dict[str, str | None]:
    return {"module": "vision", "visionid": delivery.vision_id, "purpose": purpose}
