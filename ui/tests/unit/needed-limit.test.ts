import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isLimitUsed, neededLimit } from "../../src/features/wallet/shortage";
import type { WalletSummary } from "../../src/generated/WalletSummary";
import { walletSummary } from "../fixtures/shared";

/** Rows that the line's rule is held to as well: `tests/use_cases/needs.rs` of the console. */
interface Row extends Pick<WalletSummary, "balance" | "held" | "monthly_limit" | "limit_used"> {
  name: string;
  least: number;
  needed: number;
}
const { rows } = JSON.parse(readFileSync("../tests/fixtures/needed-limit.json", "utf8")) as { rows: Row[] };

test.each(rows)("$name", ({ least, needed, balance, held, monthly_limit, limit_used }) => {
  expect(neededLimit({ ...walletSummary, balance, held, monthly_limit, limit_used }, least)).toBe(needed);
});

test.each([
  ["was spent whole", { monthly_limit: 5_000_000, limit_used: 5_000_000, balance: 0, held: 0 }, true],
  ["was lowered below what was spent", { monthly_limit: 5_000_000, limit_used: 12_000_000, balance: 0, held: 0 }, true],
  ["is held by rounds that may give some back", { monthly_limit: 5_000_000, limit_used: 4_000_000, balance: 1_000_000, held: 1_000_000 }, false],
  ["was spent, beside what was topped up", { monthly_limit: 5_000_000, limit_used: 5_000_000, balance: 2_000_000, held: 0 }, false],
  ["was nothing from the first", { monthly_limit: 0, limit_used: 0, balance: 0, held: 0 }, false],
])("whether a limit that %s is used", (_, part, used) => {
  expect(isLimitUsed({ ...walletSummary, ...part })).toBe(used);
});
