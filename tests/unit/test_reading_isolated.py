"""Reading in real processes with real limits."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from core.isolated.processes import IsolatedProcesses
from core.reading import Unreadable
from core.reading.reader import IsolatedReader
from tests.unit import reading_packages as packages
from tests.unit import reading_samples as samples
from tests.unit.reading_in_process import scratch_in
from tests.unit.test_reading_guards import docx_with
from tests.unit.test_reading_pictures import png


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[IsolatedReader]:
    isolated = IsolatedProcesses()
    yield IsolatedReader(isolated, scratch_in(tmp_path_factory.mktemp("scratch")))
    await isolated.close()


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("kind", sorted(samples.DOCUMENTS))
async def test_documents(reader: IsolatedReader, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "kept"
    path.write_bytes(samples.DOCUMENTS[kind]())
    found = await reader.document(path, f"файл.{kind}", None)
    assert found.format == ("text" if kind == "txt" else kind)
    assert found.whole


@pytest.mark.parametrize("kind", sorted(samples.PICTURES))
async def test_pictures(reader: IsolatedReader, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "kept"
    path.write_bytes(samples.PICTURES[kind]())
    found = await reader.picture(path)
    assert Image.open(io.BytesIO(found.data)).size == (found.width, found.height)


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("PNG", "RGBA", {"compress_level": 1}),
        ("WEBP", "RGB", {"quality": 1, "method": 0}),
    ],
)
async def test_the_biggest_cameras_fit_into_the_memory_of_a_job(
    reader: IsolatedReader, tmp_path: Path, kind: str, mode: str, options: dict[str, int]
) -> None:
    path = tmp_path / "kept"
    path.write_bytes(samples.picture(kind, (9248, 6936), mode, **options))
    found = await reader.picture(path)
    assert (found.width, found.height) == (2048, 1536)


async def refusal(reader: IsolatedReader, path: Path, data: bytes) -> str:
    path.write_bytes(data)
    picture = data.startswith(b"\x89PNG")
    with pytest.raises(Unreadable) as refused:
        await (reader.picture(path) if picture else reader.document(path, "файл", None))
    return refused.value.reason


async def test_refusals(reader: IsolatedReader, tmp_path: Path) -> None:
    path = tmp_path / "kept"
    assert await refusal(reader, path, b"") == "empty"
    assert await refusal(reader, path, samples.locked_pdf("secret")) == "locked"
    assert await refusal(reader, path, b"MZ\0\0") == "unsupported"
    assert await refusal(reader, path, samples.scanned_pdf()) == "no_text"
    assert await refusal(reader, path, png(100_000, 100_000)) == "heavy"
    assert await refusal(reader, path, samples.docx()[:9000]) == "broken"
    assert await refusal(reader, path, docx_with(b" " * (64 * 2**20))) == "heavy"


async def test_what_takes_too_much_memory_is_heavy(reader: IsolatedReader, tmp_path: Path) -> None:
    """No guard knows this one: a library asks for the memory and is ended."""
    data = packages.xls(row=65_535, column=255)
    assert await refusal(reader, tmp_path / "kept", data) == "heavy"
