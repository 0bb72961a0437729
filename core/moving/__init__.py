"""From the embedded database to one elsewhere, and people's files to Supabase Storage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.progress import Progress


@dataclass(frozen=True, slots=True)
class Moved:
    """`already` when an earlier run had done it all. `files` is None when they stay where they
    are; `left` says of files that could not be moved why (the first hundred of `left_count`)."""

    target: str
    rows: dict[str, int]
    files: int | None
    left: list[tuple[str, str]]
    left_count: int
    already: bool = False


async def move(
    data_dir: Path, database_url: str, supabase_url: str, supabase_key: str, progress: Progress
) -> Moved:
    """Copy everything under `data_dir` (absolute) to `database_url`, and the files to Storage if
    `supabase_url` is given.

    Nothing else may use either side meanwhile. The rows come in one transaction after the files, so
    what an interruption leaves is begun again, and the files that are there are not sent again. The
    source stays as it is, marked so that no bot starts on it. Raises Misconfigured (in use, a
    target with people in it, another schema) and Unavailable.
    """
    from core.moving.whole_move import move_everything

    return await move_everything(data_dir, database_url, supabase_url, supabase_key, progress)
