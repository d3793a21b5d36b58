"""An agent that speaks through the official client library, in whichever protocol version it is told to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import mcp_types as types
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

# The two that are most met in the field, and the newest that the library knows.
VERSIONS = ["2025-06-18", "2025-11-25", MODERN_PROTOCOL_VERSIONS[-1]]
PATIENCE = 90


@dataclass
class Refusal:
    """A tool's error as an agent reads it."""

    code: str
    sentence: str
    body: dict[str, Any]


class Agent:
    def __init__(self, session: ClientSession) -> None:
        self.session = session

    @property
    def version(self) -> str | None:
        return self.session.protocol_version

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """What a tool returns, as structured content."""
        return (await self.result(tool, **arguments)).structured_content

    async def result(self, tool: str, **arguments: Any) -> types.CallToolResult:
        """The same with its text."""
        result = await self.session.call_tool(tool, arguments)
        assert not result.is_error, text_of(result)
        return result

    async def refused(self, tool: str, **arguments: Any) -> Refusal:
        """The error that a tool must return: code and sentence in the first line, the body as JSON in the
        second and as structured content."""
        result = await self.session.call_tool(tool, arguments)
        assert result.is_error, f"{tool} took {arguments}"
        first, second = text_of(result).split("\n")
        code, sentence = first.split(": ", 1)
        body = json.loads(second)
        assert sentence, "it says what to do in words"
        assert result.structured_content == body, "the body stands in both places"
        return Refusal(code, sentence, body)

    async def ask(self, prompt: str, **more: Any) -> dict[str, Any]:
        """A new deliberation's ack."""
        return await self.call("create_deliberation", prompt=prompt, **more)

    async def wait(self, ack: dict[str, Any]) -> dict[str, Any]:
        """The state of an acknowledged round once it is terminal."""
        names = {name: ack[name] for name in ("session_id", "round_id")}
        return await self.call("wait_for_round", **names, timeout_seconds=PATIENCE)

    async def read(self, ack: dict[str, Any]) -> dict[str, Any]:
        """The whole session."""
        return await self.call("get_session", session_id=ack["session_id"])

    async def finished(self, prompt: str, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """A deliberation of one finished round: its ack and the session."""
        ack = await self.ask(prompt, **more)
        await self.wait(ack)
        return ack, await self.read(ack)


def text_of(result: types.CallToolResult) -> str:
    [content] = result.content
    assert isinstance(content, types.TextContent)
    return content.text


@asynccontextmanager
async def connected(url: str, key: str | None, version: str) -> AsyncIterator[Agent]:
    """An agent with this key, or none, in this version."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    http = httpx2.AsyncClient(headers=headers, timeout=httpx2.Timeout(PATIENCE + 30))
    async with http, streamable_http_client(url, http_client=http) as streams:
        async with ClientSession(*streams) as session:
            await negotiate(session, version)
            yield Agent(session)


async def negotiate(session: ClientSession, version: str) -> None:
    """Opens a session in this version."""
    if version in MODERN_PROTOCOL_VERSIONS:
        await session.discover()
        return
    assert version in HANDSHAKE_PROTOCOL_VERSIONS
    # The library itself offers its newest handshake only.
    offer = types.InitializeRequestParams(
        protocol_version=version,
        capabilities=types.ClientCapabilities(),
        client_info=types.Implementation(name="husting-tests", version="1"),
    )
    session.adopt(await session.send_request(types.InitializeRequest(params=offer), types.InitializeResult))
    await session.send_notification(types.InitializedNotification())
