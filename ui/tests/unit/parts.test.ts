import { describe, expect, test, vi } from "vitest";
import { NewDraft } from "../../src/features/deliberations/new/draft.svelte";
import { added, asReference, bytesOf } from "../../src/features/deliberations/new/files";
import { pickGroups, toggled } from "../../src/features/deliberations/new/seats";
import { Connecting } from "../../src/features/settings/connecting.svelte";
import { addressFault, nameFault } from "../../src/features/settings/provider-form";
import { timeOfDay } from "../../src/format/time";
import { type BurnDown, burnDown, sumAxis, wordOf } from "../../src/features/wallet/burn-down";
import { LENGTHS } from "../../src/generated/lengths";
import type { LedgerRow } from "../../src/generated/LedgerRow";
import type { ProviderKind } from "../../src/generated/ProviderKind";
import type { SecretsView } from "../../src/generated/SecretsView";
import { Marks } from "../../src/format/initials";
import { markOf, named, toldApart } from "../../src/format/seats";
import { keysKept } from "../../src/features/frame/places";
import { raisedLimit, raiseFault } from "../../src/features/wallet/raise";
import { Console } from "../../src/state/console.svelte";
import { FakePlatform } from "../fixtures/platform";
import { models, provider, snapshot } from "../fixtures/shared";
import { ledgerRows, walletView } from "../fixtures/wallet";

const file = (name: string, text: string) => ({ name, text, bytes: new TextEncoder().encode(text).length });

const listed = (...names: string[]) => names.map((display_name) => ({ id: display_name.toLowerCase(), display_name, kind: /^rehearsal/i.test(display_name) ? "rehearsal" : "api" }));
const marksOf = (...names: string[]) => {
  const marks = new Marks(listed(...names));
  return listed(...names).map(({ id, display_name }) => marks.of(id, display_name));
};

