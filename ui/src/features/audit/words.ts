import { exitOf } from "../../format/exits";
import { dayAndTime } from "../../format/time";
import type { AuditRow } from "../../generated/AuditRow";
import type { RunCause } from "../../generated/RunCause";
import type { RunExit } from "../../generated/RunExit";
import type { RunHow } from "../../generated/RunHow";
import type { Scope } from "../../generated/Scope";
import { m } from "../../messages";
import { fileName } from "../wiring/words";

/** Figures and names of a row, as the console writes them. */
interface Detail {
  to?: string | null;
  squad?: string | null;
  scope?: Scope;
  /** What was given for one call, and was used by this one. */
  used?: Scope;
  tool?: string;
  decision?: string;
  tail?: string;
  /** The client's file. */
  path?: string;
  model?: string | null;
  ids?: string[];
  /** All that it has since. */
  grants?: { scope: Scope }[];
  /** The one of them that this gave, and until when. */
  given?: Scope;
  ends_at?: string | null;
  /** The one that this took. */
  taken?: Scope;
  how?: RunHow;
  cause?: RunCause;
  exit?: RunExit | null;
  stopped?: boolean;
  /** Its entry was in the file that it is not wired by any more. */
  taken_out?: boolean;
  /** All agents were held; else they were let go on. */
  paused?: boolean;
}

/** A part of what a row says; in mono where each sign of it counts. */
export interface Part {
  text: string;
  mono: boolean;
}

/** What was done. */
export function verbOf(row: AuditRow): string {
  const { used, taken_out, paused } = read(row.detail);
  if (used) return m.audit.usedUp;
  if (row.action === "pause" && paused !== undefined) return m.audit.pausedAll[paused ? "held" : "goOn"];
  return row.action === "unwire" && taken_out === false ? m.audit.unwiredAlone : m.audit.act[row.action];
}

/** What a row says beyond its verb, in one piece. */
export function detailOf(row: AuditRow): string {
  return partsOf(row).map(({ text }) => text).join(m.audit.between);
}

/** What a row says beyond its verb: to whom, with which scope, by which tool. */
export function partsOf(row: AuditRow): Part[] {
  const detail = read(row.detail);
  const a = m.audit;
  if (detail.used) {
    const scope = m.agents.scope[detail.used] ?? detail.used;
    return worded([scope, detail.tool !== scope && detail.tool, m.agents.denial.done.once]);
  }
  const words = [
    detail.to && !detail.scope && a.to(detail.to),
    detail.squad && a.squad(detail.squad),
    detail.scope,
    detail.decision && (m.agents.denial.done as Record<string, string>)[detail.decision],
    detail.ids && a.messages(detail.ids.length),
    grantsOf(detail),
    detail.model && a.model(detail.model),
    (row.action === "wire" || row.action === "unwire") && detail.path && fileName(detail.path),
    detail.tail && { text: a.tail(detail.tail), mono: true },
    detail.how && m.runs.howShort[detail.how],
    // That the operator did it stands beside it.
    detail.cause && detail.cause !== "operator" && m.runs.cause[detail.cause],
    row.action === "ended" && exitOf({ exit: detail.exit ?? null, stopped: detail.stopped === true }),
    detail.tool && (detail.scope || !detail.to) && !isSaidBy(detail.scope, detail.tool) ? detail.tool : null,
    detail.to && detail.scope && a.to(detail.to === "*" ? m.agents.denial.everybody : detail.to),
  ];
  return worded(words);
}

/** A scope that is named after its one tool says which it was. */
function isSaidBy(scope: Scope | undefined, tool: string): boolean {
  return scope !== undefined && m.agents.scope[scope] === tool;
}

function worded(words: (string | Part | false | null | undefined)[]): Part[] {
  return words.filter((each): each is string | Part => Boolean(each)).map((each) => (typeof each === "string" ? { text: each, mono: false } : each));
}

/** The scope that was given or taken; of a change that says no single one, all that it has since. */
function grantsOf({ given, taken, ends_at, grants }: Detail): string | undefined {
  const named = (scope: Scope) => m.agents.scope[scope] ?? scope;
  if (given) return m.audit.given(named(given), ends_at ? dayAndTime(new Date(ends_at)) : null);
  return taken ? m.audit.taken(named(taken)) : grants?.map(({ scope }) => named(scope)).join(" ");
}

// A row of another version may say anything.
function read(json: string): Detail {
  try {
    const found: unknown = JSON.parse(json);
    return typeof found === "object" && found !== null ? found : {};
  } catch {
    return {};
  }
}
