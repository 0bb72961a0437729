"""Where Telegram sends updates to, and what it shows to prove that it is Telegram."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

from bot.settings import Settings
from core import Misconfigured

PATH = "/telegram"
OWN_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
TELEGRAM_PORTS = frozenset({443, 80, 88, 8443})


@dataclass(frozen=True, slots=True)
class Address:
    url: str
    secret: str

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.url).path)

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


def address_of(settings: Settings) -> Address:
    """Raises `Misconfigured`."""
    return address(
        settings.webhook_url,
        settings.webhook_secret.get_secret_value(),
        settings.bot_token.get_secret_value(),
        own_server=bool(settings.telegram_api_url),
    )


def address(url: str, secret: str, token: str, *, own_server: bool) -> Address:
    """`own_server`: a Bot API server of one's own, which accepts any port and plain http.

    Without a `secret` one is made of the token, the same in all processes. Raises `Misconfigured`.
    """
    if not url:
        raise Misconfigured("WEBHOOK_URL is not set: give the public https address of this bot")
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise Misconfigured("WEBHOOK_URL has no proper port") from None
    if not own_server:
        if parts.scheme != "https":
            raise Misconfigured("WEBHOOK_URL must begin with https://")
        if port not in TELEGRAM_PORTS:
            raise Misconfigured("WEBHOOK_URL: Telegram knows the ports 443, 80, 88 and 8443 alone")
    path = parts.path if parts.path.strip("/") else PATH
    if path in OWN_PATHS:
        raise Misconfigured(f"WEBHOOK_URL: {path} has another meaning here, choose another path")
    return Address(
        urlunsplit((parts.scheme, parts.netloc, path, parts.query, "")), secret or _made_of(token)
    )


def _made_of(token: str) -> str:
    digest = hmac.digest(token.encode(), b"webhook secret", hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