describe("marks of models", () => {
  test("are two letters where one is a panelist's on some panel, or another's", () => {
    expect(marksOf("Claude", "GPT", "Qwen")).toEqual(["Cl", "Gp", "Q"]);
    expect(marksOf("Broke", "Gone", "Good", "Refuser")).toEqual(["Br", "Go", "Gd", "R"]);
    expect(marksOf("Careful", "Bold", "Ash", "B", "Larch")).toEqual(["Ca", "Bo", "As", "B.", "L"]);
  });
  test("are, where the letter alone is not to be had, that with what tells a name from its like: the version that ends it, or the word behind one", () => {
    const names = ["GPT-5.4", "GPT-5.5", "GPT-5.4 mini", "Gemini 3 Pro", "Claude Opus 4.7", "gpt-oss:20b", "Larch", "4o", "數據 5"];
    const own = ["G4", "G5", "Gm", "Gp", "C7", "G2", "L", "4", "5"];
    expect(marksOf(...names)).toEqual(own);
    expect(names.map((name) => marksOf(name)[0]), "each without the others").toEqual(own);
    expect(marksOf("X1", "X2", "Qwen 3.6 Plus", "Qwen3 Max", "Larch", "Larch V2")).toEqual(["X", "X2", "Q", "Qm", "L", "L2"]);
    expect(marksOf("Rowan 1", "Rowan 2"), "R2 is a round").toEqual(["R", "Ro"]);
  });
  test("are second choices only of models that ask for the same, and in nobody's way", () => {
    expect(marksOf("Gemma 4", "GPT-5.4", "GPT")).toEqual(["G4", "G5", "Gp"]);
    expect(marksOf("Pa", "Pine", "Pi", "Pike 3")).toEqual(["P", "Pn", "Pi", "P3"]);
  });
  test("stay with a model while the list changes around it, and with one that is gone", () => {
    const [pa, pine, sorb, larch] = listed("Pa", "Pine", "Sorb", "Larch");
    const before = new Marks([pa!, pine!, sorb!]);
    const seats = [pa, pine].map((each) => ({ model: each!.id, display_name: each!.display_name }));
    expect(before.ofPanel(seats)).toEqual(["P", "Pi"]);
    const after = before.with([pine!, larch!, { id: "p", display_name: "P" }]).with([]).with([pine!, sorb!]);
    expect(after.of("pine", "Pine")).toBe("Pi");
    expect(after.with([sorb!]), "rows need not be drawn anew").toBe(after);
    expect(after.ofPanel(seats), "the panel of a session that is over").toEqual(["P", "Pi"]);
    expect(after.with([{ id: "pine", display_name: "Rowan 3" }]).of("pine", "Rowan 3"), "another name asks for another").toBe("R");
  });
  test("are kept by the console, from one list to the next and where a namesake was taken off", async () => {
    const platform = new FakePlatform();
    const console = new Console(platform);
    const leave = console.connect();
    await vi.waitFor(() => expect(console.shared).not.toBeNull());
    const [pa, pine] = ["Pa", "Pine"].map((display_name) => ({ ...models[0]!, id: display_name.toLowerCase(), display_name }));
    const now = (...left: (typeof models)[number][]) => platform.emit({ type: "models_changed", models: { ...snapshot.models, models: left }, panel: snapshot.panel });
    now(pa!, pine!);
    expect(console.marks.of("pine", "Pine")).toBe("Pi");
    now(pine!);
    expect([console.marks.of("pine", "Pine"), console.marks.of("pa", "Pa")]).toEqual(["Pi", "P"]);
    leave();
  });
  test("are distinct while two letters suffice", () => {
    const many = marksOf(...Array.from({ length: 26 }, (_, at) => `Aa ${at}`));
    expect(new Set(many).size).toBe(26);
  });
  test("do not depend on who else is shown, nor in which order the list comes", () => {
    const models = listed("Rowan 2", "Rowan 1", "Good", "Gone", "Rehearsal: Skeptic");
    const [marks, turned] = [new Marks(models), new Marks([...models].reverse())];
    for (const { id, display_name } of models) {
      expect(turned.of(id, display_name)).toBe(marks.of(id, display_name));
      for (const other of models.filter((each) => each.id !== id)) {
        const panel = [other, { id, display_name }].map((each) => ({ model: each.id, display_name: each.display_name, letter: "", provider: "x" }));
        expect(markOf(marks, id, display_name, panel), `beside ${other.id}`).toBe(marks.of(id, display_name));
      }
    }
  });
  test("of rehearsal seats are by what they are called beside that, and nobody takes them", () =>
    expect(marksOf("Rehearsal: Advocate", "Rehearsal: Skeptic", "Rehearsal pragmatist", "Pine", "Adler", "Sorb")).toEqual(["Ad", "S", "P", "Pi", "Al", "So"]));
  test("are a name's own letter in whatever script it is", () => expect(marksOf("4o", "數據", "مساعد", "數字")).toEqual(["4", "據", "م", "數"]));
  test("are lent to a name without any letter, and none that a panelist has", () => expect(marksOf("🦜", "…").toSorted()).toEqual(["I", "J"]));
  test("of models that are gone from the list are what nobody there has, each its own", () => {
    const marks = new Marks(listed("Rowan", "Yew"));
    expect(marks.of("larch", "Larch")).toBe("L");
    expect(marks.of("old", "Rowan")).toBe("Ro");
    const panel = [["rowan", "Rowan"], ["old", "Rowan"], ["older", "Rowan"]].map(([model, display_name]) => ({ model: model!, display_name: display_name! }));
    expect(marks.ofPanel(panel)).toEqual(["R", "Ro", "Rw"]);
  });
});

describe("seats of one panel", () => {
  const seat = (model: string, display_name: string, letter: string, provider: string) => ({ model, display_name, letter, provider });

  test("with one name are told apart by whom they are called through, or by their ids", () => {
    const shown = toldApart([seat("larch", "Larch 4", "B", "openai"), seat("northwind/larch", "Larch 4", "A", "northwind"), seat("rowan", "Rowan 2", "C", "fjord")], new Marks());
    expect(shown.map(({ display_name }) => display_name)).toEqual(["Larch 4, OpenAI", "Larch 4, northwind", "Rowan 2"]);
    expect(shown.map(({ short, via }) => [short, via])).toEqual([["Larch 4", "OpenAI"], ["Larch 4", "northwind"], ["Rowan 2", ""]]);
    expect(shown.map(({ initial }) => initial)).toEqual(["L", "Ln", "R"]);
    const twins = [seat("larch-a", "Larch 4", "A", "northwind"), seat("larch-b", "Larch 4", "B", "northwind")];
    expect(named(twins).map(({ via }) => via)).toEqual(["larch-a", "larch-b"]);
  });
});

