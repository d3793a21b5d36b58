import type { RoundView } from "../../../generated/RoundView";
import type { SessionView } from "../../../generated/SessionView";
import { m } from "../../../messages";

/** Who steers a round, with the key behind the name: "Scout · key laptop"; `null` is the operator. */
export function steererOf({ moderator_name, asked_by }: Pick<RoundView, "moderator_name" | "asked_by">): string | null {
  return [moderator_name, asked_by].filter(Boolean).join(" · ") || null;
}

/** Who said what the moderator of a round passed on, in their order; empty where it was the moderator. */
export function peopleOf({ snippets }: Pick<RoundView, "snippets">): string[] {
  return [...new Set(snippets.flatMap(({ said_by }) => said_by ?? []))];
}

/** How a session came in: "opened by key laptop over MCP, with Claude Code"; `null` where the operator opened it here. */
export function originOf({ summary, opened_by, application }: SessionView): string | null {
  const door = m.deliberations.door[summary.source];
  if (!door && !opened_by && !application) return null;
  // From Discord the bridge alone opens one: the door names it already.
  const client = summary.source === "discord" ? "" : (application ?? "");
  return m.session.opened(opened_by ?? "", door, client);
}

/** How words are called that whoever steers a round wrote themselves. */
export function ownWordsOf(round: Pick<RoundView, "moderator_name" | "asked_by"> | undefined): string {
  return round && steererOf(round) ? m.session.tray.theirOwnWords : m.session.tray.ownWords;
}
