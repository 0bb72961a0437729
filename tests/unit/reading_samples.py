"""Sample files of every kind that is read, made on the fly."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tests.unit import reading_packages as packages

RUSSIAN = (
    "Сегодня я записал, чего хочу на самом деле: открыть небольшую мастерскую у моря. "
    "Первый шаг — посчитать расходы, второй — найти помещение. Ещё нужны друзья и время."
)

# 96 × 64, the left half red and the right half blue, turned by 90° against the clock; with a place
# in its EXIF. Encoders of HEVC are rare, so it is kept ready-made.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAY1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAA"
    "AAAAAAAAAA5waXRtAAAAAAABAAAANGlsb2MAAAAAREAAAgABAAAAAAGnAAEAAAAKAAAAYQACAAAAAAIIAAEAAAAKAAAA"
    "YAAAADhpaW5mAAAAAAACAAAAFWluZmUCAAAAAAEAAGh2YzEAAAAAFWluZmUCAAABAAIAAEV4aWYAAAAAzGlwcnAAAACt"
    "aXBjbwAAAHhodmNDAQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQCEAAQAr"
    "QgEBA3AAAAMAkAAAAwAAAwAeoDCBBZbqSSmubgQEDAgAAAMACAAAAwAIQCIAAQAHRAHBcrAiQAAAABRpc3BlAAAAAAAA"
    "AGAAAABAAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90AQAAABdpcG1hAAAAAAAAAAEAAQSBAoOEAAAAGmlyZWYAAAAAAAAA"
    "DmNkc2MAAgABAAEAAADJbWRhdAAAAF0oAa8TgHc+JqiP//zBO3/tC9P/g0ZLIVT/6sgffmBLf+TDs8A1qg4sJpputm5a"
    "X8tpxVkP+UP7yP67O6j+20v9FaA0hF9470O428RhjlxT7IUAV9skT2pouBBtSC4AAAAATU0AKgAAAAgAAgEPAAIAAAAE"
    "Q2FtAIglAAQAAAABAAAAJgAAAAAAAgABAAIAAAACTgAAAAACAAUAAAADAAAARAAAAAAAAAA3AAAAAQAAAC0AAAABAAAA"
    "AAAAAAE="
)


def pdf(pages: int = 2) -> bytes:
    import typst

    body = "\n#pagebreak()\n".join(
        f"= Глава {number}\n\nВизия: дом у моря, страница {number}."
        for number in range(1, pages + 1)
    )
    return typst.compile(f'#set text(font: "DejaVu Sans")\n{body}'.encode())


def locked_pdf(password: str, algorithm: str = "AES-256") -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(1))))
    writer.encrypt(user_password=password, owner_password="owner", algorithm=algorithm)
    return _written(writer.write)


def scanned_pdf() -> bytes:
    return picture("PDF")


def docx() -> bytes:
    from docx import Document

    document = Document()
    document.add_heading("Визия", 0)
    document.add_heading("Шаги", 2)
    document.add_paragraph("Дом у моря — моя цель.")
    for text in ("первый", "второй"):
        document.add_paragraph(text, style="List Number")
    document.add_paragraph("мелочь", style="List Bullet 2")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ("Срок", "Цена", "май", "1|2"), strict=True):
        cell.text = text
    document.add_paragraph("После таблицы")
    return _written(document.save)


def xlsx() -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        dated = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
        sheet = book.add_worksheet("Бюджет")
        sheet.write_row(0, 0, ["Статья", "Сумма", "Когда"])
        sheet.write_row(1, 0, ["Аренда", 45000.5])
        sheet.write_datetime(1, 2, datetime(2026, 11, 20, 9, 30), dated)
        sheet.write_datetime(2, 2, datetime(2026, 11, 21), dated)
        sheet.write_formula(3, 1, "=SUM(B2:B3)", None, 45000.5)
        sheet.write_string(4, 0, '=HYPERLINK("http://127.0.0.1","x")')
        book.add_worksheet("Пусто")
        book.add_worksheet("Второй").write(0, 0, True)
    return buffer.getvalue()


def far_xlsx() -> bytes:
    """Two cells, as far from each other as a sheet allows."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "x")
        sheet.write(1_048_575, 16_383, "x")
    return buffer.getvalue()


def ics() -> bytes:
    from icalendar import Calendar, Event, Todo

    zone = ZoneInfo("Europe/Moscow")
    calendar = Calendar()
    calendar.add("prodid", "-//sample//")
    calendar.add("version", "2.0")
    meeting = Event()
    meeting.add("summary", "Встреча с наставником")
    meeting.add("dtstart", datetime(2026, 11, 23, 19, 0, tzinfo=zone))
    meeting.add("dtend", datetime(2026, 11, 23, 20, 30, tzinfo=zone))
    meeting.add("location", "Кафе «Маяк»")
    meeting.add("rrule", {"freq": "weekly", "byday": "mo", "count": 8})
    meeting.add("exdate", [datetime(2026, 12, 7, 19, 0, tzinfo=zone)])
    holiday = Event()
    holiday.add("summary", "Отпуск")
    holiday.add("dtstart", date(2026, 12, 31))
    task = Todo()
    task.add("summary", "Смета")
    task.add("due", datetime(2026, 12, 1, 12, 0, tzinfo=ZoneInfo("UTC")))
    for component in (meeting, holiday, task):
        calendar.add_component(component)
    return calendar.to_ical()


def html() -> bytes:
    return (
        "<!doctype html><html><head><title>Мечты</title><style>p{color:red}</style></head><body>"
        "<h2>Список</h2><script>alert('нет')</script><ul><li>море<li>дом &amp; сад</ul>"
        "<table><tr><td>а</td><td>б</td></tr></table><p>Конец<br>страницы</body></html>"
    ).encode()


def picture(
    format: str, size: tuple[int, int] = (96, 64), mode: str = "RGB", **save: object
) -> bytes:
    """The left half red, the right half blue."""
    from PIL import Image

    image = Image.new("RGB", size, (220, 30, 30))
    image.paste((30, 30, 220), (size[0] // 2, 0, *size))
    return _written(lambda buffer: image.convert(mode).save(buffer, format, **save))  # type: ignore[arg-type]


def noise(format: str) -> bytes:
    from PIL import Image

    image = Image.effect_noise((64, 48), 90).convert("RGB")
    return _written(lambda buffer: image.save(buffer, format))


def _written(write: Callable[[io.BytesIO], object]) -> bytes:
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


DOCUMENTS: dict[str, Callable[[], bytes]] = {
    "pdf": pdf,
    "docx": docx,
    "xlsx": xlsx,
    "xls": packages.xls,
    "ods": packages.ods,
    "odt": packages.odt,
    "pptx": packages.pptx,
    "ics": ics,
    "html": html,
    "csv": lambda: "статья;сумма\nаренда;45 000\nсвет;=1+1\n".encode("cp1251"),
    "txt": RUSSIAN.encode,
}
"""By the extension that fits."""

PICTURES: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: picture("JPEG"),
    "png": lambda: picture("PNG", mode="RGBA"),
    "webp": lambda: picture("WEBP"),
    "gif": lambda: picture("GIF"),
    "bmp": lambda: picture("BMP"),
    "tiff": lambda: picture("TIFF", compression="tiff_lzw"),
    "avif": lambda: picture("AVIF"),
    "heic": lambda: HEIC,
}
