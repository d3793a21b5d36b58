"""Deadlines, in houses of their own that have the shortest one there is: half a minute."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from agent import connected
from house import MODELS, House, rule

pytestmark = pytest.mark.anyio
WORDS = "This answer is long enough to be cut in the middle of what it has to say."
SHORTEST = {"HUSTING_PANEL_DEADLINE_SECONDS": "30"}


@pytest.fixture(scope="module")
def killed() -> Iterator[tuple[House, dict[str, Any]]]:
    """A house whose program was killed while nobody had answered yet."""
    house = House(**SHORTEST)
    house.hold("for ever")
    ack = _ask(house, "Who answers a program that is gone?")
    house.husting.stop(signal.SIGKILL)
    yield house, ack
    house.end()


@pytest.fixture(scope="module")
def hurried(killed: tuple[House, dict[str, Any]]) -> Iterator[tuple[House, dict[str, Any]]]:
    """A house whose seats fall silent in the middle of a word; its round began after the other one."""
    house = House(**SHORTEST)
    silence = {"answer": {"text": WORDS}, "fault": {"kind": "silence_mid_stream", "after_tokens": 3}}
    house.play(*(rule(model, silence) for model in MODELS))
    yield house, _ask(house, "Who says nothing more?")
    house.end()


async def test_a_deadline_keeps_the_words_and_is_worth_a_retry(hurried: tuple[House, dict[str, Any]], version: str) -> None:
    house, ack = hurried
    async with connected(house.mcp, house.key, version) as agent:
        state = await agent.wait(ack)
        assert (state["round_status"], state["recommended_client_action"]) == ("failed", "retry")
        assert len(state["failed_models"]) == 3
        for failure in state["failed_models"]:
            assert failure["error_code"] == "internal_deadline_reached"
            assert (failure["partial_text"], failure["partial_text_length"]) == (WORDS[:12], 12)


async def test_a_deadline_found_passed_after_a_restart_is_expired(
    killed: tuple[House, dict[str, Any]], hurried: tuple[House, dict[str, Any]], version: str
) -> None:
    later, its_ack = hurried
    async with connected(later.mcp, later.key, version) as agent:
        await agent.wait(its_ack)
    # That deadline began after the killed one's, and it is over.
    house, ack = killed
    if not house.husting.process:
        house.husting.serve()
    async with connected(house.mcp, house.key, version) as agent:
        state = await agent.wait(ack)
        assert (state["round_status"], state["recommended_client_action"]) == ("failed", "retry")
        assert {failure["error_code"] for failure in state["failed_models"]} == {"deadline_expired"}


def _ask(house: House, prompt: str) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {house.key}"}
    reply = httpx2.post(f"{house.husting.http}/api/deliberation", headers=headers, json={"prompt": prompt, "models": MODELS})
    assert reply.status_code == 202, reply.text
    return reply.json()
