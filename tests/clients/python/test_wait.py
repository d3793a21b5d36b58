"""`wait_for_round`: every line of its truth table, what it says while a round runs, and where words are kept."""

from __future__ import annotations

import json
from typing import Any

import anyio
import httpx2
import pytest
from agent import Agent, connected, text_of
from house import MODELS, House, cases, rule

pytestmark = pytest.mark.anyio
WORDS = "This answer is long enough to be cut in the middle of what it has to say."
# Pieces of four bytes each: what three of them make.
BEGINNING = WORDS[:12]


def answering(model: str, **more: Any) -> dict[str, Any]:
    return rule(model, {"answer": {"text": WORDS}, **more})


def faulty(faults: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules for a table's faults; a star stands for every model."""
    return [answering(model, fault=faults.get(model, faults.get("*"))) for model in MODELS if model in faults or "*" in faults]


@pytest.mark.parametrize("case", cases("rounds"), ids=lambda case: case["name"])
async def test_the_truth_table(agent: Agent, house: House, case: dict[str, Any]) -> None:
    house.play(*faulty(case["faults"]))
    state = await agent.wait(await agent.ask(f"What of it: {case['name']}? ({agent.version})", models=MODELS))
    codes = {model: case["codes"].get(model, case["codes"].get("*")) for model in MODELS}
    failed = {model: code for model, code in codes.items() if code}
    assert state["round_status"] == case["round_status"]
    assert state["recommended_client_action"] == case["action"]
    assert state["is_terminal"] is True
    assert state["is_usable"] is (case["round_status"] != "failed")
    assert {entry["model"]: entry["error_code"] for entry in state["failed_models"]} == failed
    assert {entry["model"] for entry in state["completed_models"]} == set(MODELS) - set(failed)
    assert state["in_progress_models"] == []


async def test_the_state_has_the_seeds_fields(agent: Agent, house: House) -> None:
    house.play(*faulty({"beta-2": {"kind": "no_final_marker"}}))
    ack = await agent.ask(f"Which fields has a state? ({agent.version})", models=MODELS)
    state = await agent.wait(ack)
    assert (state["session_id"], state["round_id"], state["round_index"]) == (ack["session_id"], ack["round_id"], 0)
    assert {entry["model"] for entry in state["completed_models"]} == {"alpha-1", "gamma-3"}
    for entry in state["completed_models"]:
        assert set(entry) == {"model", "tokens_in", "tokens_out", "finish_reason", "is_partial"}
    [failure] = state["failed_models"]
    names = {"model", "error", "message", "error_code", "partial_text", "partial_text_length"}
    assert names <= set(failure)
    assert state["in_progress_models"] == []


async def test_a_completed_model_has_its_own_providers_figures(agent: Agent, house: House) -> None:
    longer = {"answer": {"text": f"{WORDS} {WORDS} {WORDS}"}}
    house.play(*faulty({"alpha-1": {"kind": "length_stop", "after_tokens": 3}}), answering("beta-2"), rule("gamma-3", longer))
    prompt = f"What was counted? ({agent.version})"
    state = await agent.wait(await agent.ask(prompt, models=MODELS))
    counted = house.usage(prompt)
    ends = {"alpha-1": ("length", True), "beta-2": ("end_turn", False), "gamma-3": ("stop", False)}
    told = {entry.pop("model"): entry for entry in state["completed_models"]}
    assert told == {
        model: {
            "tokens_in": counted[model]["input"],
            "tokens_out": counted[model]["output"],
            "finish_reason": reason,
            "is_partial": is_partial,
        }
        for model, (reason, is_partial) in ends.items()
    }
    # Figures that could not be told apart would show nothing.
    assert len({entry["tokens_out"] for entry in told.values()}) == len(MODELS)


async def test_a_wait_ends_with_its_round(agent: Agent, house: House) -> None:
    house.hold("until told")
    ack = await agent.ask(f"Is it over yet? ({agent.version})", models=MODELS)
    seen: list[str] = []

    async def wait() -> None:
        seen.append((await agent.wait(ack))["round_status"])

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        # A second call over the same connection, which the waiting one does not hold up.
        running = await agent.read(ack)
        assert running["rounds"][0]["round_status"] == "in_progress"
        assert seen == [], "it waits as long as nobody has answered"
        house.open("until told")
    assert seen == ["complete"]


async def test_a_timeout_says_poll_again_and_leaves_the_round_running(agent: Agent, house: House) -> None:
    house.hold("after the timeout")
    ack = await agent.ask(f"How long will it take? ({agent.version})", models=MODELS)
    names = {name: ack[name] for name in ("session_id", "round_id")}
    state = await agent.call("wait_for_round", **names, timeout_seconds=1)
    assert (state["round_status"], state["recommended_client_action"]) == ("in_progress", "poll_again")
    assert (state["is_terminal"], state["is_usable"]) == (False, False)
    assert {name(entry) for entry in state["in_progress_models"]} == set(MODELS)
    assert (state["completed_models"], state["failed_models"]) == ([], [])
    house.open("after the timeout")
    assert (await agent.wait(ack))["round_status"] == "complete"


async def test_a_polling_interval_is_accepted(agent: Agent) -> None:
    ack, _ = await agent.finished(f"How often? ({agent.version})")
    state = await agent.call("wait_for_round", session_id=ack["session_id"], poll_after_ms=2500)
    assert state["is_terminal"] is True


async def test_a_round_is_named_by_id_by_index_or_not_at_all(agent: Agent) -> None:
    first, _ = await agent.finished(f"Which round? ({agent.version})")
    second = await agent.call("append_round", session_id=first["session_id"], prompt="And this one?")
    await agent.wait(second)

    async def meant(**selector: Any) -> str:
        return (await agent.call("wait_for_round", session_id=first["session_id"], **selector))["round_id"]

    assert await meant(round_id=first["round_id"]) == first["round_id"]
    assert await meant(round_index=0) == first["round_id"]
    assert await meant(round_index=1) == second["round_id"]
    assert await meant() == second["round_id"], "the newest where none is in flight"


async def test_the_text_is_the_session_or_a_sentence(agent: Agent, house: House) -> None:
    house.hold("the text")
    ack = await agent.ask(f"What is there to read? ({agent.version})", models=MODELS)
    waiting = await agent.result("wait_for_round", session_id=ack["session_id"], timeout_seconds=1)
    assert 0 < len(text_of(waiting)) < 400 and "\n" not in text_of(waiting).strip()
    house.open("the text")
    await agent.wait(ack)
    session = await agent.read(ack)
    text = text_of(await agent.result("wait_for_round", session_id=ack["session_id"]))
    assert text.startswith("# ")
    for response in session["rounds"][0]["responses"]:
        assert response["text"].splitlines()[0] in text
    for claim in session["rounds"][0]["claim_map"]["claims"]:
        assert claim["quote"] in text


async def test_people_count_rounds_from_one(agent: Agent) -> None:
    ack, _ = await agent.finished(f"Which number has the first? ({agent.version})")
    text = text_of(await agent.result("wait_for_round", session_id=ack["session_id"]))
    assert "Round 1" in text and "Round 0" not in text


async def test_cut_off_answers_stay_completed(agent: Agent, house: House) -> None:
    house.play(*faulty({model: {"kind": "length_stop", "after_tokens": 3} for model in ("alpha-1", "beta-2")}))
    ack = await agent.ask(f"Who is cut? ({agent.version})", models=MODELS)
    state = await agent.wait(ack)
    assert (state["round_status"], state["failed_models"]) == ("complete", [])
    ends = {entry["model"]: (entry["is_partial"], entry["finish_reason"]) for entry in state["completed_models"]}
    assert ends["alpha-1"] == (True, "length"), "each provider's own word"
    assert ends["beta-2"] == (True, "max_tokens")
    assert ends["gamma-3"][0] is False
    [round] = (await agent.read(ack))["rounds"]
    cut = {entry["model"]: entry for entry in round["responses"] if entry["is_partial"]}
    assert {model: entry["text"] for model, entry in cut.items()} == {"alpha-1": BEGINNING, "beta-2": BEGINNING}
    assert {model: entry["finish_reason"] for model, entry in cut.items()} == {"alpha-1": "length", "beta-2": "max_tokens"}


@pytest.mark.parametrize(
    ("fault", "code", "text"),
    [
        ({"kind": "error_event_mid_stream", "after_tokens": 3}, "provider_error", BEGINNING),
        ({"kind": "cut", "after_tokens": 3}, "stream_interrupted", BEGINNING),
        ({"kind": "no_final_marker"}, "stream_ended_without_final_marker", WORDS),
    ],
    ids=["error", "cut", "no marker"],
)
async def test_failed_answers_keep_their_words_apart(agent: Agent, house: House, fault: Any, code: str, text: str) -> None:
    house.play(*faulty({"beta-2": fault}))
    ack = await agent.ask(f"Whose words are kept, {code}? ({agent.version})", models=MODELS)
    state = await agent.wait(ack)
    [round] = (await agent.read(ack))["rounds"]
    for [failure] in (state["failed_models"], round["failed_models"]):
        assert (failure["model"], failure["error_code"]) == ("beta-2", code)
        assert (failure["partial_text"], failure["partial_text_length"]) == (text, len(text))
        assert failure["error"] and failure["message"]
    assert {entry["model"] for entry in state["completed_models"]} == {"alpha-1", "gamma-3"}
    assert {entry["model"] for entry in round["responses"]} == {"alpha-1", "gamma-3"}


async def test_a_window_too_small_is_a_lasting_failure(agent: Agent, house: House) -> None:
    known = {model["id"] for model in (await agent.call("list_models"))["models"]}
    for model in {"tiny-4", "tiny-5"} - known:
        house.seat(model, "first", window=4_000)
    reference = "A sentence that fills a window. " * 1_000
    ack = await agent.ask(f"Does it fit? ({agent.version})", reference=reference, models=["tiny-4", "tiny-5"])
    state = await agent.wait(ack)
    assert (state["round_status"], state["recommended_client_action"]) == ("failed", "abandon")
    assert {entry["error_code"] for entry in state["failed_models"]} == {"pre_stream_failure"}


async def test_a_cancelled_round_is_abandoned_and_its_session_goes_on(agent: Agent, house: House) -> None:
    house.hold("the cancel")
    ack = await agent.ask(f"Shall we stop? ({agent.version})", models=MODELS)
    headers = {"authorization": f"Bearer {house.key}"}
    httpx2.post(f"{house.husting.http}/api/sessions/{ack['session_id']}/cancel", headers=headers).raise_for_status()
    state = await agent.wait(ack)
    assert (state["round_status"], state["recommended_client_action"]) == ("failed", "abandon")
    assert {entry["error_code"] for entry in state["failed_models"]} == {"cancelled"}
    assert (await agent.read(ack))["status"] == "ready"
    house.open("the cancel")


async def test_after_a_passing_failure_the_session_takes_another_round(agent: Agent, house: House) -> None:
    house.play(*faulty({"*": {"kind": "no_final_marker"}}))
    ack = await agent.ask(f"Is it worth another try? ({agent.version})", models=MODELS)
    assert (await agent.wait(ack))["recommended_client_action"] == "retry"
    house.play()
    again = await agent.call("append_round", session_id=ack["session_id"], prompt="Once more, please.")
    assert (await agent.wait(again))["round_status"] == "complete"


@pytest.mark.parametrize(
    ("faults", "status"),
    [({}, "complete"), ({"beta-2": {"kind": "unauthorized401"}}, "partial_failure"), ({"*": {"kind": "unauthorized401"}}, "failed")],
    ids=["complete", "partial_failure", "failed"],
)
async def test_however_a_round_went_it_is_told_with_http_200(house: House, faults: dict[str, Any], status: str) -> None:
    house.play(*faulty(faults))
    async with connected(house.mcp, house.key, "2025-11-25") as agent:
        ack = await agent.ask(f"With which status is it told: {status}?", models=MODELS)
        await agent.wait(ack)
    _told_with_200(house, ack, status)


async def test_a_round_that_goes_on_is_told_with_http_200(house: House) -> None:
    house.hold("the status")
    async with connected(house.mcp, house.key, "2025-11-25") as agent:
        ack = await agent.ask("With which status is a round at work told?", models=MODELS)
        _told_with_200(house, ack, "in_progress", timeout_seconds=1)
        house.open("the status")
        await agent.wait(ack)


async def test_a_cancelled_round_is_told_with_http_200(house: House) -> None:
    house.hold("the cancelled")
    async with connected(house.mcp, house.key, "2025-11-25") as agent:
        ack = await agent.ask("With which status is a cancelled round told?", models=MODELS)
        headers = {"authorization": f"Bearer {house.key}"}
        httpx2.post(f"{house.husting.http}/api/sessions/{ack['session_id']}/cancel", headers=headers).raise_for_status()
        await agent.wait(ack)
    _told_with_200(house, ack, "failed")
    house.open("the cancelled")


async def test_a_waiting_call_is_an_event_stream(house: House) -> None:
    house.hold("the stream")
    async with connected(house.mcp, house.key, "2025-11-25") as agent:
        ack = await agent.ask("What does a waiting call look like?", models=MODELS)
        arguments = {"session_id": ack["session_id"], "timeout_seconds": 3}
        reply = _post(house, "wait_for_round", arguments, accept="application/json, text/event-stream")
        assert reply.headers["content-type"].startswith("text/event-stream")
        house.open("the stream")
        await agent.wait(ack)


async def test_progress_is_told_while_waiting(agent: Agent, house: House) -> None:
    house.play(rule("gamma-3", house.shut("the progress")))
    ack = await agent.ask(f"How far is it? ({agent.version})", models=MODELS)
    told: list[tuple[float, float | None, str | None]] = []
    some = anyio.Event()

    async def progress(done: float, total: float | None, message: str | None) -> None:
        told.append((done, total, message))
        some.set()

    async def release() -> None:
        await some.wait()
        house.open("the progress")

    with anyio.fail_after(60):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(release)
            arguments = {"session_id": ack["session_id"], "timeout_seconds": 50}
            result = await agent.session.call_tool("wait_for_round", arguments, progress_callback=progress)
    assert result.structured_content["round_status"] == "complete"
    steps = [done for done, _, _ in told]
    assert steps == sorted(set(steps)), "progress only ever rises"
    for done, total, message in told:
        assert total == 2 * len(MODELS) + 1, "an answer and a reaction of each, and the map"
        assert message and message.startswith(f"{int(done)} of {int(total)} steps are over")


def name(entry: Any) -> str:
    return entry if isinstance(entry, str) else entry["model"]


def _told_with_200(house: House, ack: dict[str, Any], status: str, **more: Any) -> None:
    """The wait's answer is no error of HTTP's, of JSON-RPC's or of the tool's, and says in words of its own how the round went."""
    reply = _post(house, "wait_for_round", {"session_id": ack["session_id"], **more}, accept="application/json, text/event-stream")
    assert reply.status_code == 200
    lines = [line.removeprefix("data:") for line in reply.text.splitlines() if line.startswith(("data:", "{"))]
    messages = [json.loads(line) for line in lines if line.strip()]
    [result] = [message["result"] for message in messages if message.get("id") == 2]
    assert not result.get("isError", False)
    state = result["structuredContent"]
    assert (state["round_id"], state["round_status"]) == (ack["round_id"], status)


def _post(house: House, tool: str, arguments: dict[str, Any], accept: str) -> httpx2.Response:
    """A call without a session, as a client of 2025 makes it once it has one."""
    headers = {"authorization": f"Bearer {house.key}", "accept": accept, "content-type": "application/json"}
    offer = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "husting-tests", "version": "1"},
    }
    opened = httpx2.post(house.mcp, headers=headers, json={"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": offer})
    headers["mcp-protocol-version"] = "2025-11-25"
    if session := opened.headers.get("mcp-session-id"):
        headers["mcp-session-id"] = session
    httpx2.post(house.mcp, headers=headers, json={"jsonrpc": "2.0", "method": "notifications/initialized"})
    call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    return httpx2.post(house.mcp, headers=headers, json=call, timeout=60)
