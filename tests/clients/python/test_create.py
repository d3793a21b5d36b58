"""`create_deliberation`: its ack, who sits, what reaches the models, and what is kept of the caller's words."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest
from agent import Agent, text_of
from house import MODELS, House

pytestmark = pytest.mark.anyio
QUESTION = "Should we use Postgres or MongoDB for an event store?"


async def test_the_seeds_first_question_runs_to_a_claim_map(agent: Agent) -> None:
    ack = await agent.ask(QUESTION, models=MODELS)
    assert (await agent.wait(ack))["recommended_client_action"] == "proceed_with_complete_result"
    session = await agent.read(ack)
    assert session["status"] == "ready"
    [round] = session["rounds"]
    assert {response["model"] for response in round["responses"]} == set(MODELS)
    claims = round["claim_map"]["claims"]
    assert claims and all(claim["positions"] for claim in claims)


async def test_an_ack_has_the_seeds_fields(agent: Agent, house: House) -> None:
    house.hold("the ack")
    ack = await agent.ask(f"What does an ack look like? ({agent.version})", models=MODELS)
    house.open("the ack")
    await agent.wait(ack)
    seed = {"session_id", "round_id", "round_index", "status", "progress_url", "poll_after_ms", "progress_version"}
    assert seed <= set(ack)
    assert (ack["round_index"], ack["status"]) == (0, "processing")
    assert ack["progress_url"] == f"/api/sessions/{ack['session_id']}/progress"
    assert (ack["poll_after_ms"], ack["progress_version"]) == (5000, 0)
    for name in ("session_id", "round_id"):
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", ack[name])


async def test_an_ack_comes_before_any_model_answers(agent: Agent, house: House) -> None:
    house.hold("nobody yet")
    ack = await agent.ask(f"Who is first? ({agent.version})", models=MODELS)
    [round] = (await agent.read(ack))["rounds"]
    assert round["responses"] == []
    house.open("nobody yet")
    assert (await agent.wait(ack))["round_status"] == "complete"


async def test_the_progress_url_can_be_read(agent: Agent, house: House) -> None:
    ack, _ = await agent.finished(f"Where is it told? ({agent.version})")
    progress = _get(house, ack["progress_url"]).json()
    assert (progress["round_id"], progress["round_status"]) == (ack["round_id"], "complete")
    assert progress["progress_version"] > ack["progress_version"]


async def test_the_progress_route_says_304_while_nothing_changed(agent: Agent, house: House) -> None:
    house.hold("the progress route")
    ack = await agent.ask(f"Has anything changed? ({agent.version})", models=MODELS)
    etag = _unchanged(house, ack)
    house.open("the progress route")
    await agent.wait(ack)
    changed = _get(house, ack["progress_url"], **{"if-none-match": etag})
    assert (changed.status_code, changed.json()["round_status"]) == (200, "complete")
    assert changed.headers["etag"] != etag
    assert _unchanged(house, ack) == changed.headers["etag"]
    again = await agent.call("append_round", session_id=ack["session_id"], prompt="And since?")
    await agent.wait(again)
    next_round = _get(house, ack["progress_url"], **{"if-none-match": changed.headers["etag"]})
    assert (next_round.status_code, next_round.json()["round_id"]) == (200, again["round_id"])


def _unchanged(house: House, ack: dict[str, Any]) -> str:
    """The tag of a progress that stands still: whoever brings it is told nothing, and whoever brings none or another
    is told all of it."""
    told = _get(house, ack["progress_url"])
    etag = told.headers["etag"]
    for _ in range(2):
        same = _get(house, ack["progress_url"], **{"if-none-match": etag})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    for other in ({}, {"if-none-match": 'W/"0"'}):
        whole = _get(house, ack["progress_url"], **other)
        assert (whole.status_code, whole.headers["etag"], whole.content) == (200, etag, told.content)
    return etag


async def test_only_the_prompt_is_required(agent: Agent) -> None:
    ack = await agent.ask(f"Who sits when nobody is named? ({agent.version})")
    state = await agent.wait(ack)
    assert 2 <= len(state["completed_models"]) <= 3
    assert {entry["model"] for entry in state["completed_models"]} <= set(MODELS), "real seats, and no rehearsal among them"


async def test_named_models_sit_and_no_others(agent: Agent) -> None:
    _, session = await agent.finished(f"Who sits? ({agent.version})", models=["gamma-3", "beta-2"])
    assert session["models"] == ["gamma-3", "beta-2"]
    assert {response["model"] for response in session["rounds"][0]["responses"]} == {"gamma-3", "beta-2"}


async def test_a_reference_reaches_every_model(agent: Agent, house: House) -> None:
    prompt = f"What does the document say? ({agent.version})"
    await agent.finished(prompt, models=MODELS, reference="The heron stands still. The pike does not.")
    calls = house.calls(prompt)
    assert set(calls) == set(MODELS)
    assert all("The heron stands still. The pike does not." in call for call in calls.values())


async def test_identity_fields_are_kept_and_shown(agent: Agent) -> None:
    ack, session = await agent.finished(f"Who asks? ({agent.version})", moderator_name="Scout", application="Claude Code")
    assert (session["moderator_name"], session["application"]) == ("Scout", "Claude Code")
    transcript = text_of(await agent.result("wait_for_round", session_id=ack["session_id"]))
    assert "Scout" in transcript and "You:" not in transcript


async def test_nothing_is_filled_in_for_the_client(agent: Agent) -> None:
    _, session = await agent.finished(f"Who is nobody? ({agent.version})")
    assert (session["moderator_name"], session["application"]) == (None, None)


@pytest.mark.parametrize(
    ("requested", "enabled", "reason"),
    [(None, False, "account_default"), (True, True, "session_request"), (False, False, "session_request")],
    ids=["left out", "included", "excluded"],
)
async def test_consent_is_resolved_at_creation_and_told(agent: Agent, requested: bool | None, enabled: bool, reason: str) -> None:
    more = {} if requested is None else {"improvement_consent": requested}
    _, session = await agent.finished(f"May it be used? ({agent.version}, {requested})", **more)
    consent = {"enabled": enabled, "reason": reason, "requested": requested, "disclosure": None}
    assert session["improvement_consent"] == consent


async def test_the_same_call_again_gets_its_ack_again(agent: Agent, house: House) -> None:
    house.hold("twice")
    asked = {"prompt": f"Was I heard? ({agent.version})", "models": MODELS}
    first = await agent.call("create_deliberation", **asked)
    assert await agent.call("create_deliberation", **asked) == first
    other = await agent.call("create_deliberation", **asked, reference="More.")
    assert other["session_id"] != first["session_id"]
    house.open("twice")
    for ack in (first, other):
        await agent.wait(ack)


async def test_once_the_result_was_read_the_same_words_ask_anew(agent: Agent) -> None:
    prompt = f"And today? ({agent.version})"
    first, _ = await agent.finished(prompt)
    second, _ = await agent.finished(prompt)
    assert first["session_id"] != second["session_id"]


def _get(house: House, path: str, **more: str) -> httpx2.Response:
    return httpx2.get(f"{house.husting.http}{path}", headers={"authorization": f"Bearer {house.key}", **more})
