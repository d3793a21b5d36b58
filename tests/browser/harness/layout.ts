// Whether a screen fits: nothing scrolls sideways that should not, no words are cut without a sign, no control is out of reach.

import type { Page } from "@playwright/test";

/** Everything that does not fit, in words; a rule each. */
export async function misfits(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const CONTROLS = "a[href], button, input, select, textarea, [role=tab], [role=switch], [role=checkbox], [role=radio], [tabindex='0']";
    const dialog = [...document.querySelectorAll<HTMLElement>("[role=dialog], [role=alertdialog], [role=menu], [role=search] > [role=group]")].at(-1);
    // In a narrow window it lies over the screen that it stands beside in a wide one.
    const drawer = [...document.querySelectorAll("aside")].find(({ parentElement }) => parentElement && getComputedStyle(parentElement).position === "absolute");
    const root = dialog ?? drawer ?? document.body;

    const named = (element: Element) => {
      const words = (element.getAttribute("aria-label") ?? element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 50);
      const classes = [...element.classList].filter((each) => !each.startsWith("svelte-")).join(".");
      return `${element.tagName.toLowerCase()}${classes ? `.${classes}` : ""} “${words}”`;
    };
    const style = (element: Element) => getComputedStyle(element);
    const around = (element: Element): Element[] => (element.parentElement ? [element.parentElement, ...around(element.parentElement)] : []);
    // Read out and not drawn, or the other way round.
    const isHeard = (element: Element) => element.closest(".skip, [aria-hidden=true], [inert], svg") !== null || [element, ...around(element)].some((each) => style(each).clipPath === "inset(50%)");
    const scrolls = (element: Element, axis: "x" | "y") => /auto|scroll/.test(axis === "x" ? style(element).overflowX : style(element).overflowY);

    const overflows = (element: Element, axis: "x" | "y") => scrolls(element, axis) && (axis === "x" ? element.scrollWidth > element.clientWidth : element.scrollHeight > element.clientHeight);
    const canComeTo = (element: Element) => around(element).some((each) => overflows(each, "x") || overflows(each, "y"));

    /** What is left of its box inside the window and whatever cuts it off. */
    const seen = (element: Element) => {
      let { left, top, right, bottom } = element.getBoundingClientRect();
      for (const each of around(element)) {
        if (each === document.documentElement) break;
        const frame = each.getBoundingClientRect();
        if (style(each).overflowX !== "visible") [left, right] = [Math.max(left, frame.left), Math.min(right, frame.right)];
        if (style(each).overflowY !== "visible") [top, bottom] = [Math.max(top, frame.top), Math.min(bottom, frame.bottom)];
      }
      return { left: Math.max(left, 0), top: Math.max(top, 0), right: Math.min(right, innerWidth), bottom: Math.min(bottom, innerHeight) };
    };

    for (const element of [document.documentElement, document.body, document.querySelector("main")]) {
      if (element && element.scrollWidth > element.clientWidth) found.push(`${named(element).slice(0, 20)} is ${element.scrollWidth - element.clientWidth} pixels too wide`);
    }

    // A person's own name may be longer than its screen.
    const title = document.querySelector("main h1.cut:not(:has(~ .beside > .named))");
    const beside = title?.parentElement?.querySelector(":scope > .beside")?.clientWidth ?? 0;
    if (title && title.scrollWidth > title.clientWidth && title.scrollWidth <= title.clientWidth + beside) found.push(`${named(title)} is cut before what stands beside it`);

    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const read = new Set<Element>();
    while (texts.nextNode()) {
      const node = texts.currentNode;
      const element = node.parentElement;
      if (!element || read.has(element) || isHeard(element) || !node.textContent?.trim() || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      read.add(element);
      const range = document.createRange();
      range.selectNodeContents(node);
      const words = range.getBoundingClientRect();
      if (words.width === 0) continue;
      for (const box of [element, ...around(element)]) {
        if (box === root.parentElement) break;
        const { overflowX, textOverflow, webkitLineClamp } = style(box) as CSSStyleDeclaration & { webkitLineClamp: string };
        const frame = box.getBoundingClientRect();
        if (scrolls(box, "x") || box.hasAttribute("data-more")) break;
        if (overflowX === "visible") continue;
        // What has no room goes to a line that is not seen.
        if (style(box).flexWrap === "wrap") break;
        const over = Math.max(words.right - frame.right, frame.left - words.left);
        const says = textOverflow === "ellipsis" || webkitLineClamp !== "none" || [box, ...around(box)].some((each) => each.hasAttribute("title") || each.hasAttribute("aria-label"));
        if (over > 1.5 && !says) {
          found.push(`words are cut: ${named(element)} by ${Math.round(over)} in ${named(box).slice(0, 40)}`);
          break;
        }
        if (frame.width < 12 && words.width > 12) {
          found.push(`nothing is left of ${named(element)}`);
          break;
        }
        if (over > 1.5) break;
      }
    }

    // A fade says that one can go on there.
    for (const [side, axis] of [["right", "x"], ["below", "y"]] as const)
      for (const box of root.querySelectorAll<HTMLElement>(`[data-more~="${side}"]`)) if (box.checkVisibility() && style(box).maskImage !== "none" && !scrolls(box, axis)) found.push(`fades and does not scroll: ${named(box)}`);

    // A name begins at the left, where its mark stands, whichever script it is in.
    for (const name of root.querySelectorAll<HTMLElement>(":is(b, h2, bdi).cut")) {
      if (!name.checkVisibility() || style(name).direction !== "rtl") continue;
      const range = document.createRange();
      range.selectNodeContents(name);
      const [words, box] = [range.getBoundingClientRect(), name.getBoundingClientRect()];
      if (words.width < box.width && words.left > box.left + 2) found.push(`away from its mark by ${Math.round(words.left - box.left)}: ${named(name)}`);
    }

    // Words that go from right to left and are cut end where they are cut, and lose nothing in their middle.
    for (const words of root.querySelectorAll<HTMLElement>(".said.cut")) {
      if (words.checkVisibility() && style(words).direction === "rtl" && style(words).whiteSpace === "nowrap") found.push(`cut in its middle: ${named(words)}`);
    }

    for (const control of root.querySelectorAll<HTMLElement>(CONTROLS)) {
      if (isHeard(control) || !control.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const box = control.getBoundingClientRect();
      if (box.width === 0 || box.height === 0) continue;
      const reached = (): string | null => {
        const { left, top, right, bottom } = seen(control);
        if (right - left < 4 || bottom - top < 4) return "nothing";
        const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        const isIt = !hit || control.contains(hit) || hit.contains(control) || hit.closest("label")?.contains(control) || control.closest("label")?.contains(hit);
        return isIt ? null : named(hit);
      };
      let above = reached();
      if (above && canComeTo(control)) {
        // What is scrolled out of its box is brought in first.
        control.scrollIntoView({ block: "center", inline: "center" });
        above = reached();
      }
      if (above === "nothing") found.push(`out of reach: ${named(control)}`);
      else if (above) found.push(`under something else: ${named(control)} under ${above}`);
    }
    return [...new Set(found)];
  });
}
