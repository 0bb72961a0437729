"""The model's Markdown → text with formatting. No visible word of the source is ever left out.

Built on pyromark's events. What chat text means by a sign wins over the letter of CommonMark: a
word in angle brackets is text, not HTML; a single tilde means "about"; `[Note]: …` is a sentence,
not the definition of a link; a line of dashes under a paragraph is a line, not a heading.
"""

from __future__ import annotations

from itertools import pairwise

import pyromark

from bot.delivery.rich import Rich
from bot.delivery.walker import Walker

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
)
_DEFINITION_ROUNDS = 8


def parse(markdown: str) -> Rich:
    """May raise on input that no parser likes; the caller then shows the source as it is."""
    source = markdown.encode()
    for _ in range(_DEFINITION_ROUNDS):
        found = (
            pyromark.reference_definitions(markdown, options=_OPTIONS) if b"]:" in source else {}
        )
        if not found:
            break
        bounds = [0, *sorted(each["span"]["start"] for each in found.values()), len(source)]
        source = b"\\".join(source[a:b] for a, b in pairwise(bounds))
        markdown = source.decode()
    else:
        raise ValueError("definitions without end")
    walker = Walker(source)
    for event, place in pyromark.events_with_range(markdown, options=_OPTIONS):
        walker.take(event, place)
    return walker.page.rich()
