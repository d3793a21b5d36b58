import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { neededLimit } from "../../src/features/wallet/shortage";
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
