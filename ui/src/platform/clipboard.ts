import type { Platform } from "./platform";

/** How long a secret may lie on the clipboard, in milliseconds. */
export const SECRET_MS = 60_000;

/**
 * What became of a secret that was to be copied: taken back after a minute, by the page only while it is looked at;
 * left there; or never copied.
 */
export type CopiedSecret = "taken_back" | "taken_back_here" | "left" | "refused";

/** Puts text on the clipboard; `false` when this window may not. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedBySelection(text);
  }
}

/** Puts a secret on the clipboard. Where host or page may read that, it is emptied a minute later if it still holds it. */
export async function copySecret(text: string, host: Pick<Platform, "takeBack">): Promise<CopiedSecret> {
  if (!(await copyText(text))) return "refused";
  if (host.takeBack) {
    setTimeout(() => void host.takeBack?.(text), SECRET_MS);
    return "taken_back";
  }
  if (!(await mayRead())) return "left";
  setTimeout(() => void takeBack(text), SECRET_MS);
  return "taken_back_here";
}

/** Empties the clipboard, whatever it holds: only for a person who asks for it. `false` when this window may not. */
export async function emptyClipboard(): Promise<boolean> {
  try {
    await navigator.clipboard.writeText("");
    return true;
  } catch {
    // A selection of nothing copies nothing; a space at least takes the secret's place.
    return copiedBySelection(" ");
  }
}

async function takeBack(text: string): Promise<void> {
  if (!document.hasFocus()) {
    // Only the page that is looked at may touch the clipboard.
    addEventListener("focus", () => void takeBack(text), { once: true });
    return;
  }
  try {
    if ((await navigator.clipboard.readText()) === text) await navigator.clipboard.writeText("");
  } catch (thrown) {
    console.warn("the clipboard was not emptied", thrown instanceof Error ? thrown.name : "");
  }
}

// Asking is left to the person: a question that comes up a minute later would puzzle anybody.
async function mayRead(): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: "clipboard-read" as PermissionName })).state === "granted";
  } catch {
    return false;
  }
}

// Where the page's origin has no clipboard interface, a selected field still copies.
function copiedBySelection(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr-only";
  document.body.append(field);
  field.select();
  const copied = document.execCommand?.("copy") ?? false;
  field.remove();
  return copied;
}
