import type { Tab } from "./platform";

/** The tab of this page, as browsers and the window's web view keep it. */
export function pageTab(): Tab {
  return { kept, keep, drop, askBeforeLeaving };
}

function kept(begins: string): [name: string, text: string][] {
  try {
    const names = Object.keys(sessionStorage).filter((name) => name.startsWith(begins));
    return names.map((name) => [name, sessionStorage.getItem(name) ?? ""]);
  } catch {
    // Forbidden to this page: then nothing was kept either.
    return [];
  }
}

function keep(name: string, text: string): boolean {
  try {
    sessionStorage.setItem(name, text);
    return true;
  } catch {
    // Full, or forbidden to this page.
    return false;
  }
}

function drop(name: string): void {
  try {
    sessionStorage.removeItem(name);
  } catch {
    // Forbidden to this page: nothing stands there.
  }
}

// Heard only while it asks: whoever listens all the time makes browsers keep no page for the way back.
function askBeforeLeaving(asks: boolean): void {
  if (asks) addEventListener("beforeunload", stay);
  else removeEventListener("beforeunload", stay);
}

function stay(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
