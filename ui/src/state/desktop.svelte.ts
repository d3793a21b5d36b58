import type { DesktopStanding } from "../generated/DesktopStanding";
import type { DesktopWord } from "../generated/DesktopWord";
import type { Platform } from "../platform";

/** What the tray, a notice or the window's close may open. */
export interface Openers {
  stop: () => void;
  close: () => void;
}

/** The desktop around the window: whether its tray shows Husting, and what it asks of the page. */
class Desktop {
  /** `null` in a browser, and until it was asked. */
  standing: DesktopStanding | null = $state.raw(null);

  /** Does what the desktop asks from now on. */
  attend({ desktop }: Platform, open: Openers): void {
    desktop?.attend((word) => this.#take(word, open));
  }

  /** Asks how things stand. @throws {RpcError} */
  async ask({ desktop }: Platform): Promise<void> {
    if (desktop) this.standing = await desktop.standing();
  }

  /** Starts Husting at login, or no longer. @throws {RpcError} */
  async startAtLogin({ desktop }: Platform, on: boolean): Promise<void> {
    if (desktop) this.standing = await desktop.startAtLogin(on);
  }

  #take(word: DesktopWord, open: Openers): void {
    if (word.word === "go") location.hash = word.fragment;
    else if (word.word === "ask_stop") open.stop();
    else if (word.word === "ask_close") open.close();
    else this.standing = word.standing;
  }
}

/** The window's desktop. */
export const desk = new Desktop();
