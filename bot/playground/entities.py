"""Entities of a text: checking those a bot sends, finding those every client would see."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from bot.playground.html_text import utf16
from bot.playground.refusals import bad_request
from bot.playground.shapes import Json, as_list, as_object

TYPES = frozenset(
    [
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "text_mention",
        "custom_emoji",
        "date_time",
    ]
)
FOUND_BY_CLIENTS = frozenset(
    ["mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"]
)
NEEDED = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}
SCHEMES = {"http", "https", "tg", "ton", "tonsite", "mailto", "tel"}
MOST = 100

_SEEN = re.compile(
    r"(?P<url>\bhttps?://[^\s<>\"]*[^\s<>\".,:;!?)\]}»])"
    r"|(?P<email>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b)"
    r"|(?<![\w/@<])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?![\w/@])"
    r"|(?<![\w@])(?P<mention>@[A-Za-z][A-Za-z0-9_]{3,31})\b"
    r"|(?<![\w#&])(?P<hashtag>#\w*[^\W\d]\w*)"
)


def find_entities(text: str) -> list[Json]:
    """Commands, links, mentions, hashtags: what a client marks by itself."""
    if not any(mark in text for mark in "/@#"):
        return []
    found: list[Json] = []
    narrow = text.isascii()
    for match in _SEEN.finditer(text):
        start, end = match.span()
        offset = start if narrow else utf16(text[:start])
        length = end - start if narrow else utf16(match[0])
        found.append({"type": match.lastgroup, "offset": offset, "length": length})
    return found


def check_entities(text: str, sent: Any) -> list[Json]:
    """The entities as Telegram would keep them; refuses those that don't fit the text."""
    given = as_list(sent)
    if given is None:
        raise bad_request("can't parse entities: expected an Array of MessageEntity")
    total = utf16(text)
    kept: list[Json] = []
    for item in given:
        entity = _entity(item)
        if entity is None:
            raise bad_request("can't parse MessageEntity: expected an Object")
        if entity["type"] in FOUND_BY_CLIENTS or not entity["length"]:
            continue
        start, end = entity["offset"], entity["offset"] + entity["length"]
        if end > total:
            raise bad_request(
                f"entity beginning at UTF-16 offset {start} ends after the end of the text "
                f"at UTF-16 offset {total}"
            )
        if not text.isascii() and (_inside_pair(text, start) or _inside_pair(text, end)):
            raise bad_request(
                f"entity beginning at UTF-16 offset {start} begins or ends "
                "in a middle of a UTF-16 symbol"
            )
        if entity["type"] == "text_link":
            check_url(entity["url"], "entity URL")
        kept.append(entity)
    return sorted(kept, key=lambda e: (e["offset"], -e["length"]))[:MOST]


def check_url(url: object, what: str) -> None:
    """A link must be absolute, or at least begin with a host name that has a dot."""
    if not isinstance(url, str) or not _is_link(url):
        raise bad_request(f"{what} '{url}' is invalid: Wrong HTTP URL")


def merge_found(text: str, given: list[Json]) -> list[Json]:
    """Add what clients find, except inside code and links the bot has set."""
    found = find_entities(text)
    if not found:
        return given
    closed = [
        (e["offset"], e["offset"] + e["length"])
        for e in given
        if e["type"] in {"code", "pre", "text_link", "text_mention"}
    ]
    free = [
        e
        for e in found
        if not any(e["offset"] < end and start < e["offset"] + e["length"] for start, end in closed)
    ]
    return sorted([*given, *free], key=lambda e: (e["offset"], -e["length"])) if free else given


def trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Cut white space at both ends, as Telegram does, and move the entities along."""
    if not text or not (text[0].isspace() or text[-1].isspace()):
        return text, entities
    shift = utf16(text[: len(text) - len(text.lstrip())])
    text = text.strip()
    total = utf16(text)
    moved: list[Json] = []
    for entity in entities:
        start = max(0, entity["offset"] - shift)
        end = min(total, entity["offset"] + entity["length"] - shift)
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return text, moved


def _entity(item: object) -> Json | None:
    entity = as_object(item)
    if entity is None or not isinstance(entity.get("type"), str):
        return None
    kind: str = entity["type"]
    if kind not in TYPES:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    try:
        offset, length = int(entity["offset"]), int(entity["length"])
    except (KeyError, TypeError, ValueError):
        raise bad_request('can\'t parse MessageEntity: Field "offset" must be a number') from None
    if offset < 0 or length < 0:
        raise bad_request("receive entity with incorrect offset or length")
    if (needed := NEEDED.get(kind)) and not entity.get(needed):
        raise bad_request(f"can't parse MessageEntity: can't find field \"{needed}\"")
    return {**entity, "offset": offset, "length": length}


def _inside_pair(text: str, offset: int) -> bool:
    raw = text.encode("utf-16-le", "surrogatepass")[offset * 2 : offset * 2 + 2]
    return len(raw) == 2 and 0xDC <= raw[1] <= 0xDF


def _is_link(url: str) -> bool:
    if " " in url or url.startswith(("/", "#")):
        return False
    try:
        parts = urlsplit(url if "://" in url or url.startswith(("mailto:", "tel:")) else f"//{url}")
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme.lower() in {"", "http", "https"}:
        return "." in host or host == "localhost"
    return parts.scheme.lower() in SCHEMES
