"""A tree of blocks while it grows, from text and marks in reading order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from core.making.links import bare_urls, safe_url
from core.making.tree import Block, Item, ItemList, Paragraph, Quote, Run

Style = Literal["bold", "italic", "strike"]

DEPTH = 10
"""Lists and quotes inside each other; what is deeper stands at this depth."""


@dataclass(slots=True)
class _Frame:
    """`kind` None is a container beyond the depth: what it holds goes to the one around it."""

    kind: Literal["page", "quote", "list", "item"] | None
    blocks: list[Block] = field(default_factory=list[Block])
    items: list[Item] = field(default_factory=list[Item])
    first: int | None = None
    tight: bool = True
    done: bool | None = None


class Growing:
    def __init__(self) -> None:
        self._frames = [_Frame("page")]
        self._runs: list[Run] = []
        self._styles: list[Style | None] = []
        self._links: list[tuple[str, int]] = []

    def write(self, text: str, *, code: bool = False) -> None:
        for number, line in enumerate(text.split("\n")):
            if number:
                self.line_break()
            if line:
                self._append(self._run(line, code))

    def line_break(self) -> None:
        self._runs.append(Run("\n"))

    def open_style(self, style: Style | None) -> None:
        self._styles.append(style)

    def close_style(self) -> None:
        self._styles.pop()

    def open_link(self, url: str) -> None:
        self._links.append((url, len(self._runs)))

    def close_link(self) -> None:
        """A link without a visible word shows its address."""
        url, start = self._links[-1]
        if not any(run.text.strip() for run in self._runs[start:]):
            self.write(url)
        self._links.pop()

    def take(self) -> tuple[Run, ...]:
        """The text since the last block, without white space around it."""
        runs, self._runs = self._runs, []
        while runs and not runs[-1].text.strip():
            runs.pop()
        while runs and not runs[0].text.strip():
            del runs[0]
        if runs:
            runs[0] = replace(runs[0], text=runs[0].text.lstrip())
            runs[-1] = replace(runs[-1], text=runs[-1].text.rstrip())
        return tuple(linked for run in runs for linked in _linked(run))

    def paragraph(self) -> None:
        """Here a block begins or ends: what was written is a paragraph of its own."""
        runs = self.take()
        if runs:
            self.add(Paragraph(runs))

    def add(self, block: Block) -> None:
        self._holder().blocks.append(block)

    def task(self, done: bool) -> None:
        frame = self._frames[-1]
        if frame.kind == "item":
            frame.done = done
        else:
            self.write("☑ " if done else "☐ ")

    def loose(self) -> None:
        """The author set paragraphs apart here; in a list, so are its items."""
        if self._frames[-1].kind == "item":
            self._frames[-2].tight = False

    def open_quote(self) -> None:
        self._open(_Frame("quote"))

    def open_list(self, first: int | None) -> None:
        self._open(_Frame("list", first=first))

    def open_item(self) -> None:
        self.paragraph()
        self._frames.append(_Frame("item" if self._frames[-1].kind == "list" else None))

    def close(self) -> None:
        """The innermost quote, list or item ends."""
        self.paragraph()
        frame = self._frames.pop()
        match frame.kind:
            case "quote" if frame.blocks:
                self.add(Quote(tuple(frame.blocks)))
            case "item":
                self._frames[-1].items.append(Item(tuple(frame.blocks), frame.done))
            case "list" if frame.items:
                self.add(ItemList(tuple(frame.items), frame.first, frame.tight))
            case _:
                pass

    def finish(self) -> tuple[Block, ...]:
        self.paragraph()
        return tuple(self._frames[0].blocks)

    def _open(self, frame: _Frame) -> None:
        self.paragraph()
        if len(self._frames) > DEPTH:
            frame.kind = None
        self._frames.append(frame)

    def _holder(self) -> _Frame:
        return next(f for f in reversed(self._frames) if f.kind not in {None, "list"})

    def _run(self, text: str, code: bool) -> Run:
        styles = self._styles
        url = next((safe for link, _ in self._links if (safe := safe_url(link))), None)
        return Run(text, "bold" in styles, "italic" in styles, "strike" in styles, code, url)

    def _append(self, run: Run) -> None:
        # The parser ends a text at every sign that might have meant something.
        last = self._runs[-1] if self._runs else None
        if last and last.text != "\n" and replace(last, text=run.text) == run:
            self._runs[-1] = replace(last, text=last.text + run.text)
        else:
            self._runs.append(run)


def _linked(run: Run) -> list[Run]:
    if run.url or run.code or "://" not in run.text:
        return [run]
    return [replace(run, text=text, url=url) for text, url in bare_urls(run.text) if text]
