"""What the doctor asks Telegram, and what it makes of the answers: on the playground's server."""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot
from aiohttp import web

from bot.doctor import diagnose
from bot.doctor.setup import check_settings
from bot.doctor.telegram import TelegramChecks
from bot.playground import Playground
from bot.settings import Settings
from bot.telegram import build_bot
from core import Clock, Verdict
from tests.unit.model_ground import ground

__all__ = ["ground"]

TOKEN = "4242:of-the-telegram-test"


def settings(folder: Path, **given: Any) -> Settings:
    told = {"bot_token": TOKEN, "openai_api_key": "any", "admin_ids": "1", **given}
    return Settings(_env_file=None, data_dir=folder, **told)  # type: ignore[call-arg]


@asynccontextmanager
async def bot_of(given: Settings) -> AsyncIterator[Bot]:
    bot = build_bot(given.bot_token.get_secret_value(), given.telegram_api_url, 2)
    try:
        yield bot
    finally:
        await bot.session.close()


async def asked(given: Settings, clock: Clock | None = None) -> tuple[Verdict, Verdict | None]:
    """About the token; and about updates, if that was answered."""
    async with bot_of(given) as bot:
        checks = TelegramChecks(given, bot, clock or Clock())
        token = await checks.token()
        return token, await checks.updates() if token.status == "ok" else None


async def updates(given: Settings) -> Verdict:
    token, verdict = await asked(given)
    assert token.status == "ok"
    assert verdict
    return verdict


async def test_a_known_token_and_polling(ground: Playground, tmp_path: Path) -> None:
    clock = Clock()
    token, verdict = await asked(settings(tmp_path, telegram_api_url=ground.telegram_url), clock)
    assert token.status == "ok"
    assert "(4242)" in token.found
    assert verdict == Verdict("ok", "by polling, none waiting")
    assert "Telegram" in (await clock.check()).found
    assert "getUpdates" not in ground.world.journal.calls


@pytest.mark.parametrize("status", [401, 404])
async def test_a_token_that_telegram_does_not_know(
    ground: Playground, tmp_path: Path, status: int
) -> None:
    found = await refused(ground, tmp_path, status)
    assert found.status == "failed"
    assert "BotFather" in found.advice
    assert TOKEN not in str(found)


@pytest.mark.parametrize(("status", "verdict"), [(429, "warning"), (500, "failed")])
async def test_a_telegram_in_trouble(
    ground: Playground, tmp_path: Path, status: int, verdict: str
) -> None:
    found = await refused(ground, tmp_path, status)
    assert (found.status, bool(found.advice)) == (verdict, True)


async def refused(ground: Playground, folder: Path, status: int) -> Verdict:
    faults = [{"method": "getMe", "status": status, "retry_after": 30}]
    given = settings(folder, telegram_api_url=ground.telegram_url)
    async with bot_of(given) as bot:
        url = f"{ground.url}/sim/faults"
        session: Any = await bot.session.create_session()  # type: ignore[attr-defined]
        async with session.post(url, json={"faults": faults}) as answer:
            assert answer.status == 200
    return (await asked(given))[0]


async def test_nobody_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}"
    token, _ = await asked(settings(tmp_path, telegram_api_url=url))
    assert token.status == "failed"
    assert "TELEGRAM_API_URL" in token.advice
    assert TOKEN not in str(token)


async def set_webhook(given: Settings, url: str) -> None:
    async with bot_of(given) as bot:
        await bot.set_webhook(url)


async def test_a_webhook_takes_updates_away_from_polling(
    ground: Playground, tmp_path: Path
) -> None:
    given = settings(tmp_path, telegram_api_url=ground.telegram_url)
    await set_webhook(given, "http://127.0.0.1:9/secret-path")
    verdict = await updates(given)
    assert verdict.status == "failed"
    assert "127.0.0.1:9" in verdict.found
    assert "secret-path" not in verdict.found
    assert "webhook --delete" in verdict.advice


