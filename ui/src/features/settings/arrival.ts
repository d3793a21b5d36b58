/** What can take the focus in a row: of tabs and the like, the one that is chosen. */
const CONTROLS = ":is(a[href], button, input, select, textarea):not(:disabled, [tabindex='-1'])";
/** For so long the row that was looked for is lit. */
const LIT_MS = 1_600;
/** Pixels below a row that is brought up to the foot, where the page fades. */
const AIR = 40;
const MOVES = ["wheel", "pointerdown", "keydown", "touchmove"] as const;

/**
 * Brings a section into sight, with a row of it that was looked for, which is lit for a moment and has the focus. Sections
 * above it may still be filled, so it stays in sight until somebody moves or the answer is called.
 */
export function arrive(frame: HTMLElement, section: HTMLElement, sought: { row: string | null } | null): () => void {
  let reached: HTMLElement | null = null;
  let dark = () => {};
  const settle = () => {
    const row = sought?.row ? rowOf(section, sought.row) : null;
    frame.scrollTop = row ? topFor(frame, section, row) : section.offsetTop;
    // A row can come later than its section.
    const found = row ?? headOf(section);
    if (!sought || found === reached) return;
    reached = found;
    // In a small window the frame itself can stand below the edge.
    found.scrollIntoView({ block: "nearest" });
    dark();
    dark = light(found);
    focus(row, section);
  };
  const sizes = new ResizeObserver(settle);
  const stay = () => sizes.disconnect();
  settle();
  if (frame.firstElementChild) sizes.observe(frame.firstElementChild);
  // On the window: whoever tabs into the page presses the key outside of it. On its way down: not the key that led here.
  for (const move of MOVES) addEventListener(move, stay, { once: true, passive: true, capture: true });
  return () => {
    stay();
    dark();
    for (const move of MOVES) removeEventListener(move, stay, { capture: true });
  };
}

/** Brings the section that holds `within` to the top of its page, once something in it was asked for, until somebody moves or the answer is called. */
export function comeTo(within: HTMLElement): () => void {
  const section = within.closest("section");
  // It is the frame from which a section's place on the page is counted.
  const frame = section?.offsetParent;
  return section && frame instanceof HTMLElement ? arrive(frame, section, null) : () => {};
}

function rowOf(section: HTMLElement, label: string): HTMLElement | null {
  return [...section.querySelectorAll<HTMLElement>("[data-setting]")].find((row) => row.dataset.setting === label) ?? null;
}

function headOf(section: HTMLElement): HTMLElement {
  return section.querySelector("header") ?? section;
}

/** Under its section's head where both have room, else as far up as it takes to be seen. */
function topFor(frame: HTMLElement, section: HTMLElement, row: HTMLElement): number {
  const above = row.getBoundingClientRect().top - frame.getBoundingClientRect().top + frame.scrollTop;
  const below = above + row.offsetHeight + AIR - frame.clientHeight;
  return below <= section.offsetTop ? section.offsetTop : Math.min(above, below);
}

function light(found: HTMLElement): () => void {
  found.dataset.lit = "";
  const off = () => delete found.dataset.lit;
  const timer = setTimeout(off, LIT_MS);
  return () => {
    clearTimeout(timer);
    off();
  };
}

// Whoever came by keys goes on by keys; a row that is only read leaves the focus to its section.
function focus(row: HTMLElement | null, section: HTMLElement): void {
  const control = row?.querySelector<HTMLElement>(CONTROLS);
  if (control) control.focus({ preventScroll: true });
  else goOnIn(section);
}

/** Gives a section the focus: what is tabbed to next is in it. */
export function goOnIn(section: HTMLElement): void {
  section.tabIndex = -1;
  section.focus({ preventScroll: true });
}