describe("the reference", () => {
  test("of one file is that file, byte for byte", () => {
    expect(asReference([file("a.md", "\r\nx ")])).toEqual({ reference: "\r\nx ", reference_name: "a.md" });
  });
  test("of more names each, and counts what it adds", () => {
    const files = [file("a.md", "one"), file("b.md", "zwei ü")];
    const { reference, reference_name } = asReference(files)!;
    expect(reference_name).toBe("a.md, b.md");
    expect(reference).toBe("# a.md\n\none\n\n# b.md\n\nzwei ü");
    expect(bytesOf(files)).toBeGreaterThanOrEqual(new TextEncoder().encode(reference).length);
  });
  test("takes no more than 4 MiB together", () => {
    const half = file("h.txt", "x".repeat(3 * 1024 * 1024));
    const { files, refusals } = added([half], { files: [half, file("s.txt", "small")], refused: [] });
    expect(files.map((each) => each.name)).toEqual(["h.txt", "s.txt"]);
    expect(refusals).toHaveLength(1);
  });
});

test("a raised limit is a round sum that what is short fits under", () => {
  const dollars = (limit: number, short: number) => raisedLimit(limit * 1e6, short * 1e6) / 1e6;
  expect([dollars(0.05, 0.1), dollars(20, 0.15), dollars(20, 5.51), dollars(95, 10), dollars(20, 0), dollars(7.5, -3)]).toEqual([1, 25, 30, 110, 30, 10]);
  expect(raiseFault("20", 20e6)).toContain("$20");
  expect(raiseFault("20.01", 20e6)).toBeNull();
  expect(["99999999999", "1,000,001", "much"].map((typed) => raiseFault(typed, 20e6)?.slice(0, 16))).toEqual(["That is too much", "That is too much", "Write dollars su"]);
});

test.each([
  ["memory", "memory"],
  ["sealed_file", "the sealed file"],
  ["keyring", "the keyring"],
])("keys that live in %s are in %s", (kept_in, said) => {
  const secrets = { ...snapshot.secrets, state: "ready" as const, kept_in };
  expect(keysKept({ ...snapshot, secrets } as never)).toMatch(new RegExp(`^\\d+ keys? in ${said}$`));
});

test("what is locked is the sealed file or the keyring", () => {
  const shared = (secrets: SecretsView) => keysKept({ ...snapshot, secrets } as never);
  expect(shared({ state: "locked", message: "It waits." })).toBe("sealed file, locked");
  expect(shared({ state: "keyring_locked", system_words: "prompt dismissed" })).toBe("keyring, locked");
});

describe("the seat picker", () => {
  test("groups by who pays, in a fixed order, and finds by provider", () => {
    expect(pickGroups(models, "").map((group) => group.kind)).toEqual(["api", "local", "rehearsal"]);
    expect(pickGroups(models, "rehearsal").flatMap((group) => group.picks.map(({ short, via }) => `${short}, ${via}`))).toEqual(["advocate, rehearsal", "skeptic, rehearsal", "pragmatist, rehearsal"]);
    expect(pickGroups(models, "openrouter").flatMap((group) => group.picks.map((pick) => pick.display_name))).toEqual(["Qwen 3.6 Plus", "DeepSeek V4"]);
  });
  test("fills a panel up to its size", () => {
    expect(toggled(["a", "b", "c"], "d", 3)).toEqual(["a", "b", "c"]);
    expect(toggled(["a", "b", "c"], "b", 3)).toEqual(["a", "c"]);
    expect(toggled(["a", "c"], "b", 3)).toEqual(["a", "c", "b"]);
  });
});

test("a provider that was added asks for a limit where its answers cost something and none was chosen", () => {
  const asks = (kind: ProviderKind, limit_chosen: boolean) => {
    const connecting = new Connecting({ shared: { wallet: { limit_chosen } }, share: () => {} } as unknown as Console);
    connecting.take({ ...snapshot.providers, providers: [provider("new", { kind })] }, "new", true);
    return connecting.limiting;
  };
  expect([asks("openai", false), asks("openai", true), asks("ollama", false), asks("openai-local", false)]).toEqual([true, false, false, false]);
});

