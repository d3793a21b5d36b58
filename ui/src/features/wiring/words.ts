import type { AgentView } from "../../generated/AgentView";
import type { UnwiredFile } from "../../generated/UnwiredFile";
import type { WiredFile } from "../../generated/WiredFile";
import type { WiredState } from "../../generated/WiredState";
import type { WiringTarget } from "../../generated/WiringTarget";
import type { WrittenWiring } from "../../generated/WrittenWiring";
import { m } from "../../messages";

/** What stands at a path, and what becomes of it. */
export function targetWords({ exists, other_servers, replaces, anothers }: WiringTarget): string {
  const s = m.wiring.target;
  if (!exists) return s.fresh;
  return [s.keeps(other_servers, replaces && !anothers), anothers ? s.anothers : null, s.backup].filter(Boolean).join(" ");
}

/** What was done, and where what stood there is. */
export function writtenWords({ backup, other_servers, replaced_anothers, passing_address, git }: WrittenWiring): string {
  const s = m.wiring.written;
  return [passing_address ? s.passing : null, other_servers ? s.kept(other_servers) : null, backup ? s.backup(backup) : null, replaced_anothers ? s.anothers : null, git === "ignored" ? m.wiring.git.ignored : null].filter(Boolean).join(" ");
}

/** How a file that was written for an agent stands now, and what is to be done about it. */
export function wiredWords(state: WiredState, { status }: AgentView): { word: string; todo: string | null } {
  const s = m.wiring;
  if (status !== "revoked") return s.states[state];
  if (hasEntry({ state })) return s.leftBehind;
  return state === "gone" ? { ...s.states.gone, todo: null } : s.notIts;
}

/** What became of a file that its entry was to be taken out of. */
export function unwiredWords({ path, taken_out, anothers, other_servers, backup }: UnwiredFile): string {
  const s = m.wiring;
  if (anothers) return s.staysIn(path);
  if (!taken_out) return s.wasOut(path);
  return [s.takenOut(path), other_servers ? s.written.kept(other_servers) : null, backup ? s.backupWithout(backup) : null].filter(Boolean).join(" ");
}

/** Whether the agent’s entry is in it, with whichever of its tokens. */
export function hasEntry({ state }: Pick<WiredFile, "state">): boolean {
  return state !== "gone" && state !== "anothers";
}

/** Files of an agent that has ended which still have its token. */
export function leftOf({ status }: AgentView, wired: readonly WiredFile[]): WiredFile[] {
  return status === "revoked" ? wired.filter(hasEntry) : [];
}

/** The last part of a path, by which people know a file. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}
