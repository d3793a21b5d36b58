// The real window, driven from outside: opened, looked at, typed into, pictured, closed.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { By, Capabilities, error, Key, WebDriver, until as becomes } from "selenium-webdriver";
// @ts-expect-error the package ships this module, its types do not
import { Executor, HttpClient } from "selenium-webdriver/http/index.js";

import { startDriver } from "./driver.mjs";
import { FIND, FOCUSED, SHOWS, STILL } from "./names.mjs";
import { until, within } from "./patience.mjs";

/** @typedef {import("selenium-webdriver").WebElement} WebElement */

/** The repository. */
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** The window's executable; `HUSTING_DESKTOP` names another build. */
export const BINARY = process.env.HUSTING_DESKTOP ?? join(ROOT, "target/debug/husting-desktop");

/** Where pictures of the window go; not part of the repository. */
export const PICTURES = join(ROOT, ".dev/pictures");

/** The longest one step may take, in milliseconds. */
const STEP = 15_000;

/**
 * Opens the window on a data folder of its own, unless `home` names one.
 * @param {{ home?: string, env?: NodeJS.ProcessEnv, args?: string[], program?: string }} [options]
 *   `program`: what begins it, where that is not the window itself
 */
export async function openWindow({ home, env = {}, args = [], program = BINARY } = {}) {
  const folder = home ?? (await mkdtemp(join(tmpdir(), "husting-window.")));
  const driver = await startDriver({ HUSTING_HOME: folder, HUSTING_LISTEN: "127.0.0.1:0", ...env });
  try {
    const session = await within(2 * STEP, "the window to open", connect(driver.url, program, args));
    return new Window(session, driver, folder, home === undefined);
  } catch (fault) {
    await driver.stop();
    if (home === undefined) await rm(folder, { recursive: true, force: true });
    throw fault;
  }
}

/**
 * A session without a browser's name, which selenium's builder would insist on.
 * @param {string} url
 * @param {string} binary
 * @param {string[]} args
 */
async function connect(url, binary, args) {
  const wanted = new Capabilities();
  wanted.set("webkitgtk:browserOptions", { binary, args });
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
   * The first element matching `css`, as soon as it is shown and stands still.
   * @param {string} css
   * @returns {Promise<WebElement>}
   */
  async find(css) {
    const element = await within(STEP + 1_000, css, this.page.wait(becomes.elementLocated(By.css(css)), STEP, css));
    await within(STEP + 1_000, css, this.page.wait(becomes.elementIsVisible(element), STEP, `${css} to be seen`));
    await this.#isStill(element);
    return element;
  }

  /**
   * The first element of a role whose name begins with `name`, as soon as it is seen and stands still.
   * @param {import("./names.mjs").Role} role
   * @param {string} name
   * @returns {Promise<WebElement>}
   */
  async named(role, name) {
    return this.#waits(STEP, `the ${role} "${name}"`, async () => {
      const element = await this.evaluate(FIND, role, name);
      return element && (await this.#isStill(element)) ? element : undefined;
    });
  }

  /**
   * Returns once nothing of a role is seen under that name.
   * @param {import("./names.mjs").Role} role
   * @param {string} name
   */
  async gone(role, name) {
    const away = async () => ((await this.evaluate(FIND, role, name)) === null ? true : undefined);
    await this.#waits(STEP, `the end of the ${role} "${name}"`, away);
  }

  /**
   * Returns once the words are on the page.
   * @param {string} words
   * @param {number} limit milliseconds
   */
  async shows(words, limit = STEP) {
    await this.#waits(limit, `the words "${words}"`, async () => (await this.evaluate(SHOWS, words)) ?? undefined);
  }

  /**
   * Returns what `probe` gives, as soon as it gives anything.
   * @template T
   * @param {string} what
   * @param {() => Promise<T | undefined>} probe
   */
  async waits(what, probe) {
    return this.#waits(STEP, what, probe);
  }

  /** All words of the page. @returns {Promise<string>} */
  async words() {
    return this.evaluate("return document.body.innerText");
  }

  /**
   * Moves the focus by Tab until it is on what is called `name`.
   * @param {string} name
   */
  async tabTo(name) {
    for (let step = 0; step < 80; step += 1) {
      await this.press("Tab");
      if (String(await this.evaluate(FOCUSED)).startsWith(name)) return;
    }
    throw new Error(`Tab does not lead to "${name}"`);
  }

  /**
   * Returns once the focus is on what is called `name`.
   * @param {string} name
   */
  async focused(name) {
    const on = async () => (String(await this.evaluate(FOCUSED)).startsWith(name) ? true : undefined);
    await this.#waits(STEP, `the focus on "${name}"`, on);
  }

  /**
   * Runs a command of the console, as the page does.
   * @param {string} command
   * @param {unknown} args
   * @returns {Promise<any>}
   */
  async rpc(command, args = {}) {
    const answer = await this.evaluate(
      "return __TAURI_INTERNALS__.invoke('rpc', { request: arguments[0] }).then((ok) => ({ ok }), (error) => ({ error }))",
      { command, args },
    );
    if (answer.error) throw Object.assign(new Error(`${command}: ${JSON.stringify(answer.error)}`), answer.error);
    return answer.ok;
  }

  /**
   * Evaluates `script` in the page.
   * @param {string} script a function body; its arguments are `arguments`
   * @param {unknown[]} values
   * @returns {Promise<any>}
   */
  async evaluate(script, ...values) {
    return within(STEP, "the page to evaluate a script", this.page.executeScript(script, ...values));
  }

  /**
   * Clicks what hides the window or ends it. The driver answers a click once the page was drawn after
   * it, which then never happens: the caller waits for what the click does.
   * @param {string} name of the button
   */
  async clickAway(name) {
    const button = await this.named("button", name);
    void button.click().catch(() => undefined);
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
   * Presses keys that end the window, as `clickAway` clicks.
   * @param {string} chord
   */
  pressAway(chord) {
    void this.press(chord).catch(() => undefined);
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
    await this.press("Control+a", "BackSpace");
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

  /**
   * Returns once an element has stopped moving: whether it is still there. One that the page has thrown away is not.
   * @param {WebElement} element
   */
  async #isStill(element) {
    try {
      return Boolean(await this.evaluate(STILL, element));
    } catch (fault) {
      if (fault instanceof error.StaleElementReferenceError) return false;
      throw fault;
    }
  }

  /**
   * What did not come is answered with a picture of what was there instead.
   * @template T
   * @param {number} limit milliseconds
   * @param {string} what
   * @param {() => Promise<T | undefined>} probe
   */
  async #waits(limit, what, probe) {
    try {
      return await until(limit, what, probe);
    } catch (cause) {
      const name = what.replace(/[^a-z0-9]+/gi, "-").slice(0, 60);
      // Where the page itself is gone there is no picture, and the cause is all that tells.
      const shows = await this.picture(`failed/${name}`).then(
        (path) => `${path} shows what was there`,
        (fault) => `no picture was to be had (${fault})`,
      );
      throw new Error(`${what} did not come; ${shows}`, { cause });
    }
  }

  /** Ends the driver of a window that has ended by itself; its home stays. */
  async forget() {
    await this.#driver.stop();
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
