"""The webhook as Telegram knows it: where it is, who set it, what to say of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiogram import Bot

from bot.intake import registration as registration_module
from bot.intake.address import Address, address
from bot.intake.registration import Registration
from bot.playground import Playground, start_playground
from bot.telegram import build_bot
from core import Background, Misconfigured

OURS = Address("http://127.0.0.1:9/hook", "secret")
THEIRS = "http://localhost:9/of-somebody-else"
TOKEN = "123:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    started = await start_playground()
    started.world.add_bot(7)
    yield started
    await started.close()


@pytest.fixture
async def bot(playground: Playground) -> AsyncIterator[Bot]:
    made = build_bot("7:hook", playground.telegram_url, 10)
    yield made
    await made.session.close()


class Told(list[str]):
    def __call__(self, host: str) -> None:
        self.append(host)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def registration(bot: Bot, told: Told) -> Registration:
    return Registration(bot, OURS, ["message", "callback_query"], told)


@pytest.fixture
async def running(
    registration: Registration, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[asyncio.Task[None]]:
    monkeypatch.setattr(registration_module, "CHECK_SECONDS", 0.1)
    background = Background()
    task = background.spawn(registration.run(), "registration", awaited=True)
    yield task
    await background.drain(0)


async def until_well(registration: Registration) -> None:
    async with asyncio.timeout(20):
        while registration.trouble:
            await asyncio.sleep(0.01)


async def test_it_sets_the_webhook_with_all_that_belongs_to_it(
    playground: Playground, bot: Bot, registration: Registration, running: asyncio.Task[None]
) -> None:
    await until_well(registration)
    info = await bot.get_webhook_info()
    assert info.url == OURS.url
    assert info.max_connections == 100
    assert info.allowed_updates == ["message", "callback_query"]
    assert playground.world.bots[7].webhook["secret"] == "secret"


async def test_what_waits_is_never_dropped(
    playground: Playground, registration: Registration, running: asyncio.Task[None]
) -> None:
    world = playground.world
    world.bots[7].queue.push("message", {"message_id": 1}, "chat:1")
    await until_well(registration)
    async with asyncio.timeout(20):
        while registration.pending != 1:
            await asyncio.sleep(0.05)


async def test_a_webhook_that_is_gone_is_set_again(
    bot: Bot, registration: Registration, running: asyncio.Task[None]
) -> None:
    await until_well(registration)
    await bot.delete_webhook()
    async with asyncio.timeout(20):
        while not (await bot.get_webhook_info()).url:
            await asyncio.sleep(0.05)


async def test_somebody_elses_is_left_alone_and_told_once(
    bot: Bot,
    registration: Registration,
    running: asyncio.Task[None],
    told: Told,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await until_well(registration)
    await bot.set_webhook(THEIRS)
    async with asyncio.timeout(20):
        while not registration.trouble:
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    assert (await bot.get_webhook_info()).url == THEIRS
    assert set(told) == {"localhost"}
    assert "localhost" in registration.trouble
    # Its path may be a secret of theirs.
    assert "of-somebody-else" not in caplog.text
    await bot.set_webhook(OURS.url)
    await until_well(registration)


async def test_each_trouble_at_telegram_is_told_once(
    playground: Playground,
    registration: Registration,
    running: asyncio.Task[None],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Nobody listens there: Telegram will complain.
    monkeypatch.setattr(playground.world, "now", lambda: time.time() + 5)
    await until_well(registration)
    playground.world.bots[7].queue.push("message", {"message_id": 1}, "chat:1")
    with caplog.at_level(logging.WARNING):
        async with asyncio.timeout(20):
            while "Connection failed" not in caplog.text:
                await asyncio.sleep(0.05)
        await asyncio.sleep(1)
    assert caplog.text.count("Connection failed") == 1


async def test_telegram_may_be_away_at_the_start(
    playground: Playground, bot: Bot, registration: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    await playground.close()
    background = Background()
    task = background.spawn(registration.run(), "registration", awaited=True)
    await asyncio.sleep(0.5)
    assert not task.done()
    assert registration.trouble
    await background.drain(0)


async def test_an_address_that_telegram_refuses_ends_the_start(bot: Bot, told: Told) -> None:
    # The playground delivers to loopback only.
    registration = Registration(bot, Address("https://example.org/hook", "s"), [], told)
    with pytest.raises(Misconfigured, match="WEBHOOK_URL"):
        await registration.run()


@pytest.mark.parametrize("status", [401, 404])
async def test_a_bot_that_telegram_does_not_know_ends_it(
    playground: Playground, registration: Registration, status: int
) -> None:
    fault = {"method": "setWebhook", "status": status, "count": 1}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{playground.url}/sim/faults", json=fault) as response,
    ):
        assert response.status == 200
    with pytest.raises(Misconfigured, match="BOT_TOKEN"):
        await registration.run()


class TestAddress:
    def test_all_processes_agree_on_the_secret(self) -> None:
        first, again = (address("https://e.org/h", "", TOKEN, own_server=False) for _ in range(2))
        other = address("https://e.org/h", "", TOKEN + "x", own_server=False)
        assert first.secret == again.secret != other.secret
        assert len(first.secret) == 43
        assert TOKEN[4:] not in first.secret

    def test_a_secret_of_ones_own(self) -> None:
        assert address("https://e.org/h", "Own-1_", TOKEN, own_server=False).secret == "Own-1_"

    @pytest.mark.parametrize(
        ("url", "whole", "path"),
        [
            ("https://e.org", "https://e.org/telegram", "/telegram"),
            ("https://e.org/a/b", "https://e.org/a/b", "/a/b"),
            ("https://e.org:8443/a?x=1", "https://e.org:8443/a?x=1", "/a"),
            ("https://e.org/%D0%B0", "https://e.org/%D0%B0", "/а"),
        ],
    )
    def test_the_path_is_that_of_the_address(self, url: str, whole: str, path: str) -> None:
        made = address(url, "", TOKEN, own_server=False)
        assert (made.url, made.path) == (whole, path)

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "http://e.org/h",
            "https://e.org:8081/h",
            "https://e.org:99999/h",
            "https://e.org/healthz",
        ],
    )
    def test_what_can_not_work_is_said_before_telegram_is_asked(self, url: str) -> None:
        with pytest.raises(Misconfigured, match="WEBHOOK_URL"):
            address(url, "", TOKEN, own_server=False)

    def test_a_bot_api_server_of_ones_own_takes_plain_http(self) -> None:
        assert address("http://10.0.0.1:8081/h", "", TOKEN, own_server=True).host == "10.0.0.1"
