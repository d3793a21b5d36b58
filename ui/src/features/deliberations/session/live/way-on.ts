import type { SeatCallView } from "../../../../generated/SeatCallView";
import { m } from "../../../../messages";
import { isPassing } from "../../failures";

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
  const mend: { settings?: string; lead?: string; rest: string } | undefined = call.spent ? { lead: words.spent[call.spent].lead, rest: words.mendThenRetry } : call.error_code ? words.mend[call.error_code] : undefined;
  if (!mend) return { words: hindrance ?? (runs ? words.asksAgainLater : again(call, retries)) };
  const begun = mend.settings ?? mend.lead;
  if (hindrance) return { settings: mend.settings, words: `${mend.lead ?? ""}${begun ? words.mendAlone : mend.rest} ${hindrance}` };
  return { settings: mend.settings, words: `${mend.lead ?? ""}${begun && runs ? words.mendLater : mend.rest}` };
}

/** What was broken off by nobody's fault is only asked again, too. */
function again(call: SeatCallView, retries: boolean): string {
  const isBrokenOff = call.closed || call.error_code === "cancelled";
  return retries && (isBrokenOff || isPassing(call)) ? m.session.asksAgain : "";
}
