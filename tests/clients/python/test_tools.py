"""What `tools/list` says."""

from __future__ import annotations

from typing import Any

import pytest
from agent import Agent
from house import cases

pytestmark = pytest.mark.anyio
# What each tool takes; the first are required.
ARGUMENTS = {row["tool"]: row for row in cases("tools")}


async def schemas(agent: Agent) -> dict[str, dict[str, Any]]:
    return {tool.name: tool.input_schema for tool in (await agent.session.list_tools()).tools}


async def test_there_are_the_seven_tools(agent: Agent) -> None:
    tools = (await agent.session.list_tools()).tools
    assert {tool.name for tool in tools} == set(ARGUMENTS)
    assert all(tool.description for tool in tools)


async def test_each_tool_takes_the_documented_arguments(agent: Agent) -> None:
    for name, schema in (await schemas(agent)).items():
        documented = ARGUMENTS[name]
        assert set(schema.get("properties", {})) == {*documented["required"], *documented["optional"]}, name
        assert set(schema.get("required", [])) == set(documented["required"]), name


async def test_defaults_and_limits_stand_in_the_schema(agent: Agent) -> None:
    tools = await schemas(agent)
    wait, sessions = (tools[name]["properties"] for name in ("wait_for_round", "list_sessions"))
    assert (wait["timeout_seconds"]["default"], wait["timeout_seconds"]["maximum"]) == (40, 120)
    assert wait["poll_after_ms"]["default"] == 1000
    limit = sessions["limit"]
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 200, 7)
    assert set(words(tools["list_sessions"], sessions["status"])) == {"ready", "streaming"}
    models = member(tools["create_deliberation"], tools["create_deliberation"]["properties"]["models"])
    assert (models["minItems"], models["maxItems"]) == (2, 3)
    append = tools["append_round"]
    snippet = member(append, member(append, append["properties"]["snippets"])["items"])
    assert set(snippet["properties"]) == {"type", "quote", "quoted_model", "comment"}
    assert set(snippet["required"]) == {"type", "quote", "quoted_model"}
    assert set(words(append, snippet["properties"]["type"])) == {"KEEP", "EXPLORE", "CHALLENGE", "CORE", "SHIFT"}
    for tool in ("create_deliberation", "append_round"):
        assert tools[tool]["properties"]["recap_round"]["default"] is False
    assert append["properties"]["recap_session"]["default"] is False


async def test_every_schema_is_an_object(agent: Agent) -> None:
    for tool in (await agent.session.list_tools()).tools:
        assert tool.input_schema["type"] == "object", tool.name
        assert tool.output_schema is None or tool.output_schema["type"] == "object", tool.name


def member(root: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A schema behind its reference, or the one beside null."""
    if "$ref" in schema:
        _, place, name = schema["$ref"].split("/")
        return member(root, root[place][name])
    for part in schema.get("anyOf", []):
        if part.get("type") != "null":
            return member(root, part)
    return schema


def words(root: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """The words of an enumeration, written as a list or as one constant each."""
    schema = member(root, schema)
    return schema["enum"] if "enum" in schema else [part["const"] for part in schema["oneOf"]]
