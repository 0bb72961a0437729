"""Sample files in containers that no library here writes: PPTX, ODT, ODS, XLS."""

from __future__ import annotations

import io
import struct
import zipfile

_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"
_OOXML = "http://schemas.openxmlformats.org"
_ODF_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "drawing")
)


def zipped(parts: dict[str, bytes | str], stored: tuple[str, ...] = ("mimetype",)) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            method = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            package.writestr(name, data, method)
    return buffer.getvalue()


def odf(kind: str, body: str, manifest: str = "") -> bytes:
    return zipped(
        {
            "mimetype": f"{_OPEN_DOCUMENT}.{kind}",
            "META-INF/manifest.xml": "<manifest:manifest xmlns:manifest="
            f'"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">{manifest}</manifest:manifest>',
            "content.xml": f'<?xml version="1.0"?><office:document-content {_ODF_NAMES}>'
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
            "</office:document-content>",
        }
    )


def odt() -> bytes:
    return odf(
        "text",
        "<text:tracked-changes><text:p>вычеркнуто</text:p></text:tracked-changes>"
        '<text:h text:outline-level="2">План</text:h>'
        '<text:p>Шаг<text:s text:c="2"/>первый<text:line-break/>и<text:tab/>второй'
        "<text:note><text:note-citation>1</text:note-citation><text:note-body>"
        "<text:p>сноска</text:p></text:note-body></text:note> конец</text:p>"
        "<text:list><text:list-item><text:p>один</text:p><text:list><text:list-item>"
        "<text:p>глубже</text:p></text:list-item></text:list></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>а</text:p></table:table-cell>"
        "<table:table-cell><text:p>б</text:p></table:table-cell></table:table-row>"
        "<table:table-row><table:table-cell><text:p>1</text:p></table:table-cell>"
        "<table:table-cell><text:p>2</text:p></table:table-cell></table:table-row></table:table>",
    )


def ods(columns: int = 1, rows: int = 1) -> bytes:
    return odf(
        "spreadsheet",
        '<table:table table:name="Расходы"><table:table-row>'
        '<table:table-cell office:value-type="string"><text:p>еда</text:p></table:table-cell>'
        '<table:table-cell office:value-type="float" office:value="12.5"><text:p>12,5</text:p>'
        "</table:table-cell></table:table-row><table:table-row table:number-rows-repeated="
        f'"{rows}"><table:table-cell table:number-columns-repeated="{columns}" '
        'office:value-type="date" office:date-value="2026-11-20"><text:p>x</text:p>'
        "</table:table-cell></table:table-row><table:table-row table:number-rows-repeated="
        '"1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
        "</table:table>",
    )


def pptx() -> bytes:
    relation = f"{_OOXML}/officeDocument/2006/relationships"
    rels = f'<?xml version="1.0"?><Relationships xmlns="{_OOXML}/package/2006/relationships">'

    def linked(*targets: tuple[str, str, str]) -> str:
        links = "".join(
            f'<Relationship Id="{name}" Type="{relation}/{kind}" Target="{target}"/>'
            for name, kind, target in targets
        )
        return f"{rels}{links}</Relationships>"

    def slide(inside: str) -> str:
        return (
            f'<p:sld xmlns:p="{_OOXML}/presentationml/2006/main" '
            f'xmlns:a="{_OOXML}/drawingml/2006/main">{inside}</p:sld>'
        )

    def text(words: str) -> str:
        return f"<a:p><a:r><a:t>{words}</a:t></a:r></a:p>"

    cells = "".join(f"<a:tc><a:txBody>{text(word)}</a:txBody></a:tc>" for word in ("срок", "май"))
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": linked(("r1", "officeDocument", "ppt/presentation.xml")),
            "ppt/presentation.xml": f'<p:presentation xmlns:p="{_OOXML}/presentationml/2006/main" '
            f'xmlns:r="{relation}"><p:sldIdLst><p:sldId id="256" r:id="r2"/>'
            '<p:sldId id="257" r:id="r1"/></p:sldIdLst></p:presentation>',
            "ppt/_rels/presentation.xml.rels": linked(
                ("r1", "slide", "slides/slide1.xml"), ("r2", "slide", "/ppt/slides/slide2.xml")
            ),
            "ppt/slides/slide1.xml": slide(f"<a:tbl><a:tr>{cells}</a:tr></a:tbl>"),
            "ppt/slides/slide2.xml": slide(
                text("Мечта") + '<a:p><a:fld type="slidenum"><a:t>77</a:t></a:fld></a:p>'
            ),
            "ppt/slides/_rels/slide2.xml.rels": linked(
                ("r1", "notesSlide", "../notesSlides/notesSlide1.xml")
            ),
            "ppt/notesSlides/notesSlide1.xml": slide(text("сказать спасибо")),
        }
    )


def compound(streams: dict[str, bytes]) -> bytes:
    """An OLE file: header, one sector of allocation, the directory, then streams of 4 KB or more,
    so that none needs the table of small ones."""
    allocation, directory, body = [0xFFFFFFFD, 0xFFFFFFFE], [_entry("Root Entry", 5, 1, -2, 0)], b""
    for at, (name, data) in enumerate(streams.items()):
        padded = data.ljust(4096, b"\0")
        padded += b"\0" * (-len(padded) % 512)
        start, sectors = len(allocation), len(padded) // 512
        allocation += [*range(start + 1, start + sectors), 0xFFFFFFFE]
        following = at + 2 if at + 1 < len(streams) else -1
        directory.append(_entry(name, 2, -1, start, len(padded), following))
        body += padded
    allocation += [0xFFFFFFFF] * (128 - len(allocation))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 16
    header += struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    table = struct.pack("<128I", *allocation)
    return header + table + b"".join(directory).ljust(512, b"\0") + body


def _entry(name: str, kind: int, child: int, start: int, size: int, right: int = -1) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1)
    return head + struct.pack("<iii36xiQ", -1, right, child, start, size)


def xls(row: int = 1, column: int = 1) -> bytes:
    """BIFF8 with one sheet: a word in Russian, and a number in the cell told."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def begin(kind: int) -> bytes:
        return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 1996, 0, 6))

    end = record(0x0A, b"")
    title, word = "Лист".encode("utf-16-le"), "Привет".encode("utf-16-le")
    sheet = (
        begin(0x10)
        + record(0x204, struct.pack("<HHHHB", 0, 0, 0, len(word) // 2, 1) + word)
        + record(0x203, struct.pack("<HHHd", row, column, 0, 42.5))
        + end
    )

    def book(offset: int) -> bytes:
        named = struct.pack("<IHBB", offset, 0, len(title) // 2, 1) + title
        return begin(0x05) + record(0x42, struct.pack("<H", 1200)) + record(0x85, named) + end

    return compound({"Workbook": book(len(book(0))) + sheet})
