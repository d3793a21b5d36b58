// The desktop around the window: it shows the tray's icon and notices, and does what a person does to
// the window from outside.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { until, within } from "./patience.mjs";
import { processOf } from "./process.mjs";
import { ROOT } from "./window.mjs";

const BINARY = join(ROOT, "target/debug/fake-desktop");
const ICONS = join(ROOT, "icons/tray");

/** The longest one answer may take, in milliseconds. */
const STEP = 15_000;

/** @typedef {{ label: string, enabled: boolean, checked: boolean | null }} Line */
/** @typedef {{ icon: string | null, menu: Line[] }} Shown */
/** @typedef {{ id: number, replaces: number, title: string, body: string, actions: string[] }} Notice */

/**
 * Starts a desktop on the session bus.
 * @param {{ tray?: boolean }} [options] `tray: false` shows no tray icons before `come`
 */
export async function startDesktop({ tray = true } = {}) {
  const child = spawn(BINARY, ["--icons", ICONS, ...(tray ? [] : ["--no-tray"])], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  await within(STEP, "the desktop", lines.next());
  return new FakeDesktop(child, lines);
}

/** A running desktop. */
export class FakeDesktop {
  #child;
  #lines;

  /**
   * @param {import("node:child_process").ChildProcessByStdio<import("node:stream").Writable, import("node:stream").Readable, null>} child
   * @param {AsyncIterator<string>} lines
   */
  constructor(child, lines) {
    this.#child = child;
    this.#lines = lines;
  }

  /** What the tray shows now. @returns {Promise<Shown | null>} */
  async tray() {
    return (await this.#ask({ ask: "tray" })).tray;
  }

  /**
   * Returns once the tray shows this icon, with the menu's lines.
   * @param {"idle" | "working" | "needs-you"} icon
   */
  async shows(icon) {
    return this.waits(`the icon ${icon}`, ({ icon: shown }) => shown === `${icon}.png`);
  }

  /**
   * Returns once the tray is as it is wanted.
   * @param {string} what
   * @param {(shown: Shown) => boolean} wanted
   * @returns {Promise<Line[]>} the menu's lines
   */
  async waits(what, wanted) {
    let last = "";
    try {
      return await until(STEP, what, async () => {
        const shown = await this.tray();
        last = JSON.stringify(shown);
        return shown && wanted(shown) ? shown.menu : undefined;
      });
    } catch (error) {
      throw new Error(`${what} did not come; the tray showed ${last}`, { cause: error });
    }
  }

  /** Clicks a line of the menu. @param {string} label how it begins */
  async click(label) {
    await this.#ask({ ask: "click", label });
  }

  /**
   * Returns the first notice with this title, once there is one.
   * @param {string} title
   * @returns {Promise<Notice>}
   */
  async notice(title) {
    return until(STEP, `the notice "${title}"`, async () => (await this.notices()).find((each) => each.title === title));
  }

  /** All that were sent. @returns {Promise<Notice[]>} */
  async notices() {
    return (await this.#ask({ ask: "notices" })).notices;
  }

  /** Clicks a notice. @param {number} id */
  async clickNotice(id) {
    await this.#ask({ ask: "click_notice", id });
  }

  /** Shows no tray icons from now on. */
  async leave() {
    await this.#ask({ ask: "leave" });
  }

  /** Shows them again. */
  async come() {
    await this.#ask({ ask: "come" });
  }

  /** Closes the window as its frame's cross does. @param {string} home */
  async closeWindow(home) {
    await this.#ask({ ask: "close", pid: await processOf(home) });
  }

  /**
   * Returns once the window is seen, or no longer.
   * @param {string} home
   * @param {boolean} shown
   */
  async window(home, shown) {
    const what = `the window to be ${shown ? "shown" : "hidden"}`;
    await until(STEP, what, async () => ((await this.isShown(home)) === shown ? true : undefined));
  }

  /** Whether the window is seen now. @param {string} home @returns {Promise<boolean>} */
  async isShown(home) {
    return (await this.#ask({ ask: "windows", pid: await processOf(home) })).windows > 0;
  }

  /** Ends it. */
  async stop() {
    const exit = once(this.#child, "exit");
    this.#child.stdin.end();
    await exit;
  }

  /** @param {object} question @returns {Promise<any>} */
  async #ask(question) {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value } = await within(STEP, JSON.stringify(question), this.#lines.next());
    const answer = JSON.parse(value);
    if (answer.failed) throw new Error(answer.failed);
    return answer;
  }
}
