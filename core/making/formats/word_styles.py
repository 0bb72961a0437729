"""The look of a Word document: paper, fonts, styles, language, page numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt, RGBColor

from core.making.formats.word_xml import border, element, field, shade

FONT, MONOSPACED = "Calibri", "Consolas"
INK, ACCENT, PALE = (
    RGBColor(0x1F, 0x2A, 0x30),
    RGBColor(0x2F, 0x6F, 0x7E),
    RGBColor(0x5B, 0x6B, 0x74),
)
HAIRLINE, WASH = "D3DCE0", "F2F6F7"
_TAGS = {"ru": "ru-RU", "en": "en-US"}
_HEADINGS = ((16, ACCENT, 18), (13.5, INK, 14), (12, PALE, 12), (11, INK, 10))


def prepare(document: Any, title: str, language: str) -> None:
    tag = _TAGS.get(language, language)
    _properties(document, title, tag)
    _paper(document.sections[0])
    styles = document.styles
    _languages(styles, tag)
    normal = styles["Normal"]
    _letters(normal, FONT, 11, INK)
    _spaces(normal, 0, 7, 1.15)
    for level, (size, colour, before) in enumerate(_HEADINGS, 1):
        heading = styles[f"Heading {level}"]
        _letters(heading, FONT, size, colour, bold=True)
        heading.font.italic = False
        _spaces(heading, before, 5, 1.05)
    _title(styles["Title"])
    for name in ("List Bullet", "List Number", "List Paragraph"):
        _spaces(styles[name], 0, 3, 1.1)
    quote = styles["Quote"]
    _letters(quote, FONT, 11, PALE)
    quote.font.italic = False
    quote.paragraph_format.left_indent = Cm(0.5)
    border(quote.element.get_or_add_pPr(), "left", "8FB4BD", size=18, space=10)
    _code(styles)
    _table(styles)


def _properties(document: Any, title: str, tag: str) -> None:
    properties = document.core_properties
    now = datetime.now(UTC).replace(tzinfo=None)
    properties.title, properties.language = title[:255], tag
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = now
    # The template carries a picture of its own first page.
    relations = document.part.package.rels
    for name in [each.rId for each in relations.values() if each.reltype.endswith("/thumbnail")]:
        del relations[name]


def _paper(section: Any) -> None:
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin, section.bottom_margin = Cm(2.2), Cm(2.2)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = footer.add_run()
    run.font.size, run.font.color.rgb = Pt(9), PALE
    field(run, "PAGE")


def _languages(styles: Any, tag: str) -> None:
    for lang in styles.element.iter("{*}lang"):
        for name in list(lang.attrib):
            del lang.attrib[name]
        lang.set(lang.tag.replace("lang", "val"), tag)


def _letters(style: Any, font: str, size: float, colour: RGBColor, *, bold: bool = False) -> None:
    style.font.name, style.font.size, style.font.bold = font, Pt(size), bold
    style.font.color.rgb = colour
    fonts = style.element.rPr.rFonts
    # A theme's font would win over the one that is named.
    for name in [name for name in fonts.attrib if name.endswith(("Theme", "theme"))]:
        del fonts.attrib[name]
    for kind in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(fonts.tag.replace("rFonts", kind), font)


def _spaces(style: Any, before: float, after: float, line: float) -> None:
    space = style.paragraph_format
    space.space_before, space.space_after, space.line_spacing = Pt(before), Pt(after), line


def _title(title: Any) -> None:
    _letters(title, FONT, 24, INK, bold=True)
    _spaces(title, 0, 16, 1.0)
    border(title.element.get_or_add_pPr(), "bottom", str(ACCENT), size=12, space=6)


def _table(styles: Any) -> None:
    for name in ("Table Text", "Table Head"):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        _letters(style, FONT, 10, INK, bold=name == "Table Head")
        _spaces(style, 3, 3, 1.05)


def _code(styles: Any) -> None:
    block = styles.add_style("Code", WD_STYLE_TYPE.PARAGRAPH)
    block.base_style = styles["Normal"]
    _letters(block, MONOSPACED, 9.5, INK)
    _spaces(block, 4, 10, 1.0)
    block.paragraph_format.left_indent = block.paragraph_format.right_indent = Cm(0.2)
    shade(block.element.get_or_add_pPr(), WASH)
    inline = styles.add_style("Code Char", WD_STYLE_TYPE.CHARACTER)
    _letters(inline, MONOSPACED, 10, INK)
    inline.element.get_or_add_rPr().append(element("w:shd", val="clear", color="auto", fill=WASH))
    link = styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb, link.font.underline = ACCENT, True
