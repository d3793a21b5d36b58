import type { KeptIn } from "../../generated/KeptIn";
import type { ProviderView } from "../../generated/ProviderView";
import type { SecretsView } from "../../generated/SecretsView";
import { m } from "../../messages";
import type { Shared } from "../../state/console.svelte";
import { router } from "../../state/route.svelte";

/** Why a key that was kept cannot be read: what keeps keys is locked, is opened by a restart alone or does not answer, or the key is not in it. */
export type Unread = "locked" | "restart" | "absent" | "gone";

export function whyUnread(secrets: SecretsView | undefined): Unread {
  if (secrets?.state === "ready" || secrets?.state === "no_file") return "gone";
  if (secrets?.state === "locked" && secrets.opener === "restart") return "restart";
  return secrets?.state === "needs_choice" ? "absent" : "locked";
}

/** What is said where keys can be neither read nor kept, and the act that leads to what helps; `null` where they can. */
export function closedKeys(secrets: SecretsView | undefined): { lead: string; detail: string; act: string } | null {
  switch (secrets?.state) {
    case "locked":
      return secrets.opener === "restart" ? m.hall.restart : m.hall.locked;
    case "no_file":
      return m.hall.noFile;
    case "keyring_locked":
      return m.hall.keyringLocked;
    case "needs_choice":
      return m.hall.choice;
    default:
      return null;
  }
}

/** Where a key that is entered now is kept, be it that it is to be opened first; `null` where that is still to be chosen. */
export function keyPlace(secrets: SecretsView | undefined): KeptIn | null {
  if (!secrets || secrets.state === "needs_choice" || secrets.state === "no_file") return null;
  if (secrets.state === "ready") return secrets.kept_in;
  return secrets.state === "locked" ? "sealed_file" : "keyring";
}

/** Shows where keys are kept, and unlocked. */
export function toKeys(): void {
  router.go({ place: "settings", section: "providers" });
}

/** Has keys that were kept read again, by `unlock`; those that are not there any more are entered anew where providers are. */
export function readKeys(why: Unread, unlock: () => void): void {
  if (why === "gone") toKeys();
  else unlock();
}

/** Keys were kept, and no place for keys answers or is there. */
export function keysAbsent(shared: Pick<Shared, "secrets" | "providers">): boolean {
  const { state } = shared.secrets;
  return (state === "needs_choice" || state === "no_file") && hasKeys(shared);
}

/** Keys are in a keyring that is locked. Many a desktop's is at first: without a key it keeps nobody waiting. */
export function keysInLockedKeyring(shared: Pick<Shared, "secrets" | "providers">): boolean {
  return shared.secrets.state === "keyring_locked" && hasKeys(shared);
}

function hasKeys({ providers }: Pick<Shared, "providers">): boolean {
  return providers.providers.some(({ key_tail }) => key_tail !== null);
}

/** Providers whose keys are not where keys are kept: that place was emptied, taken away, or ended with the Husting before. */
export function keysGone({ secrets, providers }: Pick<Shared, "secrets" | "providers">): ProviderView[] {
  return secrets.state === "ready" ? providers.providers.filter(({ key_readable }) => !key_readable) : [];
}
