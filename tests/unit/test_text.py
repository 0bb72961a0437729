"""What a person sees of the model's Markdown."""

from __future__ import annotations

import pytest

from bot.delivery.text import Piece, preview, render


def spans(piece: Piece) -> list[tuple[str, str]]:
    """Each entity with the text it covers, cut out as Telegram does: by UTF-16 units."""
    data = piece.text.encode("utf-16-le")
    return [
        (e.type, data[e.offset * 2 : (e.offset + e.length) * 2].decode("utf-16-le"))
        for e in piece.entities
    ]


def one(markdown: str) -> Piece:
    (piece,) = render(markdown)
    return piece


@pytest.mark.parametrize(
    ("markdown", "text", "marks"),
    [
        ("**да** и *нет*, ~~было~~", "да и нет, было", ["bold", "italic", "strikethrough"]),
        ("***оба***", "оба", ["bold", "italic"]),
        ("- один\n- два\n  - три", "• один\n• два\n    ◦ три", []),
        ("План:\n\n1. раз\n2. два", "План:\n\n1. раз\n2. два", []),
        ("- [ ] купить\n- [x] спать", "☐ купить\n☑ спать", []),
        ("> мысль\n> ещё\n\nдальше", "мысль\nещё\n\nдальше", ["blockquote"]),
        ("```python\nx = 1\n```", "x = 1", ["pre"]),
        ("вот `код`", "вот код", ["code"]),
        ("текст\n# Дом\nстроим", "текст\n\nДом\nстроим", ["bold"]),
        ("абзац\n---\nдальше", "абзац\n———\nдальше", []),
        ("раз<br>два", "раз\nдва", []),
        ("🙂 **жирно 🙂**", "🙂 жирно 🙂", ["bold"]),
    ],
)
def test_formatting(markdown: str, text: str, marks: list[str]) -> None:
    piece = one(markdown)
    assert piece.text == text
    assert sorted(entity.type for entity in piece.entities) == sorted(marks)


@pytest.mark.parametrize(
    "text",
    [
        "Привет, <имя>! Это <b>не</b> HTML",
        "от $5 до $10, а 10$ это дорого",
        "~5 минут или ~6",
        "[Важно]: отдохни\n[Важно]: и поешь",
        "a || b || c",
        "snake_case_word и 2 * 3 * 4",
        "<div>\n**как есть**\n</div>",
        "**не закрыто и ещё `тоже",
        "אבג דהו **",
        "Z̸̧̛a̷͜l̵̨g̶o",
    ],
)
def test_signs_that_are_text_stay(text: str) -> None:
    assert one(text).text == text.rstrip()


def test_code_inside_bold_breaks_the_bold_as_telegram_demands() -> None:
    piece = one("**до `код` после**")
    assert spans(piece) == [("bold", "до "), ("code", "код"), ("bold", " после")]


def test_only_links_that_lead_somewhere_are_links() -> None:
    piece = one(
        "[a](https://x.y/1) [b](/rel) [c](javascript:alert(1)) [d](mailto:a@b.c) [e](http://) "
        "[f](tg://user?id=1) [g](//x.y) [h](http://[) [](http://empty.org) ![пик](http://p.q/r.png)"
    )
    links = {text: entity.url for entity, (_, text) in zip(piece.entities, spans(piece))}  # noqa: B905
    assert links == {
        "a": "https://x.y/1",
        "d": "mailto:a@b.c",
        "f": "tg://user?id=1",
        "пик": "http://p.q/r.png",
    }
    assert piece.text == "a b c d e f g h http://empty.org пик"


def test_a_narrow_table_is_aligned() -> None:
    piece = one("| шаг | когда |\n|:--|--:|\n| купить | завтра |\n| 睡觉 | в среду |")
    assert piece.text.splitlines() == [
        "шаг     когда",
        "──────  ───────",
        "купить  завтра",
        "睡觉    в среду",
    ]
    assert spans(piece) == [("pre", piece.text)]


def test_a_wide_table_becomes_lines_and_loses_no_cell() -> None:
    long = "очень длинное описание первого шага к дому"
    piece = one(f"| шаг | срок | кто |\n|--|--|--|\n| **{long}** | май | | лишнее |\n| два |")
    assert piece.text == f"шаг: {long}\nсрок: май\nкто:\nлишнее\n\nшаг: два\nкто:"
    assert ("bold", long) in spans(piece)


def test_links_in_tables_stay_links() -> None:
    piece = one("| книга |\n|--|\n| [тут](http://a.b) |")
    assert spans(piece) == [("text_link", "тут")]


def test_words_in_a_fence_line_are_kept() -> None:
    assert one("```это не язык\nкод").text == "это не язык\nкод"


def test_control_characters_never_reach_telegram() -> None:
    assert one("a\x00b\x07\r\nc\ud800").text == "ab\nc\ufffd"


