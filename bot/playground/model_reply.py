"""What the scripted model decides to do with a request: say prepared words, or call a tool."""

from __future__ import annotations

import zlib

import orjson

from bot.playground.model_answer import Call
from bot.playground.model_arguments import tool_arguments
from bot.playground.model_asked import Asked
from bot.playground.model_pictures import description
from bot.playground.model_schema import structured_answer
from bot.playground.model_words import Reply, has_mood, reply_to, wanted_format
from bot.playground.shapes import as_list, as_object
from bot.playground.words import words

MAKES_FILES = "create_document"
FAILED = ("error", '{"error"', "no file")


def reply(asked: Asked) -> Reply:
    language = asked.language
    if asked.pictures and not has_mood(asked.text):
        seen = description(asked.pictures, language)
        if asked.schema is not None:
            return Reply(structured_answer(asked.schema, seen), "")
        return Reply(seen, "")
    if asked.schema is not None:
        return Reply(structured_answer(asked.schema, asked.text), "")
    if asked.results:
        outcome = "not_made" if _failed(asked.results[-1]) else "made"
        prepared: list[str] = words(language)[outcome]
        return Reply(
            prepared[zlib.crc32(asked.text.encode("utf-8", "replace")) % len(prepared)], ""
        )
    return reply_to(asked.text, asked.turn)


def calls_wanted(asked: Asked) -> list[Call]:
    """A file is made when the person asks for one; any tool when the request demands it."""
    if not asked.tools or asked.choice == "none" or asked.results or asked.schema is not None:
        return []
    wanted = wanted_format(asked.text)
    name = asked.choice
    if name == "auto":
        if wanted is None or MAKES_FILES not in asked.tools or has_mood(asked.text):
            return []
        name = MAKES_FILES
    elif name == "required":
        name = MAKES_FILES if MAKES_FILES in asked.tools else next(iter(asked.tools))
    kind = (wanted or "md") if name == MAKES_FILES else ""
    return [Call(name, tool_arguments(asked.tools[name], kind, asked.language))]


def scripted_calls(scripted: object) -> list[Call]:
    """Calls a test has written: one object or a list of them, `arguments` as text or as JSON."""
    calls: list[Call] = []
    for item in as_list(scripted) or [scripted]:
        call = as_object(item) or {}
        arguments = call.get("arguments", {})
        written = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
        calls.append(Call(str(call.get("name", MAKES_FILES)), written))
    return calls


def _failed(result: str) -> bool:
    return result.lstrip().lower().startswith(FAILED)
