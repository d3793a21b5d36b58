"""The programs under test as processes: `husting` on a data folder of its own, fake providers beside it."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).resolve().parents[3]
# More of an agent's, tenant's or key's token than may ever be named.
TOKEN = re.compile(rb"(hst_a_|hst_t_|mmo_live_)[0-9A-Za-z]{24}")


def built(name: str) -> str:
    """A program that was built."""
    return os.environ.get(f"BUILT_{name.upper().replace('-', '_')}") or str(ROOT / "target" / "debug" / name)


class Process:
    """A program that says in its first line, as JSON, where it can be reached."""

    def __init__(self, program: str, *words: str, env: dict[str, str]) -> None:
        self.child = subprocess.Popen(
            [built(program), *words], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        first = self.child.stdout.readline()
        if not first:
            raise RuntimeError(f"{program} ended with {self.child.wait()} before it was ready")
        self.announced: dict[str, Any] = json.loads(first)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.child.send_signal(how)
        self.child.wait()
        self.child.stdout.close()


class Husting:
    """A data folder, the commands run on it, and the instance that serves it."""

    def __init__(self, **settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="husting-mcp."))
        unlock = self.folder / "unlock"
        unlock.touch(mode=0o600)
        unlock.write_text(secrets.token_hex(32))
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "HUSTING_HOME": str(self.folder / "data"),
            "HUSTING_SECRETS": "file",
            "HUSTING_SECRETS_KEY_FILE": str(unlock),
            "HUSTING_REHEARSAL_TOKENS_PER_SECOND": "0",
            **settings,
        }
        self.process: Process | None = None
        self.port = "0"

    def serve(self) -> None:
        """Serves; again, on the same port, after it was stopped."""
        self.process = Process("husting", "serve", "--json", "--listen", f"127.0.0.1:{self.port}", env=self.env)
        self.port = self.http.rsplit(":", 1)[1]

    @property
    def http(self) -> str:
        assert self.process, "it serves"
        return self.process.announced["http"]

    def run(self, *words: str, given: str = "") -> str:
        """What a command prints."""
        done = subprocess.run([built("husting"), *words], env=self.env, input=given, capture_output=True, text=True)
        assert done.returncode == 0, f"husting {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def key(self, name: str, *more: str) -> str:
        """A new deliberation key."""
        return json.loads(self.run("key", "create", "--name", name, *more, "--json"))["raw_key"]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process:
            self.process.stop(how)
        self.process = None

    def end(self) -> None:
        """Ends it; nobody's token may have stayed in what it kept or logged."""
        self.stop()
        leaks = [str(file) for file in (self.folder / "data").rglob("*") if file.is_file() and TOKEN.search(file.read_bytes())]
        shutil.rmtree(self.folder, ignore_errors=True)
        assert leaks == []


class Provider:
    """A fake provider of one wire, following a script (tests/support)."""

    def __init__(self, wire: str) -> None:
        self.process = Process("fake-provider", "--wire", wire, "--control", "127.0.0.1:0", env={"PATH": os.environ["PATH"]})

    @property
    def base_url(self) -> str:
        return self.process.announced["base_url"]

    def order(self, **orders: Any) -> None:
        """Swaps the script, moves gates."""
        httpx2.post(f"{self._control}/__control", json=orders).raise_for_status()

    def requests(self) -> list[dict[str, Any]]:
        """Every call so far."""
        return httpx2.get(f"{self._control}/__requests").json()["requests"]

    @property
    def _control(self) -> str:
        return self.process.announced["control_url"]
