import type { Purpose } from "../../generated/Purpose";
import type { SeatErrorCode } from "../../generated/SeatErrorCode";
import { m } from "../../messages";

/** A call that failed, or none. */
interface Failed {
  purpose: Purpose;
  error_code: SeatErrorCode | null;
  /** What is kept of it; a session's row has only the code. */
  error_message?: string | null;
  /** Husting was closed while it ran. */
  closed: boolean;
}

/** How it is told, as `deliberation::round` writes it, that a reaction came whole and could not be read: the contract has no code of its own for that. */
export const UNREADABLE = "The reaction could not be read:";

/** A reaction that came whole and could not be read. */
export function isUnreadable({ purpose, error_code, error_message }: Failed): boolean {
  return purpose === "react" && error_code === "provider_error" && error_message?.startsWith(UNREADABLE) === true;
}

/** What happened, in a sentence: one code stands for a broken connection and for a closed program. */
export function failureOf(failed: Failed): string {
  const { error_code, closed } = failed;
  if (error_code === "stream_interrupted" && closed) return m.session.closed.failure;
  if (isUnreadable(failed)) return m.session.unreadable.failure;
  return error_code ? m.session.failure[error_code] : "";
}

/** The same in a word or three. */
export function reasonOf(failed: Failed): string {
  const { purpose, error_code, error_message, closed } = failed;
  if (error_code === "stream_interrupted" && closed) return m.session.closed.reason;
  if (isUnreadable(failed)) return m.session.unreadable.reason;
  // It broke off or could not be read: the code alone does not tell.
  if (purpose === "react" && error_code === "provider_error" && !error_message) return m.session.unreadable.either;
  return error_code ? m.session.reason[error_code] : "";
}

/** Codes under which the provider's own words are kept; the others come with a sentence of Husting's. */
const THEIRS: readonly SeatErrorCode[] = ["rate_limit", "provider_error", "provider_auth_failure", "pre_stream_provider_error", "max_retries_exceeded"];

/** Whether what is kept of a failure was said by the provider. */
export function isTheirs(failed: Failed): boolean {
  return failed.error_code !== null && THEIRS.includes(failed.error_code) && !isUnreadable(failed);
}
