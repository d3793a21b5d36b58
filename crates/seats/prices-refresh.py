#!/usr/bin/env python3
"""Writes src/prices/table.json from the genai-prices package (MIT), which must be installed.

    python3 -m venv ~/prices && ~/prices/bin/pip install genai-prices
    ~/prices/bin/python crates/seats/prices-refresh.py --as-of 2026-11-20

Kept are the providers below and their models with a price for text in and text out, as in force on
the given day. Prices become whole micro-dollars per million tokens, rounded up. Where a price rises
with the size of the prompt, `long` holds what the whole call costs above a number of tokens; where it
rises more than once, the dearest rates count from the first number on, so that no hold is too small. The package's rules
for other spellings of an id become patterns: `*` stands for anything, `#` for one digit.
"""

import argparse
import datetime
import importlib.metadata
import json
import pathlib
import re
from decimal import ROUND_CEILING, Decimal

from genai_prices.data import providers

KEPT = ("openai", "anthropic", "google", "x-ai", "mistral", "deepseek", "groq", "openrouter")
RATES = {"input": "input_mtok", "output": "output_mtok", "cache_read": "cache_read_mtok", "cache_write": "cache_write_mtok"}
NOT_SPEECH = "^(?!.*-[tT][tT][sS](?:$|-))"


def tiers(rate):
    return getattr(rate, "tiers", [])


def base(rate):
    return getattr(rate, "base", rate)


def dearest(rate):
    return max((tier.price for tier in tiers(rate)), default=base(rate))


def micros(rate):
    return int((Decimal(rate) * 1_000_000).to_integral_value(ROUND_CEILING))


def long(rates):
    starts = [tier.start for rate in rates.values() for tier in tiers(rate)]
    return {"above": min(starts)} | {name: micros(dearest(rate)) for name, rate in rates.items()} if starts else None


def plain(text):
    if "*" in text or "#" in text:
        raise SystemExit(f"{text!r} holds a character that patterns use")
    return text


def from_regex(regex):
    """The few shapes the package uses: an id, then a date; or an id, a digit, and anything."""
    pattern = regex.removeprefix("^")
    anchored, pattern = pattern.endswith("$"), pattern.removesuffix("$")
    pattern = re.sub(r"\\d\{(\d)\}", lambda count: "#" * int(count[1]), pattern)
    pattern = pattern.replace(r"\d", "#").replace(r"\.", ".")
    spellings = [pattern.replace("[-@]", mark) for mark in "-@"] if "[-@]" in pattern else [pattern]
    if not regex.startswith("^") or any(re.search(r"[\\\[\](){}?+|^$*]", spelling) for spelling in spellings):
        raise SystemExit(f"no pattern for {regex!r}")
    return spellings if anchored else [spelling + "*" for spelling in spellings]


def patterns(rule):
    """The patterns of a rule, and those that are excepted."""
    match type(rule).__name__:
        case "ClauseEquals":
            return [plain(rule.equals)], []
        case "ClauseStartsWith":
            return [plain(rule.starts_with) + "*"], []
        case "ClauseEndsWith":
            return ["*" + plain(rule.ends_with)], []
        case "ClauseContains":
            return ["*" + plain(rule.contains) + "*"], []
        case "ClauseRegex":
            return from_regex(rule.regex), []
        case "ClauseOr":
            parts = [patterns(part) for part in rule.or_]
            return [p for part in parts for p in part[0]], [p for part in parts for p in part[1]]
        case "ClauseAnd":
            first, *rest = rule.and_
            if [getattr(part, "regex", None) for part in rest] != [NOT_SPEECH]:
                raise SystemExit(f"no pattern for {rule!r}")
            return patterns(first)[0], ["*-tts", "*-tts-*"]
    raise SystemExit(f"no pattern for {rule!r}")


def row(model, day):
    prices = vars(model.get_prices(day))
    rates = {name: rate for name, key in RATES.items() if (rate := prices.get(key)) is not None}
    if "input" not in rates or "output" not in rates:
        return None
    match, unless = patterns(model.match)
    match = [pattern.lower() for pattern in match if pattern.lower() != model.id.lower()]
    fields = {
        "id": model.id,
        "match": match or None,
        "unless": unless or None,
        **{name: micros(base(rate)) for name, rate in rates.items()},
        "window": model.context_window,
        "long": long(rates),
    }
    return {name: value for name, value in fields.items() if value is not None}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--as-of", type=datetime.date.fromisoformat, default=datetime.date.today())
    as_of = parser.parse_args().as_of
    day = datetime.datetime.combine(as_of, datetime.time(12), datetime.timezone.utc)

    lines = []
    by_id = {provider.id: provider for provider in providers}
    for name in KEPT:
        rows = [row(model, day) for model in by_id[name].models]
        rows = [json.dumps(fields, ensure_ascii=False, separators=(",", ":")) for fields in rows if fields]
        lines.append(f'{{"id":"{name}","models":[\n' + ",\n".join(rows) + "\n]}")
    source = f"genai-prices {importlib.metadata.version('genai-prices')}"
    head = f'{{"as_of":"{as_of}","source":"{source}","providers":[\n'
    table = pathlib.Path(__file__).parent / "src/prices/table.json"
    table.write_text(head + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
