// A bare Debian 12 inside this machine: what is installed in it, who works in it, what stands in it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { until, within } from "../../desktop/harness/patience.mjs";
import { ROOT } from "./places.mjs";

/** The program that runs others in it. */
const PROGRAM = join(ROOT, "tests/package/bare-system");

/** Where it stands while a test runs. */
const FOLDER = join(ROOT, ".dev/package/system");

/** Of the person in it. */
export const HOME = "/home/person";

/** The longest that a command may take, in milliseconds; the packages' dependencies are fetched by one. */
const LIMIT = 280_000;

/** @typedef {{ code: number | null, stdout: string, stderr: string }} Ended */

/** What comes and goes with every package, or is nobody's to keep. */
const PASSING = ["/dev", "/home", "/proc", "/run", "/sys", "/tmp", "/var/cache", "/var/lib/apt", "/var/lib/dpkg", "/var/log"];

export class System {
  static async new() {
    await call(["new", FOLDER]);
    return new System();
  }

  /** The words that run a command in it. @param {string} user @param {string[]} command */
  static in(user, ...command) {
    return { program: PROGRAM, args: ["in", FOLDER, user, ...command] };
  }

  /** What a command of root prints; it must not fail. @param {string[]} command */
  async root(...command) {
    return call(["in", FOLDER, "root", ...command]);
  }

  /** The same of the person. @param {string[]} command */
  async person(...command) {
    return call(["in", FOLDER, "person", ...command]);
  }

  /** What became of a command of the person. @param {string[]} command @returns {Promise<Ended>} */
  async tried(...command) {
    return ended(["in", FOLDER, "person", ...command]);
  }

  /** What the command line tells as JSON. @param {string} home @param {string[]} words */
  async told(home, ...words) {
    return JSON.parse(await this.person("HUSTING_SECRETS=memory", "husting", "--json", "--home", home, ...words));
  }

  /** Puts a file in as somebody's. @param {string} user @param {string} path @param {Buffer} bytes */
  async put(user, path, bytes) {
    await call(["in", FOLDER, user, "sh", "-c", 'umask 077 && mkdir -p "$(dirname "$1")" && cat >"$1"', "put", path], bytes);
  }

  /** What `apt-get` says of what it did. @param {string[]} words */
  async apt(...words) {
    // Nothing here has to outlive a power cut.
    return this.root("apt-get", "--yes", "-o", "Dpkg::Options::=--force-unsafe-io", ...words);
  }

  /**
   * Starts something of the person's that lasts, at the longest as long as the test.
   * @param {import("node:test").TestContext} test
   * @param {string[]} command
   */
  begin(test, ...command) {
    const lasting = '"$@" & pid=$!; read -r _; kill -TERM "$pid"; wait "$pid"';
    const words = command.findIndex((word) => !/^[A-Z_]+=/.test(word));
    const args = [...command.slice(0, words), "sh", "-c", lasting, "begin", ...command.slice(words)];
    const child = spawn(PROGRAM, ["in", FOLDER, "person", ...args], { stdio: ["pipe", "ignore", "inherit"] });
    const exit = once(child, "exit");
    /** Ends it as a session's end does, and gives its exit code. @returns {Promise<number | null>} */
    const end = async () => {
      child.stdin.end();
      return (await within(10_000, `the end of ${command.slice(words).join(" ")}`, exit))[0];
    };
    test.after(end);
    return { end };
  }

  /** Waits for what a file of the person says. @param {string} path */
  async says(path) {
    return until(20_000, path, async () => {
      const { code, stdout } = await this.tried("cat", path);
      return code === 0 && stdout.trim() ? stdout : undefined;
    });
  }

  /** Returns once the command line is answered on a data folder. @param {string} home */
  async answers(home) {
    await until(30_000, "an answer to the command line", async () => {
      const { code } = await this.tried("HUSTING_SECRETS=memory", "husting", "--home", home, "session", "list");
      return code === 0 ? true : undefined;
    });
  }

  /** Whether something stands at a path. @param {string} path */
  async has(path) {
    return (await ended(["in", FOLDER, "root", "test", "-e", path])).code === 0;
  }

  /** Returns once nobody has the store of a data folder open. @param {string} home */
  async released(home) {
    await until(15_000, "the store's release", async () => {
      const { code } = await this.tried("flock", "--nonblock", `${home}/husting.lock`, "true");
      return code === 0 ? true : undefined;
    });
  }

  /**
   * All that stands in it but for what passes: kind, mode, owner and place of everything, what links point
   * to and what files hold.
   * @returns {Promise<string[]>}
   */
  async everything() {
    const passing = PASSING.flatMap((path) => ["-path", path, "-prune", "-o"]);
    const all = await this.root("find", "/", ...passing, "-printf", "%y %m %u:%g %p %l\\n");
    const files = await this.root("sh", "-c", 'find / "$@" -type f -print0 | xargs --null sha256sum', "files", ...passing);
    return [...all.split("\n"), ...files.split("\n")].filter(Boolean).sort();
  }

  async gone() {
    await call(["gone", FOLDER]);
  }
}

/** @param {string[]} words @param {Buffer} [input] */
async function call(words, input) {
  const { code, stdout, stderr } = await ended(words, input);
  if (code !== 0) throw new Error(`${words.join(" ")}: exit ${code}\n${stdout}${stderr}`);
  return stdout;
}

/** @param {string[]} words @param {Buffer} [input] @returns {Promise<Ended>} */
async function ended(words, input = Buffer.alloc(0)) {
  const child = spawn(PROGRAM, words, { timeout: LIMIT, killSignal: "SIGKILL" });
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code, stdout, stderr };
}
