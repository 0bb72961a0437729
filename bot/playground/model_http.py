"""What every address of the scripted model has in common: keys, errors, counting of calls."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

from bot.playground.bot_api import drop
from bot.playground.model_conduct import ScriptedModel
from bot.playground.model_refusals import CutOff, ModelRefusal
from bot.playground.shapes import Json

KINDS = {401: "invalid_request_error", 429: "requests", 500: "server_error", 503: "server_error"}


async def serve(
    model: ScriptedModel,
    endpoint: str,
    request: web.Request,
    work: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> web.StreamResponse:
    """Run `work` as one counted call of `endpoint`. A key that begins with `bad` is refused."""
    journal = model.journal
    journal.enter()
    outcome = "stopped"
    try:
        authorize(request)
        response = await work(request)
        outcome = "done"
        return response
    except ModelRefusal as refusal:
        outcome = "failed"
        return refuse(refusal)
    except CutOff:
        outcome = "cut"
        return drop(request)
    except ConnectionError:
        return web.Response()
    finally:
        journal.leave(endpoint, outcome)


def authorize(request: web.Request) -> None:
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not key:
        raise ModelRefusal(401, "You didn't provide an API key.")
    if key.startswith("bad"):
        raise ModelRefusal(401, "Incorrect API key provided.", code="invalid_api_key")


def check_model(name: str) -> None:
    """A model whose name begins with `missing` is one that is gone."""
    if name.startswith("missing"):
        raise ModelRefusal(
            404, f"The model '{name}' does not exist", param="model", code="model_not_found"
        )


def reply_headers() -> dict[str, str]:
    return {"x-request-id": f"req_{secrets.token_hex(16)}", "Cache-Control": "no-cache"}


def reply(content: Json, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        body=orjson.dumps(content),
        status=status,
        content_type="application/json",
        headers=reply_headers() | (headers or {}),
    )


def refuse(refusal: ModelRefusal) -> web.Response:
    after = refusal.retry_after
    headers = {} if after is None else {"Retry-After": str(after)}
    return reply({"error": described(refusal)}, refusal.status, headers)


def described(refusal: ModelRefusal) -> Json:
    return {
        "message": str(refusal),
        "type": KINDS.get(refusal.status, "invalid_request_error"),
        "param": refusal.param,
        "code": refusal.code,
    }
