"""Supabase Storage as the bot uses it, on a server that the project did not write.

What every file store promises is proved on the same server by tests/unit/test_files_store.py.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from core.database.supabase import SupabaseDatabase
from core.errors import FileMissing, Misconfigured, TooLarge, Unavailable
from core.files.storage import StorageFiles
from core.files.sweeping import Sweeper
from tests.supabase.ground import SupabaseGround
from tests.supabase.lite import Lite

pytestmark = pytest.mark.timeout(600)  # npm packages may have to be installed first

VISION = "0b8f3f0e-5c1d-4d0e-9a55-1f2e3d4c5b6a"
MEGABYTE = 1024 * 1024


@pytest.fixture
async def dsn(supabase_ground: SupabaseGround) -> str:
    return await supabase_ground.fresh()


@pytest.fixture
def lite(supabase_ground: SupabaseGround, dsn: str) -> Iterator[Lite]:
    yield supabase_ground.lite
    supabase_ground.lite.ensure()


@pytest.fixture
def bucket() -> str:
    return f"test-{uuid.uuid4()}"


@pytest.fixture
async def store(lite: Lite, bucket: str, tmp_path: Path) -> AsyncIterator[StorageFiles]:
    files = StorageFiles(lite.url, lite.secret_key, tmp_path, bucket)
    await files.open()
    yield files
    await files.close()


async def chunks(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), MEGABYTE):
        yield data[start : start + MEGABYTE]


async def digest(store: StorageFiles, path: str) -> str:
    seen = hashlib.sha256()
    async for chunk in store.read(path):
        seen.update(chunk)
    return seen.hexdigest()


async def ask(lite: Lite, method: str, address: str, body: object = None) -> httpx.Response:
    async with httpx.AsyncClient(headers={"apikey": lite.secret_key}) as http:
        answer = await http.request(method, f"{lite.url}/storage/v1/{address}", json=body)
        answer.raise_for_status()
        return answer


async def run(dsn: str, statement: str, *values: object) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(statement.encode(), values)


async def test_the_bucket_is_made_private_once(lite: Lite, bucket: str, tmp_path: Path) -> None:
    for _ in range(2):
        files = StorageFiles(f"{lite.url}/", lite.secret_key, tmp_path, bucket)
        await files.open()
        await files.close()
    assert (await ask(lite, "GET", f"bucket/{bucket}")).json()["public"] is False


async def test_a_public_bucket_is_not_used(lite: Lite, bucket: str, tmp_path: Path) -> None:
    await ask(lite, "POST", "bucket", {"id": bucket, "name": bucket, "public": True})
    with pytest.raises(Misconfigured, match="public"):
        await StorageFiles(lite.url, lite.secret_key, tmp_path, bucket).open()


async def test_other_keys_may_not_even_look(
    lite: Lite, store: StorageFiles, bucket: str, tmp_path: Path
) -> None:
    path = (await store.put(VISION, chunks(b"mine"), limit=4)).path
    for key in ("sb_secret_" + "0" * 32, lite.publishable_key):
        with pytest.raises(Misconfigured, match="SUPABASE_SECRET_KEY") as told:
            await StorageFiles(lite.url, key, tmp_path, bucket).open()
        assert key not in str(told.value)
        async with httpx.AsyncClient(headers={"apikey": key}) as http:
            for address in (f"object/{bucket}/{path}", f"object/public/{bucket}/{path}"):
                answer = await http.get(f"{lite.url}/storage/v1/{address}")
                assert answer.status_code >= 400


async def test_twenty_megabytes_come_back(store: StorageFiles) -> None:
    data = os.urandom(20 * MEGABYTE)
    blob = await store.put(VISION, chunks(data), limit=20 * MEGABYTE)
    assert blob.size == len(data)
    assert await digest(store, blob.path) == hashlib.sha256(data).hexdigest()


async def test_more_than_the_bucket_takes_is_too_large(
    lite: Lite, bucket: str, tmp_path: Path
) -> None:
    body = {"id": bucket, "name": bucket, "public": False, "file_size_limit": 10}
    await ask(lite, "POST", "bucket", body)
    files = StorageFiles(lite.url, lite.secret_key, tmp_path, bucket)
    await files.open()
    await files.put(VISION, chunks(b"x" * 10), limit=100)
    with pytest.raises(TooLarge):
        await files.put(VISION, chunks(b"x" * 11), limit=100)
    await files.close()


async def test_a_bucket_that_has_gone_is_told_from_a_missing_file(
    lite: Lite, store: StorageFiles, bucket: str
) -> None:
    path = f"{VISION}/{'0' * 64}"
    with pytest.raises(FileMissing):
        await digest(store, path)
    await ask(lite, "DELETE", f"bucket/{bucket}")
    with pytest.raises(Misconfigured, match="gone"):
        await digest(store, path)
    with pytest.raises(Misconfigured, match="gone"):
        await store.put(VISION, chunks(b"x"), limit=1)
    with pytest.raises(Misconfigured, match="gone"):
        [found async for found in store.kept()]


async def test_thousands_are_listed_page_by_page(
    dsn: str, store: StorageFiles, bucket: str
) -> None:
    await run(
        dsn,
        "insert into storage.objects (bucket_id, name)"
        " select %s, md5((n %% 3)::text)::uuid || '/' || repeat(md5(n::text), 2)"
        " from generate_series(1, 3500) n",
        bucket,
    )
    found = [path async for path, _ in store.kept()]
    assert len(found) == len(set(found)) == 3500


async def test_what_nobody_names_is_swept(
    lite: Lite, dsn: str, store: StorageFiles, bucket: str
) -> None:
    orphan = await store.put(VISION, chunks(b"orphan"), limit=10)
    await run(
        dsn,
        "update storage.objects set updated_at = now() - interval '2 days' where bucket_id = %s",
        bucket,
    )
    fresh = await store.put(VISION, chunks(b"fresh"), limit=10)
    db = SupabaseDatabase(lite.url, lite.secret_key)
    await db.open()
    assert await Sweeper(db, store).sweep() == 1
    await db.close()
    assert [path async for path, _ in store.kept()] == [fresh.path]
    with pytest.raises(FileMissing):
        await digest(store, orphan.path)


async def test_a_server_that_is_away_is_unavailable_until_it_is_back(
    lite: Lite, store: StorageFiles
) -> None:
    path = (await store.put(VISION, chunks(b"stays"), limit=10)).path
    lite.stop()
    with pytest.raises(Unavailable):
        await store.put(VISION, chunks(b"later"), limit=10)
    lite.ensure()
    assert await digest(store, path) == path.partition("/")[2]