async def test_our_webhook_somebody_elses_and_none(ground: Playground, tmp_path: Path) -> None:
    ours = "http://127.0.0.1:9/ours"
    given = settings(tmp_path, telegram_api_url=ground.telegram_url, webhook_url=ours)
    none = await updates(given)
    assert none.status == "failed"
    assert "no webhook is set" in none.found

    await set_webhook(given, ours)
    assert await updates(given) == Verdict("ok", "by webhook to 127.0.0.1:9, none waiting")

    await set_webhook(given, "http://127.0.0.1:9/another")
    assert "another address of 127.0.0.1:9" in (await updates(given)).found
    await set_webhook(given, "http://localhost:9/another")
    assert "the webhook is at localhost:9, not WEBHOOK_URL" in (await updates(given)).found


@pytest.mark.parametrize(
    ("minutes", "pending", "status"), [(5, 3, "failed"), (5, 0, "warning"), (500, 0, "ok")]
)
async def test_errors_of_delivery_count_while_they_are_fresh(
    tmp_path: Path, minutes: int, pending: int, status: str
) -> None:
    ours = "http://127.0.0.1:9/ours"
    told = {"url": ours, "has_custom_certificate": False, "pending_update_count": pending}
    async with telegram_that_tells(told, minutes) as url:
        verdict = await updates(settings(tmp_path, telegram_api_url=url, webhook_url=ours))
    assert verdict.status == status
    assert ("Connection refused" in verdict.found) == (status != "ok")
    assert (f"{pending} updates wait" in verdict.found) == bool(pending)


async def test_many_updates_that_nobody_takes(tmp_path: Path) -> None:
    told = {"url": "", "has_custom_certificate": False, "pending_update_count": 250}
    async with telegram_that_tells(told, 500) as url:
        verdict = await updates(settings(tmp_path, telegram_api_url=url))
    assert verdict == Verdict("warning", "by polling, 250 are waiting", "Is the bot running?")


@asynccontextmanager
async def telegram_that_tells(webhook: dict[str, Any], minutes: int) -> AsyncIterator[str]:
    """With an error of so many minutes ago."""
    error = {
        "last_error_date": int(time.time()) - 60 * minutes,
        "last_error_message": "Connection refused",
    }

    async def answer(request: web.Request) -> web.Response:
        me = {"id": 4242, "is_bot": True, "first_name": "Bot", "username": "a_bot"}
        told = me if request.path.endswith("/getMe") else webhook | error
        return web.json_response({"ok": True, "result": told})

    async with serving(answer) as url:
        yield url


@asynccontextmanager
async def serving(
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_clock_that_telegram_contradicts(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(headers={"Date": "Fri, 20 Nov 2020 10:00:00 GMT"}, status=404)

    clock = Clock()
    async with serving(answer) as url:
        await asked(settings(tmp_path, telegram_api_url=url), clock)
    verdict = await clock.check()
    assert verdict.status == "failed"
    assert "ahead of that of Telegram" in verdict.found


async def test_on_the_playground_it_says_so_and_looks_at_the_rest(tmp_path: Path) -> None:
    given = settings(tmp_path, bot_token="", openai_api_key="")
    found = {result.name: result async for result in diagnose(given, None)}
    assert "playground" in found["Telegram"].found
    assert found["file store"].status == found["disk space"].status == "ok"
    unasked = ("updates", "database", "model", "cheap model", "hearing", "clock")
    assert {found[name].status for name in unasked} == {"skipped"}
    assert "failed" not in {result.status for result in found.values()}


async def test_settings_that_could_be_better(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    assert (await check_settings(settings(tmp_path), env)).status == "ok"
    nobody = await check_settings(settings(tmp_path, admin_ids=""), env)
    assert (nobody.status, "ADMIN_IDS" in nobody.advice) == ("warning", True)
    closed = await check_settings(settings(tmp_path, admin_ids="", access_mode="list"), env)
    assert "ACCESS_MODE=list and nobody to let people in" in closed.found
    env.write_text("BOT_TOKEN=…")
    env.chmod(0o644)
    assert "chmod 600" in (await check_settings(settings(tmp_path), env)).advice
    env.chmod(0o600)
    assert (await check_settings(settings(tmp_path), env)).status == "ok"
