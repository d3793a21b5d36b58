import type { Console } from "../../../state/console.svelte";
import { BINS, wire, type Span } from "./span";

/** How many messages were sent in each share of the strip. @throws {RpcError} */
export async function countsIn(host: Console, { start, end }: Span): Promise<number[]> {
  return (await host.call("message_histogram", { since: wire(start), until: wire(end), bins: BINS })).counts;
}
