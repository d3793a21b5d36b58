// The fake Discord of `tests/support` as a child process.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { within } from "./patience.mjs";
import { ROOT } from "./window.mjs";

const BINARY = join(ROOT, "target/debug/fake-discord");

/** Starts a Discord with one server and two people in it; it ends with `stop`. */
export async function startDiscord() {
  const child = spawn(BINARY, [], { stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  const [line] = await within(10_000, "the fake Discord", once(createInterface(child.stdout), "line"));
  return new Discord(JSON.parse(line), async () => {
    process.off("exit", end);
    end();
    await exit;
  });
}

/** A running Discord. */
export class Discord {
  #origin;

  /**
   * @param {{ origin: string, api_base: string, gateway_url: string, token: string }} ready
   * @param {() => Promise<void>} stop
   */
  constructor({ origin, api_base, gateway_url, token }, stop) {
    this.#origin = origin;
    this.token = token;
    /** Leads a window to it. */
    this.env = { DISCORD_API_BASE: api_base, DISCORD_GATEWAY_URL: gateway_url };
    this.stop = stop;
  }

  /** How many bridges are connected now. @returns {Promise<number>} */
  async live() {
    return (await this.#world()).gateway.live;
  }

  /** The first channel. @returns {Promise<string>} its id */
  async channel() {
    return (await this.#world()).channels[0].id;
  }

  /**
   * Writes there as the first of the people.
   * @param {string} text
   */
  async say(text) {
    const { people, channels } = await this.#world();
    const person = people.find((/** @type {any} */ each) => !each.bot).id;
    await this.#act({ do: "say", person, channel: channels[0].id, text });
  }

  /**
   * Closes every connection.
   * @param {number} code Discord's close code
   */
  async close(code) {
    await this.#act({ do: "close", code });
  }

  /** @param {object} act */
  async #act(act) {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${this.#origin}/__act`, { method: "POST", headers, body: JSON.stringify(act) });
    if (!answer.ok) throw new Error(`the fake Discord refuses its orders: ${await answer.text()}`);
  }

  /** @returns {Promise<any>} */
  async #world() {
    return (await fetch(`${this.#origin}/__world`)).json();
  }
}
