import { flushSync } from "svelte";
import { expect, test, vi } from "vitest";
import { Ledger } from "../../src/features/wallet/ledger.svelte";
import type { Console } from "../../src/state/console.svelte";

interface Asked {
  query?: string;
  answer: (rows: object[]) => void;
}

function ledger() {
  const asked: Asked[] = [];
  const call = (_command: string, { query }: { query?: string }) =>
    new Promise((resolve) => asked.push({ query, answer: (rows) => resolve({ rows, more: false }) }));
  return { asked, ledger: new Ledger({ call } as unknown as Console) };
}

test("what was typed while the ledger was read is looked for, and an older answer does not stand in its place", async () => {
  vi.useFakeTimers();
  const { asked, ledger: found } = ledger();
  found.ask("");
  await vi.runAllTimersAsync();
  found.ask("alder");
  await vi.runAllTimersAsync();
  expect(asked.map(({ query }) => query)).toEqual([undefined, "alder"]);
  asked[1]?.answer([{ transaction_id: "alder" }]);
  await vi.runAllTimersAsync();
  asked[0]?.answer([{ transaction_id: "anything" }]);
  await vi.runAllTimersAsync();
  flushSync();
  expect(found.rows.map((row) => row.transaction_id)).toEqual(["alder"]);
  vi.useRealTimers();
});
