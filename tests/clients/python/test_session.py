"""`get_session`, `list_sessions`, `list_models` and `get_credit`."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from agent import Agent, connected
from house import MODELS, House, rule

pytestmark = pytest.mark.anyio
TYPES = {"KEEP", "EXPLORE", "CHALLENGE", "CORE", "SHIFT"}


async def test_a_session_has_the_seeds_fields(agent: Agent) -> None:
    _, session = await agent.finished(f"What is in a session? ({agent.version})", models=MODELS)
    names = {"session_id", "status", "source", "models", "improvement_consent", "total_cost_usd", "rounds"}
    assert names <= set(session)
    assert session["source"] == "mcp"
    assert "session_synthesis" not in session, "absent until it is made"
    [round] = session["rounds"]
    names = {"round_id", "round_index", "prompt", "responses", "snippets", "claim_map", "cost_usd", "debits"}
    assert names <= set(round)
    assert "distill" not in round
    for response in round["responses"]:
        assert {"model", "text", "tokens_in", "tokens_out", "finish_reason", "is_partial", "snippets"} <= set(response)
        for snippet in response["snippets"]:
            assert snippet["type"] in TYPES and snippet["quoted_model"] in MODELS


async def test_claims_are_verbatim_and_have_the_seeds_fields(agent: Agent) -> None:
    _, session = await agent.finished(f"What do you claim? ({agent.version})", models=MODELS)
    [round] = session["rounds"]
    texts = {response["model"]: response["text"].encode() for response in round["responses"]}
    claims = round["claim_map"]["claims"]
    assert claims
    for claim in claims:
        source = claim["source"]
        assert texts[claim["originator"]][source["start"] : source["end"]].decode() == claim["quote"]
        assert claim["positions"], "there is no claim without a reaction"
        for position in claim["positions"]:
            assert position["model"] in MODELS and position["type"] in TYPES and position["comment"]
        assert claim["reaction_count"] == len({position["model"] for position in claim["positions"]})


async def test_a_running_session_can_be_read(agent: Agent, house: House) -> None:
    house.hold("the reading")
    ack = await agent.ask(f"What is there so far? ({agent.version})", models=MODELS)
    session = await agent.read(ack)
    assert session["status"] in ("processing", "streaming")
    assert session["rounds"][0]["round_status"] == "in_progress"
    house.open("the reading")
    await agent.wait(ack)


async def test_costs_add_up(agent: Agent) -> None:
    ack, _ = await agent.finished(f"What does it cost? ({agent.version})", models=MODELS)
    await agent.wait(await agent.call("append_round", session_id=ack["session_id"], prompt="And twice?"))
    session = await agent.read(ack)
    rounds = [usd(round["cost_usd"]) for round in session["rounds"]]
    assert all(cost > 0 for cost in rounds)
    assert usd(session["total_cost_usd"]) == sum(rounds)
    for round, cost in zip(session["rounds"], rounds, strict=True):
        assert sum(usd(debit["cost_usd"]) for debit in round["debits"]) == cost


async def test_debits_reconcile_with_the_wallet(house: House, version: str) -> None:
    async with connected(house.mcp, house.key, version) as agent:
        before = await agent.call("get_credit")
        _, session = await agent.finished(f"Who pays? ({version})", models=MODELS)
        after = await agent.call("get_credit")
    debits = session["rounds"][0]["debits"]
    assert len(debits) == 6, "three answers and three reactions"
    assert len({debit["transaction_id"] for debit in debits}) == 6
    for debit in debits:
        assert debit["model"] in MODELS and debit["settled_at"].endswith("Z")
    fell = usd(before["effective_balance_usd"]) - usd(after["effective_balance_usd"])
    assert fell == sum(usd(debit["amount_usd"]) for debit in debits) > 0


async def test_no_balance_stands_in_a_session(agent: Agent) -> None:
    _, session = await agent.finished(f"What is left? ({agent.version})")
    assert not {"effective_balance_usd", "buckets", "balance_usd"} & set(session)


async def test_confidence_is_told_with_its_disclaimer(agent: Agent, house: House) -> None:
    house.play(otherwise={"answer": {"debate": {"confidence": True}}})
    _, session = await agent.finished(f"How sure are you? ({agent.version})", models=MODELS)
    responses = session["rounds"][0]["responses"]
    scores = [score for response in responses for score in response.get("claim_confidence", [])]
    assert scores and all(0 <= entry["score"] <= 1 and entry["text"] for entry in scores)
    assert all("[confidence:" not in response["text"] for response in responses)
    assert session["confidence_disclaimer"]
    house.play(
        rule("alpha-1", {"answer": {"text": "Otters swim at dusk."}}),
        rule("beta-2", {"answer": {"text": "Herons hunt at dawn."}}),
        rule("alpha-1", {"answer": {"text": reaction("Herons hunt at dawn.")}}, phase="react"),
        rule("beta-2", {"answer": {"text": reaction("Otters swim at dusk.")}}, phase="react"),
    )
    _, session = await agent.finished(f"And of this? ({agent.version})", models=["alpha-1", "beta-2"])
    snippets = [snippet for response in session["rounds"][0]["responses"] for snippet in response["snippets"]]
    assert {snippet.get("comment_confidence") for snippet in snippets} == {0.8}


async def test_sessions_are_listed_without_bodies_last_changed_first(agent: Agent) -> None:
    older, _ = await agent.finished(f"Which is older? ({agent.version})")
    newer, _ = await agent.finished(f"Which is newer? ({agent.version})")
    listed = await agent.call("list_sessions")
    assert [row["session_id"] for row in listed["sessions"][:2]] == [newer["session_id"], older["session_id"]]
    names = {"session_id", "title", "status", "round_count", "models", "moderator_name", "application"}
    names |= {"source", "created_at", "updated_at", "total_cost_usd"}
    for row in listed["sessions"]:
        assert names <= set(row)
        assert "rounds" not in row and "responses" not in row


async def test_a_status_filters_the_list(agent: Agent, house: House) -> None:
    done, _ = await agent.finished(f"Is it done? ({agent.version})")
    house.play(*(rule(model, {"fault": {"kind": "unauthorized401"}}) for model in MODELS))
    failed, session = await agent.finished(f"Is it lost? ({agent.version})", models=MODELS)
    assert session["status"] == "failed"
    house.hold("the list")
    running = await agent.ask(f"Is it running? ({agent.version})", models=MODELS)

    async def found(status: str) -> set[str]:
        return {row["session_id"] for row in (await agent.call("list_sessions", status=status, limit=200))["sessions"]}

    ids = {ack["session_id"] for ack in (done, failed, running)}
    assert await found("ready") & ids == {done["session_id"]}
    assert await found("streaming") & ids == {running["session_id"]}
    # Ready is what takes another round, and nothing else is.
    assert (await agent.refused("append_round", session_id=failed["session_id"], prompt="More?")).code == "session_failed"
    assert (await agent.refused("append_round", session_id=running["session_id"], prompt="More?")).code == "session_busy"
    more = await agent.call("append_round", session_id=done["session_id"], prompt="More?")
    assert (await found("ready") & ids, await found("streaming") & ids) == (set(), {done["session_id"], running["session_id"]})
    house.open("the list")
    for ack in (running, more):
        await agent.wait(ack)
    assert await found("ready") & ids == {done["session_id"], running["session_id"]}
    again = await agent.call("append_round", session_id=running["session_id"], prompt="More?")
    assert (await agent.wait(again))["round_index"] == 1


async def test_limit_and_offset_page_the_list(agent: Agent) -> None:
    for number in range(8):
        await agent.finished(f"Which page? ({agent.version}, {number})", models=["alpha-1", "beta-2"])
    whole: list[str] = []
    total = 8
    while len(whole) < total:
        page = await agent.call("list_sessions", limit=200, offset=len(whole))
        whole += [row["session_id"] for row in page["sessions"]]
        total = page["total"]
    assert len(set(whole)) == len(whole) == total
    assert [row["session_id"] for row in (await agent.call("list_sessions"))["sessions"]] == whole[:7]
    page = await agent.call("list_sessions", limit=3, offset=2)
    assert [row["session_id"] for row in page["sessions"]] == whole[2:5]
    assert (page["limit"], page["offset"], page["total"]) == (3, 2, len(whole))


async def test_models_have_the_seeds_fields(agent: Agent) -> None:
    models = {model["id"]: model for model in (await agent.call("list_models"))["models"]}
    assert set(MODELS) <= set(models)
    pricing = {"input_per_million_usd", "output_per_million_usd", "minimum_usd", "source", "as_of"}
    pricing |= {"cache_read_per_million_usd", "cache_write_per_million_usd"}
    for model in models.values():
        names = {"id", "provider", "display_name", "kind", "context_window", "max_output_tokens", "pricing"}
        assert names | {"available", "unavailable_reason"} <= set(model)
        assert pricing <= set(model["pricing"])
    seat = models["alpha-1"]
    assert (seat["provider"], seat["available"], seat["unavailable_reason"]) == ("first", True, None)
    assert (usd(seat["pricing"]["input_per_million_usd"]), seat["context_window"]) == (Decimal("3.1"), 200_000)
    assert usd(seat["pricing"]["minimum_usd"]) == Decimal("0.05")


async def test_credit_has_the_seeds_shape(agent: Agent) -> None:
    credit = await agent.call("get_credit")
    top = {"effective_balance_usd", "buckets", "per_model_minimum_usd_default", "debit_order"}
    assert set(credit) == top
    buckets = credit["buckets"]
    assert set(buckets) == {"free", "subscription", "refill"}
    assert set(buckets["free"]) == {"balance_usd", "monthly_grant_usd", "resets_at"}
    assert re.fullmatch(r"\d{4}-\d\d-01T00:00:00(\.0+)?Z", buckets["free"]["resets_at"])
    assert set(buckets["subscription"]) == {"balance_usd", "rollover_cap_usd", "subscription_status"}
    assert (usd(buckets["subscription"]["rollover_cap_usd"]), buckets["subscription"]["subscription_status"]) == (30, None)
    assert set(buckets["refill"]) == {"balance_usd", "auto_refill_enabled"}
    assert buckets["refill"]["auto_refill_enabled"] is False
    assert usd(credit["effective_balance_usd"]) == sum(usd(bucket["balance_usd"]) for bucket in buckets.values())
    assert usd(credit["per_model_minimum_usd_default"]) == Decimal("0.05")
    assert credit["debit_order"] == ["free", "subscription", "refill"]


def usd(amount: Any) -> Decimal:
    """A JSON number of dollars, as it was written: at most six places."""
    assert isinstance(amount, int | float) and not isinstance(amount, bool)
    exact = Decimal(repr(amount))
    assert exact.quantize(Decimal("0.000001")) == exact
    return exact


def reaction(quote: str) -> str:
    """What a seat says that keeps these words and is rather sure of it."""
    snippet = {"type": "KEEP", "quote": quote, "quoted_model": "A", "comment": "True. [confidence: 0.8]"}
    return json.dumps({"snippets": [snippet]})
