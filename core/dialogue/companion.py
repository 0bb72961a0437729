"""The companion of the dialogue: a turn becomes a prompt, the model's words become its answer."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence

from core.database import Database
from core.dialogue.crafting import TOO_MANY, Crafting, Files, KeptFile
from core.dialogue.front import Front, Preview
from core.dialogue.preparing import Preparation
from core.dialogue.prompt import companion_messages
from core.dialogue.replying import Reply
from core.dialogue.turn import Turn
from core.errors import ModelDown, ModelError
from core.llm import ChatMessage, Done, Model, Tool
from core.llm.answering import Answer, answer
from core.llm.retrying import Deadlines
from core.observing import lasting
from core.tokenscount import call_model_and_log_tokens
from core.users.zones import local_time, zone_of

log = logging.getLogger(__name__)

ROUNDS = 4
"""Calls of the model for one answer; in the last one it has no tools left."""

CALLS_PER_ROUND = 3


class DialogueCompanion:
    """`effort` as the operator set it; empty is not sent at all. `history` is the number of
    earlier messages that turns are claimed with."""

    def __init__(
        self,
        db: Database,
        model: Model,
        preparation: Preparation,
        crafting: Crafting,
        *,
        name: str,
        effort: str,
        history: int,
        deadlines: Deadlines,
    ) -> None:
        self._db = db
        self._model = model
        self._preparation = preparation
        self._crafting = crafting
        self._name = name
        self._effort = effort or None
        self._history = history
        self._deadlines = deadlines

    async def prepare(self, turn: Turn, front: Front, preview: Preview) -> bool:
        return await self._preparation.prepare(turn, front, preview)

    async def answer(
        self, turn: Turn, preview: Preview, show: Callable[[str], None], given: list[KeptFile]
    ) -> Reply:
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
            cared=turn.cared,
        )
        tool = self._crafting.tool(turn.language)
        files = self._crafting.begin(turn, given)
        said = ""
        for number in range(ROUNDS):
            tools = (tool,) if number < ROUNDS - 1 else ()
            try:
                reply = await self._call(turn, messages, tools, lambda t, s=said: show(s + t))
            except ModelError as error:
                if not given:
                    raise
                # The file is there; only its last words are missing.
                log.warning("no words came after a file was made: %s", error)
                return Reply(said.strip(), finished=True)
            said += reply.text
            if reply.done is None or not reply.done.tool_calls:
                return Reply(said, finished=reply.finished)
            said = f"{said.rstrip()}\n\n" if said.strip() else ""
            with lasting("making"):
                messages = [*messages, *await self._made(files, preview, reply.done)]
            preview.busy(None)
        if not given and not said.strip():
            raise ModelDown("nothing but calls of tools came")
        return Reply(said.strip(), finished=True)

    async def _made(self, files: Files, preview: Preview, done: Done) -> list[ChatMessage]:
        """The model's calls and what came of them, as its next round reads them."""
        calls = done.tool_calls
        messages = [ChatMessage("assistant", done.text, tool_calls=calls, items=done.items)]
        for number, call in enumerate(calls):
            preview.busy("making", number, len(calls))
            if number < CALLS_PER_ROUND:
                result = await files.run(call)
            else:
                result = TOO_MANY
            messages.append(ChatMessage("tool", result, tool_call_id=call.id))
        return messages

    async def _call(
        self,
        turn: Turn,
        messages: Sequence[ChatMessage],
        tools: Sequence[Tool],
        show: Callable[[str], None],
    ) -> Answer:
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
                tools=tools,
                attempt=attempt,
                deadlines=self._deadlines,
                seconds=seconds,
            )

        return await answer(call, self._deadlines, on_text=show)
