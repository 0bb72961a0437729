"""What a usual turn tells of itself."""

from __future__ import annotations

from core import CallReport, TurnReport

TURN = TurnReport(
    turn="ab12cd34",
    vision_id="v",
    user_id="u",
    outcome="answered",
    error=None,
    code=None,
    attempt=1,
    messages=1,
    files=0,
    joined=2,
    calls=1,
    rounds=1,
    queued=0.01,
    prepare=None,
    burst=None,
    first_words=0.8,
    model=2.3,
    making=None,
    complete=0.004,
    deliver=0.08,
    own=0.006,
    total=2.4,
    prompt_tokens=10,
    completion_tokens=5,
    cached_tokens=0,
    request_id=None,
    response_id=None,
)
CALL = CallReport(
    purpose="dialogue",
    model="m",
    outcome="ok",
    code=None,
    attempt=1,
    seconds=2.3,
    first_seconds=0.8,
    prompt_tokens=20,
    completion_tokens=5,
    cached_tokens=16,
    reasoning_tokens=0,
    request_id="req_1",
    response_id="resp_1",
)
