"""Opening: versions, keys, and what answers without one."""

from __future__ import annotations

import json

import anyio
import httpx2
import mcp_types as types
import pytest
from agent import Agent, connected, text_of
from house import MODELS, House
from mcp.shared.exceptions import MCPError

pytestmark = pytest.mark.anyio
LEGACY = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


async def test_every_version_is_negotiated(agent: Agent, version: str) -> None:
    assert agent.version == version


@pytest.mark.parametrize("older", ["2024-11-05", "2025-03-26"])
async def test_clients_of_older_versions_still_open(house: House, older: str) -> None:
    async with connected(house.mcp, house.key, older) as agent:
        assert agent.version == older
        assert (await agent.call("get_credit"))["debit_order"] == ["free", "subscription", "refill"]


async def test_a_generic_client_configuration_connects(house: House, version: str) -> None:
    configuration = json.loads(
        """{"mcpServers": {"mumo": {"url": "ADDRESS", "headers": {"Authorization": "Bearer KEY"}}}}""".replace(
            "ADDRESS", house.mcp
        ).replace("KEY", house.key)
    )
    server = configuration["mcpServers"]["mumo"]
    key = server["headers"]["Authorization"].removeprefix("Bearer ")
    async with connected(server["url"], key, version) as agent:
        assert len((await agent.session.list_tools()).tools) == 7


def test_a_key_has_the_seeds_prefix(house: House) -> None:
    assert house.key.startswith("mmo_live_")


async def test_opening_needs_no_key(house: House, version: str) -> None:
    async with connected(house.mcp, None, version) as agent:
        assert agent.version == version
        assert len((await agent.session.list_tools()).tools) == 7


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25"])
async def test_a_ping_needs_no_key(house: House, version: str) -> None:
    async with connected(house.mcp, None, version) as agent:
        request = types.PingRequest(params=types.RequestParams())
        assert await agent.session.send_request(request, types.EmptyResult)


async def test_a_tool_needs_a_key(house: House, version: str) -> None:
    async with connected(house.mcp, None, version) as agent:
        with pytest.raises(MCPError):
            await agent.session.call_tool("get_credit", {})


@pytest.mark.parametrize(("key", "code"), [(None, "unauthorized"), ("mmo_live_wrong", "invalid_token")])
def test_without_its_key_a_call_is_a_401(house: House, key: str | None, code: str) -> None:
    headers = {**LEGACY, "mcp-protocol-version": "2025-11-25"} | ({"authorization": f"Bearer {key}"} if key else {})
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_credit", "arguments": {}}}
    reply = httpx2.post(house.mcp, headers=headers, json=body)
    assert (reply.status_code, reply.json()["error"]) == (401, code)
    assert reply.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("method", ["resources/list", "prompts/list", "completion/complete", "no/such"])
def test_no_other_method_is_open(house: House, method: str) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {}}
    assert httpx2.post(house.mcp, headers=LEGACY, json=body).status_code == 401


async def test_a_revoked_key_is_dead(house: House, version: str) -> None:
    key = house.husting.key(f"short-lived {version}")
    async with connected(house.mcp, key, version) as agent:
        await agent.call("get_credit")
        revoke(house, f"short-lived {version}")
        with pytest.raises(MCPError):
            await agent.session.call_tool("get_credit", {})


async def test_a_revoked_key_waits_no_longer_and_its_round_finishes(house: House, version: str) -> None:
    key = house.husting.key(f"waiting {version}")
    house.hold("the revoked")
    async with connected(house.mcp, key, version) as agent, connected(house.mcp, house.key, version) as other:
        ack = await agent.ask(f"Who waits? ({version})", models=MODELS)
        told: list[str] = []

        async def wait() -> None:
            told.append((await agent.refused("wait_for_round", session_id=ack["session_id"])).code)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await other.read(ack)
            revoke(house, f"waiting {version}")
        assert told == ["invalid_token"]
        house.open("the revoked")
        assert (await other.wait(ack))["round_status"] == "complete"


async def test_what_mcp_opened_rest_reads_with_the_same_key(agent: Agent, house: House) -> None:
    ack, session = await agent.finished(f"Which names are shared? ({agent.version})")
    headers = {"authorization": f"Bearer {house.key}"}
    rest = httpx2.get(f"{house.husting.http}/api/sessions/{ack['session_id']}", headers=headers).json()
    assert rest == session
    listed = httpx2.get(f"{house.husting.http}/api/sessions", headers=headers, params={"limit": 1}).json()
    assert listed == await agent.call("list_sessions", limit=1)
    for path, tool in [("models", "list_models"), ("credit", "get_credit")]:
        assert httpx2.get(f"{house.husting.http}/api/{path}", headers=headers).json() == await agent.call(tool)


async def test_an_unknown_tool_is_refused(agent: Agent) -> None:
    try:
        result = await agent.session.call_tool("delete_everything", {})
    except MCPError:
        return
    assert result.is_error, text_of(result)


def revoke(house: House, name: str) -> None:
    listed = json.loads(house.husting.run("key", "list", "--json"))["keys"]
    [known] = [known for known in listed if known["name"] == name]
    house.husting.run("key", "revoke", known["key_id"])
