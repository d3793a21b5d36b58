import { readFileSync } from "node:fs";
import { beforeEach, expect, test, vi } from "vitest";
import { needs, type Need } from "../../src/features/hall/needs";
import { seen } from "../../src/features/hall/seen.svelte";
import type { SessionSummary } from "../../src/generated/SessionSummary";
import type { Snapshot } from "../../src/generated/Snapshot";
import { Console } from "../../src/state/console.svelte";
import { FakePlatform } from "../fixtures/platform";
import { fresh } from "../fixtures/shared";

/** Rows that the tray's rule is held to as well: `tests/use_cases/needs.rs` of the console. */
interface Table {
  pieces: Record<"sessions" | "agents" | "denials" | "providers" | "models", object>;
  accepted: [string, number][];
  rows: { name: string; differs: Record<string, unknown>; needs: string[] }[];
}
const table = JSON.parse(readFileSync("../tests/fixtures/needs.json", "utf8")) as Table;

beforeEach(() => {
  for (const [session_id, round_count] of table.accepted) seen.add({ session_id, round_count } as SessionSummary);
});

test.each(table.rows)("$name", async ({ differs, needs: expected }) => {
  const console = new Console(new FakePlatform(standing(differs)));
  console.connect();
  await vi.waitFor(() => expect(console.shared).not.toBeNull());
  expect(needs(console).map(kindOf)).toEqual(expected);
});

test("what the operator accepted is told to the tray with its rounds", () => {
  expect(seen.list).toEqual(table.accepted);
});

/** Letters and what rests are rows of their own here, and numbers in the tray. */
function kindOf({ kind }: Need): string {
  if (kind === "letter" || kind === "resting" || kind === "mail") return "mail";
  return kind === "keyring_locked" ? "locked" : kind;
}

function standing(differs: Record<string, unknown>): Snapshot {
  const of = (list: keyof Table["pieces"]) => ((differs[list] as object[] | undefined) ?? []).map((part) => ({ ...table.pieces[list], ...part }));
  const { secrets, audit_faults, wallet, bus, discord } = differs as Partial<Snapshot>;
  return {
    ...fresh,
    ...({ sessions: of("sessions"), agents: of("agents") } as Partial<Snapshot>),
    denials: { denials: of("denials") } as Snapshot["denials"],
    providers: { ...fresh.providers, providers: of("providers") } as Snapshot["providers"],
    models: { ...fresh.models, models: of("models") } as Snapshot["models"],
    secrets: secrets ?? { state: "ready", kept_in: "keyring" },
    audit_faults: audit_faults ?? [],
    wallet: { ...fresh.wallet, ...wallet },
    bus: { ...fresh.bus, counts: { ...fresh.bus.counts, ...bus?.counts } },
    discord: { ...fresh.discord, ...discord },
  };
}
