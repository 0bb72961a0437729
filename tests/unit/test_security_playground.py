"""The playground has no passwords, so nobody but this machine's own page and bot may reach it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlsplit

import psutil
import pytest
from aiohttp import ClientSession, WSServerHandshakeError

from bot.playground import Playground, start_playground

DEED = "/playground/chats/1001/messages"


@pytest.fixture
async def ground() -> AsyncIterator[Playground]:
    playground = await start_playground(port=0)
    yield playground
    await playground.close()


async def status(ground: Playground, head: str, body: bytes = b"") -> int:
    """Of the answer to a request as these very bytes; 0 if the connection is closed unanswered."""
    port = urlsplit(ground.url).port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(head.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + body)
        await writer.drain()
        line = await asyncio.wait_for(reader.readline(), 30)
        return int(line.split()[1]) if line else 0
    finally:
        writer.close()
        await writer.wait_closed()


async def test_nobody_else_can_connect(ground: Playground) -> None:
    port = urlsplit(ground.url).port
    own = {
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family == socket.AF_INET and not address.address.startswith("127.")
    }
    for address in own:
        with pytest.raises(OSError):  # noqa: PT011 - refused or unreachable
            await asyncio.open_connection(address, port)
    listening = [
        connection.laddr.ip
        for connection in psutil.Process().net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
    ]
    assert listening == ["127.0.0.1"]


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [""],
        ["evil.example"],
        ["localhost.evil.example"],
        ["127.0.0.1.nip.io"],
        ["127.0.0.1@evil.example"],
        ["localhost:80@evil.example:80"],
        ["2130706433"],
        ["0x7f.1"],
        ["0"],
        ["0.0.0.0"],
        ["[::ffff:192.0.2.1]"],
        ["[::1"],
        ["evil.example", "127.0.0.1"],
        ["localhost\tevil.example"],
    ],
)
async def test_a_name_that_was_rebound_to_loopback_is_refused(
    ground: Playground, hosts: list[str]
) -> None:
    head = "\n".join(["GET /playground/people HTTP/1.1", *(f"Host: {host}" for host in hosts)])
    assert await status(ground, head) in {400, 403}


@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_our_own_names_are_answered(ground: Playground, version: str) -> None:
    for host in ("localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:8080"):
        head = f"GET /playground/people HTTP/{version}\nHost: {host}\nConnection: close"
        assert await status(ground, head) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "https://localhost"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "file://"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_page_in_the_browser_gets_nothing(
    ground: Playground, headers: Mapping[str, str]
) -> None:
    """Reading, doing, a bot's calls, the live stream and the voice over a WebSocket."""
    async with ClientSession(ground.url) as http:
        for method, path in [
            ("GET", "/playground/people"),
            ("GET", "/sim/sent"),
            ("GET", "/playground/chats/1001/events"),
            ("POST", DEED),
            ("POST", "/sim/people"),
            ("POST", "/bot1:a/sendMessage?chat_id=1001&text=hi"),
            ("GET", "/bot1:a/sendMessage?chat_id=1001&text=hi"),
            ("POST", "/v1/chat/completions"),
            ("OPTIONS", "/sim/people"),
        ]:
            async with http.request(method, path, headers=headers) as answer:
                assert answer.status == 403, (method, path)
                assert "Access-Control-Allow-Origin" not in answer.headers
        with pytest.raises(WSServerHandshakeError) as refused:
            await http.ws_connect("/v1/realtime?model=any", headers=headers)
        assert refused.value.status == 403


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1", "Via: 1.1 tunnel"]
)
async def test_what_a_tunnel_brings_is_refused(ground: Playground, header: str) -> None:
    assert await status(ground, f"GET / HTTP/1.1\nHost: localhost\n{header}") == 403


@pytest.mark.parametrize(
    "path",
    ["/bot42:secret/sendMessage", "/sim/people", DEED, "/v1/chat/completions", "/v1/audio/speech"],
)
async def test_no_request_is_taken_whole_that_is_too_large(ground: Playground, path: str) -> None:
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    declared = f"POST {path} HTTP/1.1\nHost: localhost\nAuthorization: Bearer any"
    declared += "\nContent-Type: application/json"
    length = 1 << 40
    assert await status(ground, f"{declared}\nContent-Length: {length}", b"{}") == 413
    sent = 0
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(ground.url).port)
    writer.write(f"{declared}\nTransfer-Encoding: chunked\n\n".replace("\n", "\r\n").encode())
    try:
        async with asyncio.timeout(60):
            while not reader._buffer and sent < 100 << 20:  # type: ignore[attr-defined]
                writer.write(chunk * 16)
                await writer.drain()
                sent += 1 << 20
                await asyncio.sleep(0)
            line = await reader.readline()
    except ConnectionError:
        line = b"closed"
    finally:
        writer.transport.abort()
    assert line in {b"closed", b""} or b" 413 " in line
    assert sent < 100 << 20
