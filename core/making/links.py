"""Which addresses in a document become links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

_SCHEMES = frozenset({"http", "https", "mailto", "tel", "tg"})
_BARE = re.compile(r"https?://[^\s<>\"'«»`|]+")
_TAIL = ".,;:!?)]}*_…"


def safe_url(url: str) -> str | None:
    """The address, if a person may be led there: absolute, of a known scheme, without tricks."""
    if len(url) > 2000 or any(char.isspace() or not char.isprintable() for char in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in _SCHEMES or not (parts.netloc or parts.path):
        return None
    return url if parts.netloc or parts.scheme not in {"http", "https"} else None


def bare_urls(text: str) -> Iterator[tuple[str, str | None]]:
    """The text in pieces, each with its address if it is one."""
    end = 0
    for match in _BARE.finditer(text):
        url = match[0].rstrip(_TAIL)
        if match[0][len(url) : len(url) + 1] == ")" and url.count("(") > url.count(")"):
            url += ")"
        if safe_url(url):
            yield text[end : match.start()], None
            yield url, url
            end = match.start() + len(url)
    yield text[end:], None
