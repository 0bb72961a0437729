"""Trouble on demand: refusals and lost answers for chosen methods, and flood control."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.playground.refusals import Refusal, too_many

SENDS = ("sendmessage", "senddocument", "sendphoto", "sendvoice", "sendaudio", "sendvideo",
         "sendsticker", "editmessagetext", "editmessagecaption")  # fmt: skip

DOWNLOAD = "download"
"""Stands for downloads of files, which are no method."""

NAMES = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}


class Dropped(Exception):
    """The connection is closed without an answer; `done` tells whether the work was done."""

    def __init__(self, done: bool) -> None:
        super().__init__("dropped")
        self.done = done


@dataclass(slots=True)
class Fault:
    """`status`: 429, 400, 403, 500 and so on, `drop` (work done, answer lost) or `drop_before`.

    With `count` it strikes that many calls, with `rate` an even share of them, for good.
    `skip` lets that many calls pass first. The method `download` is the handing over of a file.
    """

    method: str
    status: int | str
    count: int | None = None
    rate: float | None = None
    retry_after: int = 1
    description: str = ""
    skip: int = 0
    chat_id: int | None = None
    owed: float = 0.0

    def strikes(self) -> bool:
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.rate is not None:
            self.owed += self.rate
            if self.owed < 1.0:
                return False
            self.owed -= 1.0
            return True
        if self.count is not None:
            self.count -= 1
        return True

    @property
    def used_up(self) -> bool:
        return self.count is not None and self.count <= 0


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()

    def check(self, method: str, chat_id: str) -> Dropped | None:
        """Raises the injected refusal; a returned `Dropped` is to be raised after the work."""
        if not self._faults:
            return None
        for fault in self._faults:
            if fault.method.lower() not in {"*", method}:
                continue
            if fault.chat_id is not None and str(fault.chat_id) != chat_id:
                continue
            if not fault.strikes():
                continue
            if fault.used_up:
                self._faults.remove(fault)
            return _strike(fault)
        return None


def _strike(fault: Fault) -> Dropped:
    if fault.status == "drop":
        return Dropped(done=True)
    if fault.status == "drop_before":
        raise Dropped(done=False)
    code = int(fault.status)
    if code == 429:
        raise too_many(fault.retry_after)
    if code >= 500:
        raise Refusal(code, "Internal Server Error")
    raise Refusal(code, fault.description or f"{NAMES.get(code, 'Bad Request')}: injected")


class FloodControl:
    """About one message a second to a chat and thirty a second in all, with a little slack.

    A bucket refills with time and a refused call costs nothing.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._chats: dict[tuple[int, str], tuple[float, float]] = {}
        self._bots: dict[int, tuple[float, float]] = {}
        self.strict = False

    def check(self, method: str, bot_id: int, chat_id: str) -> None:
        if not self.strict or method not in SENDS:
            return
        now = self._clock()
        chat_left = _left(self._chats.get((bot_id, chat_id)), now, rate=1.0, most=3.0)
        bot_left = _left(self._bots.get(bot_id), now, rate=30.0, most=30.0)
        if chat_left < 1.0:
            raise too_many(max(1, round(3 - chat_left)))
        if bot_left < 1.0:
            raise too_many(1)
        self._chats[bot_id, chat_id] = (chat_left - 1.0, now)
        self._bots[bot_id] = (bot_left - 1.0, now)


def _left(bucket: tuple[float, float] | None, now: float, *, rate: float, most: float) -> float:
    if bucket is None:
        return most
    tokens, since = bucket
    return min(most, tokens + (now - since) * rate)
