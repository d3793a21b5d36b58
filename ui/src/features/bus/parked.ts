import { MOST_DELIVERIES } from "../../generated/deliveries";
import type { MessageView } from "../../generated/MessageView";

/** Why a message is parked: its tries ran out, or its reader was revoked. */
export type Parking = "tries" | "reader";

/** Why one is parked. That is not told, and follows: only a request runs out of tries, and any other is parked with its reader's end. */
export function parkedBy({ request_id, deliveries }: MessageView): Parking {
  return request_id !== null && deliveries >= MOST_DELIVERIES.request ? "tries" : "reader";
}
