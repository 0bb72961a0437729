"""What happens around every private update: who it is, which question is open, what errors mean."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiogram import BaseMiddleware
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import CallbackQuery, Chat, Message, TelegramObject, User

from bot.handlers.asking import answers_question
from bot.handlers.saying import say
from bot.texts import Texts, Words
from core import DomainError, Forbidden, Gone, NotFound, Person, Profile, Unavailable, Users

log = logging.getLogger(__name__)

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


def profile_of(account: User | Chat) -> Profile:
    return Profile(
        first_name=account.first_name or "",
        last_name=account.last_name or "",
        username=account.username or "",
        language_code=(account.language_code or "") if isinstance(account, User) else "",
    )


def source_key(data: dict[str, Any]) -> str:
    return f"tg:{data['bot'].id}:{data['event_update'].update_id}"


class SignIn(BaseMiddleware):
    """Gives handlers `person`, `words` and `source_key`; updates of other bots end here."""

    def __init__(self, users: Users, texts: Texts) -> None:
        self._users = users
        self._texts = texts

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        account: User | None = data.get("event_from_user")
        if account is None or account.is_bot:
            return None
        key = source_key(data)
        person = await self._users.sign_in(account.id, profile_of(account), key)
        words = self._texts.words(person.language)
        return await handler(event, data | {"person": person, "words": words, "source_key": key})


class Questions(BaseMiddleware):
    """An open question is answered by a plain text; whatever else the person does takes it back."""

    def __init__(self, users: Users) -> None:
        self._users = users

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        person: Person = data["person"]
        asked = person.asked
        if asked and not (isinstance(event, Message) and answers_question(event, asked.about)):
            await self._users.stop_asking(person.user_id)
            data["person"] = dataclasses.replace(person, asked=None)
        return await handler(event, data)


class Refusals(BaseMiddleware):
    """The product's own refusals become words; who has blocked the bot is not written to again.

    Everything else goes on to the intake, which tries again or gives up with an apology.
    """

    def __init__(self, users: Users) -> None:
        self._users = users

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        words: Words = data["words"]
        try:
            try:
                return await handler(event, data)
            except DomainError as error:
                log.info("refused: %s", error.name)
                if error.name == "signed_out":
                    # Bound to another user meanwhile, or forgotten: the next try signs in anew.
                    raise Unavailable(error.name) from error
                if isinstance(event, CallbackQuery):
                    return refusal(error, words)
                if isinstance(event, Message) and (said := _said(error, words)):
                    await say(event, said)
        except TelegramForbiddenError:
            await self._users.set_unreachable(data["event_from_user"].id)
        return None


class Toasts(BaseMiddleware):
    """A press is answered exactly once: with the text its handler returns, or with none.

    When the handler fails the press stays unanswered, for the repeat of the update to answer.
    """

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        result = await handler(event, data)
        if isinstance(event, CallbackQuery) and result is not UNHANDLED:
            # Telegram takes an answer for a few minutes only; the press has had its effect.
            with suppress(TelegramBadRequest):
                await event.answer(result if isinstance(result, str) else None)
        return result


def refusal(error: DomainError, words: Words) -> str | None:
    """What the person's press is answered with. None: with nothing."""
    if error.name == "blocked":
        return None
    if error.name == "not_admitted":
        return words.plain("access-closed-toast")
    if error.name == "leaving":
        return words.plain("access-not-now")
    # Somebody who is no admin has not got such a button.
    if isinstance(error, NotFound | Forbidden):
        return words.plain("stale-button")
    return words.plain("gone") if isinstance(error, Gone) else words.plain("conflict")


def _said(error: DomainError, words: Words) -> str | None:
    match error.name:
        case "blocked":
            return None
        case "not_admitted":
            return words("access-closed")
        case "leaving":
            return words("access-not-now")
        case "not_admin":
            return words("unknown-command")
        case _:
            return words("gone") if isinstance(error, NotFound | Gone) else words("conflict")
