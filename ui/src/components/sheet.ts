import type { Snippet } from "svelte";

/** What a sheet shows and how it is left. */
export interface SheetProps {
  open: boolean;
  title: string;
  /** One or two sentences under the title. */
  lead?: string;
  /** A dialog stands in the middle; a sheet at the right, full height. */
  side?: boolean;
  /** Pixels. */
  width?: number;
  /** Esc and a click outside do not close it; they call `onheld`. */
  held?: boolean;
  onheld?: () => void;
  /** Something was written in it that is kept nowhere else: a click outside does not close it, Esc and its acts do. */
  written?: boolean;
  onclose: () => void;
  /** Does the last act, where it may be done, by Ctrl ⏎: of a sheet in whose text areas Enter begins a line. */
  onsubmit?: () => void;
  children: Snippet;
  /** Stays in sight above the acts, however far the rest is scrolled: what is read or ticked to go on. */
  foot?: Snippet;
  /** At most three acts, the safe one first, the amber one last. */
  acts?: Snippet;
}

/** What a sheet is made of, read when the first one opens: no first screen shows one. */
export const sheetDialog = () => import("./SheetDialog.svelte");
