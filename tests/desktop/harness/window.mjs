// The real window, driven from outside: opened, looked at, typed into, pictured, closed.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { By, Capabilities, Key, WebDriver, until as becomes } from "selenium-webdriver";
// @ts-expect-error the package ships this module, its types do not
import { Executor, HttpClient } from "selenium-webdriver/http/index.js";

import { startDriver } from "./driver.mjs";
import { within } from "./patience.mjs";

/** @typedef {import("selenium-webdriver").WebElement} WebElement */

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** The window's executable; `HUSTING_DESKTOP` names another build. */
export const BINARY = process.env.HUSTING_DESKTOP ?? join(ROOT, "target/debug/husting-desktop");

/** Where pictures of the window go; not part of the repository. */
export const PICTURES = join(ROOT, ".dev/pictures");

/** The longest one step may take, in milliseconds. */
const STEP = 15_000;

/**
 * Opens the window on a data folder of its own, unless `home` names one.
 * @param {{ home?: string, env?: NodeJS.ProcessEnv, args?: string[] }} [options]
 */
export async function openWindow({ home, env = {}, args = [] } = {}) {
  const folder = home ?? (await mkdtemp(join(tmpdir(), "husting-window.")));
  const driver = await startDriver({ HUSTING_HOME: folder, ...env });
  try {
    const session = await within(2 * STEP, "the window to open", connect(driver.url, args));
    return new Window(session, driver, folder, home === undefined);
  } catch (error) {
    await driver.stop();
    if (home === undefined) await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * A session without a browser's name, which selenium's builder would insist on.
 * @param {string} url
 * @param {string[]} args
 */
async function connect(url, args) {
  const wanted = new Capabilities();
  wanted.set("webkitgtk:browserOptions", { binary: BINARY, args });
  const session = WebDriver.createSession(new Executor(new HttpClient(url)), wanted);
  await session.getSession();
  return session;
}

/** One open window. Every method gives up after a limit and says what it waited for. */
export class Window {
  #driver;
  #throwaway;

  /**
   * @param {WebDriver} page
   * @param {import("./driver.mjs").Driver} driver
   * @param {string} home
   * @param {boolean} throwaway whether `home` goes with the window
   */
  constructor(page, driver, home, throwaway) {
    this.page = page;
    this.home = home;
    this.#driver = driver;
    this.#throwaway = throwaway;
  }

  /**
   * The first element matching `css`, as soon as it is shown.
   * @param {string} css
   * @returns {Promise<WebElement>}
   */
  async find(css) {
    const element = await within(STEP + 1_000, css, this.page.wait(becomes.elementLocated(By.css(css)), STEP, css));
    await within(STEP + 1_000, css, this.page.wait(becomes.elementIsVisible(element), STEP, `${css} to be seen`));
    return element;
  }

  /**
   * The innermost element whose own text contains `text`, as soon as it is shown.
   * @param {string} text
   */
  async findText(text) {
    const own = `//body//*[text()[contains(normalize-space(.), ${JSON.stringify(text)})]]`;
    const what = `the text "${text}"`;
    return within(STEP + 1_000, what, this.page.wait(becomes.elementLocated(By.xpath(own)), STEP, what));
  }

  /**
   * Evaluates `script` in the page.
   * @template T
   * @param {string} script a function body; its arguments are `arguments`
   * @param {unknown[]} values
   * @returns {Promise<T>}
   */
  async evaluate(script, ...values) {
    return within(STEP, "the page to evaluate a script", this.page.executeScript(script, ...values));
  }

  /**
   * Presses keys one after the other, each given as `a`, `Enter`, `Control+k`, `Control+Shift+Tab`.
   * @param {string[]} chords
   */
  async press(...chords) {
    for (const chord of chords) {
      const keys = chord === "+" ? ["+"] : chord.split("+").map(keyOf);
      const actions = this.page.actions();
      for (const key of keys) actions.keyDown(key);
      for (const key of keys.reverse()) actions.keyUp(key);
      await within(STEP, `the key ${chord}`, actions.perform());
    }
  }

  /**
   * Types into whatever has the focus.
   * @param {string} text
   */
  async type(text) {
    await within(STEP, "typing", this.page.actions().sendKeys(text).perform());
  }

  /** Empties the focused field by keys: the driver's *Clear* fires no `input` event in WebKit. */
  async emptyField() {
    await this.press("Control+a", "Backspace");
  }

  /**
   * Gives the window a size, in CSS pixels.
   * @param {number} width
   * @param {number} height
   */
  async resize(width, height) {
    await within(STEP, "the window's size", this.page.manage().window().setRect({ width, height }));
  }

  /** Returns once the page as it is now has been drawn. */
  async painted() {
    await this.evaluate(
      "return new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))",
    );
  }

  /**
   * Keeps a picture of the page as `NAME.png` and gives its path.
   * @param {string} name
   */
  async picture(name) {
    await this.painted();
    const path = join(PICTURES, `${name}.png`);
    const image = await within(STEP, `the picture ${name}`, this.page.takeScreenshot());
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, image, "base64");
    return path;
  }

  /** Closes the window and ends its driver; a throwaway home goes with it. */
  async close() {
    try {
      await within(STEP, "the window to close", this.page.quit());
    } finally {
      await this.#driver.stop();
      if (this.#throwaway) await rm(this.home, { recursive: true, force: true });
    }
  }
}

/** @param {string} name */
function keyOf(name) {
  if (name.length === 1) return name;
  const key = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (Key))[name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase()];
  if (typeof key !== "string") throw new Error(`no key is called ${name}`);
  return key;
}
