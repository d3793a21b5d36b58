/** What takes the focus by itself. */
export const FOCUSED = "a[href], button, input, select, textarea, summary, [tabindex]";
/** Of that, what the Tab key comes to. */
export const REACHED = `:is(${FOCUSED}):not(:disabled, [tabindex="-1"])`;

/**
 * Gives the focus to a control. One that stands below what is read first, as a sheet's foot and its acts do, moves nothing: the sheet
 * stays at its top; where the control is out of sight there, the sheet has the focus, whose keys scroll to it.
 */
export function focusOn(control: HTMLElement): void {
  const isBelow = control.closest("[data-read-first]") !== null;
  const sheet = isBelow ? control.closest<HTMLElement>("[role=dialog]") : null;
  if (sheet && isUnseen(control, sheet)) sheet.focus({ preventScroll: true });
  else control.focus({ preventScroll: isBelow });
}

/** It stands under the acts, which stay at the sheet's lower edge in a low window, or below that edge. */
export function isUnseen(control: HTMLElement, sheet: HTMLElement): boolean {
  const acts = [...sheet.querySelectorAll("[data-read-first]")].at(-1);
  return acts !== undefined && !acts.contains(control) && control.getBoundingClientRect().bottom > acts.getBoundingClientRect().top + 1;
}

/**
 * Gives the focus to a row that its list has scrolled to. In a low window the screen scrolls as well, and the list alone
 * does not bring it into sight.
 */
export function focusRow(row: HTMLElement): void {
  row.focus({ preventScroll: true });
  row.scrollIntoView?.({ block: "nearest" });
}

/** Shows where the focus was brought, also to whoever pressed with a pointer: without this only a field would show it then. */
export function showFocus(control: HTMLElement): void {
  control.dataset.shown = "";
  control.addEventListener("blur", () => delete control.dataset.shown, { once: true });
}

/** Gives the focus to a box that is only read, while it has more than it shows: its keys scroll it; an attachment. */
export function scrolledByKeys(name: string): (box: HTMLElement) => () => void {
  return (box) => {
    const look = () => {
      const more = box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1;
      const wanted = more && box.querySelector(FOCUSED) === null;
      if (wanted === (box.getAttribute("tabindex") === "0")) return;
      // What has the focus keeps it.
      if (!wanted && box === document.activeElement) return;
      for (const [attribute, value] of Object.entries({ tabindex: "0", role: "group", "aria-label": name })) {
        if (wanted) box.setAttribute(attribute, value);
        else box.removeAttribute(attribute);
      }
    };
    const sizes = new ResizeObserver(look);
    const contents = new MutationObserver(look);
    sizes.observe(box);
    contents.observe(box, { childList: true, subtree: true });
    look();
    return () => {
      sizes.disconnect();
      contents.disconnect();
    };
  };
}
