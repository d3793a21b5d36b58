import type { SeatCallView } from "../../../../generated/SeatCallView";
import { m } from "../../../../messages";
import { isPassing, isTheirs } from "../../failures";

/** Of the round of a call that failed. */
interface Chance {
  /** It can be tried again. */
  retries: boolean;
  /** It runs, and can be tried again once it is over. */
  runs: boolean;
  /** What has to be done first, as a sentence. */
  hindrance: string | null;
}

/** What is to be done about a call that failed: `settings` leads to the providers there, and the words go on from it. */
interface WayOn {
  settings?: string;
  words: string;
}

/** The same at a seat in each view: what mends it, and what comes before it is tried again; nothing that is off is promised. */
export function wayOn(call: SeatCallView, { retries, runs, hindrance }: Chance): WayOn {
  const words = m.session;
  const mend = mendOf(call);
  if (!mend) return { words: hindrance ?? (runs ? words.asksAgainLater : again(call, retries)) };
  const begun = mend.settings ?? mend.lead;
  if (hindrance) return { settings: mend.settings, words: `${mend.lead ?? ""}${begun ? words.mendAlone : mend.rest} ${hindrance}` };
  if (!begun) return { words: runs ? `${mend.rest} ${words.asksAgainLater}` : mend.rest };
  return { settings: mend.settings, words: `${mend.lead ?? ""}${runs ? words.mendLater : retries ? mend.rest : words.mendAlone}` };
}

/** `lead` and what stands in `settings` begin a sentence, and `rest` ends it; alone, that is one. */
function mendOf(call: SeatCallView): { settings?: string; lead?: string; rest: string } | undefined {
  const words = m.session;
  const { spent, filtered, error_code } = call;
  if (spent) return { lead: words.spent[spent].lead, rest: words.mendThenRetry };
  if (filtered) return { rest: words.silenced.mend };
  if (error_code === "pre_stream_provider_error") return call.error_message && isTheirs(call) ? { rest: words.refusedWhy } : undefined;
  return error_code ? words.mend[error_code] : undefined;
}

/** What was broken off by nobody's fault is only asked again, too. */
function again(call: SeatCallView, retries: boolean): string {
  const isBrokenOff = call.closed || call.error_code === "cancelled";
  return retries && (isBrokenOff || isPassing(call)) ? m.session.asksAgain : "";
}
