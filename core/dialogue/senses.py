"""How a file becomes words: sound is heard, a picture looked at, a document read."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from core.database import Database
from core.dialogue.incoming import IncomingFile
from core.dialogue.prompt import TITLE_CHARACTERS, quoted, shortened
from core.dialogue.retelling import Retelling
from core.dialogue.turn import Turn
from core.errors import Filtered, ModelRejected
from core.llm import ChatMessage, Done, Model, Picture
from core.llm.failures import CallFailed
from core.llm.prompts import filled
from core.llm.retrying import Deadlines, repeated
from core.reading import Reader, Unreadable
from core.reading.kinds import treatment
from core.speech import Hearing
from core.speech.failures import TOO_LARGE
from core.speech.names import sound_name
from core.tokenscount import call_model_and_log_tokens, hear_and_log

log = logging.getLogger(__name__)

T = TypeVar("T")

FILES_CHARACTERS = 12_000
SHORTEST_CHARACTERS = 600
"""What is told of a turn's pictures and documents shares the first, and none gets less than the
second: it must not crowd out the dialogue, nor the person's own words."""

CHARACTERS_PER_WORD = 7
MOST_WORDS = 200

HEARING_SECONDS = 30.0
"""What one try of hearing may take, besides half the length of the recording."""

HEARING_TRIES = 3

DESCRIPTION_TOKENS = 1_500
NAME_CHARACTERS = 200
CAPTION_CHARACTERS = 1_024

LISTENERS = ("ru", "en")


@dataclass(frozen=True, slots=True)
class Sensed:
    """`said` are the words for the dialogue; None where there are none, and `state` says why."""

    state: str
    said: str | None = None


