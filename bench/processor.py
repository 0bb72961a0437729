"""Who used the processor."""

from __future__ import annotations

from pathlib import Path

import psutil

from tests.processes import postmaster


def server_seconds(data: Path) -> float:
    """Processor time of a PostgreSQL server and all its children, the ended ones included."""
    server = postmaster(data)
    total = 0.0
    for process in (server, *server.children()):
        try:
            spent = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += spent.user + spent.system
    ended = server.cpu_times()
    return total + ended.children_user + ended.children_system
