"""Documents of text: what the model wrote in Markdown stands in the file, and does nothing."""

from __future__ import annotations

import io
import re
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import docx
import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.making import NotMade
from core.making.glyphs import fitted, our_characters
from core.making.markdown import page_of
from core.making.tree import Code, Grid, Heading, ItemList, Paragraph, Quote, Rule, plain
from tests.unit.making_jobs import made_bytes, make

PLAN = """\
# План мастерской

Анна, это **главное** и *важное*, ~~лишнее~~ `код`, [сайт](https://example.org/a).

## Шаги

1. Посчитать
2. Договориться
   - «Зерно»
   - «Тёплый угол»

### Неделя

- [x] Фото
- [ ] Звонок

> Слова Анны

| Месяц | ₽ |
|:--|--:|
| Декабрь | 45 000 |
| Январь | 60 000 |

```python
print("x")
```

---

Конец.
"""
NASTY = [
    '#read("/etc/passwd")',
    '#include "/etc/passwd"',
    '#import "@preview/cetz:0.3.0": *',
    '#eval("1+1")',
    '#image("/etc/hostname")',
    "$x^2$ $ #sys.version $",
    ']] #[ ]) } " \\ #',
    "<script>alert(1)</script>",
    "``#panic()``",
    "```\n#panic()\n```",
    '{"kind": "rule"} %s {} ${x}',
    "{% raw %}{{ 7*7 }}",
    "]]> <![CDATA[ &amp; &#65; <w:p/>",
]


def pdf_text(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def squeezed(text: str) -> str:
    """Hyphens at line ends, spaces and invisible break points are typography."""
    return re.sub(r"[\s\u200b\u00ad\u2010-]+", "", text)


def word_of(data: bytes) -> Any:
    return docx.Document(io.BytesIO(data))


def test_the_tree_of_a_plan() -> None:
    page = page_of(PLAN, "Другое имя")
    assert page.title == "План мастерской"
    assert [type(block) for block in page.blocks] == [
        Paragraph, Heading, ItemList, Heading, ItemList, Quote, Grid, Code, Rule, Paragraph,
    ]  # fmt: skip
    assert [block.level for block in page.blocks if isinstance(block, Heading)] == [1, 2]
    steps, week = (block for block in page.blocks if isinstance(block, ItemList))
    assert (steps.first, week.first) == (1, None)
    assert [item.done for item in week.items] == [True, False]
    inner = steps.items[1].blocks[1]
    assert isinstance(inner, ItemList)
    assert len(inner.items) == 2
    (grid,) = (block for block in page.blocks if isinstance(block, Grid))
    assert grid.aligns == ("left", "right")
    assert [[plain(cell) for cell in row] for row in grid.rows] == [
        ["Месяц", "₽"], ["Декабрь", "45 000"], ["Январь", "60 000"],
    ]  # fmt: skip
    marks = {run.text: run for run in page.blocks[0].runs}  # type: ignore[union-attr]
    assert marks["главное"].bold
    assert marks["важное"].italic
    assert marks["лишнее"].strike
    assert marks["код"].code
    assert marks["сайт"].url == "https://example.org/a"


@pytest.mark.parametrize(
    ("markdown", "title", "expected"),
    [
        ("# А\n\nтекст", "Б", "А"),
        ("текст", "Б", "Б"),
        ("## А\n\nтекст", "", "А"),
        ("## Б\n\n## В", "Б", "Б"),
        ("# А\n\n# В", "Б", "Б"),
        ("# А\n\n# В", "", ""),
        ("текст", "", ""),
    ],
)
def test_a_document_has_one_title(markdown: str, title: str, expected: str) -> None:
    page = page_of(markdown, title)
    assert page.title == expected
    levels = [block.level for block in page.blocks if isinstance(block, Heading)]
    assert not levels or min(levels) == 1


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("[Важно]: завтра", "[Важно]: завтра"),
        ("стоит ~500 и ~600", "стоит ~500 и ~600"),
        ("<имя> и <br> тег", "<имя> и \n тег"),
        ("[тут](javascript:alert(1))", "тут"),
        ("![](https://e.org/x.png)", "https://e.org/x.png"),
        ("первая\nвторая", "первая\nвторая"),
        ("см. https://e.org/a_b_c.", "см. https://e.org/a_b_c."),
        ("> " * 40 + "глубоко", "глубоко"),
    ],
)
def test_no_visible_word_is_lost(markdown: str, shown: str) -> None:
    def words(blocks: Any) -> str:
        return "".join(
            plain(block.runs) if isinstance(block, Paragraph) else words(block.blocks)
            for block in blocks
        )

    assert words(page_of(markdown, "").blocks) == shown


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://e.org/a?b=1#c", True),
        ("mailto:anna@example.org", True),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("data:text/html,x", False),
        ("//e.org", False),
        ("/etc/passwd", False),
        ("https://", False),
    ],
)
def test_only_harmless_addresses_are_links(tmp_path: Path, url: str, linked: bool) -> None:
    made = make(tmp_path, format="docx", content=f"[слово]({url})").path
    relations = zipfile.ZipFile(made).read("word/_rels/document.xml.rels").decode()
    assert ('TargetMode="External"' in relations) is linked
    pages = pypdf.PdfReader(make(tmp_path, format="pdf", content=f"[слово]({url})").path).pages
    assert bool(pages[0].get("/Annots")) is linked


