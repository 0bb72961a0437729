"""What a file is by its bytes. Its name decides only between kinds of text."""

from __future__ import annotations

from pathlib import Path

from core.isolated import JobRefused
from core.reading.compound import Compound
from core.reading.package import Package

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OPEN_DOCUMENT = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
}
_OOXML = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
_BY_HINT = {
    "csv": "csv",
    "tsv": "csv",
    "tab": "csv",
    "htm": "html",
    "html": "html",
    "xhtml": "html",
}
_BY_MIME = {"text/csv": "csv", "text/tab-separated-values": "csv", "text/html": "html"}


def format_of(path: Path, hint: str, mime: str) -> str:
    """A name for `Document.format`. Refuses as `empty`, `locked`, `broken` or `unsupported`."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise JobRefused("empty")
    start = head.lstrip(b"\xef\xbb\xbf\0\t\r\n ")
    if start.startswith(b"%PDF-") or (hint == "pdf" and b"%PDF-" in head):
        return "pdf"
    if head.startswith(_ZIP):
        return _zip(path)
    if head.startswith(_OLE):
        return _ole(path)
    if start.startswith(b"{\\rtf"):
        raise JobRefused("unsupported")
    return _text(start, hint, mime)


def _text(start: bytes, hint: str, mime: str) -> str:
    lowered = start[:1024].lower()
    if lowered.startswith(b"begin:vcalendar"):
        return "ics"
    if lowered.startswith((b"<!doctype html", b"<html")):
        return "html"
    return _BY_HINT.get(hint) or _BY_MIME.get(mime.partition(";")[0].strip().lower()) or "text"


def _zip(path: Path) -> str:
    with Package(path) as package:
        if "mimetype" in package.names:
            mime = package.read("mimetype", 200).decode("ascii", errors="replace").strip()
            name = _OPEN_DOCUMENT.get(mime.removesuffix("-template"), "")
            manifest = "META-INF/manifest.xml"
            if name and manifest in package.names:
                _refuse_encrypted(package.read(manifest, 2**20))
            if name:
                return name
        if "[Content_Types].xml" in package.names:
            if "xl/workbook.bin" in package.names:
                return "xlsb"
            main = package.main()
            for folder, name in _OOXML:
                if main.startswith(folder):
                    return name
    raise JobRefused("unsupported")


def _refuse_encrypted(manifest: bytes) -> None:
    # OpenDocument describes here how each entry is encrypted, if it is.
    if b"encryption-data" in manifest:
        raise JobRefused("locked")


def _ole(path: Path) -> str:
    streams = Compound(path).streams
    if "EncryptedPackage" in streams:
        raise JobRefused("locked")
    if streams & {"Workbook", "Book"}:
        return "xls"
    raise JobRefused("unsupported")
