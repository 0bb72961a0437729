"""python -m bot webhook: a process that receives updates by webhook, for workers to answer."""

from __future__ import annotations

import argparse
import asyncio

from bot.cli.starting import start
from bot.intake.address import address_of
from bot.settings import Settings
from core import Misconfigured

HELP = "receives updates by webhook, as many processes as you like"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--delete",
        action="store_true",
        help="take the webhook away at Telegram, so that `python -m bot` can poll again",
    )


def main(settings: Settings, arguments: argparse.Namespace) -> int:
    if arguments.delete:
        asyncio.run(_delete(settings))
        return 0
    if not settings.on_playground:
        # Before the database starts.
        address_of(settings)
    return start(settings, "webhook")


async def _delete(settings: Settings) -> None:
    if settings.on_playground:
        raise Misconfigured("BOT_TOKEN is not set: whose webhook shall go?")
    from urllib.parse import urlsplit

    from aiogram.exceptions import TelegramAPIError, TelegramUnauthorizedError

    from bot.telegram import TOKEN_REFUSED, build_bot

    bot = build_bot(settings.bot_token.get_secret_value(), settings.telegram_api_url or None, 1)
    try:
        url = (await bot.get_webhook_info()).url
        await bot.delete_webhook()
    except TelegramUnauthorizedError:
        raise Misconfigured(TOKEN_REFUSED) from None
    except TelegramAPIError as error:
        raise Misconfigured(f"the webhook can't be deleted now: {error.message}") from None
    finally:
        await bot.session.close()
    if url:
        print(f"the webhook at {urlsplit(url).hostname} is deleted, nothing that waits is lost")
        print("webhook processes that still run set it again within a minute: stop them")
    else:
        print("there is no webhook")
