import { named } from "../../format/seats";
import type { SessionSummary } from "../../generated/SessionSummary";
import { m } from "../../messages";
import { reasonOf } from "./failures";

/** How a session stands, for its row. */
export interface Standing {
  word: string;
  /** A round runs. */
  running: boolean;
  /** Something failed that nobody wanted. */
  wants: boolean;
  /** A person ended a part of it, and nothing failed. */
  stopped: boolean;
}

/** How a session's newest round runs or ended, in a word or three. Once the login has ended (`hasEnded`), nobody tells what became of one that ran. */
export function standing(session: SessionSummary, hasEnded = false): Standing {
  const words = m.deliberations.state;
  if (hasEnded && inFlight(session)) return { word: words.unknown, running: false, wants: false, stopped: false };
  if (inFlight(session)) return { word: words.running, running: true, wants: false, stopped: false };
  const wants = session.failures.length > 0 || session.status === "failed";
  const ended = (word: string) => ({ word, running: false, wants, stopped: !wants && word !== words.ready });
  if (session.outcome) return ended(words[session.outcome]);
  if (session.answered < session.asked) return ended(words.answered(session.answered, session.asked));
  if (!session.degraded) return ended(words.ready);
  return ended(session.failures.length > 0 ? words.unreacted(session.failures.length) : words.incomplete);
}

/** "Gemini: rate limit. GPT-5.4’s reaction: deadline." Empty where nothing failed. */
export function failureLine(session: SessionSummary): string {
  const seats = named(session.seats);
  return session.failures
    .map((failed) => {
      const { model, purpose } = failed;
      const name = seats.find((seat) => seat.model === model)?.display_name ?? model;
      return m.session.seatFailed(purpose === "react" ? m.session.reactionOf(name) : name, reasonOf(failed));
    })
    .join(" ");
}

/** Nobody answered its newest round, which is over. */
export function isUnheard(session: SessionSummary): boolean {
  return !inFlight(session) && session.asked > 0 && session.answered === 0;
}

/** A round of it runs, as far as Husting was heard last. */
function inFlight({ status }: SessionSummary): boolean {
  return status === "processing" || status === "streaming";
}
