"""Servers on loopback that say they are somebody, with a certificate that nobody vouches for."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_SSL_REQUEST = bytes.fromhex("0000000804d2162f")


@dataclass(slots=True)
class Heard:
    """What a server was told: how often it was called, and what came by and after the handshake."""

    port: int = 0
    calls: int = 0
    plain: list[bytes] = field(default_factory=list)
    secret: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"


def self_signed(folder: Path) -> Path:
    """A certificate and its key in one file, for this machine's loopback."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "loopback.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


@asynccontextmanager
async def https_server(certificate: Path) -> AsyncIterator[Heard]:
    """Answers 200 to whoever trusts it."""
    heard = Heard()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.calls += 1
        await writer.start_tls(context)
        heard.secret.append(await reader.readline())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()

    async with _listening(talk, heard):
        yield heard


@asynccontextmanager
async def postgres_server(certificate: Path | None) -> AsyncIterator[Heard]:
    """As far as a server gets without a database; without a certificate it says it has no TLS."""
    heard = Heard()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.calls += 1
        first = await reader.readexactly(8)
        if first != _SSL_REQUEST:
            heard.plain.append(first + await reader.read(1000))
            return
        writer.write(b"S" if certificate else b"N")
        await writer.drain()
        if certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate)
            await writer.start_tls(context)
            heard.secret.append(await reader.read(1000))
        elif more := await reader.read(1000):
            heard.plain.append(more)

    async with _listening(talk, heard):
        yield heard


@asynccontextmanager
async def _listening(talk: object, heard: Heard) -> AsyncIterator[None]:
    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError):  # refused by the caller, which is what we want
            try:
                await talk(reader, writer)  # type: ignore[operator]
            finally:
                writer.transport.abort()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    heard.port = server.sockets[0].getsockname()[1]
    async with server:
        yield
