import { isTauri } from "@tauri-apps/api/core";
import { browserPlatform, followLinks, login, opensByCookie } from "./browser";
import type { Platform } from "./platform";
import { tauriPlatform } from "./tauri";

export * from "./platform";
export { copySecret, copyText, emptyClipboard, SECRET_MS, type CopiedSecret } from "./clipboard";
export { readFiles, REFERENCE_LIMIT } from "./files";
export { rpcError } from "./errors";

/** The host this page was loaded by, logged in where a login is needed. @throws {RpcError} */
export async function connect(): Promise<Platform> {
  if (isTauri()) return tauriPlatform();
  followLinks();
  await login();
  return browserPlatform();
}

/** Whether a browser that was not let in just now is logged in from before; a window is never. */
export async function isLoggedIn(): Promise<boolean> {
  return !isTauri() && opensByCookie();
}
