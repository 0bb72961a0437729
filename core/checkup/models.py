"""The models: known to their servers, not about to end, and answering."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from time import monotonic
from typing import Any

from core.checkup import Verdict, fine, warning
from core.checkup.model_listing import look_up
from core.checkup.parts import Parts
from core.checkup.roles import Role
from core.checkup.shutdowns import SOON_DAYS, Shutdown, shutdown_of
from core.llm.answering import Deadlines
from core.llm.client import open_model
from core.llm.failures import CallFailed
from core.llm.prompts import prompt
from core.tokenscount import call_model_and_log_tokens

ANSWER_SECONDS = 9.0
CLIENT: Mapping[str, Any] = {"clientid": "doctor", "clienttype": "operator"}
META: Mapping[str, Any] = {"module": "checkup", "purpose": "doctor"}

_MOST_TOKENS = 2000
"""A word costs a few; this is for a model that would think for ever."""
_SHOWN = 30


async def check_known(parts: Parts, role: Role) -> Verdict:
    """Whether the server has the model, and for how long."""
    connection = role.connection(ANSWER_SECONDS)
    try:
        listing = await look_up(connection, role.model)
    except CallFailed as error:
        return role.trouble(error)
    finally:
        await connection.close()
    parts.clock.note_date(role.host, listing.date, listing.sent)
    if listing.known is False:
        return role.no_such_model(listing.close)
    end = shutdown_of(role.model, connection.provider, listing.shutdown)
    where = f"{role.model} at {role.host}"
    if listing.known is None:
        where += ", which keeps no list of models"
    if end is None:
        return fine(where)
    return _ending(role, where, end)


async def check_answer(parts: Parts, role: Role) -> Verdict:
    """A one-word answer, asked for as the bot asks."""
    settings = parts.settings
    model = open_model(
        api=settings.llm_api, api_key=role.key, base_url=role.base_url, connections=1
    )
    cheap = role.setting == "LLM_MODEL_CHEAP"
    began = monotonic()
    try:
        done = await call_model_and_log_tokens(
            db=parts.ledger,
            client=model,
            **CLIENT,
            provider=model.provider,
            model=role.model,
            messages=[{"role": "user", "content": prompt("checkup", "en")}],
            meta=META,
            effort="none" if cheap else settings.llm_effort or None,
            max_output_tokens=_MOST_TOKENS,
            deadlines=Deadlines(ANSWER_SECONDS, ANSWER_SECONDS, ANSWER_SECONDS),
        )
    except CallFailed as error:
        return role.trouble(error)
    finally:
        await model.close()
    return fine(f"{role.model} says {quoted(done.text)} after {monotonic() - began:.1f} s")


def quoted(text: str) -> str:
    """The beginning of it, in one line."""
    return f"«{textwrap.shorten(text, _SHOWN, placeholder='…')}»"


def _ending(role: Role, where: str, end: Shutdown) -> Verdict:
    days = end.days()
    instead = f" to another, such as {end.instead}" if end.instead else " to another"
    if days < 0:
        return warning(
            f"{where} was to end on {end.on}", f"Set {role.setting}{instead}: it may go any day."
        )
    if days <= SOON_DAYS:
        return warning(
            f"{where} ends on {end.on}, in {days} days", f"Set {role.setting}{instead} before then."
        )
    return fine(f"{where} ends on {end.on}")
