import { REACHED } from "../../components/scrolled";
import { actions, inField, leave } from "../../keys/actions.svelte";
import { afterPaint } from "../../platform/paint";

/**
 * Gives a box the focus as soon as nothing has it, until somebody presses something: what had it can go with a screen that
 * is left, or with what stood over that. Whatever takes the focus by itself as it comes has it already when the page tells
 * that it has changed. Returns what ends it.
 */
export function catchFocus(box: HTMLElement): () => void {
  const look = () => {
    // A dialog that is open has the focus, or is about to.
    if (document.activeElement === document.body && !actions.modal) box.focus({ preventScroll: true });
  };
  const changes = new MutationObserver(look);
  const end = () => {
    changes.disconnect();
    for (const press of PRESSES) removeEventListener(press, end, true);
  };
  changes.observe(document.body, { childList: true, subtree: true });
  for (const press of PRESSES) addEventListener(press, end, true);
  look();
  return end;
}

const PRESSES = ["keydown", "pointerdown"];

/** What a screen is made of, from a row to a part with a name of its own. Another tab or another screen is not the same place any more. */
const PARTS = "li, tr, [role=row], [role=listitem], ul, ol, table, form, article, section, aside, header, footer, [role=list], [role=rowgroup]";
const ROWS = "li, tr, [role=row], [role=listitem]";
const WHOLE = "[role=tabpanel], main";

/** Where something was that has gone. */
interface Gap {
  parent: Node;
  before: Node | null;
  after: Node | null;
}

/**
 * Hands the focus on when what has it goes, as a button can that did its act, and its row with it: the keyboard goes on in
 * its row, or else in the list or the section that it stood in, at its place, and where nothing of that is left, at the head
 * of the screen. No button is given it. Whatever takes the focus by itself has until the next paint. An attachment of the screen's box.
 */
export function keepFocus(box: HTMLElement): () => void {
  let had: HTMLElement | null = null;
  let gap: Gap | null = null;
  /** What was scrolled since the last paint: rows that go out of its sight were left. */
  let scroller: EventTarget | null = null;

  const came = ({ target }: FocusEvent) => {
    // Letters that are meant for a field act nowhere else.
    had = target instanceof HTMLElement && target !== box && !inField(target) ? target : null;
    gap = null;
  };
  const went = () => {
    const left = had;
    // Some browsers tell it of what goes before it has gone.
    queueMicrotask(() => {
      if (had === left && left?.isConnected && document.activeElement !== left && gap === null) had = null;
    });
  };
  const scrolled = ({ target }: Event) => {
    scroller = target;
    afterPaint(() => (scroller = null));
  };
  const look = (changes: MutationRecord[]) => {
    if (had === null || document.activeElement !== document.body) return;
    const isFirst = gap === null;
    for (const { target, removedNodes, previousSibling, nextSibling } of changes) {
      const lost: Node = gap?.parent ?? had;
      if ([...removedNodes].some((each) => each.contains(lost))) gap = { parent: target, before: previousSibling, after: nextSibling };
    }
    if (gap !== null && scroller instanceof Node && scroller.contains(gap.parent)) [had, gap] = [null, null];
    if (isFirst && gap !== null) afterPaint(hand);
  };
  const hand = () => {
    const [last, place] = [had, gap];
    [had, gap] = [null, null];
    if (last === null || place === null || document.activeElement !== document.body || actions.modal) return;
    // It only changed its place.
    if (last.isConnected) last.focus({ preventScroll: true });
    else unarmed(nearest(place, box) ?? boxOf(place.parent))?.focus();
    if (document.activeElement === document.body) leave();
  };

  const changes = new MutationObserver(look);
  changes.observe(box, { childList: true, subtree: true });
  box.addEventListener("focusin", came);
  box.addEventListener("focusout", went);
  box.addEventListener("scroll", scrolled, true);
  return () => {
    changes.disconnect();
    box.removeEventListener("focusin", came);
    box.removeEventListener("focusout", went);
    box.removeEventListener("scroll", scrolled, true);
  };
}

/** What comes next in the innermost part that has anything, or else what came last before it: of another row, that row’s first. */
function nearest(gap: Gap, box: HTMLElement): HTMLElement | undefined {
  for (let part = partOf(gap.parent); part !== null && part !== box && !part.matches(WHOLE); part = partOf(part.parentElement)) {
    const found = focusedIn(part);
    const next = found.find((each) => follows(each, gap));
    if (next) return next;
    const last = found.at(-1);
    const row = last?.closest(ROWS);
    if (last) return row && !row.contains(gap.parent) ? focusedIn(row)[0] : last;
  }
  return undefined;
}

/** A button that nobody chose is not under the next press of Enter: the row or the part that it stands in has the focus. */
function unarmed(next: HTMLElement | null): HTMLElement | null {
  if (!next?.matches("button, summary, [role=button]")) return next;
  const part = next.closest<HTMLElement>(PARTS);
  if (part && !part.hasAttribute("tabindex")) {
    const lent = ["tabindex", "data-handed"];
    for (const name of lent) part.setAttribute(name, "-1");
    part.addEventListener("blur", () => lent.forEach((name) => part.removeAttribute(name)), { once: true });
  }
  return part;
}

function partOf(node: Node | null): Element | null {
  const element = node instanceof Element ? node : (node?.parentElement ?? null);
  return element?.closest(`${PARTS}, ${WHOLE}`) ?? null;
}

/** The view that it was in, where that can have the focus. */
function boxOf(node: Node): HTMLElement | null {
  return node instanceof Element ? node.closest<HTMLElement>("[role=tabpanel][tabindex]") : null;
}

function focusedIn(part: Element): HTMLElement[] {
  return [...part.querySelectorAll<HTMLElement>(REACHED)].filter((each) => !inField(each) && (each.checkVisibility?.({ visibilityProperty: true }) ?? true));
}

function follows(element: HTMLElement, { parent, before, after }: Gap): boolean {
  if (before?.isConnected) return isAfter(element, before) && !before.contains(element);
  if (after?.isConnected) return after.contains(element) || isAfter(element, after);
  return parent.contains(element) || isAfter(element, parent);
}

function isAfter(element: Node, other: Node): boolean {
  return (other.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
}
