"""What the tests are given: one house for all of them, a new agent for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from agent import VERSIONS, Agent, connected
from house import House


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def whole_house() -> Iterator[House]:
    house = House()
    yield house
    house.end()


@pytest.fixture
def house(whole_house: House) -> House:
    """The house that all tests share, with every seat debating."""
    whole_house.play()
    return whole_house


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
async def agent(house: House, version: str) -> AsyncIterator[Agent]:
    async with connected(house.mcp, house.key, version) as agent:
        yield agent
