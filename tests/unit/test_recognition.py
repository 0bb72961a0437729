"""A token that Telegram refuses is told of, also by a process that receives nothing."""

from __future__ import annotations

import argparse
import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramUnauthorizedError
from pydantic import SecretStr

from bot import recognition as recognition_module
from bot.cli import webhook
from bot.playground import Playground, start_playground
from bot.recognition import Recognition
from bot.settings import Settings
from bot.telegram import build_bot
from core import Background, Misconfigured


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    started = await start_playground()
    started.world.add_bot(7)
    yield started
    await started.close()


@pytest.fixture
async def bot(playground: Playground) -> AsyncIterator[Bot]:
    made = build_bot("7:known", playground.telegram_url, 10)
    yield made
    await made.session.close()


async def refuse(playground: Playground, **fault: object) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{playground.url}/sim/faults", json=fault) as response,
    ):
        assert response.status == 200


async def test_a_start_with_a_refused_token_ends(playground: Playground, bot: Bot) -> None:
    await refuse(playground, method="*", status=401)
    async with asyncio.timeout(20):
        with pytest.raises(Misconfigured, match="BOT_TOKEN is refused by Telegram"):
            await Recognition(bot).run()


async def test_a_start_waits_for_a_telegram_that_is_away(playground: Playground, bot: Bot) -> None:
    await refuse(playground, method="getMe", status=502, count=1)
    await refuse(playground, method="getMe", status=401)
    async with asyncio.timeout(20):
        with pytest.raises(Misconfigured, match="BOT_TOKEN is refused by Telegram"):
            await Recognition(bot).run()


async def test_a_token_revoked_at_work_is_told_once_until_it_is_good_again(
    playground: Playground,
    bot: Bot,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(recognition_module, "ASK_AGAIN_SECONDS", 0.01)
    recognition, background = Recognition(bot), Background()
    task = background.spawn(recognition.run(), "token", awaited=True)
    async with asyncio.timeout(20):
        while not recognition.known:
            await asyncio.sleep(0.01)
        assert not recognition.trouble
        await refuse(playground, method="*", status=401)
        for _ in range(3):
            with pytest.raises(TelegramUnauthorizedError):
                await bot.send_message(1, "words")
            while not recognition.trouble:
                await asyncio.sleep(0.01)
        await refuse(playground, clear=True)
        while recognition.trouble:
            await asyncio.sleep(0.01)
    errors = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
    assert errors == ["BOT_TOKEN is refused by Telegram: has it been revoked?"]
    assert not task.done()
    await background.drain(0)


async def test_a_webhook_can_not_be_deleted_with_a_refused_token(
    playground: Playground, tmp_path: Path
) -> None:
    await refuse(playground, method="*", status=401)
    settings = Settings(
        bot_token=SecretStr("7:revoked"),
        telegram_api_url=playground.telegram_url,
        data_dir=tmp_path,
        openai_api_key=SecretStr("sk"),
    )
    with pytest.raises(Misconfigured, match="has it been revoked"):
        await asyncio.to_thread(webhook.main, settings, argparse.Namespace(delete=True))
