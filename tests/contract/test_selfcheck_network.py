"""What an operator reads when the way to a Supabase project is broken, over real sockets."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from core.database.supabase import SupabaseDatabase
from core.errors import Unavailable

KEY = "sb_secret_for_a_test"


async def unavailable(url: str) -> str:
    db = SupabaseDatabase(url, KEY)
    with pytest.raises(Unavailable) as told:
        await db.open()
    assert KEY not in str(told.value)
    return str(told.value)


@asynccontextmanager
async def listening(tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server that speaks, but not HTTP."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test ready\r\n")
        await reader.read(100)
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        message = await unavailable(f"http://127.0.0.1:{port}")
    why = "127.0.0.1 can't be reached (ConnectError)"
    assert message == f"SUPABASE_URL: {why}; this may pass: try again"


async def test_no_such_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    message = await unavailable("https://abcdefghijklmnopqrst.supabase.co")
    assert "no such host as abcdefghijklmnopqrst.supabase.co: check SUPABASE_URL" in message
    assert "paused for long" in message
    assert "paused" not in await unavailable("https://api.example.test")


async def test_another_protocol_on_the_port() -> None:
    async with listening() as port:
        assert "RemoteProtocolError" in await unavailable(f"http://127.0.0.1:{port}")
        assert "does not speak TLS" in await unavailable(f"https://127.0.0.1:{port}")


async def test_a_certificate_that_proves_nothing(tmp_path: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(self_signed(tmp_path / "server.pem"))
    async with listening(tls) as port:
        message = await unavailable(f"https://127.0.0.1:{port}")
    assert "127.0.0.1 shows no valid certificate (self" in message


def self_signed(path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