@pytest.mark.parametrize("markdown", ["", " \n\t ", "\u200b\u200d", "```\n```", "\x00"])
def test_blank_gives_no_message(markdown: str) -> None:
    assert render(markdown) in ([], [Piece(markdown, [])]) or not markdown.strip("`\n")
    assert all(piece.text.strip() for piece in render(markdown))


@pytest.mark.parametrize(
    "unit", ["слово ", "*a*", "> ", "- \n", "[a](", "`", "|a|b|\n", "**", "\u0301", "👩‍👩‍👧‍👦"]
)
def test_a_megabyte_of_anything_comes_through(unit: str) -> None:
    source = unit * (1_000_000 // len(unit.encode()))
    pieces = render(source)
    assert "".join("".join(p.text for p in pieces).split()) == "".join(source.split())
    assert all(len(piece.text.encode("utf-16-le")) <= 8192 for piece in pieces)


class TestSplitting:
    def test_between_paragraphs_first(self) -> None:
        first, second = "а" * 60 + ". " + "б" * 20, "в" * 60
        assert [p.text for p in render(f"{first}\n\n{second}", 100)] == [first, second]

    def test_then_between_sentences_then_words(self) -> None:
        sentence = "слово слово слово. " * 3 + "ещё слова без конца и точки тут"
        assert [p.text for p in render(sentence, 64)] == [
            "слово слово слово. слово слово слово. слово слово слово.",
            "ещё слова без конца и точки тут",
        ]
        assert [p.text for p in render("раз два три четыре", 11)] == ["раз два три", "четыре"]

    def test_not_after_a_heading_nor_a_colon(self) -> None:
        text = "а" * 50 + "\n\n# Заголовок\n\nтекст под ним"
        assert [p.text for p in render(text, 64)] == ["а" * 50, "Заголовок\n\nтекст под ним"]
        text = "а" * 50 + "\n\nВарианты:\n- первый\n- второй"
        assert [p.text for p in render(text, 64)] == ["а" * 50, "Варианты:\n• первый\n• второй"]

    def test_not_inside_a_link_or_bold(self) -> None:
        text = "слово " * 8 + "[длинная ссылка из слов](http://a.b) конец"
        first, second = render(text, 60)
        assert first.text == ("слово " * 8).strip()
        assert spans(second) == [("text_link", "длинная ссылка из слов")]

    def test_long_code_goes_on_in_the_next_message(self) -> None:
        code = "\n".join(f"    line_{number} = {number}" for number in range(30))
        pieces = render(f"Вот:\n\n```python\n{code}\n```\nконец", 200)
        assert len(pieces) > 2
        covered = [text for piece in pieces for kind, text in spans(piece) if kind == "pre"]
        assert "\n".join(covered) == code
        assert {e.language for p in pieces for e in p.entities} == {"python"}

    def test_no_emoji_or_letter_is_torn(self) -> None:
        family, flag, accent = "👩‍👩‍👧‍👦", "🇷🇺", "é"
        for unit in (family, flag, accent):
            pieces = render(unit * 40, 37)
            assert "".join(p.text for p in pieces) == unit * 40
            assert all(p.text.replace(unit, "") == "" for p in pieces)

    def test_at_most_a_hundred_entities(self) -> None:
        pieces = render(" ".join(f"**б{number}**" for number in range(250)))
        assert [len(piece.entities) for piece in pieces] == [100, 100, 50]


class TestPreview:
    @pytest.mark.parametrize(
        ("so_far", "text", "marks"),
        [
            ("**Важ", "Важ", ["bold"]),
            ("**Важно*", "Важно", ["bold"]),
            ("**Важно** и *кур", "Важно и кур", ["bold", "italic"]),
            ("Шаги:\n1.", "Шаги:", []),
            ("Текст\n-", "Текст", []),
            ("смотри [сюда](http://a", "смотри сюда", []),
            ("```py\nprint(", "print(", ["pre"]),
            ("и `код", "и код", ["code"]),
            ("**", "", []),
            ("", "", []),
            ("2 * 3", "2 * 3", []),
        ],
    )
    def test_markup_on_its_way(self, so_far: str, text: str, marks: list[str]) -> None:
        piece = preview(so_far)
        assert (piece.text, [entity.type for entity in piece.entities]) == (text, marks)

    def test_shows_the_end_from_a_place_that_stays(self) -> None:
        text = "\n\n".join(f"абзац номер {number}." for number in range(2000))
        frames = [preview(text[: 20_500 + 40 * step]).text for step in range(10)]
        assert all(len(frame) <= 4096 for frame in frames)
        assert len({frame[:20] for frame in frames}) == 1
        assert frames[-1].startswith("абзац номер")

    def test_a_long_code_block_stays_code(self) -> None:
        piece = preview("Вот:\n```sql\n" + "select 1;\n" * 1000)
        assert spans(piece) == [("pre", piece.text)]
        assert piece.entities[0].language == "sql"
