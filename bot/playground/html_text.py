"""Telegram's HTML: a short list of tags, strict about nesting, becoming text and entities."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.playground.refusals import Refusal, bad_request
from bot.playground.shapes import Json

PLAIN = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
}
OTHERS = {"a", "span", "pre", "code", "blockquote", "tg-emoji"}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)((?:\s[^<>]*?|))(/?)>")
ATTRIBUTE = re.compile(r"""([A-Za-z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
REFERENCE = re.compile(r"&(#[0-9]{1,8}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")


@dataclass(slots=True)
class _Open:
    tag: str
    offset: int
    attributes: dict[str, str]


def utf16(text: str) -> int:
    """Length in UTF-16 units, Telegram's measure of text."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Raises the refusal Telegram gives for an unknown, unclosed or crossed tag."""
    pieces: list[str] = []
    entities: list[Json] = []
    stack: list[_Open] = []
    length = position = 0
    while True:
        at = source.find("<", position)
        piece = unescape(source[position : at if at >= 0 else len(source)])
        pieces.append(piece)
        length += utf16(piece)
        if at < 0:
            break
        tag = TAG.match(source, at)
        if not tag:
            raise _refuse(f"Unclosed start tag at byte offset {_byte(source, at)}")
        position = tag.end()
        name = tag[2].lower()
        if tag[1]:
            _close(stack, entities, name, length, _byte(source, at))
        elif name not in PLAIN and name not in OTHERS:
            raise _refuse(f'Unsupported start tag "{name}" at byte offset {_byte(source, at)}')
        else:
            stack.append(_Open(name, length, _attributes(tag[3])))
            if name == "span" and stack[-1].attributes.get("class") != "tg-spoiler":
                raise _refuse(
                    f'Tag "span" must have class "tg-spoiler" at byte offset {_byte(source, at)}'
                )
    if stack:
        raise _refuse(f'Can\'t find end tag corresponding to start tag "{stack[-1].tag}"')
    text = "".join(pieces)
    for entity in entities:
        if entity["type"] == "text_link" and not entity["url"]:
            start = entity["offset"] * 2
            raw = text.encode("utf-16-le", "surrogatepass")
            entity["url"] = raw[start : start + entity["length"] * 2].decode("utf-16-le", "replace")
    return text, sorted(entities, key=lambda e: (e["offset"], -e["length"]))


def unescape(text: str) -> str:
    """Numbers and the four names Telegram knows; anything else stays as it was written."""
    return REFERENCE.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if not name.startswith("#"):
        return NAMED.get(name, match[0])
    number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    valid = 0 < number < 0x110000 and not 0xD800 <= number < 0xE000
    return chr(number) if valid else match[0]


def _close(stack: list[_Open], found: list[Json], name: str, end: int, at: int) -> None:
    if not stack:
        raise _refuse(f"Unexpected end tag at byte offset {at}")
    start = stack.pop()
    if start.tag != name:
        raise _refuse(
            f'Unmatched end tag at byte offset {at}, expected "</{start.tag}>", found "</{name}>"'
        )
    if end == start.offset:
        return
    place: Json = {"offset": start.offset, "length": end - start.offset}
    if name == "pre" and found and found[-1].get("language") and _same_place(found[-1], place):
        place["language"] = found.pop()["language"]
    found.append(place | _describe(start, stack))


def _describe(tag: _Open, stack: list[_Open]) -> Json:
    name, attributes = tag.tag, tag.attributes
    if kind := PLAIN.get(name):
        return {"type": kind}
    if name == "a":
        return {"type": "text_link", "url": attributes.get("href", "")}
    if name == "blockquote":
        return {"type": "expandable_blockquote" if "expandable" in attributes else "blockquote"}
    if name == "code":
        language = attributes.get("class", "")
        inside = bool(stack) and stack[-1].tag == "pre" and language.startswith("language-")
        return {"type": "code"} | (
            {"language": language.removeprefix("language-")} if inside else {}
        )
    if name == "tg-emoji":
        return {"type": "custom_emoji", "custom_emoji_id": attributes.get("emoji-id", "")}
    return {"type": "spoiler" if name == "span" else name}


def _same_place(one: Json, other: Json) -> bool:
    return one["offset"] == other["offset"] and one["length"] == other["length"]


def _attributes(source: str) -> dict[str, str]:
    return {
        match[1].lower(): unescape(match[2] or match[3] or match[4] or "")
        for match in ATTRIBUTE.finditer(source)
    }


def _byte(source: str, at: int) -> int:
    return len(source[:at].encode("utf-8", "surrogatepass"))


def _refuse(what: str) -> Refusal:
    return bad_request(f"can't parse entities: {what}")
