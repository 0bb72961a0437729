"""After a storm: what was said, what the store holds, what people got, and in which order."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.e2e.killing import Store

STEP = re.compile(r"шаг (\d+)")

_SAID = """
    select a.telegram_id, m.content from public.vision_messages m
    join public.visions v on v.id = m.vision_id
    join public.telegram_accounts a on a.user_id = v.user_id
    where m.sender = 'user' order by m.vision_id, m.anchor
"""
_ANSWERS = """
    select a.telegram_id, m.content from public.vision_messages m
    join public.visions v on v.id = m.vision_id
    join public.telegram_accounts a on a.user_id = v.user_id
    where m.sender = 'assistant' and m.type = 'text' order by m.vision_id, m.anchor, m.part
"""
_KEPT = """
    select update_id, lane, attempts, holder, round(extract(epoch from now() - created_at)) as age,
           round(extract(epoch from run_at - now())) as held_for, failed_at is not null as failed
    from public.kept_updates order by update_id limit 10
"""
_FIGURES = {
    "visions": "select count(*) from public.visions",
    "notices": "select count(*) from public.vision_messages where sender = 'system'",
    "token rows": "select count(*) from public.tokenscount",
}


@dataclass(frozen=True, slots=True)
class Reckoning:
    """`wrong` is what must not be, by what it is; `repeated` are sends beyond one for an answer."""

    messages: int
    answers: int
    repeated: int
    figures: dict[str, int]
    wrong: dict[str, list[Any]]


async def reckon(
    store: Store, said: Mapping[int, Sequence[str]], sent: Iterable[Mapping[str, Any]]
) -> Reckoning:
    """`said`: what each person wrote, in order; `sent`: all messages of the bot, in order.

    The model quotes what it answers, so an answer is known by the first step it names.
    """
    wrong = await store.wrong()
    if kept := await store.rows(_KEPT):
        wrong["an update is still kept"] = kept
    kept = _by_chat(await store.rows(_SAID))
    stored = {
        chat: [step(text) for text in texts]
        for chat, texts in _by_chat(await store.rows(_ANSWERS)).items()
    }
    came: dict[int, list[int]] = defaultdict(list)
    for entry in sent:
        if found := STEP.search(entry["text"]):
            came[entry["chat"]].append(int(found[1]))
    _look(wrong, "lost or out of order on the way in", said, kept)
    first = {chat: list(dict.fromkeys(steps)) for chat, steps in came.items()}
    _look(wrong, "lost or out of order on the way out", stored, first)
    repeated = sum((Counter(came[chat]) - Counter(first[chat])).total() for chat in came)
    return Reckoning(
        messages=sum(map(len, said.values())),
        answers=sum(map(len, stored.values())),
        repeated=repeated,
        figures={name: (await store.rows(query))[0][0] for name, query in _FIGURES.items()},
        wrong=wrong,
    )


def step(text: str) -> int:
    found = STEP.search(text)
    assert found, f"an answer to nothing: {text[:200]}"
    return int(found[1])


def _by_chat(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[str]]:
    grouped: dict[int, list[str]] = defaultdict(list)
    for chat, text in rows:
        grouped[chat].append(text)
    return grouped


def _look(
    wrong: dict[str, list[Any]],
    what: str,
    expected: Mapping[int, Sequence[Any]],
    found: Mapping[int, Sequence[Any]],
) -> None:
    differing = [
        (chat, list(expected.get(chat, [])), list(found.get(chat, [])))
        for chat in sorted(set(expected) | set(found))
        if list(expected.get(chat, [])) != list(found.get(chat, []))
    ]
    if differing:
        wrong[what] = differing[:5]
