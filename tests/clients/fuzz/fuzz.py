"""Sends what nobody would think of to every route of /openapi.json: no 5xx, and no answer that is not declared.

    python fuzz.py SECONDS [SEED]
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import httpx2

sys.path.append(str(Path(__file__).resolve().parents[1] / "python"))

from bus import Tenant  # noqa: E402
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
# Another token opens them.
OF_TENANTS = "^/api/tenants"


# So many sessions to begin with: some are deleted on the way.
SESSIONS = 30


def main(seconds: str, *seed: str) -> int:
    house = House()
    try:
        tenant = Tenant(house.husting)
        (house.husting.folder / "schemathesis.toml").write_text(known_words(opened_sessions(house), minted_agents(tenant)))
        with_key = fuzzed(house, house.key, f"--exclude-path-regex={ENDLESS}|{OF_TENANTS}", seconds, *seed)
        with_token = fuzzed(house, tenant.token, f"--include-path-regex={OF_TENANTS}", str(int(seconds) // 2), *seed)
        return with_key or with_token
    finally:
        house.end()


def fuzzed(house: House, token: str, paths: str, seconds: str, *seed: str) -> int:
    """What the fuzzer says of these paths, which this token opens."""
    command = [
        Path(sys.executable).with_name("schemathesis"),
        "run",
        f"{house.husting.http}/openapi.json",
        f"--header=Authorization: Bearer {token}",
        f"--checks={','.join(CHECKS)}",
        paths,
        f"--max-time={seconds}",
        "--request-timeout=30",
        "--generation-database=none",
        "--suppress-health-check=all",
        "--warnings=off",
        *(f"--seed={each}" for each in seed),
    ]
    return subprocess.run(command, cwd=house.husting.folder).returncode


def minted_agents(tenant: Tenant) -> list[str]:
    """The ids of agents, of whom some are revoked on the way."""
    return [tenant.mint([], name=f"agent-{number}").id for number in range(SESSIONS)]


def opened_sessions(house: House) -> list[dict[str, str]]:
    """The acks of sessions, so that not everything that is asked for is missing."""
    with httpx2.Client(base_url=house.husting.http, headers={"authorization": f"Bearer {house.key}"}) as client:
        asked = [{"prompt": f"Is there anything to find? ({number})", "models": MODELS} for number in range(SESSIONS)]
        return [client.post("/api/deliberation", json=each).raise_for_status().json() for each in asked]


def known_words(acks: list[dict[str, str]], agents: list[str]) -> str:
    """Settings by which every second id is one that exists."""
    words = {
        "sessions": [ack["session_id"] for ack in acks],
        "rounds": [ack["round_id"] for ack in acks],
        "models": MODELS,
        "tenants": ["local"],
        "agents": agents,
    }
    places = {
        "path.session_id": "sessions",
        "path.round": "rounds",
        "query.round_id": "rounds",
        "path.model": "models",
        "path.tenant_id": "tenants",
        "path.agent_id": "agents",
        "body.models[*]": "models",
        "body.snippets[*].quoted_model": "models",
    }
    lists = [f"[dictionaries.{name}]\nvalues = {json.dumps(values)}" for name, values in words.items()]
    binding = '"{}" = {{ dictionary = "{}", probability = 0.5 }}'
    bound = [binding.format(place, name) for place, name in places.items()]
    return "\n".join([*lists, "[parameters]", *bound, ""])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
