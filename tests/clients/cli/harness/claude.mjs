// Claude Code with a home of its own and no account, its model played by aimock.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ClaudeModel } from "./claude-model.mjs";
import { installed, run } from "./programs.mjs";

const CLAUDE = installed("claude");

/** One user's Claude Code. */
export class Claude {
  /** @param {string} folder @param {ClaudeModel} model */
  constructor(folder, model) {
    this.folder = folder;
    this.model = model;
    this.project = join(folder, "project");
    /** Where the file of the bus stands: in the project, which Claude Code reads by itself. */
    this.file = join(this.project, ".mcp.json");
  }

  static client = /** @type {const} */ ("claude-code");

  static async sitDown() {
    const claude = new Claude(await mkdtemp(join(tmpdir(), "husting-claude.")), await ClaudeModel.start());
    await mkdir(join(claude.folder, ".claude"));
    await mkdir(claude.project);
    // A person is asked once whether a project's server may be used; this is what their yes leaves behind.
    await writeFile(join(claude.folder, ".claude/settings.json"), JSON.stringify({ enabledMcpjsonServers: ["sos"] }));
    return claude;
  }

  /**
   * A headless turn, and everything that Claude Code tells of it.
   * @param {{ env?: NodeJS.ProcessEnv, before?: string[], limit?: number }} more `before` stands before the command
   */
  async turn({ env = {}, before = [], limit } = {}) {
    const args = ["--mcp-config", this.file, "--strict-mcp-config", "--allowedTools", "mcp__sos", "--output-format", "stream-json", "--verbose"];
    const ended = await this.#run([...before, CLAUDE, ...args, "-p", "Do it."], env, limit);
    const told = ended.stdout.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    const opening = told.find(({ type, subtype }) => type === "system" && subtype === "init");
    const result = told.find(({ type }) => type === "result");
    return { ...ended, told, server: opening?.mcp_servers?.find((/** @type {any} */ server) => server.name === "sos"), said: result?.result };
  }

  /** What one of its own commands prints. @param {string[]} args */
  async command(...args) {
    return this.#run([CLAUDE, ...args], {});
  }

  async getUp() {
    await this.model.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 }); // what was killed may still be writing
  }

  /** @param {string[]} command @param {NodeJS.ProcessEnv} more @param {number} [limit] */
  async #run(command, more, limit) {
    const env = {
      PATH: process.env.PATH,
      HOME: this.folder,
      LANG: "C.UTF-8",
      ANTHROPIC_BASE_URL: this.model.address,
      ANTHROPIC_API_KEY: "x",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_UPDATES: "1",
      ...more,
    };
    return run(command, { env, cwd: this.project, ...(limit && { limit }) });
  }
}
