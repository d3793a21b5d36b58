"""Recaps of a round, and the synthesis of a session with what it needs."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from agent import Agent
from house import MODELS

pytestmark = pytest.mark.anyio
# How often is looked, in seconds: no tool waits for a recap.
LOOK = 0.05


async def test_no_recap_unless_asked(agent: Agent) -> None:
    ack, session = await agent.finished(f"Is anything summed up? ({agent.version})", models=MODELS)
    state = await agent.wait(ack)
    assert (state["recap_status"], state["synthesis_status"]) == ("none", "none")
    assert "round_recap" not in session["rounds"][0]


async def test_a_recap_is_made_on_request(agent: Agent) -> None:
    ack = await agent.ask(f"What is the gist? ({agent.version})", models=MODELS, recap_round=True)
    await summed_up(agent, ack)
    again = {"session_id": ack["session_id"], "prompt": "And the gist of this?", "recap_round": True}
    second = await agent.call("append_round", **again)
    await summed_up(agent, second)
    session = await agent.read(ack)
    for round in session["rounds"]:
        is_recap(round["round_recap"], {claim["id"] for claim in round["claim_map"]["claims"]})
    assert "session_synthesis" not in session


async def test_a_synthesis_brings_the_missing_recaps(agent: Agent) -> None:
    ack = await agent.ask(f"Where does it lead? ({agent.version})", models=MODELS, recap_round=True)
    await summed_up(agent, ack)
    [first] = (await agent.read(ack))["rounds"]
    await agent.wait(await agent.call("append_round", session_id=ack["session_id"], prompt="A round without a recap."))
    last = await agent.call("append_round", session_id=ack["session_id"], prompt="Now sum it up.", recap_session=True)
    await summed_up(agent, last, "synthesis_status")
    session = await agent.read(ack)
    assert session["rounds"][0]["round_recap"] == first["round_recap"], "what was there is not written again"
    for round in session["rounds"]:
        is_recap(round["round_recap"], {claim["id"] for claim in round["claim_map"]["claims"]})
    synthesis = session["session_synthesis"]
    assert {"title", "tldr", "origin", "arcs"} <= set(synthesis)
    assert synthesis["title"] and synthesis["tldr"] and synthesis["origin"] and synthesis["arcs"]
    for arc in synthesis["arcs"]:
        assert arc["title"] and arc["body"] and arc["round_indexes"]
        assert set(arc["round_indexes"]) <= {0, 1, 2}


async def test_recaps_are_paid_without_markup(agent: Agent) -> None:
    ack = await agent.ask(f"Who pays for the gist? ({agent.version})", models=MODELS, recap_round=True)
    await summed_up(agent, ack)
    [round] = (await agent.read(ack))["rounds"]
    [debit] = [debit for debit in round["debits"] if debit["purpose"] == "recap"]
    assert (debit["markup_bps"], debit["amount_usd"]) == (0, debit["cost_usd"])


async def summed_up(agent: Agent, ack: dict[str, Any], status: str = "recap_status") -> None:
    """Waits until a recap has come; it never holds up its round."""
    with anyio.fail_after(60):
        while (state := await agent.wait(ack))[status] == "pending":
            await anyio.sleep(LOOK)
    assert state["round_status"] == "complete"
    assert state[status] == "complete"


def is_recap(recap: dict[str, Any], claims: set[str]) -> None:
    assert {"title", "tldr", "agenda", "sections"} <= set(recap)
    assert recap["title"] and recap["tldr"] and recap["agenda"] and recap["sections"]
    for section in recap["sections"]:
        assert {"heading", "body", "claim_ids"} <= set(section)
        assert section["heading"] and section["body"]
        assert set(section["claim_ids"]) <= claims
