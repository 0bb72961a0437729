"""Files that lie, are locked, broken, or bigger inside than outside."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from core.isolated import JobFailed, JobRefused
from core.reading import Unreadable
from core.reading.package import RATIO, UNPACKED, Package
from core.reading.reader import IsolatedReader
from tests.unit import reading_packages as packages
from tests.unit import reading_samples as samples
from tests.unit.reading_in_process import InProcess, scratch_in
from tests.unit.test_reading_documents import read, refusal


@pytest.mark.parametrize(
    ("kind", "name"), [("pdf", "a.txt"), ("docx", "a.pdf"), ("xlsx", "a.docx")]
)
async def test_a_wrong_extension_is_read_by_what_it_is(
    tmp_path: Path, kind: str, name: str
) -> None:
    found = await read(tmp_path, samples.DOCUMENTS[kind](), name, "application/octet-stream")
    assert found.format == kind


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.xlsx"])
async def test_text_under_a_wrong_name_is_text(tmp_path: Path, name: str) -> None:
    found = await read(tmp_path, samples.RUSSIAN.encode(), name)
    assert (found.format, found.text) == ("text", samples.RUSSIAN)


@pytest.mark.parametrize(
    "name",
    [
        "../../../../etc/passwd",
        "/etc/passwd",
        "C:\\con.csv",
        "",
        ".",
        "a" * 9000,
        "\0.\udcff",
        "\u202efdp.exe",
    ],
)
async def test_names_are_nothing_but_hints(tmp_path: Path, name: str) -> None:
    found = await read(tmp_path, b"a note", name)
    assert found.text == "a note"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (packages.zipped({"a.txt": "a"}), "unsupported"),
        (packages.zipped({"META-INF/MANIFEST.MF": "", "A.class": ""}), "unsupported"),
        (b"MZ\x90\0" + bytes(500), "unsupported"),
        (b"\0\0\0\x20ftypisom" + bytes(500), "unsupported"),
        (b"{\\rtf1\\ansi hello}", "unsupported"),
        (packages.compound({"WordDocument": b"x"}), "unsupported"),
        (packages.compound({"EncryptedPackage": b"x"}), "locked"),
        (packages.odf("text", "", '<manifest:encryption-data checksum=""/>'), "locked"),
        (samples.picture("PNG"), "unsupported"),
        (b"PK\x03\x04" + bytes(100), "broken"),
        (b"%PDF-1.7\n" + bytes(100), "broken"),
        (samples.docx()[:5000], "broken"),
    ],
)  # fmt: skip
async def test_refusals(tmp_path: Path, data: bytes, reason: str) -> None:
    assert await refusal(tmp_path, data) == reason


async def test_svg_is_text(tmp_path: Path) -> None:
    found = await read(tmp_path, b'<svg xmlns="http://www.w3.org/2000/svg"/>', "a.svg")
    assert found.format == "text"


async def test_locked_entries(tmp_path: Path) -> None:
    data = bytearray(samples.docx())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    assert await refusal(tmp_path, bytes(data)) == "locked"


async def test_a_pdf_of_thousands_of_ends(tmp_path: Path) -> None:
    data = samples.pdf(1)
    at = data.rindex(b"trailer")
    trailer = data[at : data.index(b"startxref", at)]
    broken = data.replace(b"startxref", trailer * 2000 + b"startxref")
    assert await refusal(tmp_path, broken) == "broken"


def docx_with(document: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(samples.docx())) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["word/document.xml"] = document
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return buffer.getvalue()


async def test_zip_bomb(tmp_path: Path) -> None:
    assert await refusal(tmp_path, docx_with(b" " * (64 * 2**20))) == "heavy"


async def test_many_entries(tmp_path: Path) -> None:
    parts = {f"{number}.xml": "" for number in range(10_001)}
    assert await refusal(tmp_path, packages.zipped(parts)) == "heavy"


async def test_a_workbook_that_hides_its_size(tmp_path: Path) -> None:
    data = bytearray(samples.xlsx())
    sheet = b"<row>" + b" " * (UNPACKED + 2**20)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        entry = package.getinfo("xl/worksheets/sheet1.xml")
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(sheet) + packer.flush()
    bomb = grafted(bytes(data), entry, packed)
    with zipfile.ZipFile(io.BytesIO(bomb)) as package:
        assert sum(entry.file_size for entry in package.infolist()) < 2**20
    assert await refusal(tmp_path, bomb) == "heavy"


def grafted(data: bytes, entry: zipfile.ZipInfo, packed: bytes) -> bytes:
    """The package with other contents of one entry, and its directory as it was but for where
    things are."""
    head = 30 + len(entry.filename) + len(entry.extra)
    start = entry.header_offset + head
    shift = len(packed) - entry.compress_size
    changed = bytearray(data[:start] + packed + data[start + entry.compress_size :])
    struct.pack_into("<I", changed, entry.header_offset + 18, len(packed))
    at = directory = data.index(b"PK\x01\x02") + shift
    while changed[at : at + 4] == b"PK\x01\x02":
        name, extra, comment = struct.unpack_from("<HHH", changed, at + 28)
        offset = struct.unpack_from("<I", changed, at + 42)[0]
        if offset == entry.header_offset:
            struct.pack_into("<I", changed, at + 20, len(packed))
        elif offset > entry.header_offset:
            struct.pack_into("<I", changed, at + 42, offset + shift)
        at += 46 + name + extra + comment
    struct.pack_into("<I", changed, at + 16, directory)
    return bytes(changed)


@pytest.mark.parametrize("sector", [1, 2, 5])
async def test_a_workbook_whose_sectors_run_in_a_circle(tmp_path: Path, sector: int) -> None:
    data = bytearray(packages.xls())
    struct.pack_into("<I", data, 512 + 4 * sector, sector)
    assert await refusal(tmp_path, bytes(data)) == "broken"


async def test_two_cells_far_apart(tmp_path: Path) -> None:
    assert await refusal(tmp_path, samples.far_xlsx()) == "heavy"


async def test_one_cell_repeated_over_a_sheet(tmp_path: Path) -> None:
    assert await refusal(tmp_path, packages.ods(columns=16_000, rows=100_000)) == "heavy"
    found = await read(tmp_path, packages.ods(columns=3, rows=1000))
    assert found.text.count("2026-11-20") == 3000


def entities(levels: int) -> bytes:
    defined = "".join(
        f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, levels)
    )
    return (
        f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "ha">{defined}'
        '<!ENTITY file SYSTEM "file:///etc/hostname">]>'
        '<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>'
        f"before &l{levels - 1}; &file; after</w:t></w:r></w:p></w:body></w:document>"
    ).encode()


async def test_entities_are_not_expanded(tmp_path: Path) -> None:
    found = await read(tmp_path, docx_with(entities(2)))
    assert found.text == "before"
    assert await refusal(tmp_path, docx_with(entities(12))) == "broken"


async def test_deep_xml_is_refused(tmp_path: Path) -> None:
    depth = 100_000
    deep = b'<w:document xmlns:w="w">' + b"<w:tbl><w:tr><w:tc>" * depth
    assert await refusal(tmp_path, docx_with(deep)) == "broken"


async def test_a_huge_table_is_cut(tmp_path: Path) -> None:
    cell = b"<w:tc><w:p><w:r><w:t>word and word</w:t></w:r></w:p></w:tc>"
    rows = b"<w:tr>" + cell * 5 + b"</w:tr>"
    body = b'<w:document xmlns:w="w"><w:body><w:tbl>' + rows * 20_000
    found = await read(tmp_path, docx_with(body + b"</w:tbl></w:body></w:document>"))
    assert not found.whole


def test_a_part_gives_no_more_than_promised(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(packages.zipped({"a.xml": b"x" * 1000}))
    with Package(path) as package:
        assert package.read("a.xml", 10**9) == b"x" * 1000
        with pytest.raises(JobRefused), package.part("b.xml"):
            pass


def test_ordinary_files_are_far_from_the_limits(tmp_path: Path) -> None:
    for kind in ("docx", "xlsx"):
        path = tmp_path / kind
        path.write_bytes(samples.DOCUMENTS[kind]())
        with zipfile.ZipFile(path) as package:
            unpacked = sum(entry.file_size for entry in package.infolist())
        assert unpacked < path.stat().st_size * RATIO / 10


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (lambda: JobFailed("memory"), "heavy"),
        (lambda: JobFailed("time"), "heavy"),
        (lambda: JobFailed("crash"), "broken"),
        (lambda: JobRefused("locked"), "locked"),
        (lambda: JobRefused("what_is_this"), "broken"),
    ],
)
async def test_failures_of_jobs(
    tmp_path: Path, failure: Callable[[], JobFailed | JobRefused], reason: str
) -> None:
    isolated = InProcess()
    isolated.fails = failure()
    reader = IsolatedReader(isolated, scratch_in(tmp_path))
    with pytest.raises(Unreadable) as document:
        await reader.document(tmp_path, "a", None)
    with pytest.raises(Unreadable) as picture:
        await reader.picture(tmp_path)
    assert document.value.reason == picture.value.reason == reason
