"""`append_round`: context, snippets with the framing of their type, and who steers."""

from __future__ import annotations

from typing import Any

import pytest
from agent import Agent
from house import MODELS, House, rule

pytestmark = pytest.mark.anyio
FRAMINGS = {
    "KEEP": "This resonates with me.",
    "EXPLORE": "Let's go deeper on this.",
    "CHALLENGE": "I'm not sold on this.",
    "CORE": "This is what it comes down to.",
    "SHIFT": "This shifted my perspective.",
}


async def append(agent: Agent, to: dict[str, Any], prompt: str, **more: Any) -> dict[str, Any]:
    """A next round, run to its end; its ack."""
    ack = await agent.call("append_round", session_id=to["session_id"], prompt=prompt, **more)
    await agent.wait(ack)
    return ack


def saying(text: str, model: str) -> dict[str, Any]:
    return rule(model, {"answer": {"text": text}})


def squeezed(text: str) -> str:
    """Without the escapes of JSON, so that prose can be looked for in a request."""
    return text.replace("\\n", " ").replace("\\u2019", "'").replace("’", "'")


async def test_an_appended_round_has_the_same_ack(agent: Agent, house: House) -> None:
    first, _ = await agent.finished(f"And then? ({agent.version})", models=MODELS)
    house.hold("the next ack")
    ack = await agent.call("append_round", session_id=first["session_id"], prompt="Go on.")
    house.open("the next ack")
    assert {name for name in first if name != "rehearsal"} <= set(ack)
    assert (ack["session_id"], ack["round_index"], ack["status"]) == (first["session_id"], 1, "processing")
    assert ack["round_id"] != first["round_id"]
    assert (ack["poll_after_ms"], ack["progress_version"]) == (5000, 0)
    assert (await agent.wait(ack))["round_index"] == 1


async def test_a_next_round_sees_the_first(agent: Agent, house: House) -> None:
    told = {"alpha-1": "Otters swim at dusk.", "beta-2": "Herons hunt at dawn.", "gamma-3": "Pikes wait all day."}
    house.play(*(saying(text, model) for model, text in told.items()))
    first, _ = await agent.finished(f"When do they hunt? ({agent.version})", models=MODELS)
    prompt = f"Whom do you believe now? ({agent.version})"
    await append(agent, first, prompt)
    calls = house.calls(prompt)
    assert set(calls) == set(MODELS)
    for call in calls.values():
        assert all(text in call for text in told.values())


async def test_snippets_reach_every_model_with_their_framing(agent: Agent, house: House) -> None:
    sentences = ["Otters swim.", "Herons hunt.", "Pikes wait.", "Voles hide.", "Swans nest."]
    house.play(saying(" ".join(sentences), "alpha-1"))
    first, _ = await agent.finished(f"What do they do? ({agent.version})", models=MODELS)
    snippets = [
        {"type": kind, "quote": quote, "quoted_model": "alpha-1"} for kind, quote in zip(FRAMINGS, sentences, strict=True)
    ]
    prompt = f"Say more of it. ({agent.version})"
    ack = await append(agent, first, prompt, snippets=snippets)
    for call in map(squeezed, house.calls(prompt).values()):
        assert all(quote in call for quote in sentences)
        assert all(framing in call for framing in FRAMINGS.values())
    round = (await agent.read(first))["rounds"][ack["round_index"]]
    forwarded = [(snippet["type"], snippet["quote"], snippet["quoted_model"]) for snippet in round["snippets"]]
    assert forwarded == [(snippet["type"], snippet["quote"], snippet["quoted_model"]) for snippet in snippets]


async def test_a_comment_goes_with_its_snippet(agent: Agent, house: House) -> None:
    house.play(saying("Otters swim at dusk.", "alpha-1"))
    first, _ = await agent.finished(f"When do otters swim? ({agent.version})", models=MODELS)
    comment = "The warden saw them at noon."
    snippet = {"type": "CHALLENGE", "quote": "Otters swim at dusk.", "quoted_model": "alpha-1", "comment": comment}
    prompt = f"Look again. ({agent.version})"
    await append(agent, first, prompt, snippets=[snippet])
    calls = house.calls(prompt)
    assert len(calls) == 3 and all(comment in call for call in calls.values())


async def test_the_pricing_example(agent: Agent, house: House) -> None:
    house.play(
        saying("Charge for seats. Per-seat assumes teams of >10.", "alpha-1"),
        saying("Charge for use. Usage-based aligns incentives.", "beta-2"),
    )
    first, _ = await agent.finished(f"How shall we price the enterprise tier? ({agent.version})", models=MODELS)
    challenge = {
        "type": "CHALLENGE",
        "quote": "Per-seat assumes teams of >10.",
        "quoted_model": "alpha-1",
        "comment": "Most pilots start at 3–5.",
    }
    keep = {"type": "KEEP", "quote": "Usage-based aligns incentives.", "quoted_model": "beta-2"}
    prompt = f"Resolve the pricing model. Pick one. ({agent.version})"
    ack = await append(agent, first, prompt, snippets=[challenge, keep])
    for call in map(squeezed, house.calls(prompt).values()):
        assert FRAMINGS["CHALLENGE"] in call and FRAMINGS["KEEP"] in call
        assert "Most pilots start at 3–5." in call
    claims = (await agent.read(first))["rounds"][ack["round_index"]]["claim_map"]["claims"]
    stances = {
        claim["quote"]: position["type"] for claim in claims for position in claim["positions"] if position["model"] == "moderator"
    }
    assert stances == {challenge["quote"]: "CHALLENGE", keep["quote"]: "KEEP"}


async def test_a_repeated_append_is_one_round(agent: Agent, house: House) -> None:
    first, _ = await agent.finished(f"Once or twice? ({agent.version})", models=MODELS)
    house.hold("once")
    asked = {"session_id": first["session_id"], "prompt": "Again, but only once."}
    ack = await agent.call("append_round", **asked)
    assert await agent.call("append_round", **asked) == ack
    house.open("once")
    await agent.wait(ack)
    assert len((await agent.read(first))["rounds"]) == 2


async def test_a_new_moderator_counts_from_its_round_on(agent: Agent) -> None:
    first, _ = await agent.finished(f"Who leads? ({agent.version})", moderator_name="Scout")
    await append(agent, first, "Scout goes on.")
    assert (await agent.read(first))["moderator_name"] == "Scout"
    await append(agent, first, "Somebody else goes on.", moderator_name="Ranger")
    assert (await agent.read(first))["moderator_name"] == "Ranger"


async def test_the_application_of_an_append_does_not_count(agent: Agent) -> None:
    first, _ = await agent.finished(f"With what? ({agent.version})", application="Cursor")
    await append(agent, first, "Go on.", application="Zed")
    assert (await agent.read(first))["application"] == "Cursor"