test("a provider whose test failed asks for no limit until it answers, nor where its key is left refused", () => {
  const connecting = new Connecting({ shared: { wallet: { limit_chosen: false } }, share: () => {} } as unknown as Console);
  const tested = (ok: boolean, status: number | null) => provider("new", { kind: "openai", last_test: { at: "2026-11-14T09:00:00Z", millis: 80, ok, status, message: null } });
  const of = (one: ReturnType<typeof provider>) => ({ ...snapshot.providers, providers: [one] });
  for (const status of [404, 503, 200, null]) {
    connecting.limiting = false;
    connecting.take(of(tested(false, status)), "new", true);
    expect(connecting.limiting, String(status)).toBe(false);
    connecting.heed(tested(false, 500));
    expect(connecting.limiting, String(status)).toBe(false);
    connecting.heed(tested(true, 200));
    expect(connecting.limiting, String(status)).toBe(true);
  }
  connecting.limiting = false;
  connecting.take(of(tested(false, 401)), "new", true);
  connecting.answerRefusal(tested(false, 401));
  expect([connecting.refused, connecting.limiting]).toEqual([false, false]);
});

test("a question may have as many characters as the host takes, each sign counted once", async () => {
  const draft = new NewDraft(new Console(new FakePlatform()));
  await draft.load();
  draft.models = ["one", "two"];
  draft.question = "🌊".repeat(LENGTHS.prompt);
  expect(draft.lacks).toBeNull();
  draft.question += "x";
  expect(draft.lacks).toBe("length");
});

test("provider names and addresses by the wire's own rule", () => {
  expect(["openai", "a-1", "x", "a".repeat(63)].map(nameFault)).toEqual([false, false, false, false]);
  expect(["", "1a", "Open", "a_b", "a b", "a".repeat(64)].map(nameFault)).toEqual([true, true, true, true, true, true]);
  expect(addressFault("", "https://api.openai.com/v1")).toBe(false);
  expect(addressFault("", "")).toBe(true);
  expect(addressFault("http://127.0.0.1:4010/v1", "")).toBe(false);
  expect(addressFault("file:///etc/passwd", "")).toBe(true);
});

