"""Backups as they may come from anywhere: cut short, damaged, forged."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.backup.archive import ArchiveWriter, members
from core.backup.manifest import Manifest, parse_manifest, write_manifest
from core.backup.reading import inspect
from core.errors import CoreError, Misconfigured, Unavailable

VISION = "00000000-0000-4000-8000-000000000001"
PARTS = [b"first" * 1000, b"second"]
FILES = ["один".encode(), b"", b"x" * 3000]
PATHS = [f"{VISION}/{hashlib.sha256(data).hexdigest()}" for data in FILES]
MANIFEST = Manifest(
    made_at=datetime(2026, 11, 20, 16, 0, tzinfo=UTC),
    bot="0.1.0",
    postgresql="18",
    migrations=["20261120000100_users"],
    tables={"public.users": 3},
    database_bytes=10_000_000,
    dump_parts=len(PARTS),
    dump_bytes=sum(map(len, PARTS)),
    dump_sha256=hashlib.sha256(b"".join(PARTS)).hexdigest(),
    files=len(FILES),
    files_bytes=sum(map(len, FILES)),
    lost=["нет такого"],
    lost_count=1,
)


def written(*, manifest: Manifest | None = MANIFEST, parts: list[bytes] = PARTS) -> bytes:
    out = io.BytesIO()
    archive = ArchiveWriter(out, 0)
    for number, part in enumerate(parts):
        archive.add(f"database/{number:06}", len(part), [part])
    for path, data in zip(PATHS, FILES, strict=True):
        archive.add(f"files/{path}", len(data), [data])
    if manifest is not None:
        data = write_manifest(manifest)
        archive.add("manifest.json", len(data), [data])
    archive.end()
    return out.getvalue()


@pytest.fixture
def look(tmp_path: Path) -> Callable[[bytes], Manifest]:
    def inspected(data: bytes) -> Manifest:
        file = tmp_path / "backup.tar"
        file.write_bytes(data)
        with file.open("rb") as opened:
            return inspect(opened)

    return inspected


def test_what_was_written_is_read(look: Callable[[bytes], Manifest], tmp_path: Path) -> None:
    assert look(written()) == MANIFEST
    with (tmp_path / "backup.tar").open("rb") as opened:
        read = [(member.kind, member.path, member.data()) for member in members(opened)]
    assert [data for kind, _, data in read if kind == "database"] == PARTS
    assert [(path, data) for kind, path, data in read if kind == "file"] == list(
        zip(PATHS, FILES, strict=True)
    )


def test_any_tar_reads_it() -> None:
    with tarfile.open(fileobj=io.BytesIO(written())) as archive:
        names = archive.getnames()
        assert {info.mode for info in archive} == {0o600}
    assert names[0] == "database/000000"
    assert names[-1] == "manifest.json"
    assert f"files/{PATHS[0]}" in names


def test_cut_short_anywhere_it_is_refused(look: Callable[[bytes], Manifest]) -> None:
    whole = written()
    padding = 1024 + (-len(write_manifest(MANIFEST)) % 512)
    for length in range(0, len(whole) - padding, 97):
        with pytest.raises(Misconfigured):
            look(whole[:length])


def forged(**entry: Any) -> bytes:
    """An archive that begins with one more entry."""
    data = entry.pop("data", b"")
    info = tarfile.TarInfo(entry.pop("name", "database/000000"))
    info.size = len(data)
    for name, value in entry.items():
        setattr(info, name, value)
    form = tarfile.GNU_FORMAT
    return info.tobuf(form) + data + bytes(-len(data) % 512) + written()


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "../files/x"},
        {"name": "/etc/passwd"},
        {"name": f"files/{VISION}/../../../x"},
        {"name": f"files/{VISION}/{'0' * 63}/"},
        {"name": f"files/{VISION.upper()}/{'0' * 64}"},
        {"name": "files/x", "type": tarfile.SYMTYPE, "linkname": "/"},
        {"name": "database/000000", "type": tarfile.SYMTYPE, "linkname": "/etc/passwd"},
        {"name": "database/000000", "type": tarfile.LNKTYPE, "linkname": "/etc/passwd"},
        {"name": "database/000000", "type": tarfile.DIRTYPE},
        {"name": "database/000000", "type": tarfile.GNUTYPE_SPARSE},
        {"name": "database/000000", "type": tarfile.XHDTYPE, "data": b"27 path=../../somewhere\n"},
        {"name": "database/000000", "type": tarfile.GNUTYPE_LONGNAME, "data": b"../x\0"},
        {"name": "database/000001"},
        {"name": "database/000000", "size": 2**40},
        {"name": "database/000000", "size": -5},
        {"name": "manifest.json", "size": 2**31},
        {"name": "postgres/moved"},
    ],
)
def test_what_we_never_write_is_refused(
    look: Callable[[bytes], Manifest], entry: dict[str, Any]
) -> None:
    with pytest.raises(Misconfigured):
        look(forged(**entry))


@pytest.mark.parametrize(
    "manifest",
    [
        replace(MANIFEST, dump_parts=1),
        replace(MANIFEST, dump_bytes=0),
        replace(MANIFEST, files=4),
        replace(MANIFEST, files_bytes=1),
        None,
    ],
)
def test_a_manifest_that_tells_of_another_archive_is_refused(
    look: Callable[[bytes], Manifest], manifest: Manifest | None
) -> None:
    with pytest.raises(Misconfigured, match="manifest"):
        look(written(manifest=manifest))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", 2),
        ("made_at", "2026-11-20T16:00:00"),
        ("made_at", 5),
        ("postgresql", "18; rm"),
        ("tables", {"public.users": -1}),
        ("tables", {"public.users": True}),
        ("tables", []),
        ("dump_sha256", "0"),
        ("bot", "x\n"),
        ("files", 2**70),
        ("lost", "all"),
    ],
)
def test_nonsense_in_a_manifest_is_refused(name: str, value: object) -> None:
    told = json.loads(write_manifest(MANIFEST)) | {name: value}
    with pytest.raises(Misconfigured):
        parse_manifest(json.dumps(told).encode())


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 12_000), value=st.integers(1, 255), length=st.integers(1, 600))
def test_damage_is_refused_or_stands_in_contents(
    tmp_path: Path, place: int, value: int, length: int
) -> None:
    """Whatever is changed, nothing else than our own errors comes of it, and no name changes."""
    data = bytearray(written())
    for index in range(min(place, len(data) - 1), min(place + length, len(data))):
        data[index] ^= value
    file = tmp_path / "damaged.tar"
    file.write_bytes(data)
    with file.open("rb") as opened:
        try:
            for member in members(opened):
                assert member.kind != "file" or member.path in PATHS
        except CoreError:
            return


def test_a_member_that_shrinks_while_it_is_read_is_an_error() -> None:
    archive = ArchiveWriter(io.BytesIO(), 0)
    with pytest.raises(Unavailable, match="changed"):
        archive.add("database/000000", 10, [b"short"])
    with pytest.raises(Unavailable, match="changed"):
        archive.add("database/000000", 3, [b"much longer"])
