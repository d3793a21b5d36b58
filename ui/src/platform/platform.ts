import { inert } from "../format/inert";
import type { DesktopStanding } from "../generated/DesktopStanding";
import type { DesktopWord } from "../generated/DesktopWord";
import type { PdfFault } from "./pdf";

/** A file a person dropped or chose, as text: its bytes are already decoded as UTF-8, or read out of a PDF. */
export interface DroppedFile {
  name: string;
  text: string;
  bytes: number;
}

/** Why a file was not taken: nothing in it, too large for a reference, no text, text in another encoding, or a PDF's own reasons. */
export interface RefusedFile {
  name: string;
  reason: "empty" | "too_large" | "not_text" | "not_utf8" | PdfFault;
}

/** What came out of a drop or a file dialog. */
export interface ReadFiles {
  files: DroppedFile[];
  refused: RefusedFile[];
}

/** An error that came over the wire, with the code declared in `wire` and never matched by its text. */
export class RpcError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly details?: unknown,
  ) {
    super(inert(message));
    this.name = "RpcError";
  }
}

/** What the console was connected to has gone; a new snapshot follows when it is back. */
export type Connection = "connecting" | "open" | "lost";

/** Ends a subscription. */
export type Unsubscribe = () => void;

/** The desktop around the window. */
export interface Desktop {
  /** Calls `onWord` with whatever the tray, a notice or the window's close asks of the page. */
  attend(onWord: (word: DesktopWord) => void): void;
  /** How the program stands on this desktop. @throws {RpcError} */
  standing(): Promise<DesktopStanding>;
  /** Starts Husting at login, or no longer. @throws {RpcError} */
  startAtLogin(on: boolean): Promise<DesktopStanding>;
  /** Tells the tray which incomplete sessions the operator reads as they are, each with its rounds then. */
  acceptSessions(sessions: [string, number][]): Promise<void>;
  /** Hides the window; everything behind it goes on. */
  hide(): Promise<void>;
}

/** The tab of the page. What it keeps is there for the next page in it, after a reload or a link, and goes with it. */
export interface Tab {
  /** The texts under names that begin so. */
  kept(begins: string): [name: string, text: string][];
  /** Keeps a text in place of the one before; `false` where the tab takes none, or not so much: then that one stays. */
  keep(name: string, text: string): boolean;
  drop(name: string): void;
  /** Has the person asked before the page is left, or no longer. */
  askBeforeLeaving(asks: boolean): void;
}

/** Everything the console needs from its host. The desktop window and the browser each have one. */
export interface Platform {
  readonly kind: "desktop" | "browser";
  /** The tab of the page; of the window, the window. */
  readonly tab: Tab;
  /** The first snapshot, where the host gave it with the page; once. */
  takeFirst?(): unknown;
  /** Runs one command of `wire`. @throws {RpcError} */
  rpc(request: unknown): Promise<unknown>;
  /** Calls `onEvent` with each event in order, `onConnection` when the stream opens or breaks. */
  subscribe(onEvent: (event: unknown) => void, onConnection: (state: Connection) => void): Unsubscribe;
  /** Opens an address in the person's own browser, never in the console. */
  openExternal(url: string): Promise<void>;
  /** Draws the window larger or smaller, in percent. A browser has its own zoom and lacks this. */
  setZoom?(percent: number): Promise<void>;
  /** Empties the clipboard if it still holds this text. Lacking where only the page itself can read the clipboard. */
  takeBack?(text: string): Promise<void>;
  /** The desktop around the window. A browser lacks it. */
  readonly desktop?: Desktop;
  /** Ends the login of this browser, in all its pages. A window has none and lacks this. @throws {RpcError} */
  logOut?(): Promise<void>;
  /** Ends the program. A browser closes its page instead and lacks this. */
  quit?(): Promise<void>;
  /** Hands a file to the person; resolves to where it went, or `null` if that is not known. */
  saveFile(name: string, text: string): Promise<string | null>;
}
