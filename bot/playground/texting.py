"""Text of a message from the parameters of a call: parsed, checked, trimmed, measured."""

from __future__ import annotations

from bot.playground.entities import check_entities, check_url, merge_found, trim
from bot.playground.html_text import parse_html, utf16
from bot.playground.params import Params
from bot.playground.refusals import Refusal, bad_request
from bot.playground.shapes import Json

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
RAW_LIMIT = 1 << 15


def read_text(
    params: Params, name: str = "text", entities: str = "entities"
) -> tuple[str, list[Json]]:
    """A non-empty `parse_mode` makes Telegram ignore the entities, and so it does here."""
    raw = params.text(name)
    if len(raw) * 4 > RAW_LIMIT and len(raw.encode("utf-8", "surrogatepass")) > RAW_LIMIT:
        raise bad_request("text is too long")
    mode = params.text("parse_mode").lower()
    if mode == "html":
        text, given = parse_html(raw)
        given = [e for e in given if e["type"] != "text_link" or _fits(e["url"])]
    elif mode in {"markdown", "markdownv2"}:
        raise bad_request("can't parse entities: this playground reads HTML and entities only")
    elif mode and mode != "none":
        raise bad_request("unsupported parse_mode")
    else:
        text = raw
        sent = params.parsed(entities)
        given = check_entities(text, sent) if sent else []
    text, given = trim(text, given)
    return text, merge_found(text, given)


def read_message_text(params: Params) -> tuple[str, list[Json]]:
    if not params.text("text"):
        raise bad_request("message text is empty")
    text, entities = read_text(params)
    if not text:
        raise bad_request("text must be non-empty")
    if utf16(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return text, entities


def read_caption(params: Params) -> tuple[str, list[Json]]:
    text, entities = read_text(params, "caption", "caption_entities")
    if utf16(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return text, entities


def _fits(url: str) -> bool:
    try:
        check_url(url, "URL")
    except Refusal:
        return False
    return True
