import { m } from "../../messages";
import type { Console } from "../../state/console.svelte";
import { isUnpayable } from "../wallet/shortage";

/** Why these models would not answer, were they asked once more, as a sentence; `null` where nothing is known against it. */
export function hindranceOf(host: Console, asked: readonly string[]): string | null {
  if (isUnpayable(host, asked)) return m.session.facts.unpaid;
  if (!host.shared) return null;
  const here = new Set(host.shared.models.models.map(({ id }) => id));
  const gone = asked.filter((id) => !here.has(id));
  return gone.length > 0 ? m.session.facts.gone([...new Set(gone)]) : null;
}
