"""`/v1/moderations`: asked as OpenAI is asked, answered by conduct and a few known words."""

from __future__ import annotations

import secrets
from typing import Any

from aiohttp import web

from bot.playground.model_conduct import ScriptedModel
from bot.playground.model_http import check_model, reply, serve
from bot.playground.model_refusals import ModelRefusal, invalid, missing, unknown
from bot.playground.shapes import Json, as_list, as_object, parse_object

ENDPOINT = "moderations"
MODEL = "omni-moderation-latest"
CATEGORIES = (
    *("harassment", "harassment/threatening", "hate", "hate/threatening", "illicit"),
    *("illicit/violent", "self-harm", "self-harm/instructions", "self-harm/intent", "sexual"),
    *("sexual/minors", "violence", "violence/graphic"),
)
KNOWN_WORDS = ("незачем просыпаться", "nothing to wake up for")
"""Flagged whatever the conduct, so that it can be tried by hand; in no list of phrases."""


class ModeratingApi:
    def __init__(self, model: ScriptedModel) -> None:
        self._model = model

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/v1/moderations", self.moderate)

    async def moderate(self, request: web.Request) -> web.StreamResponse:
        return await serve(self._model, ENDPOINT, request, self._answer)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = parse_object(await request.read())
        if body is None:
            raise ModelRefusal(400, "We could not parse the JSON body of your request.")
        texts = _checked(body)
        model = self._model
        model.journal.counts[ENDPOINT] += 1
        conduct = model.conduct
        model.fail_if_due(ENDPOINT)
        await model.think(ENDPOINT, 0.0, conduct.moderating)
        results = [_result(self._flagged(text)) for text in texts]
        name = body.get("model") or MODEL
        return reply({"id": f"modr-{secrets.token_hex(12)}", "model": name, "results": results})

    def _flagged(self, text: str) -> frozenset[str]:
        if any(words in text.casefold() for words in KNOWN_WORDS):
            return frozenset({"self-harm", "self-harm/intent"})
        return frozenset(self._model.conduct.flagged)


def _checked(body: Json) -> list[str]:
    for name in body:
        if name not in ("input", "model"):
            raise unknown(name)
    if body.get("model") is not None:
        if not isinstance(body["model"], str):
            raise invalid("model")
        check_model(body["model"])
    asked: Any = body.get("input")
    if not asked:
        raise missing("input")
    return [_text(each) for each in as_list(asked) or [asked]]


def _text(asked: Any) -> str:
    part = as_object(asked)
    text = part.get("text") if part else asked
    if not isinstance(text, str):
        raise invalid("input")
    return text


def _result(flagged: frozenset[str]) -> Json:
    return {
        "flagged": bool(flagged),
        "categories": {name: name in flagged for name in CATEGORIES},
        "category_scores": {name: 0.97 if name in flagged else 0.0003 for name in CATEGORIES},
        "category_applied_input_types": {name: ["text"] for name in CATEGORIES},
    }
