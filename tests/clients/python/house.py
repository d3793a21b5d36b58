"""A whole house: Husting with three priced seats on both wires, and a key to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from programs import Husting, Provider

CASES = Path(__file__).resolve().parents[1] / "cases"
DEBATE = {"answer": {"debate": {}}}
WIRES = {"first": "openai", "second": "anthropic"}
SEATS = {"alpha-1": "first", "beta-2": "second", "gamma-3": "first"}
MODELS = list(SEATS)
# These tests ask faster than any agent does.
UNHURRIED = {"HUSTING_LIMITS_CALLS_PER_MINUTE": "1000000", "HUSTING_LIMITS_BURST": "100000"}


def cases(name: str) -> list[dict[str, Any]]:
    """Rows of a table that the clients in other languages read as well."""
    return json.loads((CASES / f"{name}.json").read_text())


def rule(model: str, behaviour: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What one seat's answers are like; with a phase of its own, its reactions."""
    return {"model": model, "phase": "respond", **more, "behaviour": {**DEBATE, **behaviour}}


class House:
    def __init__(self, limit: str = "1000", **settings: str) -> None:
        self.husting = Husting(**UNHURRIED, **settings)
        self.providers = {name: Provider(wire) for name, wire in WIRES.items()}
        self.play()
        for name, wire in WIRES.items():
            kind = "openai-compatible" if wire == "openai" else wire
            words = ("provider", "add", name, "--kind", kind, "--base-url", self.providers[name].base_url, "--key-stdin")
            self.husting.run(*words, given=f"sk-test-{name}-4f9b2c7d1e8a6035\n")
        for model, name in SEATS.items():
            self.seat(model, name)
        self.husting.run("wallet", "limit", "--usd", limit)
        self.husting.serve()
        self.key = self.husting.key("tests")

    @property
    def mcp(self) -> str:
        return f"{self.husting.http}/api/mcp"

    def seat(self, model: str, provider: str, window: int = 200_000) -> None:
        """Puts a model on the list, with a price."""
        self.husting.run("models", "add", model, "--provider", provider, "--context", str(window), "--max-output", "1024")
        self.husting.run("models", "price", model, "--in", "3.10", "--out", "15.70")

    def play(self, *rules: dict[str, Any], otherwise: dict[str, Any] = DEBATE) -> None:
        """Puts these rules on both providers; whoever meets none of them debates."""
        for provider in self.providers.values():
            provider.order(script={"rules": list(rules), "otherwise": otherwise})

    def hold(self, gate: str) -> None:
        """Every answer stands at this gate before its first byte, until it is opened."""
        self.play(*(rule(model, self.shut(gate)) for model in MODELS))

    def shut(self, gate: str) -> dict[str, Any]:
        """Shuts a gate, which an earlier test may have left open; the behaviour of who stands at it."""
        for provider in self.providers.values():
            provider.order(close=[gate])
        return {"gates": [{"name": gate, "at": "before_response"}]}

    def open(self, gate: str) -> None:
        for provider in self.providers.values():
            provider.order(open=[gate])

    def calls(self, words: str, phase: str = "respond") -> dict[str, str]:
        """Each model's newest request with these words in it, as text."""
        found = {}
        for provider in self.providers.values():
            for request in provider.requests():
                text = json.dumps(request["body"], ensure_ascii=False)
                if request["phase"] == phase and words in text:
                    found[request["model"]] = text
        return found

    def usage(self, words: str, phase: str = "respond") -> dict[str, dict[str, int]]:
        """Each model's tokens in its newest call with these words in it, as its provider counted them."""
        found = {}
        for provider in self.providers.values():
            for request in provider.requests():
                if request["phase"] == phase and words in json.dumps(request["body"], ensure_ascii=False):
                    found[request["model"]] = request["usage"]
        return found

    def end(self) -> None:
        self.husting.end()
        for provider in self.providers.values():
            provider.process.stop()
