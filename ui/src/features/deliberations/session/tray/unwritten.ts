import type { ClaimGroup } from "../../../../generated/ClaimGroup";
import type { RoundView } from "../../../../generated/RoundView";
import type { Snippet } from "../../../../generated/Snippet";
import { m } from "../../../../messages";

/** What is asked where nobody writes a prompt, and how many claims go with it where nothing is forwarded. */
export interface Unwritten {
  prompt: string;
  contested: number;
  agreed: number;
}

/** Most contested claims that go along. */
const CONTESTED = 3;

/** As `deliberation::steering` builds it from the newest map and what is forwarded. */
export function unwritten(rounds: RoundView[], forwarded: Pick<Snippet, "type">[]): Unwritten {
  const claims = rounds.findLast((round) => round.claim_map !== null)?.claim_map?.claims ?? [];
  const some = (group: ClaimGroup, most: number) => Math.min(most, claims.filter((claim) => claim.group === group).length);
  const [contested, agreed] = [some("contested", CONTESTED), some("agreed", 1)];
  const { unwritten: words } = m.session.tray;
  return { prompt: contested > 0 || forwarded.some(({ type }) => type === "CHALLENGE") ? words.takeUp : agreed > 0 ? words.examine : words.answerAgain, contested, agreed };
}
