"""`python -m bot.playground`: the playground alone, for a bot that runs elsewhere."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from bot.playground import Playground, start_playground


async def run(port: int, host: str, state: Path | None) -> None:
    await serve(await start_playground(port=port, host=host, state=state))


async def serve(playground: Playground) -> None:
    """Tell the address and serve until SIGTERM or Ctrl-C."""
    sys.stdout.write(f"{playground.url}\n")
    sys.stdout.flush()
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    await over.wait()
    await playground.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.playground")
    parser.add_argument("--port", type=int, default=8765, help="0 takes any free port")
    parser.add_argument("--host", default="127.0.0.1", help="loopback only")
    parser.add_argument("--state", type=Path, help="a folder; without it nothing outlives the run")
    options = parser.parse_args()
    try:
        asyncio.run(run(options.port, options.host, options.state))
    except (OSError, ValueError) as error:
        sys.exit(f"playground: {error}")


if __name__ == "__main__":
    main()
