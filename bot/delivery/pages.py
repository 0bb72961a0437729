"""Long text → pages that break where a reader would take a breath."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from bot.delivery.rich import BLOCKS, Rich, Span

_PARAGRAPH = re.compile(r"(\n\n+)")
_LINE = re.compile(r"(\n+)")
_SENTENCE = re.compile(r"[.!?…][»”\")\]]*(\s+)")
_WORD = re.compile(r"(\s+)")

_BREAKS: tuple[tuple[re.Pattern[str], float, str], ...] = (
    (_PARAGRAPH, 0.4, "all"),
    (_LINE, 0.4, "all"),
    (_LINE, 0.3, "inline"),
    (_SENTENCE, 0.25, "inline"),
    (_WORD, 0.1, "inline"),
    (_WORD, 0.1, "none"),
)
"""Where to break, best first: the pattern, how full the page must be, which spans to keep whole."""

_CLUSTER = 256
_JOINER = "\u200d"


def units(text: str) -> int:
    """Length as Telegram counts it, in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) >> 1


def paginate(rich: Rich, limit: int, max_spans: int) -> Iterator[Rich]:
    """Pages of at most `limit` UTF-16 units and `max_spans` spans, blank edges trimmed.

    A span that has to be broken goes on on the next page.
    """
    text, spans, starts = rich.text, rich.spans, [span.start for span in rich.spans]
    begin = 0
    carried: list[Span] = []
    while begin < len(text):
        end = begin + _fitting(text, begin, limit)
        room = max(1, max_spans - len(carried))
        first = bisect_left(starts, begin)
        if first + room < len(starts) and begin < starts[first + room] < end:
            end = starts[first + room]
            whole = False
        else:
            whole = end == len(text)
        near = [*carried, *spans[first : bisect_left(starts, end)]]
        if not whole:
            end = _break(rich, begin, end, near)
        inside = [span for span in near if span.start < end]
        yield excerpt(text, begin, end, inside)
        carried = [span for span in inside if span.end > end]
        begin = end


def _fitting(text: str, begin: int, limit: int) -> int:
    """How many characters from `begin` on fit, at least one."""
    chunk = text[begin : begin + limit]
    if units(chunk) <= limit:
        return len(chunk)
    data = chunk.encode("utf-16-le")[: limit * 2]
    return max(1, len(data.decode("utf-16-le", errors="ignore")))


def _break(rich: Rich, begin: int, end: int, near: Sequence[Span]) -> int:
    text = rich.text
    for pattern, fill, keep in _BREAKS:
        kept = [span for span in near if keep == "all" or (keep == "inline" and _inline(span))]
        least = begin + int((end - begin) * fill)
        found = [match.start(1) for match in pattern.finditer(text, begin, min(end + 1, len(text)))]
        for place in reversed(found):
            if place <= max(begin, least):
                break
            leads_on = place in rich.headings or text[place - 1] == ":"
            if place <= end and not (keep == "all" and leads_on) and not _cuts(kept, place):
                return place
    return _between_characters(text, begin, end)


def _inline(span: Span) -> bool:
    return span.kind not in BLOCKS


def _cuts(spans: Sequence[Span], place: int) -> bool:
    return any(span.start < place < span.end for span in spans)


def _between_characters(text: str, begin: int, end: int) -> int:
    """Step back so that no letter loses its marks and no emoji falls apart."""
    for place in range(end, max(begin, end - _CLUSTER), -1):
        if place == len(text) or not _joined(text, place):
            return place
    return end


def _joined(text: str, place: int) -> bool:
    before, after = text[place - 1], text[place]
    if _JOINER in (before, after) or "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    if "\U000e0020" <= after <= "\U000e007f" or unicodedata.category(after) in {"Mn", "Me", "Mc"}:
        return True
    if not (_is_flag_half(before) and _is_flag_half(after)):
        return False
    halves = 0
    while halves < place and _is_flag_half(text[place - 1 - halves]):
        halves += 1
    return halves % 2 == 1


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def excerpt(text: str, begin: int, end: int, spans: Sequence[Span]) -> Rich:
    """`text[begin:end]` without blank edges, with what is left of the spans."""
    while end > begin and text[end - 1].isspace():
        end -= 1
    while begin < end and text[begin].isspace():
        in_code = any(s.kind == "pre" and s.start <= begin < s.end for s in spans)
        if text[begin] != "\n" and in_code:
            break
        begin += 1
    clipped = (
        Span(s.kind, max(s.start, begin) - begin, min(s.end, end) - begin, s.extra) for s in spans
    )
    return Rich(text[begin:end], tuple(span for span in clipped if span.start < span.end))