def test_markdown_is_kept_as_written(tmp_path: Path) -> None:
    def text(**arguments: Any) -> str:
        return make(tmp_path, format="md", **arguments).path.read_text(encoding="utf-8")

    assert text(content=PLAN, title="Другое") == PLAN
    assert text(content="Шаги\r\nи ещё", title="План") == "# План\n\nШаги\nи ещё\n"
    assert text(content="## План\n\nx", title="План") == "## План\n\nx\n"
    wide = "|" + "a|" * 40 + "\n|" + "-|" * 40
    assert text(content=wide) == wide + "\n"


def test_a_pdf_reads_well() -> None:
    data = made_bytes(format="pdf", content=PLAN)
    reader = pypdf.PdfReader(io.BytesIO(data))
    text = pdf_text(data)
    for word in ("План мастерской", "главное", "сайт", "Тёплый угол", "Слова Анны", "45 000"):
        assert word in text
    assert reader.metadata is not None
    assert reader.metadata.title == "План мастерской"
    assert not reader.metadata.author
    assert reader.root_object["/Lang"] == "ru"
    assert "/StructTreeRoot" in reader.root_object
    width, height = reader.pages[0].mediabox[2:]
    assert (round(width), round(height)) == (595, 842)
    assert [each.title for each in reader.outline if not isinstance(each, list)] == ["Шаги"]
    assert data[:5] == b"%PDF-"


def test_long_tables_repeat_their_head_and_long_documents_count_their_pages() -> None:
    rows = "".join(f"| Строка {number} | {number} |\n" for number in range(200))
    data = made_bytes(format="pdf", content=f"| Заголовок | Число |\n|--|--|\n{rows}")
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages]
    assert len(pages) > 3
    assert all("Заголовок" in page for page in pages)
    assert f"2 / {len(pages)}" in pages[1]
    assert "Строка 199" in pages[-1]


def test_long_words_stay_on_the_page() -> None:
    """What runs over the margin is cut: its letters would stand right of the paper's edge."""
    word = "ы" * 600
    content = f"{word}\n\n`{'x' * 600}`\n\n| а | б |\n|--|--|\n| {word} | {word} |"
    page = pypdf.PdfReader(io.BytesIO(made_bytes(format="pdf", content=content))).pages[0]
    places: list[float] = []
    page.extract_text(visitor_text=lambda text, cm, tm, font, size: places.append(tm[4]))
    assert max(places) < 595 - 60
    assert squeezed(page.extract_text()).count("ы") == 1800


@pytest.mark.parametrize("content", NASTY)
def test_nothing_written_is_executed(content: str) -> None:
    shown = pdf_text(made_bytes(format="pdf", content=content, title=content))
    word = word_of(made_bytes(format="docx", content=content, title=content))
    for text in (shown, "\n".join(each.text for each in word.paragraphs)):
        assert "root:" not in text
        found = squeezed(text)
        assert squeezed(content) in found  # the title, which is no Markdown
        assert found.count("#panic()") == 2 * content.count("#panic()")


def test_the_template_reads_nothing_but_its_data() -> None:
    template = files("core.making.formats").joinpath("document.typ").read_text(encoding="utf-8")
    code = "\n".join(line.split("//")[0] for line in template.splitlines())
    assert not re.search(r"\b(eval|read|include|import|plugin|image|yaml|csv|xml|toml)\b", code)
    assert re.findall(r"\bjson\(.*", code) == ["json(bytes(sys.inputs.document))"]


