import type { AgentView } from "../../generated/AgentView";
import type { UnwiredFile } from "../../generated/UnwiredFile";
import type { WiredFile } from "../../generated/WiredFile";
import type { WiredState } from "../../generated/WiredState";
import type { WiringTarget } from "../../generated/WiringTarget";
import type { WrittenWiring } from "../../generated/WrittenWiring";
import { m } from "../../messages";

/** What stands at a path, and what becomes of it. */
export function targetWords({ exists, other_servers, replaces }: WiringTarget): string {
  const s = m.wiring.target;
  if (!exists) return s.fresh;
  return [s.keeps(other_servers, replaces), s.backup].join(" ");
}

/** What was done, and where what stood there is. */
export function writtenWords({ backup, other_servers, git }: WrittenWiring): string {
  const s = m.wiring.written;
  return [other_servers ? s.kept(other_servers) : null, backup ? s.backup(backup) : null, git === "ignored" ? m.wiring.git.ignored : null].filter(Boolean).join(" ");
}

/** How a file that was written for an agent stands now, and what is to be done about it. */
export function wiredWords(state: WiredState, { status }: AgentView): { word: string; todo: string | null } {
  if (status !== "revoked") return m.wiring.states[state];
  return state === "gone" ? { ...m.wiring.states.gone, todo: null } : m.wiring.leftBehind;
}

/** What became of a file that its entry was to be taken out of. */
export function unwiredWords({ path, taken_out, other_servers, backup }: UnwiredFile): string {
  const s = m.wiring;
  if (!taken_out) return s.wasOut(path);
  return [s.takenOut(path), other_servers ? s.written.kept(other_servers) : null, backup ? s.backupWithout(backup) : null].filter(Boolean).join(" ");
}

/** Files of an agent that has ended which still have its token. */
export function leftOf({ status }: AgentView, wired: readonly WiredFile[]): WiredFile[] {
  return status === "revoked" ? wired.filter(({ state }) => state !== "gone") : [];
}

/** The last part of a path, by which people know a file. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}
