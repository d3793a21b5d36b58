"""Every error: its code, its sentence, its body."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import pytest
from agent import Agent, Refusal, connected
from house import MODELS, House, cases, rule
from test_session import usd

pytestmark = pytest.mark.anyio
FUNDS = ("effective_balance_usd", "free_usd", "subscription_usd", "refill_usd", "per_model_minimum_usd")


@pytest.fixture(scope="module")
def own_house() -> Iterator[House]:
    """A house whose wallet and lists are changed by these tests."""
    house = House()
    yield house
    house.end()


@pytest.fixture
async def own(own_house: House, version: str) -> AsyncIterator[Agent]:
    own_house.play()
    async with connected(own_house.mcp, own_house.key, version) as agent:
        yield agent


@pytest.mark.parametrize("case", cases("refusals"), ids=lambda case: case["name"])
async def test_an_error_has_its_code_and_body(agent: Agent, case: dict[str, Any]) -> None:
    arguments = dict(case["arguments"])
    if arguments.get("session_id") == "$session":
        ack, _ = await agent.finished(f"What of {case['name']}? ({agent.version})")
        arguments["session_id"] = ack["session_id"]
    refusal = await agent.refused(case["tool"], **arguments)
    assert refusal.code == case["code"]
    for name, value in case.get("body", {}).items():
        assert refusal.body[name] == value


async def test_an_error_costs_nothing(own: Agent) -> None:
    before = await own.call("get_credit")
    await own.refused("create_deliberation", prompt="Who?", models=["alpha-1", "nobody-9"])
    assert await own.call("get_credit") == before


async def test_words_too_many_are_refused_and_not_cut(agent: Agent) -> None:
    assert await code(agent, "create_deliberation", prompt="a" * 64_001) == "invalid_request"
    ack, _ = await agent.finished(f"How many may be forwarded? ({agent.version})")
    snippet = {"type": "KEEP", "quote": "Anything.", "quoted_model": "alpha-1"}
    arguments = {"session_id": ack["session_id"], "prompt": "And now?", "snippets": [snippet] * 51}
    assert await code(agent, "append_round", **arguments) == "invalid_request"


async def test_a_running_session_is_busy(agent: Agent, house: House) -> None:
    house.hold("the busy one")
    ack = await agent.ask(f"Is it your turn? ({agent.version})", models=MODELS)
    assert await code(agent, "append_round", session_id=ack["session_id"], prompt="Mine!") == "session_busy"
    house.open("the busy one")
    await agent.wait(ack)
    await agent.wait(await agent.call("append_round", session_id=ack["session_id"], prompt="Mine!"))


async def test_a_failed_session_takes_no_round(agent: Agent, house: House) -> None:
    house.play(*(rule(model, {"fault": {"kind": "unauthorized401"}}) for model in MODELS))
    ack = await agent.ask(f"Is anybody there? ({agent.version})", models=MODELS)
    assert (await agent.wait(ack))["recommended_client_action"] == "abandon"
    assert (await agent.read(ack))["status"] == "failed"
    assert await code(agent, "append_round", session_id=ack["session_id"], prompt="Now?") == "session_failed"


async def test_an_empty_wallet_is_told_with_its_figures(own: Agent, own_house: House) -> None:
    spent = usd((await own.call("get_credit"))["buckets"]["free"]["monthly_grant_usd"])
    own_house.husting.run("wallet", "limit", "--usd", "0")
    prompt = f"Who pays? ({own.version})"
    refusal = await own.refused("create_deliberation", prompt=prompt, models=MODELS)
    assert refusal.code == "credit_exhausted"
    funds = {name: usd(refusal.body[name]) for name in FUNDS}
    assert funds["effective_balance_usd"] == funds["free_usd"] + funds["subscription_usd"] + funds["refill_usd"]
    assert funds["effective_balance_usd"] < 3 * Decimal("0.05") and funds["per_model_minimum_usd"] == Decimal("0.05")
    credit = await own.call("get_credit")
    assert refusal.body["next_reset_at"] == credit["buckets"]["free"]["resets_at"]
    own_house.husting.run("wallet", "limit", "--usd", str(spent))
    assert (await own.wait(await own.ask(prompt, models=MODELS)))["round_status"] == "complete"


async def test_a_model_beyond_the_wallet_is_unavailable(own: Agent, own_house: House) -> None:
    own_house.husting.run("wallet", "limit", "--usd", "0")
    models = {model["id"]: model for model in (await own.call("list_models"))["models"]}
    own_house.husting.run("wallet", "limit", "--usd", "1000")
    for model in MODELS:
        assert (models[model]["available"], models[model]["unavailable_reason"]) == (False, "credit_exhausted")


async def test_automatic_refill_adds_two_fields(own: Agent, own_house: House) -> None:
    terms = ("--threshold", "0.5", "--amount", "5", "--ceiling", "20")
    own_house.husting.run("wallet", "auto-refill", *terms)
    refill = (await own.call("get_credit"))["buckets"]["refill"]
    own_house.husting.run("wallet", "auto-refill", "--off")
    assert refill["auto_refill_enabled"] is True
    assert usd(refill["auto_refill_threshold_usd"]) == Decimal("0.5")
    assert usd(refill["auto_refill_amount_usd"]) == 5


async def test_a_model_switched_off_is_ineligible(own: Agent, own_house: House) -> None:
    own_house.husting.run("models", "disable", "gamma-3")
    refusal = await own.refused("create_deliberation", prompt="Who?", models=MODELS)
    own_house.husting.run("models", "enable", "gamma-3")
    assert (refusal.code, refusal.body["ineligible_models"]) == ("ineligible_models", ["gamma-3"])


async def test_a_default_panel_of_one_is_insufficient(own: Agent, own_house: House) -> None:
    own_house.husting.run("models", "panel", "alpha-1", "gamma-3")
    own_house.husting.run("models", "disable", "gamma-3")
    refusal = await own.refused("create_deliberation", prompt="Who sits by default?")
    own_house.husting.run("models", "enable", "gamma-3")
    own_house.husting.run("models", "panel", "--reset")
    assert (refusal.code, refusal.body["collapsed_buckets"]) == ("insufficient_active_models", [1])


async def test_a_spent_daily_limit_says_when_it_resets(own_house: House, version: str) -> None:
    key = own_house.husting.key(f"one a day {version}", "--daily-rounds", "1")
    async with connected(own_house.mcp, key, version) as agent:
        ack, _ = await agent.finished(f"Only one? ({version})", models=MODELS)
        for tool, arguments in [
            ("create_deliberation", {"prompt": "Another?"}),
            ("append_round", {"session_id": ack["session_id"], "prompt": "Another?"}),
        ]:
            refusal = await agent.refused(tool, **arguments)
            assert refusal.code == "daily_limit_reached"
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00(\.0+)?Z", refusal.body["resets_at"])
            assert 1 <= refusal.body["retry_after_seconds"] <= 86_400


async def test_recap_session_is_refused_on_create(agent: Agent) -> None:
    for asked in (True, False):
        refusal = await agent.refused("create_deliberation", prompt="Already?", recap_session=asked)
        assert refusal.code == "invalid_request" and "recap_session" in refusal.sentence


async def code(agent: Agent, tool: str, **arguments: Any) -> str:
    refusal: Refusal = await agent.refused(tool, **arguments)
    return refusal.code
