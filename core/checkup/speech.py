"""Hearing and speaking: a word is spoken and heard again, or a tone where nobody speaks."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from core.checkup import Verdict, failed, fine
from core.checkup.models import ANSWER_SECONDS, CLIENT, META, quoted
from core.checkup.parts import Parts
from core.checkup.roles import Role
from core.llm.failures import CallFailed
from core.speech.client import open_speaking
from core.speech.encoding import pcm_to_opus
from core.speech.hearing import ServerHearing
from core.tokenscount import hear_and_log, speak_and_log

WORD = "Hello."

_TONE_SECONDS = 1
_TONE_HERTZ = 220
_RATE = 24_000


async def check_voice(parts: Parts, role: Role) -> Verdict:
    settings = parts.settings
    speaking = open_speaking(
        api=settings.tts_api,
        api_key=role.key,
        base_url=role.base_url,
        model=role.model,
        voice=settings.tts_voice,
        connections=1,
    )
    try:
        spoken = await speak_and_log(
            db=parts.ledger,
            client=speaking,
            **CLIENT,
            text=WORD,
            language="en",
            meta=META,
            seconds=ANSWER_SECONDS,
        )
    except CallFailed as error:
        return role.trouble(error)
    finally:
        await speaking.close()
    parts.spoken = spoken
    length = f", {spoken.seconds:.1f} s of sound" if spoken.seconds else ""
    return fine(f"{role.model} has said «{WORD}»{length}")


async def check_hearing(parts: Parts, role: Role) -> Verdict:
    hearing = ServerHearing(
        api_key=role.key, base_url=role.base_url, model=role.model, connections=1
    )
    ogg = parts.spoken.ogg if parts.spoken else await asyncio.to_thread(_tone)
    try:
        with tempfile.TemporaryDirectory(prefix="vision-path-") as folder:
            sound = Path(folder) / "sound.ogg"
            await asyncio.to_thread(sound.write_bytes, ogg)
            heard = await hear_and_log(
                db=parts.ledger,
                client=hearing,
                **CLIENT,
                sound=sound,
                name=sound.name,
                languages=["en"],
                seconds_hint=_TONE_SECONDS,
                meta=META,
                seconds=ANSWER_SECONDS,
            )
    except CallFailed as error:
        return role.trouble(error)
    except OSError as error:
        return failed(
            f"no sound can be put into the temporary folder: {error.strerror}",
            "Make some space there, or name another folder in TMPDIR.",
        )
    finally:
        await hearing.close()
    what = "the spoken word" if parts.spoken else "a tone"
    return fine(
        f"{role.model} makes of {what} " + (quoted(heard.text) if heard.text else "no words")
    )


def _tone() -> bytes:
    import numpy as np

    at = np.arange(_TONE_SECONDS * _RATE) / _RATE
    wave = 8_000 * np.sin(2 * np.pi * _TONE_HERTZ * at)
    return pcm_to_opus(wave.astype("<i2").tobytes(), _RATE)[0]
