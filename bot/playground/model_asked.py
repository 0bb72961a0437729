"""What a request asks for, read alike from both APIs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.playground.model_contents import check_chat_parts, check_responses_parts, plain
from bot.playground.model_pictures import ShownPicture
from bot.playground.model_requests import check_chat, check_responses, reasons
from bot.playground.model_schema import wanted_schema
from bot.playground.model_tools import pair_chat, pair_responses, read_choice, read_tools
from bot.playground.model_words import language_of, own_words
from bot.playground.shapes import Json, as_list, as_object

LETTERS_PER_TOKEN = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """`text` is the last message of the person, `turn` their number of messages. `pictures` and
    `results` (of tools) came since the last words of the assistant; `limit` is in tokens.
    `reasoning`: the answer begins with a reasoning item. `language` is that of the text, of
    everything else where the text has no letters.
    """

    model: str
    text: str
    turn: int
    prompt_tokens: int
    limit: int | None = None
    schema: Json | None = None
    pictures: tuple[ShownPicture, ...] = ()
    tools: dict[str, Json] = field(default_factory=dict[str, Json])
    choice: str = "auto"
    results: tuple[str, ...] = ()
    reasoning: bool = False
    language: str = "ru"


def read_chat(body: Json) -> Asked:
    messages = check_chat(body)
    pictures = [check_chat_parts(message, f"messages[{at}]") for at, message in enumerate(messages)]
    tools = read_tools(body, nested=True)
    pair_chat(messages)
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    return _asked(body, messages, pictures, tools, limit, 0)


def read_responses(body: Json) -> Asked:
    items = check_responses(body)
    pictures = [
        check_responses_parts(
            item.get("role", "tool"), item.get("content", item.get("output")), f"input[{at}]"
        )
        for at, item in enumerate(items)
    ]
    tools = read_tools(body, nested=False)
    pair_responses(items)
    told = count_tokens(plain(body.get("instructions")))
    return _asked(body, items, pictures, tools, body.get("max_output_tokens"), told)


def count_tokens(text: str) -> int:
    """About three characters make a token in Russian; near enough for a scripted model."""
    return (len(text) + LETTERS_PER_TOKEN - 1) // LETTERS_PER_TOKEN


def _asked(
    body: Json,
    items: Sequence[Json],
    pictures: Sequence[list[ShownPicture]],
    tools: dict[str, Json],
    limit: int | None,
    told: int,
) -> Asked:
    texts = [plain(item.get("content")) for item in items if item.get("role") == "user"]
    last = texts[-1] if texts else ""
    others = [plain(item.get("content")) for item in items if item.get("role") != "user"]
    said_last = max((at for at, item in enumerate(items) if _is_said(item)), default=-1)
    asked_last = max((at for at, item in enumerate(items) if item.get("role") == "user"), default=0)
    weight = sum(
        count_tokens(plain(item.get("content") or item.get("output"))) + 4 for item in items
    )
    effort = body.get("reasoning_effort") or (as_object(body.get("reasoning")) or {}).get("effort")
    return Asked(
        model=body["model"],
        text=last,
        turn=len(texts),
        prompt_tokens=told + weight + sum(p.tokens for shown in pictures for p in shown),
        limit=limit,
        schema=wanted_schema(body),
        pictures=tuple(p for shown in pictures[said_last + 1 :] for p in shown),
        tools=tools,
        choice=read_choice(body, tools),
        results=tuple(_result(item) for item in items[asked_last:] if _is_result(item)),
        reasoning=reasons(body) and effort != "none",
        language=language_of(_lettered(own_words(last), last) or " ".join(texts + others)),
    )


def _lettered(*texts: str) -> str:
    return next((text for text in texts if any(map(str.isalpha, text))), "")


def _is_said(item: Json) -> bool:
    """Words of the assistant, not its calls: pictures stay new through a loop of tools."""
    return item.get("role") == "assistant" and not as_list(item.get("tool_calls"))


def _is_result(item: Json) -> bool:
    return item.get("role") == "tool" or item.get("type") == "function_call_output"


def _result(item: Json) -> str:
    return plain(item.get("content") or item.get("output"))
