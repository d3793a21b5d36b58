import type { SeatCallView } from "../../generated/SeatCallView";
import type { SeatErrorCode } from "../../generated/SeatErrorCode";
import type { Spent } from "../../generated/Spent";
import { m } from "../../messages";

/** A call that failed, or none. */
interface Failed {
  error_code: SeatErrorCode | null;
  /** Husting was closed while it ran. */
  closed: boolean;
  /** A reaction that came whole and could not be read. */
  unreadable: boolean;
  /** What is kept of it, where that is given. */
  error_message?: string | null;
  /** Its address answered with a page: nobody refused it. */
  page: boolean;
  /** What is used up at its provider: no asking again now mends it. */
  spent: Spent | null;
  /** Its provider's filter let no word of it through; a session's row does not tell. */
  filtered?: boolean;
}

/** What happened, in a sentence: one code stands for a broken connection and for a closed program, and one for a seat that was stopped and for a round that was cancelled (`isCancelled`). */
export function failureOf({ error_code, closed, unreadable, error_message, page, spent, filtered }: Failed, isCancelled = false): string {
  if (closed) return m.session.closed.failure;
  if (unreadable) return m.session.unreadable.failure;
  if (error_code === "cancelled" && isCancelled) return m.session.cancelledSeat;
  if (error_code === "max_retries_exceeded" && isUnreached(error_message)) return m.session.unreached;
  if (page) return m.session.page.failure;
  if (spent) return m.session.spent[spent].failure;
  if (filtered) return m.session.silenced.failure;
  return error_code ? m.session.failure[error_code] : "";
}

/** The same in a word or three. */
export function reasonOf({ error_code, closed, unreadable, page, spent, filtered }: Failed): string {
  if (closed) return m.session.closed.reason;
  if (unreadable) return m.session.unreadable.reason;
  if (page) return m.session.page.reason;
  if (spent) return m.session.spent[spent].reason;
  if (filtered) return m.session.silenced.reason;
  return error_code ? m.session.reason[error_code] : "";
}

/** Codes under which the provider's own words are kept; the others come with a sentence of Husting's, or of the system that did not reach it, or begin with one. */
const THEIRS: readonly SeatErrorCode[] = ["rate_limit", "provider_error", "provider_auth_failure", "pre_stream_provider_error", "max_retries_exceeded"];
/** As the core begins what is kept of a provider that was not reached: `causes` in `crates/seats/src/api/refusals.rs`. */
const NOT_REACHED = /^\S+ was not reached(?::|$)/;

/** Whether what is kept of a failure was said by the provider. */
export function isTheirs({ error_code, unreadable, error_message, page, spent, filtered }: Omit<Failed, "closed">): boolean {
  return error_code !== null && THEIRS.includes(error_code) && !unreadable && !isUnreached(error_message) && !page && !spent && !filtered;
}

function isUnreached(message: string | null | undefined): boolean {
  return NOT_REACHED.test(message ?? "");
}

/** Codes of what may not happen again: to ask the seat once more is all there is to do. */
const PASSING: readonly SeatErrorCode[] = ["rate_limit", "provider_error", "stream_interrupted", "stream_ended_without_final_marker", "internal_deadline_reached", "deadline_expired"];

/** Whether asking again is what mends it. */
export function isPassing({ error_code, spent, filtered }: Failed): boolean {
  return error_code !== null && !spent && !filtered && PASSING.includes(error_code);
}

/** Why an answer ends where it does, if it was cut there: wherever its text is shown, what is left of it is not told as the whole. */
export function cutOf({ is_partial, filtered, finish_reason }: Pick<SeatCallView, "is_partial" | "filtered" | "finish_reason">): string | null {
  if (!is_partial) return null;
  const words = m.session.live;
  if (filtered) return words.cutByFilter;
  return finish_reason === "credit_limit" ? words.cutByLimit : words.cut;
}
