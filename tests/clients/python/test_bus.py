"""The bus with the official client: every tool, every scope, every way in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import anyio
import httpx2
import pytest
from agent import PATIENCE, text_of
from bus import SCOPES, WAYS, Bus, Minted, on_bus
from house import cases
from mcp import MCPError

pytestmark = pytest.mark.anyio
TOOLS = cases("bus")
DELIBERATION = {
    "create_deliberation", "append_round", "wait_for_round", "get_session", "list_sessions", "list_models", "get_credit"
}
# It needs a note that is there, so it stands in no table.
FORGET = {"tool": "forget", "arguments": {"id": "01890a5d-ac96-774b-bcce-b302099a8057"}, "scope": "mcp:remember"}
HANDSHAKES = [way for way in WAYS if way[1] != "2026-07-28"]


@pytest.fixture(scope="module")
def bus() -> Iterator[Bus]:
    bus = Bus()
    yield bus
    bus.end()


@pytest.fixture(params=WAYS, ids=lambda way: " ".join(way))
def way(request: pytest.FixtureRequest) -> tuple[str, str]:
    return request.param


async def test_every_tool_of_the_bus_answers(bus: Bus, way: tuple[str, str]) -> None:
    async with on_bus(bus, bus.mint(SCOPES), way) as agent:
        assert agent.version == way[1]
        for case in TOOLS:
            result = await agent.result(case["tool"], **case["arguments"])
            assert re.search(case["text"], text_of(result)), text_of(result)
            assert set(case["fields"]) <= set(result.structured_content), case["tool"]
        note = (await agent.call("memories"))["memories"][0]["id"]
        assert (await agent.call("forget", id=note))["id"] == note


async def test_who_boots_its_context_finds_out_who_it_is(bus: Bus, way: tuple[str, str]) -> None:
    charter, squad = "You keep the dock.\nNobody else does.", f"boot-{'-'.join(way)}".replace(".", "-")
    keeper = bus.mint(["mcp:inbox", "mcp:workspace_join"], charter=charter)
    silent = bus.mint([])
    async with on_bus(bus, keeper, way) as agent, on_bus(bus, bus.other, way) as other:
        await agent.call("workspace_join", workspace_id=squad)
        for text in ("One.", "Two."):
            await other.call("send", to=keeper.name, text=text)
        result = await agent.result("boot_context")
        context, text = dict(result.structured_content), text_of(result)
        instructions = context.pop("instructions")
        assert context == {
            "agent": keeper.name,
            "tenant": "local",
            "charter": charter,
            "scopes": ["mcp:inbox", "mcp:workspace_join"],
            "squads": [squad],
            "unread": 2,
        }
        assert text.startswith(f"You are {keeper.name}, an agent of local.")
        for words in ("You keep the dock.", "Nobody else does.", "mcp:inbox", "mcp:workspace_join", squad, "Unread messages: 2."):
            assert words in text, text
        assert instructions and text.endswith(instructions)
        # To look is not to take.
        assert (await agent.call("boot_context"))["unread"] == 2
    async with on_bus(bus, silent, way) as agent:
        context = await agent.call("boot_context")
        found = [context[name] for name in ("agent", "charter", "scopes", "squads", "unread")]
        assert found == [silent.name, None, [], [], 0]


async def test_each_agent_has_a_token_of_its_own(bus: Bus, way: tuple[str, str]) -> None:
    minted = [bus.mint(["mcp:peers"]) for _ in range(3)]
    assert len({agent.token for agent in minted}) == len({agent.id for agent in minted}) == 3
    taken = bus.http.post("/agents/mint", json={"agent_name": minted[0].name, "scopes": []})
    assert taken.is_client_error and "raw_token" not in taken.text, "no second token for a name that has one"

    async def opens(agent: Minted) -> bool:
        """Whether its token opens, and then as nobody but itself."""
        probe = httpx2.post(
            f"{bus.husting.http}/mcp",
            headers={"authorization": f"Bearer {agent.token}", "accept": "application/json, text/event-stream"},
            json={"jsonrpc": "2.0", "id": 1, "method": "ping"},
        )
        if probe.status_code == 401:
            return False
        async with on_bus(bus, agent, way) as session:
            assert (await session.call("boot_context"))["agent"] == agent.name
        return True

    assert [await opens(agent) for agent in minted] == [True] * 3
    bus.revoke(minted[1])
    assert [await opens(agent) for agent in minted] == [True, False, True], "the others' go on"
    turned = bus.http.post(f"/agents/{minted[2].id}/rotate", json={"overlap_seconds": 0}).raise_for_status().json()
    assert turned["raw_token"] not in {agent.token for agent in minted}
    assert [await opens(agent) for agent in minted] == [True, False, False]
    assert await opens(Minted(minted[2].id, minted[2].name, turned["raw_token"]))


async def test_only_what_a_token_may_call_is_listed(bus: Bus, way: tuple[str, str]) -> None:
    for scope in SCOPES:
        async with on_bus(bus, bus.mint([scope]), way) as agent:
            tools = (await agent.session.list_tools()).tools
            assert all(tool.description and tool.output_schema for tool in tools)
            expected = {case["tool"] for case in TOOLS if case["scope"] in (None, scope)}
            expected |= {"forget"} if scope == FORGET["scope"] else set()
            assert {tool.name for tool in tools} == expected


async def test_each_tool_needs_its_scope(bus: Bus, way: tuple[str, str]) -> None:
    """Denials come as results on server-sent events, and over HTTP where the wiring asks for it."""
    headers = {"X-Husting-Denials": "result"}
    for scope in SCOPES:
        async with on_bus(bus, bus.mint([scope]), way, headers=headers) as agent:
            for case in [*TOOLS, FORGET]:
                result = await agent.session.call_tool(case["tool"], case["arguments"])
                if case["scope"] in (None, scope):
                    assert "insufficient_scope" not in text_of(result), case["tool"]
                    continue
                assert result.is_error
                assert text_of(result).startswith("403 insufficient_scope"), text_of(result)
                assert case["scope"] in text_of(result)
                assert result.structured_content["details"]["scope"] == case["scope"]


async def test_a_panel_is_convened_on_the_bus_by_whoever_may(bus: Bus, way: tuple[str, str]) -> None:
    async with on_bus(bus, bus.mint(["mcp:deliberate"]), way) as agent:
        names = {tool.name for tool in (await agent.session.list_tools()).tools}
        assert DELIBERATION | {"boot_context"} == names
        ack = await agent.call("create_deliberation", prompt="Tea or coffee? Tea calms. Coffee wakes.")
        state = await agent.call("wait_for_round", session_id=ack["session_id"], timeout_seconds=120)
        assert state["round_status"] == "complete"
        assert (await agent.call("list_sessions"))["total"] == 1


@pytest.mark.parametrize("way", [way for way in WAYS if way[0] == "http"], ids=" ".join)
async def test_a_403_ends_the_call_and_not_the_connection(bus: Bus, way: tuple[str, str]) -> None:
    async with on_bus(bus, bus.mint(["mcp:peers"]), way) as agent:
        with pytest.raises(MCPError):
            await agent.session.call_tool("send", {"to": "other", "text": "Hello."})
        assert (await agent.call("status"))["scopes"] == ["mcp:peers"]


@pytest.mark.parametrize("way", HANDSHAKES, ids=" ".join)
async def test_a_changed_scope_is_told_and_holds_on_the_next_call(bus: Bus, way: tuple[str, str]) -> None:
    minted = bus.mint(["mcp:peers"])
    async with listening(bus, minted, way) as (agent, told):
        bus.grant(minted, ["mcp:peers", "mcp:inbox"])
        await told("notifications/tools/list_changed")
        assert "inbox" in {tool.name for tool in (await agent.session.list_tools()).tools}
        assert (await agent.call("inbox"))["messages"] == []


@pytest.mark.filterwarnings("ignore:resources/subscribe is removed")
@pytest.mark.parametrize("way", HANDSHAKES, ids=" ".join)
async def test_who_subscribed_is_told_of_mail(bus: Bus, way: tuple[str, str]) -> None:
    minted = bus.mint(["mcp:inbox"])
    async with listening(bus, minted, way) as (agent, told), on_bus(bus, bus.other, way) as other:
        await agent.session.subscribe_resource(f"inbox://{minted.name}")
        await other.call("send", to=minted.name, text="Hello.")
        await told("notifications/resources/updated")
        read = await agent.session.read_resource(f"inbox://{minted.name}")
        assert "Hello." in read.contents[0].text
        assert [message["text"] for message in (await agent.call("inbox"))["messages"]] == ["Hello."]


async def test_a_wait_ends_with_mail(bus: Bus, way: tuple[str, str]) -> None:
    minted = bus.mint(SCOPES)
    async with on_bus(bus, minted, way) as agent, on_bus(bus, bus.other, way) as other:
        seen: list[dict[str, Any]] = []

        async def wait() -> None:
            seen.append(await agent.call("inbox_wait", timeout_seconds=PATIENCE))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await other.call("send", to=minted.name, text="Now.")
        assert [message["text"] for message in seen[0]["messages"]] == ["Now."]
        assert seen[0]["messages"][0]["from"] == "agent:other"


async def test_a_revoked_agent_is_cut_off(bus: Bus, way: tuple[str, str]) -> None:
    minted = bus.mint(SCOPES)
    receipt: dict[str, Any] = {}
    # What a library makes of a connection that ends under it is its own affair; it must not go on.
    try:
        async with on_bus(bus, minted, way) as agent:
            await agent.call("status")
            receipt = bus.revoke(minted)
            with anyio.fail_after(PATIENCE):
                await agent.call("status")
    except Exception as fault:  # noqa: BLE001
        assert not isinstance(fault, TimeoutError)
    else:
        pytest.fail("it went on")
    assert receipt["accepted_since"] == 0


class listening:
    """An agent, and a function that returns once the server has said this unasked."""

    def __init__(self, bus: Bus, minted: Minted, way: tuple[str, str]) -> None:
        self.sender, self.receiver = anyio.create_memory_object_stream[str](100)
        self.way = on_bus(bus, minted, way, heard=self.heard)

    async def heard(self, message: Any) -> None:
        await self.sender.send(getattr(getattr(message, "root", message), "method", ""))

    async def told(self, method: str) -> None:
        with anyio.fail_after(PATIENCE):
            while await self.receiver.receive() != method:
                pass

    async def __aenter__(self) -> tuple[Any, Any]:
        return await self.way.__aenter__(), self.told

    async def __aexit__(self, *how: Any) -> None:
        await self.way.__aexit__(*how)
        self.sender.close()
        self.receiver.close()
