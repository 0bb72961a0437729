"""Every word a person sees, by key and language: ru.ftl and en.ftl, and <area>.ru.ftl of areas."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from random import SystemRandom
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from fluent.runtime import FluentBundle

Language = Literal["ru", "en"]

LANGUAGES: tuple[Language, ...] = get_args(Language)


class Words:
    """One language. A missing key or argument raises: both are mistakes of ours, found by tests."""

    def __init__(self, language: Language, bundle: FluentBundle) -> None:
        self.language: Language = language
        self._bundle = bundle

    def __call__(self, key: str, **arguments: str | int) -> str:
        """HTML for a message; string arguments are escaped."""
        safe = {
            name: escape(value, quote=False) if isinstance(value, str) else value
            for name, value in arguments.items()
        }
        return self._format(key, safe)

    def plain(self, key: str, **arguments: str | int) -> str:
        """For buttons, toasts, files and the menu, where Telegram takes no markup."""
        return self._format(key, arguments)

    def waiting(self) -> list[str]:
        """What a draft says while the model is silent, in the order in which it is said."""
        first = [self.plain("waiting-1"), self.plain("waiting-2"), self.plain("waiting-3")]
        SystemRandom().shuffle(first)
        later = ("waiting-4", "waiting-5", "waiting-6", "waiting-7")
        return [*first, *map(self.plain, later)]

    def _format(self, key: str, arguments: dict[str, str | int]) -> str:
        pattern = self._bundle.get_message(key).value
        if pattern is None:
            raise KeyError(key)
        text, errors = self._bundle.format_pattern(pattern, arguments)
        if errors:
            raise KeyError(f"{key}: {errors[0]}")
        return str(text)


class Texts:
    """Languages are read when they are first needed: the start waits for none of them."""

    def __init__(self) -> None:
        self._words: dict[Language, Words] = {}

    def words(self, language: str) -> Words:
        """Russian for a language we don't speak."""
        spoken: Language = "en" if language == "en" else "ru"
        if spoken not in self._words:
            self._words[spoken] = _read(spoken)
        return self._words[spoken]

    def for_account(self, language_code: str | None) -> Words:
        """For those who have not chosen: English accounts read English, all others Russian."""
        return self.words("en" if (language_code or "").lower().startswith("en") else "ru")


def _read(language: Language) -> Words:
    from fluent.runtime import FluentBundle, FluentResource

    bundle = FluentBundle([language], use_isolating=False)
    for source in sources(language):
        bundle.add_resource(FluentResource(source))
    return Words(language, bundle)


def sources(language: Language) -> list[str]:
    """The texts of all files of a language; a key stands in one of them only."""
    named = sorted(
        (
            file
            for file in files(__name__).iterdir()
            if f".{file.name}".endswith(f".{language}.ftl")
        ),
        key=lambda file: file.name.removesuffix(f"{language}.ftl"),
    )
    return [file.read_text("utf-8") for file in named]
