"""One damaged file, made from its number, and what reading it comes to."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, get_args

from core.isolated import JobRefused
from core.reading import TEXT_CHARACTERS, Unread, documents, pictures
from tests.fuzz.mutations import mutated
from tests.unit import reading_samples as samples

SECONDS = 15.0
"""No damaged sample may take longer, on a busy machine either."""

_REFUSALS = frozenset(get_args(Unread))

PLAIN_PDF = b"""%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]>>>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 300 300]>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>/XObject<</X 6 0 R>>
>>>> endobj
4 0 obj <</Length 110>> stream
BT /F1 12 Tf 14 TL 20 250 Td (A path \\(of\\) a vision) Tj T* [(wi)-250(th)] TJ <2041> Tj ET
q 1 0 0 1 5 5 cm /X Do Q
endstream endobj
5 0 obj <</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Differences[65/Alpha/B]>>>> endobj
6 0 obj <</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 28>> stream
BT /F1 9 Tf (inside) Tj ET
endstream endobj
trailer <</Root 1 0 R/Size 7>>
startxref
0
%%EOF
"""


class TooSlow(BaseException):
    """No `Exception`, so that no reader takes it for a fault of the file."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`finding` is None where all is as it should be."""

    sample: str
    result: str
    seconds: float
    finding: str | None


class Cases:
    def __init__(self, seed: int, folder: Path) -> None:
        self._seed = seed
        self._path = folder / "case"
        self._target = folder / "case.jpg"
        self._documents = {name: make() for name, make in samples.DOCUMENTS.items()}
        self._documents["plain.pdf"] = PLAIN_PDF
        self._documents["locked.pdf"] = samples.locked_pdf("")
        self._pictures = {name: make() for name, make in samples.PICTURES.items()}
        # In flat pictures most bytes are headers; here most are what decoders work on.
        for name in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF"):
            self._pictures[f"noise.{name.lower()}"] = samples.noise(name)
        self._names = (*self._documents, *self._pictures)

    def data(self, number: int) -> tuple[str, bytes]:
        random = Random(f"{self._seed}:{number}")
        name = self._names[number % len(self._names)]
        return name, mutated(self._documents.get(name) or self._pictures[name], random)

    def run(self, number: int) -> Outcome:
        return self.read(*self.data(number))

    def read(self, name: str, data: bytes) -> Outcome:
        """Not in a thread: a file that takes too long is ended by a signal."""
        self._path.write_bytes(data)
        signal.signal(signal.SIGALRM, _too_slow)
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        began = time.perf_counter()
        finding = None
        try:
            result = self._read(name)
        except JobRefused as refused:
            result = refused.reason
            if result not in _REFUSALS:
                finding = f"refused as {result}"
        except MemoryError:
            result = "heavy"
        except TooSlow:
            result = finding = "too slow"
        except Exception as error:
            result, finding = "escaped", f"{type(error).__name__}: {str(error)[:200]}"
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return Outcome(name, result, time.perf_counter() - began, finding)

    def _read(self, name: str) -> str:
        if name in self._pictures:
            size = pictures.normalise({"path": str(self._path), "target": str(self._target)})
            assert 0 < max(size["width"], size["height"]) <= pictures.SIDE
            assert self._target.stat().st_size <= pictures.BYTES
            return "read"
        hint = name.rpartition(".")[2]
        result: dict[str, Any] = documents.read(
            {"path": str(self._path), "hint": hint, "mime": "", "seconds": SECONDS}
        )
        assert 0 < len(result["text"]) <= TEXT_CHARACTERS
        assert "\0" not in result["text"]
        result["text"].encode()
        return "read"


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise TooSlow
