"""Text of real documents."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from core.reading import Document, Unreadable, documents
from core.reading.reader import IsolatedReader
from tests.unit import reading_packages as packages
from tests.unit import reading_samples as samples
from tests.unit.reading_in_process import InProcess, scratch_in


async def read(folder: Path, data: bytes, name: str = "файл", mime: str | None = None) -> Document:
    path = folder / "kept"
    path.write_bytes(data)
    return await IsolatedReader(InProcess(), scratch_in(folder)).document(path, name, mime)


async def refusal(folder: Path, data: bytes, name: str = "файл") -> str:
    with pytest.raises(Unreadable) as refused:
        await read(folder, data, name)
    return refused.value.reason


async def test_pdf(tmp_path: Path) -> None:
    found = await read(tmp_path, samples.pdf(3), "план.pdf", "application/pdf")
    assert (found.format, found.parts, found.whole) == ("pdf", 3, True)
    assert found.text.startswith("— 1 —\n\nГлава 1\nВизия: дом у моря, страница 1.\n\n— 2 —")


async def test_pdf_of_many_pages_is_cut(tmp_path: Path) -> None:
    found = await read(tmp_path, samples.pdf(302))
    assert (found.parts, found.whole) == (302, False)
    assert "страница 300." in found.text
    assert "страница 301." not in found.text


def test_out_of_time_it_gives_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_bytes(samples.pdf(3))
    found = documents.read({"path": str(path), "hint": "", "mime": "", "seconds": 0})
    assert (found["parts"], found["whole"]) == (3, False)
    assert "страница 1." in found["text"]
    assert "страница 3." not in found["text"]


async def test_a_damaged_page_is_left_out(tmp_path: Path) -> None:
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import NameObject, NumberObject

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(samples.pdf(3))))
    writer.pages[1][NameObject("/Contents")] = NumberObject(7)
    writer.pages[1][NameObject("/Resources")] = NumberObject(7)
    buffer = io.BytesIO()
    writer.write(buffer)
    found = await read(tmp_path, buffer.getvalue())
    assert "страница 1." in found.text
    assert "страница 3." in found.text
    assert "страница 2." not in found.text


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
async def test_locked_pdf(tmp_path: Path, algorithm: str) -> None:
    assert await refusal(tmp_path, samples.locked_pdf("secret", algorithm)) == "locked"
    found = await read(tmp_path, samples.locked_pdf("", algorithm))
    assert "дом у моря" in found.text


async def test_scan_has_no_text(tmp_path: Path) -> None:
    assert await refusal(tmp_path, samples.scanned_pdf()) == "no_text"


async def test_docx(tmp_path: Path) -> None:
    found = await read(tmp_path, samples.docx(), "план.docx")
    assert found == Document(
        text="# Визия\n\n## Шаги\n\nДом у моря — моя цель.\n\n1. первый\n2. второй\n- мелочь\n\n"
        "| Срок | Цена |\n|---|---|\n| май | 1\\|2 |\n\nПосле таблицы",
        format="docx",
        parts=None,
        whole=True,
    )


async def test_docx_with_boxes_changes_and_notes(tmp_path: Path) -> None:
    def run(words: str) -> str:
        return f"<w:r><w:t>{words}</w:t></w:r>"

    def box(words: str) -> str:
        return f"<w:txbxContent><w:p>{run(words)}</w:p></w:txbxContent>"

    body = (
        f"<w:p>{run('до')}<w:r><w:tab/></w:r>{run('после')}"
        '<w:r><w:footnoteReference w:id="2"/></w:r>'
        f"<w:del><w:r><w:delText>стёрто</w:delText></w:r></w:del>"
        f"<w:moveFrom>{run('уехало')}</w:moveFrom></w:p>"
        f"<w:p><w:r><mc:AlternateContent><mc:Choice>{box('рамка')}</mc:Choice>"
        f"<mc:Fallback>{box('рамка')}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
        f'<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr><w:p>{run("шире")}</w:p>'
        f"</w:tc></w:tr><w:tr><w:tc><w:p>{run('а')}</w:p><w:tbl><w:tr><w:tc><w:p>{run('внутри')}"
        f"</w:p></w:tc></w:tr></w:tbl></w:tc><w:tc><w:p>{run('б')}</w:p></w:tc></w:tr></w:tbl>"
    )
    notes = (
        f'<w:footnotes {WORD}><w:footnote w:id="0"><w:p/></w:footnote>'
        f'<w:footnote w:id="2"><w:p>{run("сноска")}</w:p></w:footnote></w:footnotes>'
    )
    found = await read(tmp_path, word(body, notes))
    assert found.text == (
        "до\tпосле[^2]\n\nрамка\n\n| шире |  |\n|---|---|\n| а внутри | б |\n\n[^2]: сноска"
    )


WORD = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)


def word(body: str, notes: str) -> bytes:
    """The sample with other contents."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(samples.docx())) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/document.xml":
                data = f"<w:document {WORD}><w:body>{body}</w:body></w:document>".encode()
            elif name == "word/_rels/document.xml.rels":
                data = data.replace(
                    b"</Relationships>",
                    b'<Relationship Id="n1" Type="x/footnotes" Target="footnotes.xml"/>'
                    b"</Relationships>",
                )
            new.writestr(name, data)
        new.writestr("word/footnotes.xml", notes)
    return buffer.getvalue()


