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

test("older entries that were read stay when a newer one is booked", async () => {
  vi.useFakeTimers();
  const ids = (from: number, count: number) => Array.from({ length: count }, (_, at) => ({ transaction_id: String(from - at) }));
  let newest = 250;
  const call = async (_command: string, { before }: { before?: string }) => {
    const from = before ? Number(before) - 1 : newest;
    return { rows: ids(from, Math.min(100, from)), more: from > 100 };
  };
  const found = new Ledger({ call } as unknown as Console);
  found.ask("");
  await vi.runAllTimersAsync();
  await found.older();
  await found.older();
  expect([found.rows.length, found.more]).toEqual([250, false]);
  newest += 1;
  found.ask("");
  await vi.runAllTimersAsync();
  expect(found.rows.map((row) => row.transaction_id)).toEqual(ids(251, 251).map((row) => row.transaction_id));
  expect(found.more).toBe(false);
  found.ask("alder");
  await vi.runAllTimersAsync();
  expect(found.rows, "another question begins anew").toHaveLength(100);
  vi.useRealTimers();
});
