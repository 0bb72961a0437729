"""Supabase Storage: what it is asked, and what its answers mean."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import FileMissing, Misconfigured, TooLarge, Unavailable
from core.files.storage import BUCKET, StorageFiles
from tests.unit.storage_server import LEGACY_KEY, SECRET_KEY, StorageServer

VISION = "0b8f3f0e-5c1d-4d0e-9a55-1f2e3d4c5b6a"
MEGABYTE = 1024 * 1024


@pytest.fixture
async def server() -> AsyncIterator[StorageServer]:
    running = StorageServer()
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def store(server: StorageServer, tmp_path: Path) -> AsyncIterator[StorageFiles]:
    files = StorageFiles(server.url, SECRET_KEY, tmp_path)
    await files.open()
    yield files
    await files.close()


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def read(store: StorageFiles, path: str) -> bytes:
    return b"".join([chunk async for chunk in store.read(path)])


@pytest.mark.parametrize("key", [SECRET_KEY, LEGACY_KEY])
async def test_the_bucket_is_made_private_once(
    server: StorageServer, tmp_path: Path, key: str
) -> None:
    for _ in range(2):
        files = StorageFiles(server.url + "/", key, tmp_path)
        await files.open()
        await files.put(VISION, chunks(b"x"), limit=1)
        await files.close()
    assert server.buckets == {BUCKET: False}
    assert server.requests["POST bucket"] == 1


async def test_a_public_bucket_is_not_used(server: StorageServer, tmp_path: Path) -> None:
    server.buckets[BUCKET] = True
    with pytest.raises(Misconfigured, match="public"):
        await StorageFiles(server.url, SECRET_KEY, tmp_path).open()


@pytest.mark.parametrize("key", ["sb_secret_wrong", "eyJ.wrong.jwt", "ключ"])
async def test_a_wrong_key_is_told_and_not_shown(
    server: StorageServer, tmp_path: Path, key: str
) -> None:
    with pytest.raises(Misconfigured, match="SUPABASE_SECRET_KEY") as caught:
        await StorageFiles(server.url, key, tmp_path).open()
    assert key not in str(caught.value)


async def test_nobody_answers(server: StorageServer, tmp_path: Path) -> None:
    await server.stop()
    with pytest.raises(Unavailable, match="ConnectError"):
        await StorageFiles(server.url, SECRET_KEY, tmp_path).open()


async def test_a_store_that_is_not_open_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="not open"):
        await StorageFiles("http://127.0.0.1:9", SECRET_KEY, tmp_path).delete(
            [f"{VISION}/{'0' * 64}"]
        )


@pytest.mark.parametrize("fault", [429, 503, 544, "cut"])
async def test_temporary_faults_are_overcome(
    server: StorageServer, store: StorageFiles, fault: int | str
) -> None:
    data = b"x" * (2 * MEGABYTE)
    server.faults = [fault, fault]
    blob = await store.put(VISION, chunks(data), limit=len(data))
    server.faults = [fault, fault]
    assert await read(store, blob.path) == data
    if isinstance(fault, int):
        server.faults = [fault, fault]
        assert [path async for path, _ in store.kept()] == [blob.path]
        server.faults = [fault, fault]
        await store.delete([blob.path])
        assert server.objects == {}


async def test_faults_that_stay_are_told_without_the_key(
    server: StorageServer, store: StorageFiles, tmp_path: Path
) -> None:
    server.faults = [503] * 100
    with pytest.raises(Unavailable, match=r"^Supabase Storage: 503 fault$") as caught:
        await store.put(VISION, chunks(b"x"), limit=1)
    assert SECRET_KEY not in str(caught.value)
    assert 90 < len(server.faults) < 100
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fault", [400, 403, 405])
async def test_a_refusal_is_not_repeated(
    server: StorageServer, store: StorageFiles, fault: int
) -> None:
    server.faults = [fault, 200]
    with pytest.raises(Misconfigured, match=str(fault)) as caught:
        await store.put(VISION, chunks(b"x"), limit=1)
    assert SECRET_KEY not in str(caught.value)
    assert server.faults == [200]


async def test_fifty_megabytes_pass_and_no_more_is_sent(
    server: StorageServer, store: StorageFiles
) -> None:
    whole = [bytes(MEGABYTE)] * 50
    blob = await store.put(VISION, chunks(*whole), limit=100 * MEGABYTE)
    assert blob.size == 50 * MEGABYTE
    sent = server.requests["POST object"]
    with pytest.raises(TooLarge):
        await store.put(VISION, chunks(*whole, b"x"), limit=100 * MEGABYTE)
    assert server.requests["POST object"] == sent


async def test_a_smaller_limit_of_the_project_is_too_large_as_well(
    server: StorageServer, store: StorageFiles
) -> None:
    server.size_limit = 10
    with pytest.raises(TooLarge):
        await store.put(VISION, chunks(b"x" * 11), limit=100)


async def test_bytes_that_came_broken_are_not_given(
    server: StorageServer, store: StorageFiles
) -> None:
    blob = await store.put(VISION, chunks(b"true"), limit=10)
    server.objects[BUCKET, blob.path] = b"false"
    with pytest.raises(Unavailable, match="broken"):
        await read(store, blob.path)


async def test_a_bucket_that_has_gone_is_told_from_a_missing_file(
    server: StorageServer, store: StorageFiles
) -> None:
    path = f"{VISION}/{'0' * 64}"
    with pytest.raises(FileMissing):
        await read(store, path)
    server.buckets.clear()
    with pytest.raises(Misconfigured, match="gone"):
        await read(store, path)


@pytest.mark.parametrize("pages", [True, False])
@pytest.mark.parametrize("page", [100, 130, 1000])
async def test_long_lists_come_in_pages(
    server: StorageServer, store: StorageFiles, page: int, pages: bool
) -> None:
    server.page, server.pages = page, pages
    blob = await store.put(VISION, chunks(b"x"), limit=1)
    moment = server.updated[BUCKET, blob.path]
    wanted = {blob.path}
    for number in range(300):
        many, alone = (
            f"{VISION}/{number:064x}",
            f"{number:08x}-0000-4000-8000-000000000000/{'e' * 64}",
        )
        wanted |= {many, alone}
    for path in [*wanted, "notes.txt", f"{VISION}/notes.txt", "folder/notes.txt"]:
        server.objects[BUCKET, path] = b""
        server.updated[BUCKET, path] = moment
    asked = server.requests["POST object"]
    found = [path async for path, _ in store.kept()]
    assert sorted(found) == sorted(wanted)
    if pages:
        assert server.requests["POST object"] - asked == 604 // page + 1
    await store.delete(found, put_before=moment - timedelta(seconds=1))
    assert len(server.objects) == 604
    await store.delete(found)
    assert len(server.objects) == 3


async def test_a_listing_that_never_ends_is_given_up(
    server: StorageServer, store: StorageFiles
) -> None:
    server.stuck = True
    with pytest.raises(Unavailable, match="unknown kind"):
        [path async for path, _ in store.kept()]
