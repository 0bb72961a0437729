"""Which addresses of the model's making become links."""

from __future__ import annotations

from urllib.parse import urlsplit

SCHEMES = frozenset({"http", "https", "tg", "mailto"})


def is_safe_link(url: str) -> bool:
    """Whether Telegram takes it and a person may be led there: absolute, of a known scheme."""
    if len(url) > 2048 or any(char.isspace() or not char.isprintable() for char in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme not in SCHEMES:
        return False
    return bool(parts.netloc if parts.scheme in {"http", "https"} else parts.netloc or parts.path)
