"""The command line: python -m bot [COMMAND]."""

from __future__ import annotations

import sys
from collections.abc import Sequence

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code, that of shells for Ctrl-C, which may come while modules are loaded."""
    try:
        from bot import command_line

        return command_line.main(arguments)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return _INTERRUPTED


def _exit() -> None:
    code = main()
    import signal

    # What is done is done, and a late Ctrl-C says nothing else; what hangs it still ends.
    late = signal.SIG_DFL if code == _INTERRUPTED else signal.SIG_IGN
    signal.signal(signal.SIGINT, late)
    sys.exit(code)


if __name__ == "__main__":
    _exit()
