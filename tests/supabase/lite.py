"""@supabase/lite: REST and Storage as Supabase speaks them, over a database of ours."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
from pathlib import Path

import httpx
from psycopg.conninfo import conninfo_to_dict

from tests.supabase.packages import HERE, node, package

START_SECONDS = 60.0
_TRIES = 3  # somebody else may take the port meanwhile
_CONFIG = """
[api]
port = {port}
schemas = ["public"]
max_rows = 1000
[db]
driver = "postgres"
url = "postgres:///{database}"
[db.migrations]
enabled = false
schema_paths = []
[db.seed]
enabled = false
[auth]
enabled = true
jwt_secret = "env(JWT_SECRET)"
publishable_key = "env(SUPABASE_PUBLISHABLE_KEY)"
secret_key = "env(SUPABASE_SECRET_KEY)"
[storage]
enabled = true
file_size_limit = "{megabytes}MiB"
"""


class Lite:
    """One process over one database, with fresh keys. Blocking.

    It reads the database's catalog at its start: what is created later it does not know. It dies
    when the database cuts a connection in the middle of a call; `ensure` starts it again. Its
    Storage takes no files beyond `limit_megabytes`.
    """

    def __init__(self, dsn: str, folder: Path, *, limit_megabytes: int = 50) -> None:
        """`dsn` names a unix socket; `folder` keeps the log and Storage's files."""
        self.secret_key = f"sb_secret_{secrets.token_hex(16)}"
        self.publishable_key = f"sb_publishable_{secrets.token_hex(16)}"
        self.url = ""
        self._database = conninfo_to_dict(dsn)
        self._folder = folder
        self._megabytes = limit_megabytes
        self._jwt_secret = secrets.token_urlsafe(48)
        self._child: subprocess.Popen[bytes] | None = None

    def ensure(self) -> None:
        """Start it where it does not run; with the same address, if it ran before."""
        if self._child is not None and self._child.poll() is None:
            return
        self.stop()
        for _ in range(_TRIES):
            port = int(self.url.rpartition(":")[2]) if self.url else _free_port()
            self._spawn(port)
            if self._answers(f"http://127.0.0.1:{port}"):
                self.url = f"http://127.0.0.1:{port}"
                return
            self.stop()
        raise AssertionError(f"@supabase/lite does not start: {self.log()[-2000:]}")

    def stop(self) -> None:
        if self._child is None:
            return
        self._child.kill()
        self._child.communicate()
        self._child = None

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid

    def log(self) -> str:
        return (self._folder / "lite.log").read_text("utf-8", "replace")

    def _spawn(self, port: int) -> None:
        settings = self._folder / "supabase"
        settings.mkdir(parents=True, exist_ok=True)
        config = _CONFIG.format(
            port=port, database=self._database["dbname"], megabytes=self._megabytes
        )
        (settings / "config.toml").write_text(config)
        program = package("@supabase/lite") / "dist" / "cli" / "index.js"
        command = [node(), "--import", str(HERE / "preload.mjs"), str(program)]
        with (self._folder / "lite.log").open("ab") as log:
            self._child = subprocess.Popen(
                [*command, "--no-telemetry", "start", "--host", "127.0.0.1", "--no-admin"],
                cwd=self._folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=self._environment(),
            )

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self._folder),
            "NODE_ENV": "production",
            "LITE_TELEMETRY": "0",
            "DO_NOT_TRACK": "1",
            "EXPERIMENTAL_STORAGE": "1",
            # Its driver takes a socket's folder from here alone.
            "PGHOST": str(self._database["host"]),
            "PGUSER": str(self._database["user"]),
            "JWT_SECRET": self._jwt_secret,
            "SUPABASE_PUBLISHABLE_KEY": self.publishable_key,
            "SUPABASE_SECRET_KEY": self.secret_key,
        }

    def _answers(self, url: str) -> bool:
        limit = time.monotonic() + START_SECONDS
        with httpx.Client(headers={"apikey": self.secret_key}) as http:
            while time.monotonic() < limit:
                assert self._child is not None
                if self._child.poll() is not None:
                    return False
                try:
                    # Somebody else's server at this port would refuse our key.
                    if http.get(f"{url}/rest/v1/").status_code == 200:
                        return True
                except httpx.TransportError:
                    pass
                time.sleep(0.02)
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
