/** What takes the focus by itself. */
export const FOCUSED = "a[href], button, input, select, textarea, summary, [tabindex]";

/** Gives the focus to a control. One that stands below what is read first, as a sheet's foot and its acts do, moves nothing: the sheet stays at its top. */
export function focusOn(control: HTMLElement): void {
  control.focus({ preventScroll: control.closest("[data-read-first]") !== null });
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
