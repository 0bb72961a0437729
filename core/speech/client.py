"""The choice of the way to speak to a speech server."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

from core.errors import Misconfigured
from core.speech.realtime import RealtimeVoice
from core.speech.speaking import SpeechEndpoint

if TYPE_CHECKING:
    import httpx2

log = logging.getLogger(__name__)


def open_speaking(
    *,
    api: Literal["auto", "speech", "realtime"] = "auto",
    api_key: str | None,
    base_url: str | None = None,
    model: str,
    voice: str,
    connections: int = 8,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> SpeechEndpoint | RealtimeVoice:
    """A `Speaking` over OpenAI, or over the compatible server at `base_url`.

    `auto` is realtime for OpenAI's realtime models, and the speech endpoint for everything else.
    Costs nothing until the first text; raises `Misconfigured` where the settings can't work.
    """
    if not model:
        raise Misconfigured("TTS_MODEL is needed to speak")
    if not voice:
        raise Misconfigured("TTS_VOICE is needed to speak")
    endpoint = SpeechEndpoint(
        api_key=api_key,
        base_url=base_url,
        model=model,
        voice=voice,
        connections=connections,
        transport=transport,
    )
    at_openai = endpoint.provider == "openai"
    is_realtime = "realtime" in model
    if api == "realtime" or (api == "auto" and at_openai and is_realtime):
        if at_openai and not is_realtime:
            raise Misconfigured(f"TTS_API=realtime can't work: {model} is no realtime model")
        return RealtimeVoice(api_key=api_key, base_url=base_url, model=model, voice=voice)
    if at_openai and is_realtime:
        raise Misconfigured(f"TTS_API=speech can't work: {model} needs TTS_API=realtime")
    if at_openai:
        log.warning("OpenAI ends the speech endpoint on 2027-01-06: set a realtime TTS_MODEL")
    return endpoint
