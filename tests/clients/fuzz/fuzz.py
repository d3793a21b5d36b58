"""Sends what nobody would think of to every route of /openapi.json: no 5xx, and no answer that is not declared.

    python fuzz.py SECONDS [SEED]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx2

sys.path.append(str(Path(__file__).resolve().parents[1] / "python"))

from house import MODELS, House  # noqa: E402

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
]
# It has no end, so that whoever reads it to its end waits for ever; crates/server tests it event by event.
ENDLESS = "/events$"


def main(seconds: str, *seed: str) -> int:
    house = House()
    try:
        something_to_find(house)
        command = [
            Path(sys.executable).with_name("schemathesis"),
            "run",
            f"{house.husting.http}/openapi.json",
            "--header",
            f"Authorization: Bearer {house.key}",
            "--checks",
            ",".join(CHECKS),
            "--exclude-path-regex",
            ENDLESS,
            "--max-time",
            seconds,
            "--request-timeout",
            "30",
            "--generation-database",
            "none",
            "--suppress-health-check",
            "all",
            "--warnings",
            "off",
            *(["--seed", *seed] if seed else []),
        ]
        return subprocess.run(command, cwd=house.husting.folder).returncode
    finally:
        house.end()


def something_to_find(house: House) -> None:
    """A finished session, so that the lists are not empty."""
    headers = {"authorization": f"Bearer {house.key}"}
    asked = {"prompt": "Is there anything to find?", "models": MODELS}
    httpx2.post(f"{house.husting.http}/api/deliberation", headers=headers, json=asked).raise_for_status()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
