"""What the scripted model was asked and what it finished, for tests that count what is paid."""

from __future__ import annotations

import hashlib
from collections import Counter, OrderedDict, deque
from collections.abc import Sequence
from typing import Any

from bot.playground.shapes import Json, as_list, as_object

MOST_KNOWN = 10_000
LONGEST_SHOWN = 2_000
ANSWERS = "requests"


class ModelJournal:
    """`counts` has one name per endpoint (`requests` are answers), and how those calls ended:
    `done`, `failed`, `cut` and `stopped` for answers, `transcriptions_done` and so on for others.

    `heard` tells how often each sound, by the SHA-256 of its file, was transcribed to the end, and
    `seen` how often an answer about each picture was given to the end. `pictures` and `tools`
    count pictures looked at and tools called in such answers.
    """

    def __init__(self, size: int) -> None:
        self.counts: Counter[str] = Counter()
        self.heard: OrderedDict[str, int] = OrderedDict()
        self.seen: OrderedDict[str, int] = OrderedDict()
        self.in_flight = 0
        self.most_in_flight = 0
        self._bodies: deque[Json] = deque(maxlen=size)
        self._sounds: deque[Json] = deque(maxlen=size)

    def resize(self, size: int) -> None:
        self._bodies = deque(self._bodies, maxlen=size)
        self._sounds = deque(self._sounds, maxlen=size)

    def enter(self) -> None:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def leave(self, endpoint: str, outcome: str) -> None:
        """`outcome` is done, cut, failed or stopped (the caller went away)."""
        self.in_flight -= 1
        self.counts[outcome if endpoint == ANSWERS else f"{endpoint}_{outcome}"] += 1

    def note_answer(self, body: Json) -> None:
        self.counts[ANSWERS] += 1
        self._bodies.append({name: _without_data(value) for name, value in body.items()})

    def note_sound(self, endpoint: str, asked: Json) -> None:
        self.counts[endpoint] += 1
        self._sounds.append({"endpoint": endpoint, **asked})

    def count_heard(self, digest: str) -> None:
        _count(self.heard, digest)

    def count_finished(self, calls: int, pictures: Sequence[str]) -> None:
        """An answer that was given to the end: its calls of tools, the hashes of its pictures."""
        for name, count in (("tools", calls), ("pictures", len(pictures))):
            if count:
                self.counts[name] += count
        for digest in pictures:
            _count(self.seen, digest)

    def shown(self, last: int) -> Json:
        return {
            "counts": dict(self.counts),
            "in_flight": self.in_flight,
            "most_in_flight": self.most_in_flight,
            "heard": dict(self.heard),
            "seen": dict(self.seen),
            "requests": list(self._bodies)[-last:] if last > 0 else [],
            "sounds": list(self._sounds)[-last:] if last > 0 else [],
        }

    def clear(self) -> None:
        self.counts.clear()
        self.heard.clear()
        self.seen.clear()
        self._bodies.clear()
        self._sounds.clear()
        self.most_in_flight = self.in_flight


def _count(counts: OrderedDict[str, int], digest: str) -> None:
    counts[digest] = counts.get(digest, 0) + 1
    counts.move_to_end(digest)
    if len(counts) > MOST_KNOWN:
        counts.popitem(last=False)


def _without_data(value: Any) -> Any:
    """Pictures of megabytes give way to their length and hash: a hundred bodies are kept."""
    if isinstance(value, str):
        if len(value) > LONGEST_SHOWN and value.startswith("data:"):
            digest = hashlib.sha256(value.encode()).hexdigest()
            return f"{value[:40]}… {len(value)} characters, sha256 {digest}"
        return value
    if (items := as_list(value)) is not None:
        return [_without_data(item) for item in items]
    if (fields := as_object(value)) is not None:
        return {name: _without_data(item) for name, item in fields.items()}
    return value
