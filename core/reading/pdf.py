"""PDF: the text layer, page by page."""

from __future__ import annotations

import logging
import mmap
import re
import warnings
from pathlib import Path
from typing import IO, Any

from pypdf import PasswordType, PdfReader, apply_configuration
from pypdf.errors import FileNotDecryptedError, LimitReachedError

from core.isolated import JobRefused
from core.reading.extract import Extract

PAGES = 300
TRAILERS = 500
_TRAILER = re.compile(rb"trailer")
_STREAM = 32 * 2**20
_LIMITS: dict[str, Any] = {
    "array_based_stream_maximum_output_length": _STREAM,
    "brotli_maximum_output_length": _STREAM,
    "image_maximum_buffer_size": _STREAM,
    "jbig2_maximum_output_length": _STREAM,
    "lzw_maximum_output_length": _STREAM,
    "maximum_declared_stream_length": _STREAM,
    "run_length_maximum_output_length": _STREAM,
    "zlib_maximum_output_length": _STREAM,
    "stream_decoding_work_maximum_length": 4 * _STREAM,
    "stream_parsing_work_maximum_count": 1_000_000,
    "page_tree_maximum_entries": 20_000,
    # Somebody else's program, for pictures that nobody looks at here.
    "jbig2dec_binary": None,
}


def read(path: Path, extract: Extract) -> None:
    """Each page under a line with its number. A damaged page is left out."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    with (
        warnings.catch_warnings(),
        apply_configuration(**_LIMITS),
        path.open("rb") as file,
    ):
        warnings.simplefilter("ignore")
        reader, count = _opened(file)
        extract.parts = count
        extract.whole = count <= PAGES
        damaged = 0
        for number in range(min(count, PAGES)):
            text = _page(reader, number)
            if text is None:
                damaged += 1
                extract.whole = False
            extract.add(f"— {number + 1} —\n\n{text.strip()}\n\n" if text and text.strip() else "")
        if damaged == min(count, PAGES):
            raise JobRefused("broken")


def _opened(file: IO[bytes]) -> tuple[PdfReader, int]:
    # Each change of a file adds one; searching a damaged file takes time by their square.
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if len(_TRAILER.findall(data)) > TRAILERS:
            raise JobRefused("broken")
    # On damaged files pypdf raises whatever its code happens to stumble over.
    try:
        reader = PdfReader(file)
        if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
            raise JobRefused("locked")
        return reader, len(reader.pages)
    except (JobRefused, MemoryError):
        raise
    except FileNotDecryptedError:
        raise JobRefused("locked") from None
    except LimitReachedError:
        raise JobRefused("heavy") from None
    except Exception:
        raise JobRefused("broken") from None


def _page(reader: PdfReader, number: int) -> str | None:
    try:
        return reader.pages[number].extract_text()
    except MemoryError:
        raise
    except Exception:
        return None
