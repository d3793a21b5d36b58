import type { SecretsView } from "../../generated/SecretsView";
import type { Shared } from "../../state/console.svelte";

/** Why a key that was kept cannot be read: what keeps keys is locked or does not answer, or the key is not in it. */
export type Unread = "locked" | "absent" | "gone";

export function whyUnread(secrets: SecretsView | undefined): Unread {
  if (secrets?.state === "ready") return "gone";
  return secrets?.state === "needs_choice" ? "absent" : "locked";
}

/** Keys were kept, and no place for keys answers. */
export function keysAbsent({ secrets, providers }: Pick<Shared, "secrets" | "providers">): boolean {
  return secrets.state === "needs_choice" && providers.providers.some(({ key_tail }) => key_tail !== null);
}
