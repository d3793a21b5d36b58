// Codex with a home of its own and no account, its model played by a stand-in.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { installed, run } from "./programs.mjs";
import { CodexModel } from "./responses-stand-in.mjs";

const CODEX = installed("codex");
const PROFILE = "scout";

/** One user's Codex. */
export class Codex {
  /** @param {string} folder @param {CodexModel} model */
  constructor(folder, model) {
    this.folder = folder;
    this.model = model;
    this.project = join(folder, "project");
    /** Where the file of the bus stands: a profile, which `codex -p` lays over the user's own file. */
    this.file = join(folder, "codex", `${PROFILE}.config.toml`);
  }

  static client = /** @type {const} */ ("codex");

  static async sitDown() {
    const codex = new Codex(await mkdtemp(join(tmpdir(), "husting-codex.")), await CodexModel.start());
    await mkdir(join(codex.folder, "codex"));
    await mkdir(codex.project);
    await writeFile(join(codex.folder, "codex/config.toml"), usersFile(codex.model.address));
    return codex;
  }

  /**
   * A headless turn.
   * @param {{ env?: NodeJS.ProcessEnv, before?: string[], limit?: number, required?: boolean, args?: string[] }} more
   *   `before` stands before the command; `required`: it is not to begin without the bus
   */
  async turn({ env = {}, before = [], limit, required = true, args = [] } = {}) {
    const settings = ['mcp_servers.sos.default_tools_approval_mode="approve"', ...(required ? ["mcp_servers.sos.required=true"] : [])];
    const words = ["exec", "-p", PROFILE, "--skip-git-repo-check", ...args, ...settings.flatMap((setting) => ["-c", setting])];
    return this.#run([...before, CODEX, ...words, "Do it."], env, limit);
  }

  /** What one of its own commands prints. @param {string[]} args */
  async command(...args) {
    return this.#run([CODEX, ...args], {});
  }

  async getUp() {
    await this.model.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 }); // what was killed may still be writing
  }

  /** @param {string[]} command @param {NodeJS.ProcessEnv} more @param {number} [limit] */
  async #run(command, more, limit) {
    const env = { PATH: process.env.PATH, HOME: this.folder, LANG: "C.UTF-8", CODEX_HOME: join(this.folder, "codex"), STAND_IN_KEY: "x", ...more };
    return run(command, { env, cwd: this.project, ...(limit && { limit }) });
  }
}

/** A user's own settings: the model on this machine, and nobody else called. @param {string} address */
const usersFile = (address) => `model = "stand-in"
model_provider = "stand-in"
check_for_update_on_startup = false

[model_providers.stand-in]
name = "stand-in"
base_url = "${address}/v1"
wire_api = "responses"
env_key = "STAND_IN_KEY"
request_max_retries = 0
stream_max_retries = 0

[analytics]
enabled = false

[features]
apps = false
plugins = false
remote_plugin = false
`;