async def test_xlsx(tmp_path: Path) -> None:
    found = await read(tmp_path, samples.xlsx(), "бюджет.xlsx")
    assert (found.format, found.parts, found.whole) == ("xlsx", 3, True)
    assert found.text == (
        "## Бюджет\n\n| Статья | Сумма | Когда |\n|---|---|---|\n"
        "| Аренда | 45000.5 | 2026-11-20 09:30 |\n|  |  | 2026-11-21 |\n|  | 45000.5 |  |\n"
        '| =HYPERLINK("http://127.0.0.1","x") |  |  |\n\n## Второй\n\n| TRUE |\n|---|'
    )


async def test_xls(tmp_path: Path) -> None:
    found = await read(tmp_path, packages.xls(), "старый.xls")
    assert (found.format, found.parts) == ("xls", 1)
    assert found.text == "## Лист\n\n| Привет |  |\n|---|---|\n|  | 42.5 |"


async def test_ods(tmp_path: Path) -> None:
    found = await read(tmp_path, packages.ods(), "расходы.ods")
    assert (found.format, found.parts) == ("ods", 1)
    assert found.text == "## Расходы\n\n| еда | 12.5 |\n|---|---|\n| 2026-11-20 |  |"


async def test_odt(tmp_path: Path) -> None:
    found = await read(tmp_path, packages.odt(), "план.odt")
    assert found.format == "odt"
    assert found.text == (
        "## План\n\nШаг  первый\nи\tвторой (сноска) конец\n\n- один\n  - глубже\n\n"
        "| а | б |\n|---|---|\n| 1 | 2 |"
    )


async def test_pptx(tmp_path: Path) -> None:
    found = await read(tmp_path, packages.pptx(), "показ.pptx")
    assert (found.format, found.parts) == ("pptx", 2)
    assert found.text == "## 1\n\nМечта\n\n> сказать спасибо\n\n## 2\n\n| срок | май |\n|---|---|"


async def test_ics(tmp_path: Path) -> None:
    found = await read(tmp_path, samples.ics(), "события.ics")
    assert (found.format, found.parts) == ("ics", 3)
    assert found.text == (
        "## Встреча с наставником\nDTSTART: 2026-11-23 19:00 Europe/Moscow\n"
        "DTEND: 2026-11-23 20:30 Europe/Moscow\nRRULE: FREQ=WEEKLY;COUNT=8;BYDAY=MO\n"
        "EXDATE: 2026-12-07 19:00 Europe/Moscow\nLOCATION: Кафе «Маяк»\n\n"
        "## Отпуск\nDTSTART: 2026-12-31\n\n## Смета\nDUE: 2026-12-01 12:00 UTC"
    )


async def test_html(tmp_path: Path) -> None:
    found = await read(tmp_path, samples.html(), "страница.html")
    assert found.format == "html"
    assert found.text == ("Мечты\n\n## Список\n\n- море\n- дом & сад\n\n| а | б\n\nКонец\nстраницы")
