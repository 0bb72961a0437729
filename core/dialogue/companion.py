"""The companion of the dialogue: a turn becomes a prompt, the model's words become its answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from core.database import Database
from core.dialogue.prompt import companion_messages
from core.dialogue.turn import Turn
from core.llm import Done, Model
from core.llm.answering import Answer, Deadlines, answer
from core.tokenscount import call_model_and_log_tokens
from core.users.zones import local_time, zone_of


class DialogueCompanion:
    """`effort` as the operator set it; empty is not sent at all. `history` is the number of
    earlier messages that turns are claimed with."""

    def __init__(
        self,
        db: Database,
        model: Model,
        *,
        name: str,
        effort: str,
        history: int,
        deadlines: Deadlines,
    ) -> None:
        self._db = db
        self._model = model
        self._name = name
        self._effort = effort or None
        self._history = history
        self._deadlines = deadlines

    async def answer(self, turn: Turn, show: Callable[[str], None]) -> Answer:
        messages = companion_messages(
            language=turn.language,
            name=turn.name,
            local_time=local_time(zone_of(turn.timezone, turn.language)),
            vision_title=turn.title,
            vision_created=turn.vision_created_at,
            history=turn.history,
            unanswered=turn.unanswered,
            history_limit=self._history,
            omitted_characters=turn.omitted_characters,
        )

        async def call(on_text: Callable[[str], None], attempt: int, seconds: float) -> Done:
            return await call_model_and_log_tokens(
                db=self._db,
                client=self._model,
                clientid=turn.user_id,
                clienttype="user",
                provider=self._model.provider,
                model=self._name,
                messages=messages,
                meta={"module": "vision", "visionid": turn.vision_id, "purpose": "dialogue"},
                on_text=on_text,
                effort=self._effort,
                safety_id=hashlib.sha256(f"vision:{turn.user_id}".encode()).hexdigest(),
                attempt=attempt,
                deadlines=self._deadlines,
                seconds=seconds,
            )

        return await answer(call, self._deadlines, on_text=show)
