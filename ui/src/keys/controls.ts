/** What can be pressed on the screen. */
export interface Control {
  /** As it is read out. */
  name: string;
  /** What it belongs to: its row's name, or its section's. */
  of?: string;
  /** That is what a card says, which finds the card itself. */
  isCard?: boolean;
  press: () => void;
}

const PRESSED = 'button, summary, [role="switch"], [role="tab"], [role="radio"], input[type="checkbox"], input[type="radio"]';
/** A menu's own entries are found in its place; what is named by somebody's words is found among what was said. */
const OTHERWISE = '[aria-haspopup="menu"], .said, :has(.said), .said *, h1 *';

/** What stands there for the eye alone. */
const SILENT = '[aria-hidden="true"], svg';

/** Buttons, tabs, switches and boxes that can be pressed now, in the order in which they stand. */
export function controlsOn(screen: ParentNode): Control[] {
  const found = [...screen.querySelectorAll<HTMLElement>(PRESSED)].filter((each) => isPressed(each) && !each.matches(OTHERWISE));
  return found.flatMap((element) => {
    const name = nameOf(element);
    const card = element.closest("[data-row]")?.querySelector("p");
    const of = card ? textOf(card) : belongsTo(element);
    return name ? [{ name, of, isCard: card != null, press: () => press(element) }] : [];
  });
}

function press(element: HTMLElement): void {
  element.focus();
  element.click();
}

function isPressed(element: HTMLElement): boolean {
  if (element.matches(':disabled, [aria-disabled="true"]') || element.closest('[aria-hidden="true"], [inert]')) return false;
  return isShown(element);
}

function nameOf(element: HTMLElement): string {
  const label = element.getAttribute("aria-label") ?? labelledBy(element);
  if (label) return label;
  const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])].map((each) => textOf(each)).join(" ").trim() : "";
  return labels || textOf(element) || element.title;
}

function belongsTo(element: Element): string | undefined {
  const row = element.closest('tr, [role="row"]');
  const head = row?.querySelector('th[scope="row"], [role="rowheader"], [role="cell"]');
  if (head && !head.contains(element)) return textOf(head, `${SILENT}, button`) || undefined;
  const part = element.closest('section, [role="group"], [role="tablist"]');
  return (part && (part.getAttribute("aria-label") ?? labelledBy(part))) || undefined;
}

function labelledBy(element: Element): string | undefined {
  const ids = element.getAttribute("aria-labelledby")?.split(/\s+/) ?? [];
  const texts = ids.map((id) => document.getElementById(id)).map((each) => (each ? textOf(each) : ""));
  return texts.join(" ").trim() || undefined;
}

/** A text as it is read out: without what stands there for the eye alone, and what a window of this size leaves out. */
function textOf(element: Element, but = SILENT): string {
  const parts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, (part) => {
    const isLeft = !(part instanceof Element) || (!part.matches(but) && isShown(part));
    return isLeft ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_REJECT;
  });
  const words: string[] = [];
  while (parts.nextNode()) if (parts.currentNode instanceof Text) words.push(parts.currentNode.data);
  return words.join(" ").replace(/\s+/g, " ").trim();
}

// A test's browser lays nothing out and does not know.
function isShown(element: Element): boolean {
  return element.checkVisibility?.({ visibilityProperty: true }) ?? true;
}
