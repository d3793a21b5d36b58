import type { SeatErrorCode } from "../../generated/SeatErrorCode";
import { m } from "../../messages";

/** A call that failed, or none. */
interface Failed {
  error_code: SeatErrorCode | null;
  /** Husting was closed while it ran. */
  closed: boolean;
}

/** What happened, in a sentence: one code stands for a broken connection and for a closed program. */
export function failureOf({ error_code, closed }: Failed): string {
  if (error_code === "stream_interrupted" && closed) return m.session.closed.failure;
  return error_code ? m.session.failure[error_code] : "";
}

/** The same in a word or three. */
export function reasonOf({ error_code, closed }: Failed): string {
  if (error_code === "stream_interrupted" && closed) return m.session.closed.reason;
  return error_code ? m.session.reason[error_code] : "";
}
