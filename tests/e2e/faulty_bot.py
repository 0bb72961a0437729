"""The bot with faults of its own making: errors of foreign libraries that quote what people say."""

from __future__ import annotations

import asyncio
import gc
import sys
from typing import Any

from core.dialogue.companion import DialogueCompanion
from core.dialogue.messages import Dialogue


def quoting(words: str) -> Exception:
    """Nobody's own error, with a cause and a note that quote as well."""
    error = ValueError(f"can't take {words}")
    error.__cause__ = KeyError(words)
    error.add_note(f"it was about {words}")
    return ExceptionGroup(f"all of {words}", [error])


async def _unheard(words: str) -> None:
    raise RuntimeError(words)


def break_in() -> None:
    receive, answer = Dialogue.receive, DialogueCompanion.answer

    async def receive_or_break(self: Dialogue, user_id: str, **arguments: Any) -> Any:
        content = arguments.get("content", "")
        if "падай в приёме" in content:
            asyncio.get_running_loop().create_task(_unheard(content))
            await asyncio.sleep(0)
            gc.collect()
            raise quoting(content)
        return await receive(self, user_id, **arguments)

    async def answer_or_break(self: DialogueCompanion, turn: Any, *rest: Any) -> Any:
        words = " ".join(said.content for said in turn.unanswered)
        if "падай в ответе" in words:
            raise quoting(words)
        return await answer(self, turn, *rest)

    Dialogue.receive = receive_or_break  # type: ignore[method-assign]
    DialogueCompanion.answer = answer_or_break  # type: ignore[method-assign]


if __name__ == "__main__":
    from bot.__main__ import main

    break_in()
    sys.exit(main())
