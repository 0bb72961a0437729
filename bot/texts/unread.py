"""What to say of files that could not be taken in: one as a sentence, many as a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.texts import Words
from bot.texts.file_names import label, title, visible

NAMED = 8
"""Of more files than this the rest is counted."""

# For one file, and for several of the same fate.
_STATES = {
    "empty": ("unread-empty", "unread-all-empty"),
    "broken": ("unread-broken", "unread-all-broken"),
    "locked": ("unread-locked", "unread-all-locked"),
    "unsupported": ("unread-unsupported", "unread-all-unsupported"),
    "heavy": ("unread-heavy", "unread-all-heavy"),
    "no_text": ("unread-no-text", "unread-all-no-text"),
    "blank": ("unread-blank", "unread-all-blank"),
    "misnamed": ("unread-misnamed", "unread-all-misnamed"),
    "packed": ("unread-packed", "unread-all-packed"),
    "too_big": ("unread-too-big", "unread-all-too-big"),
    "too_long": ("unread-too-long", "unread-all-too-long"),
    "unclear": ("unread-unclear", "unread-all-unclear"),
    "deaf": ("unread-deaf", "unread-all-deaf"),
    "blind": ("unread-blind", "unread-all-blind"),
    "filtered": ("unread-filtered", "unread-all-filtered"),
    "many": ("unread-many", "unread-all-many"),
    "gone": ("unread-gone", "unread-all-gone"),
    "later": ("unread-later", "unread-all-later"),
}
_UNKNOWN = ("unread-unknown", "unread-all-unknown")

_READABLE = frozenset({
    "csv", "docx", "heic", "heif", "htm", "html", "ics", "jpeg", "jpg", "md", "odp", "ods",
    "odt", "pdf", "png", "pptx", "tsv", "txt", "webp", "xls", "xlsb", "xlsx",
})  # fmt: skip
_MAY_HOLD_PICTURES = frozenset({"docx", "odp", "odt", "pdf", "pptx"})
_PACKED = frozenset({"7z", "bz2", "gz", "rar", "tar", "tgz", "xz", "zip"})

Item = Mapping[str, Any]


def unread(items: Sequence[Item], words: Words) -> str:
    """HTML. `items` are `{"kind", "name", "state"}`."""
    if len(items) == 1:
        [item] = items
        one, _ = _keys(item)
        return words(one, file=title(item, words), kind=item["kind"])
    groups: dict[str, list[Item]] = {}
    for item in items:
        _, several = _keys(item)
        groups.setdefault(several, []).append(item)
    named = max(1, NAMED // len(groups))
    lines = [
        words("unread-line", why=words.plain(why), files=_list(each, named, words))
        for why, each in groups.items()
    ]
    return "\n".join([words("unread-several"), "", *lines])


def cut(items: Sequence[Item], words: Words) -> str:
    """HTML about documents of which only the beginning was read."""
    return words("notice-cut", count=len(items), files=_list(items, NAMED, words))


def _keys(item: Item) -> tuple[str, str]:
    """A name tells more of what went wrong than the state alone."""
    _, _, extension = visible(item["name"] or "").lower().rpartition(".")
    match item["state"]:
        case "no_text" if extension not in _MAY_HOLD_PICTURES:
            state = "blank"
        case "unsupported" if item["kind"] == "document" and extension in _READABLE:
            state = "misnamed"
        case "unsupported" if item["kind"] == "document" and extension in _PACKED:
            state = "packed"
        case told:
            state = told
    return _STATES.get(state, _UNKNOWN)


def _list(items: Iterable[Item], named: int, words: Words) -> str:
    counted = Counter(label(item, words) for item in items)
    shown = [
        file if count == 1 else words.plain("file-times", file=file, count=count)
        for file, count in list(counted.items())[:named]
    ]
    files = ", ".join(shown)
    more = sum(list(counted.values())[named:])
    return words.plain("files-and-more", files=files, count=more) if more else files
