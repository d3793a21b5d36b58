import type { EditSettings } from "../generated/EditSettings";
import { m } from "../messages";
import { rpcError, type Platform } from "../platform";
import type { Console } from "./console.svelte";
import { undoLine } from "./undo.svelte";

/** Says at the foot of the screen why an act that has no place of its own was not done. */
export function tellRefusal(happened: string, thrown: unknown): void {
  const { message, code } = rpcError(thrown);
  undoLine.tell(`${happened} ${message}`, { code });
}

/** Opens an address in the person's own browser; where nothing opens it, the address can be read and copied. */
export async function openOutside(platform: Platform, url: string): Promise<void> {
  try {
    await platform.openExternal(url);
  } catch (thrown) {
    tellRefusal(m.parts.openLink.failed(url), thrown);
  }
}

/** Ends the login of this browser from the palette. */
export async function logOut(host: Console): Promise<void> {
  try {
    await host.logOut();
  } catch (thrown) {
    tellRefusal(m.frame.notLoggedOut, thrown);
  }
}

/** Changes settings by a key or from the palette, where no row stands that could say what was refused. */
export async function settle(host: Console, edit: EditSettings): Promise<void> {
  try {
    await host.editSettings(edit);
  } catch (thrown) {
    tellRefusal(m.settings.failed, thrown);
  }
}
