"""What speech servers say of a sound they can't use, in stable machine names."""

from __future__ import annotations

import re

from core.llm.failures import CallFailed, failure

BAD_AUDIO = "bad_audio"
"""Not a sound, a broken one, of an unknown format, or too short: the same for every try."""
TOO_LARGE = "too_large"
"""More bytes or minutes than the server or the model takes."""

_BAD = re.compile(
    r"(could not|couldn't|cannot|can't|failed to|unable to|error) (be )?"
    r"(process|decod|read|load|open|convert)"
    r"|(invalid|unsupported|unrecognized|unknown|corrupt\w*|empty) (audio|file|media|sound)"
    r"|(audio|file|media|sound)\b.{0,40}\b(corrupt|invalid|unsupported|not supported|empty)"
    r"|too short|must be one of the following types|conversion failed|no audio",
    re.IGNORECASE,
)
_LARGE = re.compile(
    r"too (large|big|long)|longer than|size limit|maximum (content|file|allowed) (size|length)",
    re.IGNORECASE,
)


def hearing_failure(error: Exception) -> CallFailed:
    """The failure that an exception of a transcription stands for."""
    from openai import APIStatusError

    failed = failure(error)
    status = error.status_code if isinstance(error, APIStatusError) else None
    if status == 413:
        return _renamed(failed, TOO_LARGE)
    if status == 415:
        return _renamed(failed, BAD_AUDIO)
    return about_the_sound(failed) if status in {400, 422} else failed


def about_the_sound(failed: CallFailed) -> CallFailed:
    """The same failure, under its stable name where the server complains of the sound."""
    if failed.rejected in {"quota", "key", "model"}:
        return failed
    complaint = f"{failed.code.replace('_', ' ')} {failed.detail}"
    if _LARGE.search(complaint):
        return _renamed(failed, TOO_LARGE)
    return _renamed(failed, BAD_AUDIO) if _BAD.search(complaint) else failed


def _renamed(failed: CallFailed, code: str) -> CallFailed:
    return CallFailed(
        "failed",
        code,
        failed.detail,
        rejected="request",
        spent=failed.spent,
        usage=failed.usage,
        request_id=failed.request_id,
    )
