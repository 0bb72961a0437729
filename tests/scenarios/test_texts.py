"""Both languages say the same things, and every word that is there is needed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl

from bot.commands import menu
from bot.keyboards.settings import popular_zones
from bot.texts import LANGUAGES, Texts, Words, sources
from bot.texts.delivery import busy_lines, ending, words_for_notice
from core.users.people import Language
from tests.telegram import html_fault

BOT = Path(__file__).parents[2] / "bot"

Messages = dict[str, ftl.Message]


def messages(language: Language) -> Messages:
    resource = FluentParser().parse("\n".join(sources(language)))
    junk = [entry.content for entry in resource.body if isinstance(entry, ftl.Junk)]
    assert not junk
    found = [entry for entry in resource.body if isinstance(entry, ftl.Message)]
    assert len({entry.id.name for entry in found}) == len(found)
    return {entry.id.name: entry for entry in found}


def _within(node: ftl.BaseNode) -> Iterator[ftl.BaseNode]:
    yield node
    for value in vars(node).values():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ftl.BaseNode):
                yield from _within(each)


def mentioned(entry: ftl.Message) -> set[str]:
    """Keys of other messages that are part of this one."""
    return {node.id.name for node in _within(entry) if isinstance(node, ftl.MessageReference)}


def variables(key: str, entries: Messages) -> set[str]:
    within = _within(entries[key])
    own = {node.id.name for node in within if isinstance(node, ftl.VariableReference)}
    return own.union(*(variables(other, entries) for other in mentioned(entries[key])))


RU, EN = messages("ru"), messages("en")


SOURCES = [path for path in sorted(BOT.rglob("*.py")) if "playground" not in path.parts]


def calls() -> Iterator[tuple[str, str, str, set[str]]]:
    """Every `words("key", …)` and `….plain("key", …)` of the bot: where, how, key, arguments."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            match node.func:
                case ast.Name("words"):
                    how = "html"
                case ast.Attribute(attr="plain"):
                    how = "plain"
                case _:
                    continue
            first = node.args[0]
            for key in [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    arguments = {keyword.arg or "**" for keyword in node.keywords}
                    yield f"{path.name}:{node.lineno}", how, key.value, arguments


def constants() -> set[str]:
    return {
        node.value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_both_languages_have_the_same_keys() -> None:
    assert list(RU) == list(EN)


def test_both_languages_use_the_same_arguments() -> None:
    assert {key: variables(key, RU) for key in RU} == {key: variables(key, EN) for key in EN}


def test_every_key_used_in_code_exists_and_gets_exactly_its_arguments() -> None:
    found = list(calls())
    assert len(found) > 100
    wrong = [
        (where, key, arguments)
        for where, _, key, arguments in found
        if key not in RU or variables(key, RU) != arguments
    ]
    assert not wrong


def test_every_text_is_used() -> None:
    parts = set[str]().union(*map(mentioned, RU.values()))
    assert set(RU) - constants() - parts == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_html_that_telegram_takes(language: str, texts: Texts) -> None:
    entries = messages(language)
    words = texts.words(language)
    for key in entries:
        for count in (0, 1, 2, 5, 21):
            said = words(key, **dict.fromkeys(variables(key, entries), count))
            assert html_fault(said) is None, (key, said)


def test_what_is_shown_without_markup_has_none(texts: Texts) -> None:
    shown = {key for _, how, key, _ in calls() if how == "plain"}
    for language in LANGUAGES:
        entries = messages(language)
        for key in shown:
            arguments = dict.fromkeys(variables(key, entries), 1)
            assert "<" not in texts.words(language).plain(key, **arguments), key


def test_arguments_are_escaped_in_messages_and_not_in_buttons(texts: Texts) -> None:
    words = texts.words("ru")
    assert words("renamed", title="<b>&") == "Теперь она называется <b>&lt;b&gt;&amp;</b>."
    assert words.plain("button-into", title="<b>&") == "→ <b>&"


@pytest.mark.parametrize("call", [lambda words: words("no-such-key"), lambda words: words("hello")])
def test_a_missing_key_or_argument_is_an_error(texts: Texts, call) -> None:
    with pytest.raises(KeyError):
        call(texts.words("ru"))


@pytest.mark.parametrize(
    ("count", "russian", "english"),
    [
        (1, "1 визия", "1 vision"),
        (2, "2 визии", "2 visions"),
        (5, "5 визий", "5 visions"),
        (11, "11 визий", "11 visions"),
        (21, "21 визия", "21 visions"),
        (112, "112 визий", "112 visions"),
    ],
)
def test_plurals(texts: Texts, count: int, russian: str, english: str) -> None:
    assert f"<b>{russian}</b>" in texts.words("ru")("visions-list", count=count)
    assert f"<b>{english}</b>" in texts.words("en")("visions-list", count=count)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menu_fits_telegrams_limits(language: str, texts: Texts) -> None:
    words = texts.words(language)
    for command in menu(words):
        assert 1 <= len(command.description) <= 256
        assert f"/{command.command}" in words("help") or command.command == "help"
    assert len(words.plain("bot-description")) <= 512
    assert len(words.plain("bot-short-description")) <= 120


@pytest.mark.parametrize("language", LANGUAGES)
def test_popular_zones_exist(language: str, texts: Texts) -> None:
    zones = popular_zones(texts.words(language))
    assert len(zones) >= 8
    for zone in zones:
        assert ZoneInfo(zone.name)
        assert zone.title


def test_toasts_are_short_enough(texts: Texts) -> None:
    for language in LANGUAGES:
        words = texts.words(language)
        for key in ("stale-button", "gone", "conflict", "broken-toast", "history-start"):
            assert len(words.plain(key)) <= 200


def test_the_languages_are_those_of_the_product() -> None:
    assert get_args(Language) == LANGUAGES


def test_fallback_words_are_the_owners(texts: Texts) -> None:
    said = words_for_notice({"notice": "down"}, texts.words("ru"))
    assert said.startswith("Мозг коуча сейчас перезагружается, попробуй позже")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_notice_has_words(language: str, texts: Texts) -> None:
    words = texts.words(language)
    long = words_for_notice({"notice": "too_long", "characters": 20000, "limit": 16000}, words)
    assert "20" in long
    assert "16" in long
    assert "25" in words_for_notice({"notice": "burst", "count": 25}, words)
    down = words_for_notice({"notice": "down"}, words)
    assert words_for_notice({"notice": "stopped"}, words) != down
    assert words_for_notice({"notice": "of the future"}, words) == down
    assert words_for_notice({"notice": "unfetched"}, words) != down
    assert words_for_notice({"notice": "transcript"}, words) != down
    lost, heavy = (
        words_for_notice({"notice": why, "name": "<a>"}, words)
        for why in ("file_lost", "file_heavy")
    )
    assert lost != heavy
    assert "&lt;a&gt;" in lost
    assert "&lt;a&gt;" in heavy
    assert ending({"unfinished": True}, words) != ending({"stopped": True}, words)
    assert ending({}, words) is None


STATES = [
    *("empty", "broken", "locked", "unsupported", "heavy", "no_text", "too_big", "too_long"),
    *("unclear", "deaf", "blind", "filtered", "many", "gone"),
]
FILE_KINDS = ("voice", "audio", "video_note", "video", "animation", "photo", "document")


def unread(words: Words, *items: tuple[str, str, str]) -> str:
    files = [{"kind": kind, "name": name, "state": state} for kind, name, state in items]
    return words_for_notice({"notice": "unread", "items": files}, words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_file_that_was_not_read_has_its_words(language: str, texts: Texts) -> None:
    words = texts.words(language)
    said = {state: unread(words, ("document", "a<b>.pdf", state)) for state in STATES}
    assert len(set(said.values())) == len(STATES)
    assert unread(words, ("document", "a", "of the future")) not in said.values()
    for state in STATES:
        for kind in FILE_KINDS:
            for name in ("", "a<b>.pdf"):
                one = unread(words, (kind, name, state))
                assert html_fault(one) is None
                assert one[0].isupper() or one.startswith("<b>")
                several = unread(words, *[(kind, name, state)] * 3)
                assert html_fault(several) is None
                assert "×3" in several


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("state", "usual", "told"),
    [
        ("no_text", ("document", "скан.PDF"), ("document", "заметки.txt")),
        ("unsupported", ("document", "рисунок.cdr"), ("document", "план.PDF")),
        ("unsupported", ("document", "рисунок.cdr"), ("document", "план.zip")),
        ("unsupported", ("document", "план.zip"), ("document", "план.pdf")),
        ("unsupported", ("video", "кино.pdf"), ("document", "кино.pdf")),
        ("broken", ("document", "кружок.mp4"), ("video_note", "кружок.mp4")),
    ],
)
def test_a_name_tells_more_of_what_went_wrong(
    language: str, texts: Texts, state: str, usual: tuple[str, str], told: tuple[str, str]
) -> None:
    words = texts.words(language)
    said = {unread(words, (kind, name, state)).replace(name, "") for kind, name in (usual, told)}
    assert len(said) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_document_of_pictures_alone_is_not_called_blank(language: str, texts: Texts) -> None:
    words = texts.words(language)
    names = ("скан.pdf", "скан.docx", "показ.pptx")
    said = {unread(words, ("document", name, "no_text")).replace(name, "") for name in names}
    assert len(said) == 1


def test_one_file_is_a_sentence_and_many_are_a_list_by_what_is_wrong(texts: Texts) -> None:
    words = texts.words("ru")
    one = unread(words, ("document", "план.pdf", "locked"))
    assert one.startswith("<b>план.pdf</b> — под паролем")
    said = unread(
        words,
        *[("document", f"{number}.pdf", "locked") for number in range(100)],
        ("photo", "", "blind"),
        ("voice", "", "unclear"),
    )
    assert said.splitlines()[2:] == [
        "• под паролем, сними его и пришли снова: 0.pdf, 1.pdf и ещё 98 файлов",
        "• смотреть здесь пока нечем, расскажи словами: фото",
        "• не разобрал ни слова, скажи ещё раз или напиши: голосовое",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_worst_list_fits_a_message(language: str, texts: Texts) -> None:
    words = texts.words(language)
    items = [("document", "<&>" * 70, state) for state in STATES for _ in range(10)]
    said = unread(words, *items)
    assert len(unescape(said)) < 4096
    assert len(said.encode()) < 32_768
    cut = [{"kind": "document", "name": f"{n}" + "я" * 200} for n in range(50)]
    assert len(words_for_notice({"notice": "cut", "items": cut}, words)) < 4096


def test_a_cut_document_is_one_short_sentence_or_two(texts: Texts) -> None:
    ru, en = texts.words("ru"), texts.words("en")
    one = {"notice": "cut", "items": [{"kind": "document", "name": "книга.pdf"}]}
    assert words_for_notice(one, ru).startswith("<b>книга.pdf</b>: прочитал только начало")
    assert words_for_notice(one, en).startswith("<b>книга.pdf</b>: I read only the beginning")
    two = one | {"items": [*one["items"], {"kind": "document", "name": "b"}]}
    assert "начало: книга.pdf, b." in words_for_notice(two, ru)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_being_done_is_told_with_growing_patience(language: str, texts: Texts) -> None:
    words = texts.words(language)
    seen = set[str]()
    for doing in ("hearing", "looking", "reading", "making"):
        lines = busy_lines(words, doing, 3, 20)
        assert len(set(lines)) == 3
        assert {"3", "20"} <= set(re.findall(r"\d+", lines[0]))
        assert all(line.startswith(lines[0]) for line in lines)
        for total in (0, 1):
            alone = busy_lines(words, doing, 0, total)[0]
            assert not re.search(r"\d", alone)
            seen.add(alone)
        assert not re.search(r"\d", busy_lines(words, doing, 0, 20)[0])
    assert len(seen) == 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_waiting_begins_differently_and_never_repeats_itself(language: str, texts: Texts) -> None:
    words = texts.words(language)
    assert len(set(words.waiting())) == len(words.waiting()) == 7
    assert len({words.waiting()[0] for _ in range(60)}) > 1
    assert {words.waiting()[-1] for _ in range(20)} == {words.plain("waiting-7")}
