"""What every file store promises, proved on each."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import FileMissing, TooLarge
from core.files import FileStore
from core.files.disk import CHUNK
from core.files.local import LocalFiles
from core.files.storage import StorageFiles
from tests.database import database_server
from tests.supabase import differences
from tests.supabase.ground import SupabaseGround, supabase_ground
from tests.unit.storage_server import SECRET_KEY, StorageServer

__all__ = ["database_server", "supabase_ground"]

VISION = "0b8f3f0e-5c1d-4d0e-9a55-1f2e3d4c5b6a"
OTHER = "ffffffff-0000-4000-8000-000000000000"
MEGABYTE = 1024 * 1024
BAD_PATHS = [
    "",
    "/",
    VISION,
    f"{VISION}/",
    f"{VISION}/name.txt",
    f"{VISION}/{'a' * 63}",
    f"{VISION}/{'a' * 64}/",
    f"{VISION}/{'a' * 64}\n",
    f"{VISION}/../{VISION}/{'a' * 64}",
    f"../{VISION}/{'a' * 64}",
    f"/etc/{'a' * 64}",
    f"{VISION.upper()}/{'a' * 64}",
    f"{VISION}\0/{'a' * 64}",
    f"{VISION}%2f..%2f{'a' * 64}",
    f"{'я' * 36}/{'a' * 64}",
]


@pytest.fixture
def local_store(tmp_path: Path) -> FileStore:
    return LocalFiles(tmp_path / "files")


@pytest.fixture
async def storage_store(tmp_path: Path) -> AsyncIterator[FileStore]:
    server = StorageServer()
    await server.start()
    yield StorageFiles(server.url, SECRET_KEY, tmp_path / "scratch")
    await server.stop()


@pytest.fixture
def supabase_store(supabase_ground: SupabaseGround, tmp_path: Path) -> FileStore:
    """A bucket of its own on a server that the project did not write."""
    lite = supabase_ground.lite
    lite.ensure()
    bucket = f"test-{uuid.uuid4()}"
    return StorageFiles(lite.url, lite.secret_key, tmp_path / "scratch", bucket)


@pytest.fixture(
    params=[
        pytest.param("local_store", id="local"),
        pytest.param("storage_store", id="storage"),
        pytest.param("supabase_store", id="supabase", marks=pytest.mark.timeout(600)),
    ]
)
def unopened(request: pytest.FixtureRequest) -> FileStore:
    if request.param == "supabase_store":
        for mark in request.node.iter_markers("differs"):
            request.applymarker(pytest.mark.xfail(reason=mark.args[0]))
    return request.getfixturevalue(request.param)


@pytest.fixture
async def store(unopened: FileStore) -> AsyncIterator[FileStore]:
    await unopened.open()
    yield unopened
    await unopened.close()


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def put(store: FileStore, data: bytes, folder: str = VISION) -> str:
    pieces = [data[at : at + 65536] for at in range(0, len(data), 65536)]
    blob = await store.put(folder, chunks(*pieces), limit=len(data))
    assert blob.size == len(data)
    return blob.path


async def read(store: FileStore, path: str) -> bytes:
    return b"".join([chunk async for chunk in store.read(path)])


async def listed(store: FileStore) -> list[str]:
    return sorted([path async for path, _ in store.kept()])


def left(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if "kept" not in path.parts and path.is_file()]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        "Дом у моря 🏡".encode(),
        bytes(range(256)) * 17,
        b"x" * CHUNK,
        b"y" * (CHUNK + 1),
        bytes(3 * MEGABYTE),
    ],
)
async def test_what_was_put_is_read_back(store: FileStore, data: bytes) -> None:
    path = await put(store, data)
    assert path == f"{VISION}/{hashlib.sha256(data).hexdigest()}"
    assert await read(store, path) == data
    async with store.local(path) as file:
        assert file.read_bytes() == data


@pytest.mark.parametrize(
    "sizes", [(0, 1, 0), (CHUNK - 1, 1), (1, CHUNK, 1), (2 * MEGABYTE,), (7,) * 1000]
)
async def test_how_a_stream_is_cut_changes_nothing(store: FileStore, sizes: Sequence[int]) -> None:
    pieces = [bytes([number % 251]) * size for number, size in enumerate(sizes)]
    blob = await store.put(VISION, chunks(*pieces), limit=4 * MEGABYTE)
    assert await read(store, blob.path) == b"".join(pieces)


async def test_the_same_bytes_are_kept_once_and_refreshed(store: FileStore) -> None:
    path = await put(store, b"again")
    moments = [moment async for _, moment in store.kept()]
    await asyncio.sleep(0.05)
    assert await put(store, b"again") == path
    again = [moment async for _, moment in store.kept()]
    assert len(moments) == len(again) == 1
    assert again > moments
    assert await read(store, path) == b"again"


async def test_folders_stand_apart(store: FileStore) -> None:
    mine, theirs = await put(store, b"same"), await put(store, b"same", OTHER)
    assert mine != theirs
    await store.delete([mine])
    assert await read(store, theirs) == b"same"
    assert await listed(store) == [theirs]


async def test_all_that_is_kept_is_listed_with_its_time(store: FileStore) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)
    folders = [str(uuid.UUID(int=number)) for number in range(4)]
    paths = [
        await put(store, f"{number}".encode(), folder) for folder in folders for number in range(3)
    ]
    found = {path: moment async for path, moment in store.kept()}
    assert sorted(found) == sorted(paths)
    after = datetime.now(UTC) + timedelta(seconds=5)
    assert all(before < moment < after for moment in found.values())


async def test_a_folder_is_listed_by_itself(store: FileStore) -> None:
    paths = [await put(store, f"{number}".encode()) for number in range(3)]
    await put(store, b"0", OTHER)
    folder = paths[0].partition("/")[0]
    assert sorted([path async for path in store.under(folder)]) == sorted(paths)
    assert [path async for path in store.under(str(uuid.UUID(int=5)))] == []
    with pytest.raises(ValueError, match="UUID"):
        _ = [path async for path in store.under("..")]


async def test_an_empty_store_lists_nothing(store: FileStore) -> None:
    assert await listed(store) == []


async def test_delete_takes_what_is_named_and_is_silent_about_the_rest(store: FileStore) -> None:
    gone, stays = await put(store, b"gone"), await put(store, b"stays")
    await store.delete([gone, f"{VISION}/{'0' * 64}", f"{OTHER}/{'0' * 64}"])
    await store.delete([gone])
    await store.delete([])
    with pytest.raises(FileMissing):
        await read(store, gone)
    assert await listed(store) == [stays]
    await store.delete([stays])
    assert await put(store, b"anew") in await listed(store)


async def test_what_was_put_since_is_not_deleted(store: FileStore) -> None:
    path = await put(store, b"fresh")
    await store.delete([path], put_before=datetime.now(UTC) - timedelta(minutes=1))
    assert await listed(store) == [path]
    await store.delete([path], put_before=datetime.now(UTC) + timedelta(minutes=1))
    assert await listed(store) == []


async def test_a_missing_file_is_told(store: FileStore) -> None:
    path = f"{VISION}/{'0' * 64}"
    with pytest.raises(FileMissing):
        await read(store, path)
    with pytest.raises(FileMissing):
        async with store.local(path):
            pass


@pytest.mark.parametrize("path", BAD_PATHS)
async def test_a_path_that_is_not_ours_is_never_touched(
    store: FileStore, tmp_path: Path, path: str
) -> None:
    stays = await put(store, b"stays")
    (tmp_path / ("a" * 64)).write_bytes(b"not ours")
    with pytest.raises(FileMissing):
        await read(store, path)
    with pytest.raises(FileMissing):
        async with store.local(path):
            pass
    await store.delete([path])
    assert await listed(store) == [stays]
    assert (tmp_path / ("a" * 64)).exists()


@pytest.mark.parametrize("folder", ["", ".", "..", "a/b", VISION.upper(), f"{VISION}\n", "план"])
async def test_a_folder_is_the_id_of_a_vision(store: FileStore, folder: str) -> None:
    with pytest.raises(ValueError, match="UUID"):
        await store.put(folder, chunks(b"x"), limit=1)


@pytest.mark.parametrize("sizes", [(11,), (10, 1), (CHUNK, CHUNK, CHUNK)])
async def test_too_much_leaves_nothing(
    store: FileStore, tmp_path: Path, sizes: Sequence[int]
) -> None:
    with pytest.raises(TooLarge):
        await store.put(VISION, chunks(*(bytes(size) for size in sizes)), limit=10)
    assert await listed(store) == []
    assert left(tmp_path) == []


async def test_a_stream_is_not_drunk_beyond_its_limit(store: FileStore) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += MEGABYTE
            yield bytes(MEGABYTE)

    with pytest.raises(TooLarge):
        await store.put(VISION, endless(), limit=3 * MEGABYTE)
    assert taken == 4 * MEGABYTE


async def test_a_broken_stream_leaves_nothing(store: FileStore, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield bytes(MEGABYTE)
        raise ConnectionResetError("the source is gone")

    # An error of the source stays its own: it says nothing about the store.
    with pytest.raises(ConnectionResetError, match="source"):
        await store.put(VISION, broken(), limit=2 * MEGABYTE)
    assert await listed(store) == []
    assert left(tmp_path) == []


async def test_a_cancelled_put_leaves_nothing(store: FileStore, tmp_path: Path) -> None:
    written = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield bytes(2 * MEGABYTE)
        written.set()
        await asyncio.Event().wait()

    putting = asyncio.create_task(store.put(VISION, endless(), limit=10 * MEGABYTE))
    await written.wait()
    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting
    assert await listed(store) == []
    assert left(tmp_path) == []


async def test_a_put_cancelled_anywhere_leaves_all_or_nothing(
    store: FileStore, tmp_path: Path
) -> None:
    data = b"z" * (2 * CHUNK)
    path = f"{VISION}/{hashlib.sha256(data).hexdigest()}"
    for steps in range(40):
        putting = asyncio.create_task(put(store, data))
        for _ in range(steps):
            await asyncio.sleep(0)
        putting.cancel()
        await asyncio.gather(putting, return_exceptions=True)
        assert left(tmp_path) == []
        if await listed(store):
            assert await read(store, path) == data
            await store.delete([path])


async def test_the_same_bytes_at_once(store: FileStore, tmp_path: Path) -> None:
    data = b"w" * (CHUNK + 7)
    paths = await asyncio.gather(*(put(store, data) for _ in range(8)))
    assert len(set(paths)) == 1
    assert await read(store, paths[0]) == data
    assert await listed(store) == [paths[0]]
    assert left(tmp_path) == []


@pytest.mark.differs(differences.RACES)
async def test_puts_and_deletes_at_once_break_nothing(store: FileStore) -> None:
    async def play(number: int) -> None:
        data = f"{number % 3}".encode()
        for _ in range(10):
            await store.delete([await put(store, data)])

    await asyncio.gather(*(play(number) for number in range(6)))
    path = await put(store, b"last")
    assert await listed(store) == [path]


async def test_a_reader_that_leaves_early_leaves_nothing_open(
    store: FileStore, tmp_path: Path
) -> None:
    path = await put(store, bytes(3 * MEGABYTE))
    async with aclosing(store.read(path)) as reading:
        async for _ in reading:
            break
    assert left(tmp_path) == []


async def test_scratch_is_empty_private_and_goes(store: FileStore, tmp_path: Path) -> None:
    async with store.scratch() as one, store.scratch() as two:
        assert one != two
        assert list(one.iterdir()) == []
        assert one.stat().st_mode & 0o777 == 0o700
        (one / "folder").mkdir()
        (one / "folder" / "план.txt").write_text("шаг")
    assert not one.exists()
    assert not two.exists()
    with suppress(RuntimeError):
        async with store.scratch() as broken:
            (broken / "file").touch()
            raise RuntimeError
    assert not broken.exists()
    assert await listed(store) == []
