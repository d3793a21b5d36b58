// What stands on the page by role and name, as assistive technology would find it. The functions
// below run in the page: they are sent there as text.

const SELECTORS = {
  button: "button, [role=button], summary",
  link: "a[href]",
  textbox: "textarea, input:not([type=checkbox], [type=radio]), [contenteditable=true]",
  checkbox: "input[type=checkbox], [role=checkbox], [role=switch]",
  tab: "[role=tab]",
  row: "[role=row], tr",
  region: "[role=region], section[aria-label], section[aria-labelledby]",
  dialog: "dialog[open], [role=dialog]",
  heading: "h1, h2, h3",
  alert: "[role=alert]",
  article: "article",
};

/** @typedef {keyof typeof SELECTORS} Role */

const NAME = `
  const words = (element) => (element?.innerText ?? element?.textContent ?? "").replace(/\\s+/g, " ").trim();
  const nameOf = (element) =>
    element.getAttribute("aria-label") ||
    (element.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean).map((id) => words(document.getElementById(id))).join(" ") ||
    (element.labels?.length ? [...element.labels].map(words).join(" ") : "") ||
    words(element) || element.getAttribute("title") || "";
`;

/** Gives the first element that is seen and whose name begins with `arguments[1]`, or null. */
export const FIND = `
  ${NAME}
  const selectors = ${JSON.stringify(SELECTORS)};
  return [...document.querySelectorAll(selectors[arguments[0]])]
    .find((element) => element.checkVisibility({ checkVisibilityCSS: true }) && nameOf(element).startsWith(arguments[1])) ?? null;
`;

/** Gives the name of what has the focus. */
export const FOCUSED = `
  ${NAME}
  const focused = document.activeElement;
  return focused && focused !== document.body ? nameOf(focused) : "";
`;

/** Whether the words of `arguments[0]` are on the page. */
export const SHOWS = `
  // Parts of one sentence that stand in boxes of their own are lines of their own here.
  const shown = (document.body.innerText ?? "").replace(/\\s+/g, " ").replaceAll(" ,", ",");
  return shown.includes(arguments[0].replace(/\\s+/g, " ")) ? true : null;
`;

/**
 * Returns once `arguments[0]` has been drawn twice at one place, since a click is aimed at where it was: whether
 * it is still in the page. A hidden window draws nothing.
 */
export const STILL = `
  const element = arguments[0];
  const place = () => Object.values(element.getBoundingClientRect().toJSON()).join();
  return document.hidden || new Promise((still) => {
    let before = "";
    const look = () => {
      const now = place();
      if (now === before || !element.isConnected) return still(element.isConnected);
      before = now;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
`;
