"""Husting's bus with agents on it, reached over Streamable HTTP or server-sent events."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from agent import PATIENCE, Agent, negotiate
from house import UNHURRIED
from mcp import ClientSession
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from programs import Husting

SCOPES = ["mcp:send", "mcp:inbox", "mcp:broadcast", "mcp:workspace_join", "mcp:recall", "mcp:remember", "mcp:peers"]
# Transport and version: those of the field, the newest, and the oldest where it was at home.
WAYS = [
    ("http", "2025-06-18"),
    ("http", "2025-11-25"),
    ("http", "2026-07-28"),
    ("sse", "2024-11-05"),
    ("sse", "2025-06-18"),
    ("sse", "2025-11-25"),
]
Heard = Callable[[Any], Awaitable[None]]


@dataclass
class Minted:
    """An agent with its token."""

    id: str
    name: str
    token: str


class Tenant:
    """The operator's own tenant at a running Husting, by its token."""

    def __init__(self, husting: Husting) -> None:
        self.husting = husting
        self.rpc("put_tenant", {"tenant_id": "local", "tier": "scale"})
        self.token = self.rpc("create_tenant_token", {"tenant_id": "local"})["raw_token"]
        self.http = httpx2.Client(
            base_url=f"{husting.http}/api/tenants/local", headers={"authorization": f"Bearer {self.token}"}, timeout=PATIENCE
        )
        self.names = (f"agent-{number}" for number in itertools.count())

    def rpc(self, command: str, arguments: dict[str, Any]) -> Any:
        """A command of the operator's, through the command line's door."""
        run = json.loads((self.husting.folder / "data" / "run" / "instance.json").read_text())
        headers = {"authorization": f"Bearer {run['token']}"}
        asked = {"command": command, "args": arguments}
        return httpx2.post(f"{self.husting.http}/console/rpc", json=asked, headers=headers).raise_for_status().json()

    def mint(self, scopes: list[str], name: str | None = None, **more: Any) -> Minted:
        """A new agent with these scopes."""
        asked = {"agent_name": name or next(self.names), "scopes": scopes, **more}
        minted = self.http.post("/agents/mint", json=asked).raise_for_status().json()
        return Minted(minted["agent"]["id"], minted["agent"]["agent_name"], minted["raw_token"])

    def grant(self, agent: Minted, scopes: list[str]) -> None:
        """What it may do from now on."""
        self.http.patch(f"/agents/{agent.id}", json={"scopes": scopes}).raise_for_status()

    def revoke(self, agent: Minted) -> dict[str, Any]:
        """The receipt of its end."""
        return self.http.delete(f"/agents/{agent.id}").raise_for_status().json()["receipt"]


class Bus(Tenant):
    """A running Husting with an agent that others write to."""

    def __init__(self) -> None:
        husting = Husting(**UNHURRIED)
        husting.serve()
        super().__init__(husting)
        self.other = self.mint(SCOPES, name="other")

    def end(self) -> None:
        self.http.close()
        self.husting.end()


@asynccontextmanager
async def on_bus(
    bus: Bus, agent: Minted, way: tuple[str, str], heard: Heard | None = None, headers: dict[str, str] | None = None
) -> AsyncIterator[Agent]:
    """An agent by this transport and version; `heard` is told what the server says unasked."""
    transport, version = way
    async with streams(bus, agent, transport, headers or {}) as (read, write):
        async with ClientSession(read, write, message_handler=heard) as session:
            await negotiate(session, version)
            yield Agent(session)


@asynccontextmanager
async def streams(bus: Bus, agent: Minted, transport: str, headers: dict[str, str]) -> AsyncIterator[Any]:
    if transport == "sse":
        async with sse_client(f"{bus.husting.http}/sse/{agent.token}") as both:
            yield both
        return
    headers = {"Authorization": f"Bearer {agent.token}", **headers}
    http = httpx2.AsyncClient(headers=headers, timeout=httpx2.Timeout(PATIENCE + 30))
    async with http, streamable_http_client(f"{bus.husting.http}/mcp", http_client=http) as both:
        yield both[:2]