class Senses:
    """`hearing` None: nothing is set up to hear with. `sight` and `retelling` are models."""

    def __init__(
        self,
        db: Database,
        model: Model,
        reader: Reader,
        hearing: Hearing | None,
        *,
        sight: str,
        effort: str | None,
        retelling: str,
        deadlines: Deadlines,
        longest_seconds: float,
        trouble: Callable[[ModelRejected], None],
    ) -> None:
        self._db = db
        self._model = model
        self._retell = Retelling(self._ask_cheaply)
        self._reader = reader
        self._hearing = hearing
        self._sight = sight
        self._effort = effort
        self._cheap = retelling
        # The first sign of life of these calls is the whole answer.
        self._deadlines = replace(deadlines, first_token=deadlines.total / 3)
        self._longest_seconds = longest_seconds
        self._trouble = trouble

    async def sense(self, turn: Turn, file: IncomingFile, path: Path) -> Sensed:
        """Raises `ModelDown`, and `ModelRejected` for what an operator must mend first."""
        try:
            match treatment(file.kind, file.mime, file.name):
                case "hear":
                    return await self._hear(turn, file, path)
                case "look":
                    return await self._look(turn, file, path)
                case "read":
                    return await self._read(turn, file, path)
        except Unreadable as unreadable:
            return Sensed(unreadable.reason)
        except Filtered:
            return Sensed("filtered")

    async def _hear(self, turn: Turn, file: IncomingFile, path: Path) -> Sensed:
        hearing = self._hearing
        if hearing is None:
            return Sensed("deaf")
        if (file.seconds or 0) > self._longest_seconds:
            return Sensed("too_long")
        others = [language for language in LISTENERS if language != turn.language]

        # An hour of speech takes its time; a server that hangs must not take as much.
        patience = HEARING_SECONDS + (file.seconds or 0) / 2
        tries = min(self._deadlines.tries, HEARING_TRIES)
        deadlines = replace(self._deadlines, total=tries * patience, tries=tries)

        async def call(attempt: int, seconds: float):
            return await hear_and_log(
                db=self._db,
                client=hearing,
                clientid=turn.user_id,
                clienttype="user",
                sound=path,
                name=sound_name(file.name, file.mime, file.kind),
                languages=[turn.language, *others],
                seconds_hint=file.seconds,
                meta=_meta(turn, "hearing"),
                attempt=attempt,
                seconds=min(seconds, patience),
            )

        heard = await self._asked(repeated(call, deadlines), "deaf")
        if isinstance(heard, Sensed):
            return heard
        return Sensed("ok", heard.text) if heard.text else Sensed("unclear")

    async def _look(self, turn: Turn, file: IncomingFile, path: Path) -> Sensed:
        picture = await self._reader.picture(path)
        share = _share(turn)
        instruction = filled(
            "look",
            turn.language,
            words=str(min(MOST_WORDS, share // CHARACTERS_PER_WORD)),
            vision_title=quoted(turn.title, TITLE_CHARACTERS),
            caption=quoted(file.caption, CAPTION_CHARACTERS) if file.caption else None,
        )
        messages = [
            ChatMessage("system", instruction),
            ChatMessage("user", file.caption or "…", pictures=(Picture(picture.data),)),
        ]
        asked = self._ask(turn, self._sight, self._effort, messages, "looking")
        done = await self._asked(asked, "blind")
        if isinstance(done, Sensed):
            return done
        text = shortened(done.text.strip(), share)
        said = filled(
            "picture",
            turn.language,
            name=quoted_name(file),
            photo="" if file.kind == "photo" else None,
            picture=None if file.kind == "photo" else "",
            text=text,
            fence=_fence(),
        )
        return Sensed("ok", said)

    async def _read(self, turn: Turn, file: IncomingFile, path: Path) -> Sensed:
        document = await self._reader.document(path, file.name, file.mime)
        share, name = _share(turn), quoted_name(file)
        text, whole = document.text.strip(), document.whole
        retold = len(text) > share
        if retold:
            try:
                text, every = await self._retell(turn, name, text, share)
                whole = whole and every
            except ModelRejected as rejected:
                if rejected.kind not in ("model", "request"):
                    raise
                self._trouble(rejected)
                text, retold, whole = text[:share], False, False
        said = filled(
            "document",
            turn.language,
            name=name,
            parts=str(document.parts) if document.parts else None,
            cut=None if whole else "",
            retold="" if retold else None,
            text=text,
            fence=_fence(),
        )
        return Sensed("ok" if whole else "cut", said)

    async def _ask_cheaply(self, turn: Turn, messages: list[ChatMessage]) -> Done:
        return await self._ask(turn, self._cheap, "none", messages, "retelling")

    async def _ask(
        self, turn: Turn, model: str, effort: str | None, messages: list[ChatMessage], purpose: str
    ) -> Done:
        async def call(attempt: int, seconds: float) -> Done:
            return await call_model_and_log_tokens(
                db=self._db,
                client=self._model,
                clientid=turn.user_id,
                clienttype="user",
                provider=self._model.provider,
                model=model,
                messages=messages,
                meta=_meta(turn, purpose),
                effort=effort,
                max_output_tokens=DESCRIPTION_TOKENS,
                attempt=attempt,
                deadlines=self._deadlines,
                seconds=seconds,
            )

        done = await repeated(call, self._deadlines)
        if not done.text.strip():
            raise Filtered("the server's content filter left nothing")
        return done

    async def _asked(self, call: Awaitable[T], without: str) -> T | Sensed:
        """The answer; or why there is none for this file, where others may still have one."""
        try:
            return await call
        except ModelRejected as rejected:
            cause = rejected.__cause__
            code = cause.code if isinstance(cause, CallFailed) else ""
            if rejected.kind == "model" or code == "pictures":
                # The operator's to mend; the talk can go on.
                self._trouble(rejected)
                return Sensed(without)
            if code == TOO_LARGE:
                return Sensed("too_long")
            if rejected.kind == "request":
                log.info("a file was refused by its model: %s", code)
                return Sensed("broken")
            raise


def _fence() -> str:
    """Nobody can write a file that ends it, since nobody knows it beforehand."""
    return secrets.token_hex(4)


def _share(turn: Turn) -> int:
    return max(SHORTEST_CHARACTERS, FILES_CHARACTERS // max(1, len(turn.files)))


def quoted_name(file: IncomingFile) -> str:
    return quoted(file.name, NAME_CHARACTERS) if file.name else ""


def _meta(turn: Turn, purpose: str) -> dict[str, str]:
    return {"module": "vision", "visionid": turn.vision_id, "purpose": purpose}