describe("the month's drawing", () => {
  const HOUR = 3_600_000;
  /** A time of 10 November in UTC, as a clock here shows it. */
  const local = (time: string) => timeOfDay(new Date(`2026-11-10T${time}:00Z`));
  const at = Date.parse("2026-11-20T14:33:00Z");

  test("goes down in steps at each call and ends at the balance", () => {
    const drawn = burnDown(walletView, null, at, 660, 200);
    // A step for each balance after the first, and the way to the present one.
    expect(drawn.line.match(/V/g)).toHaveLength(walletView.burn_down.length);
    expect([drawn.before, drawn.breaks, drawn.steps]).toEqual(["", [], []]);
    expect(drawn.line.endsWith(`H${drawn.now.x.toFixed(1)} V${drawn.now.y.toFixed(1)}`)).toBe(true);
    expect(drawn.pace).toBe(Math.round(78_835 * (30 / ((at - Date.parse(walletView.month_start)) / 86_400_000))));
  });

  test("tells no pace of a month that is younger than a day, or in which nothing was spent", () => {
    const paced = (moment: string, spent_month = 78_835) => {
      const { pace, ahead } = burnDown({ ...walletView, summary: { ...walletView.summary, spent_month } }, null, Date.parse(moment), 660, 200);
      return [pace, ahead !== ""];
    };
    expect(paced("2026-11-01T23:59:59Z")).toEqual([null, false]);
    expect(paced("2026-11-02T00:00:00Z")).toEqual([30 * 78_835, true]);
    expect(paced("2026-11-20T14:33:00Z", 0)).toEqual([null, false]);
  });

  test.each(["2026-11-02T00:00:00Z", "2026-11-20T14:33:00Z"])("writes the balance above its point, whole, where the line that goes on is below it: %s", (moment) => {
    const balance = 1_500_000;
    const { figure, now, ahead } = burnDown({ ...walletView, burn_down: [], summary: { ...walletView.summary, balance, spent_month: 400_000 } }, null, Date.parse(moment), 660, 200);
    const [from, to] = [...ahead.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y));
    expect(to!).toBeGreaterThan(from!);
    expect(figure.y).toBeLessThan(now.y);
    expect(figure.y, "no letter is cut").toBeGreaterThanOrEqual(12);
  });

  test("begins where the wallet began, or its month", () => {
    const [debit] = ledgerRows(1);
    const grant = { ...debit!, at: "2026-11-10T09:00:00Z", kind: "grant", change: 1_500_000, balance_after: 1_500_000, debit: null, session_title: null } as const;
    const spent = { ...debit!, at: "2026-11-20T12:00:00Z", change: -78_835, balance_after: 1_421_165 };
    const points = [grant, spent].map(({ at, balance_after }) => ({ at, balance: balance_after }));
    const begun = burnDown({ ...walletView, burn_down: [...points, { at: "2026-11-20T14:33:00Z", balance: 1_421_165 }] }, { rows: [spent, grant], more: false }, at, 660, 200);
    const [x] = /^M([\d.]+)/.exec(begun.line)!.slice(1);
    const tenth = (begun.times[2]!.x - begun.from) * (9.375 / 9) + begun.from;
    expect(Number(x)).toBeCloseTo(tenth, 0);
    expect(begun.area.endsWith(`H${x} Z`)).toBe(true);
    expect(burnDown(walletView, null, at, 660, 200).line.startsWith(`M${begun.from.toFixed(1)} `)).toBe(true);
  });

  test("a wallet's first hours and days fill the drawing, and after a week it is a month", () => {
    const [debit] = ledgerRows(1);
    const begun = Date.parse("2026-11-10T09:02:00Z");
    const drawn = (hours: number, first = begun) => {
      const at = first + hours * HOUR;
      const booked = (ms: number, change: number, kind: LedgerRow["kind"] = "debit") => ({ ...debit!, at: new Date(ms).toISOString(), change, kind, session_title: null });
      const rows = [booked(at, -10_000), booked(first, 1_500_000, "grant")];
      return burnDown({ ...walletView, burn_down: [], summary: { ...walletView.summary, balance: 1_490_000, spent_month: 10_000 } }, { rows, more: false }, at, 660, 200);
    };
    const words = (hours: number) => drawn(hours).times.map(({ words }) => words);
    expect(words(0.05)).toEqual(["09:02", "09:03", "09:04", "09:05", "09:06", "09:07"].map(local));
    expect(words(0.2)).toEqual(["09:00", "09:05", "09:10", "09:15", "09:20"].map(local));
    expect(words(0.5)).toEqual(["09:00", "09:10", "09:20", "09:30", "09:40", "09:50", "10:00"].map(local));
    expect(words(4)).toEqual(["09:00", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00"].map(local));
    expect(words(20)).toEqual(["08:00", "12:00", "16:00", "20:00", "00:00", "04:00", "08:00"].map(local));
    expect([words(30), words(100), words(160)]).toEqual([["10", "11", "12"], ["10", "11", "12", "13", "14", "15", "16"], ["1", "5", "10", "15", "20", "25", "30"]]);
    for (const hours of [0.1, 0.3, 0.9, 2, 5, 11, 20, 50, 120]) {
      const { line, now, from } = drawn(hours);
      const [x] = /^M([\d.]+)/.exec(line)!.slice(1).map(Number);
      expect(now.x - x!, `${hours} hours`).toBeGreaterThan((660 - from) * 0.28);
      expect(now.x).toBeLessThan(660 - 20);
    }
    const last = drawn(5, Date.parse("2026-11-30T18:30:00Z"));
    expect(last.times.map(({ words }) => words), "no further than the reset").toEqual(["18:00", "19:00", "20:00", "21:00", "22:00", "23:00", "00:00"].map(local));
  });

  test("what was booked within the present minute is drawn where it was booked", () => {
    const [debit] = ledgerRows(1);
    const at = Date.parse("2026-11-10T09:00:00Z");
    const booked = (seconds: number, change: number, kind: LedgerRow["kind"] = "debit") => ({ ...debit!, at: new Date(at + seconds * 1_000).toISOString(), change, kind, session_title: null });
    const rows = [booked(50, -10_000), booked(20, -10_000), booked(1, 1_500_000, "grant")];
    const { line } = burnDown({ ...walletView, burn_down: [], summary: { ...walletView.summary, balance: 1_480_000, spent_month: 20_000 } }, { rows, more: false }, at, 660, 200);
    const steps = [...line.matchAll(/H([\d.]+)/g)].map(([, x]) => Number(x));
    expect(steps[2]! - steps[1]!).toBeGreaterThan(10);
  });

  test("begins at $0 while nothing was spent, and the balance stands above it", () => {
    const untouched = { ...walletView, summary: { ...walletView.summary, balance: 1_500_000, spent_month: 0 }, burn_down: [{ at: "2026-11-01T00:00:00Z", balance: 1_500_000 }] };
    const drawn = burnDown(untouched, null, at, 660, 200);
    expect(drawn.sums[0]!.micro).toBe(0);
    expect(drawn.now.y).toBeLessThan(drawn.sums[0]!.y - 100);
  });

  test("a limit that is raised is a break with its word: the line begins there, at the ledger's balance, and steps carry their session's name", () => {
    const [debit] = ledgerRows(1);
    const row = (at: string, change: number, rest: Partial<LedgerRow> = {}) => ({ ...debit!, at, change, session_title: "Event store", ...rest });
    const rows = [
      row("2026-11-20T12:00:00Z", -40_000),
      row("2026-11-20T11:00:00Z", -20_000),
      row("2026-11-19T10:00:00Z", 18_500_000, { kind: "limit_change", debit: null, session_title: null }),
      row("2026-11-18T10:00:00Z", -19_000, { session_title: "Pricing model" }),
      row("2026-11-01T00:00:00Z", 1_500_000, { kind: "grant", debit: null, session_title: null }),
    ];
    const view = { ...walletView, summary: { ...walletView.summary, balance: 19_921_000, spent_month: 79_000 } };
    const drawn = burnDown(view, { rows, more: false }, at, 660, 200);
    expect(drawn.sums[0]!.micro).toBeGreaterThan(19_000_000);
    const drop = (path: string) => Number(/V([\d.]+)$/.exec(path)![1]) - Number(/^M[\d.]+ ([\d.]+)/.exec(path)![1]);
    expect(drop(drawn.line)).toBeGreaterThan(30);
    expect(drawn.before, "no balance that never was").toBe("");
    expect(drawn.line.startsWith(`M${drawn.breaks[0]!.x.toFixed(1)} `)).toBe(true);
    expect(drawn.breaks).toEqual([{ x: expect.any(Number) as number, kind: "limit_change", sums: [18_500_000], changes: 1, begins: true }]);
    expect(wordOf(drawn.breaks[0]!)).toBe("begins with: limit changed +$18.50");
    expect(drawn.steps.map(({ name }) => name)).toEqual(["Event store"]);
  });

  test("a top-up that no call followed yet brings back no range that would flatten the calls before it", () => {
    const [debit] = ledgerRows(1);
    const row = (at: string, change: number, kind: LedgerRow["kind"] = "debit") => ({ ...debit!, at, change, kind, session_title: null });
    const rows = [row("2026-11-20T12:00:00Z", 5_000_000, "top_up"), row("2026-11-19T10:00:00Z", -1_000_000), row("2026-11-10T00:00:00Z", -500_000_000_000, "limit_change"), row("2026-11-01T00:00:00Z", 1_500_000_000_000, "grant")];
    const view = { ...walletView, summary: { ...walletView.summary, balance: 1_000_004_000_000, spent_month: 1_000_000 } };
    const drawn = burnDown(view, { rows, more: false }, at, 660, 200);
    expect(drawn.sums.at(-1)!.micro - drawn.sums[0]!.micro).toBeLessThan(10_000_000);
    expect(drawn.before.startsWith(`M${drawn.breaks[0]!.x.toFixed(1)} `), "the drawing begins with the change that the calls followed").toBe(true);
  });

  test("what a limit was before it was lowered stands as the ledger has it", () => {
    const [debit] = ledgerRows(1);
    const row = (at: string, change: number, kind: LedgerRow["kind"] = "debit") => ({ ...debit!, at, change, kind, session_title: null });
    const rows = [row("2026-11-20T12:00:00Z", -19_000_000, "limit_change"), row("2026-11-19T10:00:00Z", -1_000_000), row("2026-11-10T00:00:00Z", 18_500_000, "limit_change"), row("2026-11-01T00:00:00Z", 1_500_000, "grant")];
    const view = { ...walletView, summary: { ...walletView.summary, balance: 0, spent_month: 1_000_000 } };
    const drawn = burnDown(view, { rows, more: false }, at, 660, 200);
    const heights = [...drawn.before.matchAll(/(?:V|M[\d.]+ )([\d.]+)/g)].map(([, y]) => Number(y));
    const [none, most] = [drawn.sums[0]!, drawn.sums.at(-1)!];
    const micro = heights.map((y) => Math.round((((none.y - y) / (none.y - most.y)) * most.micro) / 100_000) / 10);
    expect([none.micro, most.micro, micro]).toEqual([0, 20_000_000, [1.5, 1.5, 20, 19, 0]]);
  });

  test("changes that stand too close share a mark, which says how many they are", () => {
    const [debit] = ledgerRows(1);
    const row = (at: string, kind: string, change: number) => ({ ...debit!, at, kind, change, debit: null, session_title: null });
    const rows = [row("2026-11-19T12:00:00Z", "top_up", 5_000_000), row("2026-11-19T10:00:00Z", "limit_change", 18_500_000), row("2026-11-02T10:00:00Z", "take_back", -1_480_000)];
    const { breaks } = burnDown(walletView, { rows, more: false }, at, 660, 200);
    expect(breaks.map(wordOf)).toEqual(["taken back −$1.48", "2 changes, +$23.50"]);
    const raised = row("2026-11-19T10:00:00Z", "limit_change", 18_500_000);
    const against = burnDown(walletView, { rows: [row("2026-11-19T12:00:00Z", "limit_change", -19_980_000), raised], more: false }, at, 660, 200);
    expect(against.breaks.map(wordOf), "what one took is no part of what the other added").toEqual(["2 changes, +$18.50 and −$19.98"]);
    expect(wordOf({ x: 0, kind: null, sums: [18_504_900, -45_600], changes: 3, begins: false }), "as they add up to what is left of both").toBe("3 changes, +$18.5049 and −$0.0456");
  });

  test("a limit that is used up leaves room for its figure above the word of a change, and none for a step's name there", () => {
    const [debit] = ledgerRows(1);
    const row = (at: string, change: number, rest: Partial<LedgerRow> = {}) => ({ ...debit!, at, change, session_title: "Event store", ...rest });
    const rows = [
      row("2026-11-20T12:00:00Z", -10_000),
      row("2026-11-19T10:00:00Z", -5_000, { session_title: "Pricing model" }),
      row("2026-11-18T10:00:00Z", -1_480_000, { kind: "limit_change", debit: null, session_title: null }),
    ];
    const drawn = (balance: number, kept = rows) => burnDown({ ...walletView, summary: { ...walletView.summary, balance, spent_month: 15_000 } }, { rows: kept, more: false }, at, 660, 200);
    const lifted = ({ figure, now }: BurnDown) => now.y - figure.y;
    expect([drawn(0), drawn(15_000), drawn(0, rows.slice(0, 2))].map(lifted)).toEqual([23, 7, 7]);
    const floor = Math.max(...drawn(0).sums.map(({ y }) => y));
    expect(Math.max(...drawn(0).steps.map(({ y }) => y))).toBeLessThan(floor - 32);
  });

  test("names no step where the balance stands", () => {
    const [debit] = ledgerRows(1);
    const at = Date.parse("2026-11-29T00:00:00Z");
    const booked = (ms: number, change: number, session_title: string) => ({ ...debit!, at: new Date(ms).toISOString(), change, session_title });
    const rows = [booked(at - 1_000, -30_000, "last"), booked(at - 2_000, -30_000, "before it"), booked(at - 3_000, -30_000, "first")];
    const { figure, steps } = burnDown({ ...walletView, summary: { ...walletView.summary, balance: 910_000, spent_month: 90_000 } }, { rows, more: false }, at, 660, 200);
    expect(figure.anchor).toBe("end");
    for (const step of steps) expect(step.x, "both end at one edge").toBeCloseTo(figure.x, 1);
    expect(steps.map(({ name }) => name)).toEqual(["first", "before it"]);
    for (const step of steps) expect(Math.abs(step.y - figure.y)).toBeGreaterThanOrEqual(16);
  });

  test("names a step beside the balance only where its words are clear of it", () => {
    const [debit] = ledgerRows(1);
    const at = Date.parse("2026-11-29T00:00:00Z");
    const booked = (days: number, change: number, session_title: string) => ({ ...debit!, at: new Date(at - days * 86_400_000).toISOString(), change, session_title });
    const isNamed = (days: number) => {
      const rows = [booked(days, -30_000, "last"), booked(27, -60_000, "first")];
      const { steps } = burnDown({ ...walletView, summary: { ...walletView.summary, balance: 910_000, spent_month: 90_000 } }, { rows, more: false }, at, 660, 200);
      return steps.some(({ name }) => name === "last");
    };
    expect([isNamed(1), isNamed(15)]).toEqual([false, true]);
  });

  test("writes the name of a step whole where there is room, and cuts what is long to the room there is", () => {
    const question = "What should we try first?";
    const [debit] = ledgerRows(1);
    const named = (session_title: string, width: number) => {
      const page = { rows: [{ ...debit!, at: "2026-11-20T12:00:00Z", change: -90_000, session_title }], more: false };
      return burnDown({ ...walletView, summary: { ...walletView.summary, balance: 9_000, spent_month: 90_000 } }, page, at, width, 200).steps.map(({ name }) => name);
    };
    expect(named(question, 660)).toEqual([question]);
    expect(named(question.repeat(3), 660), "forty letters of it").toEqual([`${question}What should we…`]);
    expect(named(question.repeat(3), 380).map(({ length }) => length < 32)).toEqual([true]);
    expect(named(question.repeat(3), 220), "too few letters say nothing").toEqual([]);
  });

  test("of bookings older than those that are named it knows a raise by the balances", () => {
    const page = { rows: ledgerRows(1).map((row) => ({ ...row, balance_after: 1_421_165, change: -27_415 })), more: true };
    const raised = walletView.burn_down.map((point, index) => (index < 2 ? { ...point, balance: point.balance - 1_000_000 } : point));
    const drawn = burnDown({ ...walletView, burn_down: raised }, page, at, 660, 200);
    expect(drawn.breaks.map(({ kind, sums }) => [kind, sums])).toEqual([[null, [983_700]]]);
    expect(drawn.line.match(/V/g)).toHaveLength(4);
  });

  test("begins behind its longest sum, and a name of wide letters or from the right has its room", () => {
    const [debit] = ledgerRows(1);
    const named = (session_title: string, width = 660, balance = 9_000) => {
      const page = { rows: [{ ...debit!, at: "2026-11-20T12:00:00Z", change: -90_000, session_title }], more: false };
      return burnDown({ ...walletView, summary: { ...walletView.summary, balance, spent_month: 90_000 } }, page, at, width, 200);
    };
    const large = named("", 660, 999_999_000_000);
    expect(large.from).toBeGreaterThan(named("").from);
    expect(large.from).toBeGreaterThanOrEqual("$1,000,000".length * 6.3);
    expect([large.times[0]!.x, large.line.startsWith(`M${large.from.toFixed(1)} `)]).toEqual([large.from, true]);
    expect(named("你好".repeat(30), 330).steps).toEqual([]);
    expect(named("hi".repeat(30), 330).steps).toHaveLength(1);
    const joined = named("👩‍👩‍👧‍👦".repeat(60)).steps[0]!.name;
    expect(joined.replace(/…$/, "").replaceAll("👩‍👩‍👧‍👦", ""), "each is cut whole").toBe("");
    expect(joined.endsWith("…")).toBe(true);
    expect(named("מאגר האירועים").steps[0]!.name).toBe("\u2068מאגר האירועים\u2069");
  });

  test("writes the figures of its axis with as many places as its steps need, all alike", () => {
    const figures = (...values: number[]) => {
      const { ticks, figure } = sumAxis(values);
      return ticks.map(figure);
    };
    expect(figures(1_500_000, 400_000)).toEqual(["$0.00", "$0.50", "$1.00", "$1.50"]);
    expect(figures(20_000, 10_000)).toEqual(["$0.000", "$0.005", "$0.010", "$0.015", "$0.020"]);
    expect(figures(999_999_000_000, 999_998_901_471), "what was spent is seen below the largest limit").toEqual(["$999,998.900", "$999,998.925", "$999,998.950", "$999,998.975", "$999,999.000"]);
    expect(figures(20_000_000, 0)).toEqual(["$0", "$5", "$10", "$15", "$20"]);
  });

  test("has round figures on its axis, around all it shows", () => {
    const axis = sumAxis([1_500_000, 1_421_165, 1_380_000]);
    expect(axis.ticks).toEqual([1_350_000, 1_400_000, 1_450_000, 1_500_000]);
    for (const values of [[0], [1], [0, 20_000_000], [7, 9], [5_000_000, 5_000_000]]) {
      const { low, high, ticks } = sumAxis(values);
      expect(low).toBeLessThanOrEqual(Math.min(...values));
      expect(high).toBeGreaterThanOrEqual(Math.max(...values));
      expect(high).toBeGreaterThan(low);
      expect(ticks.every(Number.isInteger)).toBe(true);
      expect(ticks.length).toBeLessThan(9);
    }
  });
});
