// What a screen reader meets on a page, in its order.

import type { Locator, Page } from "@playwright/test";

/** One thing that is met. */
interface Met {
  role: string;
  name: string;
  level: number | null;
}

/** What one jumps between, and what speaks up by itself. */
const STOPS = ["alert", "article", "complementary", "contentinfo", "dialog", "form", "grid", "group", "heading", "list", "listbox", "log", "main", "navigation", "note", "progressbar", "radiogroup", "region", "search", "status", "table", "tablist", "tabpanel", "toolbar"];
/** Those that say nothing without a name. */
const UNNAMED = ["form", "group", "list", "radiogroup", "region", "table", "grid", "tabpanel", "article"];
const CONTROLS = ["button", "checkbox", "combobox", "link", "menuitem", "option", "radio", "searchbox", "slider", "spinbutton", "switch", "tab", "textbox"];

/** Landmarks, headings, tables and live regions, one line each: `heading 2 “Lately”`. */
export async function stops(root: Page | Locator): Promise<string[]> {
  const met = await tree(root);
  return met.filter(({ role, name }) => STOPS.includes(role) && (name !== "" || !UNNAMED.includes(role))).map(line);
}

/** What is wrong with the tree of any screen: controls without a name, levels that are skipped, headings of a screen that are not one. */
export async function faults(page: Page): Promise<string[]> {
  const met = await tree(page);
  const nameless = met.filter(({ role, name }) => CONTROLS.includes(role) && name === "").map(({ role }) => `a ${role} has no name`);
  const levels = met.filter(({ role }) => role === "heading").map(({ level }) => level ?? 0);
  const skipped = levels.flatMap((level, at) => (level > (levels[at - 1] ?? 0) + 1 ? [`a heading of level ${level} follows one of level ${levels[at - 1] ?? 0}`] : []));
  const first = levels.filter((level) => level === 1).length;
  return [...nameless, ...skipped, ...(first === 1 ? [] : [`${first} headings of level 1`])];
}

/** The accessibility tree as the browser has it, flat. */
async function tree(root: Page | Locator): Promise<Met[]> {
  const locator = "locator" in root && "goto" in root ? root.locator("body") : (root as Locator);
  const snapshot = await locator.ariaSnapshot();
  const lines = snapshot.split("\n").map((line) => /^\s*- '?(?<role>[a-z]+)(?: "(?<name>(?:[^"\\]|\\.)*)")?(?<marks>(?: \[[^\]]*\])*)/.exec(line)?.groups);
  return lines.flatMap((groups) => (groups ? [{ role: groups.role ?? "", name: groups.name ?? "", level: Number(/level=(\d)/.exec(groups.marks ?? "")?.[1]) || null }] : []));
}

function line({ role, name, level }: Met): string {
  return [role, level, name && `“${name}”`].filter(Boolean).join(" ");
}