def test_letters_without_a_font_are_refused_and_emoji_are_not() -> None:
    with pytest.raises(NotMade, match="docx"):
        made_bytes(format="pdf", content="\U00012000\U00012001 клинопись")
    assert "Цель" in pdf_text(made_bytes(format="pdf", content="# 🎯 Цель\n\n✅ Да 👨‍👩‍👧 🇷🇺"))
    assert "你好" in word_of(made_bytes(format="docx", content="你好")).paragraphs[-1].text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("🎯 Цель", "Цель"),
        ("Цель 🎯", "Цель"),
        ("Цель 🎯 года", "Цель года"),
        ("Готово ✅", "Готово ✔"),
        ("👨‍👩‍👧 семья", "семья"),
        ("Да 👍🏽.", "Да."),
        ("цена 5 ₽ – «да» ★", "цена 5 ₽ – «да» ★"),
    ],
)
def test_emoji_that_no_font_shows_go_without_a_trace(text: str, expected: str) -> None:
    assert fitted(text, our_characters()) == expected


def test_a_word_document_has_real_styles() -> None:
    data = made_bytes(format="docx", content=PLAN)
    document = word_of(data)
    styles = [(each.style.name, each.text) for each in document.paragraphs if each.text]
    assert styles[0] == ("Title", "План мастерской")
    assert styles[2:6] == [
        ("Heading 1", "Шаги"), ("List Number", "Посчитать"), ("List Number", "Договориться"),
        ("List Bullet", "«Зерно»"),
    ]  # fmt: skip
    assert ("Heading 2", "Неделя") in styles
    assert ("List Paragraph", "☑\tФото") in styles
    assert ("List Paragraph", "☐\tЗвонок") in styles
    assert ("Quote", "Слова Анны") in styles
    assert ("Code", 'print("x")') in styles
    (table,) = document.tables
    assert [[cell.text for cell in row.cells] for row in table.rows][1] == ["Декабрь", "45 000"]
    properties = document.core_properties
    assert (properties.title, properties.author) == ("План мастерской", "")
    assert (properties.language, properties.comments) == ("ru-RU", "")
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        styles_xml = package.read("word/styles.xml").decode()
        body = package.read("word/document.xml").decode()
        assert not [name for name in package.namelist() if "thumbnail" in name]
    assert set(re.findall(r'w:lang w:val="([^"]+)"', styles_xml)) == {"ru-RU"}
    assert "w:tblHeader" in body
    assert body.count("<w:hyperlink ") == 1


def test_the_language_of_a_document_is_that_of_its_words() -> None:
    english = made_bytes(format="docx", language="ru", content="Walk every day, says the plan.")
    assert word_of(english).core_properties.language == "en-US"
    russian = made_bytes(format="pdf", language="en", content="Гулять каждый день.")
    assert pypdf.PdfReader(io.BytesIO(russian)).root_object["/Lang"] == "ru"


def test_each_numbered_list_counts_anew() -> None:
    document = word_of(made_bytes(format="docx", content="1. а\n2. б\n\nтекст\n\n5. в\n6. г"))
    numbers = [
        each._p.pPr.numPr.numId.val
        for each in document.paragraphs
        if each.style.name == "List Number"
    ]
    assert numbers[0] == numbers[1] != numbers[2] == numbers[3]
    numbering = document.part.numbering_part.element
    starts = {
        number: next(each for each in numbering.num_lst if each.numId == number)
        .lvlOverride_lst[0]
        .startOverride.val
        for number in set(numbers)
    }
    assert starts == {numbers[0]: 1, numbers[2]: 5}


def test_a_table_too_wide_for_paper_is_sent_elsewhere() -> None:
    wide = "|" + "a|" * 13 + "\n|" + "-|" * 13 + "\n"
    for paged in ("pdf", "docx"):
        with pytest.raises(NotMade, match="xlsx"):
            made_bytes(format=paged, content=wide)


SIGNS = st.sampled_from(
    [*"abя1 \n\t#*_`~|>-[]()<>$\\\"'{}@!:;+.=&%^/", "\n\n", "  ", "- ", "1. ", "- [ ] ", "> ",
     "```", "|-|-|\n", "](http://e.org)", "🎯", "\u0301", "\u200d", "ß", "你", "\ud800", "\x00"]
)  # fmt: skip
CONTENT = st.one_of(st.text(max_size=120), st.lists(SIGNS, max_size=60).map("".join))


@pytest.mark.parametrize("format", ["md", "docx", "pdf"])
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=CONTENT, title=st.one_of(st.just(""), CONTENT))
def test_any_text_becomes_a_file_or_a_reason(format: str, content: str, title: str) -> None:
    try:
        data = made_bytes(format=format, content=content, title=title)
    except NotMade as reason:
        assert re.search("needs content|letters|title: has", str(reason))  # noqa: PT017
        return
    if format == "md":
        wanted = data.decode()
    elif format == "docx":
        wanted = "".join(word_of(data).element.itertext())
    else:
        pypdf.PdfReader(io.BytesIO(data))
        return
    for word in re.findall(r"[a-zа-я]{2,}", content):
        assert word in wanted
