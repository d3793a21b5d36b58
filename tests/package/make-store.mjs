// Makes the stores that an upgrade begins with, in tests/fixtures:
//
//     node tests/package/make-store.mjs [HUSTING]
//
// store-<version>.db.gz is what the program HUSTING (target/debug/husting) wrote, run once for each version
// that is given away and then kept as it is. store-before-search.db.gz is the same with the tables of
// migration 23: a store that always has something to be brought up to.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";

import { Agent } from "./harness/agent.mjs";
import { ready } from "./harness/ready.mjs";
import { FIXTURES, ROOT } from "./harness/places.mjs";

/**
 * Takes migrations 28 to 24 back. An engine that is older than the table of words cannot drop it, so it is taken out
 * of the schema by hand.
 */
const WITHOUT_SEARCH = `
import sqlite3, sys
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute("drop index calls_failed_drafts")
store.execute("drop index discord_questions_on_bus")
store.execute("drop index messages_of_broadcast")
store.execute("drop index messages_resting")
store.execute("create index messages_resting on messages (tenant_id, state, place) where state in ('unacknowledged', 'parked', 'held')")
for trigger in ("question_asked", "answer_given", "answer_kept_whole", "session_text_gone"):
    store.execute(f"drop trigger {trigger}")
shadows = [name for (name,) in store.execute("select name from sqlite_schema where name glob 'session_words_*' and type = 'table'")]
store.execute("pragma writable_schema = on")
store.execute("delete from sqlite_schema where name = 'session_words'")
store.execute("pragma writable_schema = reset")
for table in [*shadows, "session_texts"]:
    store.execute(f"drop table {table}")
store.execute("drop index discord_questions_warned")
store.execute("alter table discord_questions drop column warned")
store.execute("delete from _sqlx_migrations where version >= 24")
store.execute("vacuum")
store.close()
`;

const [program = join(ROOT, "target/debug/husting")] = process.argv.slice(2);
const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), "husting-store."));
const env = { PATH: process.env.PATH, HOME: folder, HUSTING_HOME: join(folder, "home"), HUSTING_SECRETS: "memory", HUSTING_LISTEN: "127.0.0.1:0" };

/** @param {string[]} args */
const husting = async (...args) => (await run(program, args, { env, cwd: folder })).stdout;

/** @param {string[]} args */
const told = async (...args) => JSON.parse(await husting("--json", ...args));

try {
  await live();
  const version = (await husting("--version")).trim().split(" ").at(-1);
  const file = join(folder, "copy.db");
  await husting("backup", file);
  await keep(file, `store-${version}`);
  await run("python3", ["-c", WITHOUT_SEARCH, file]);
  await keep(file, "store-before-search");
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** A day with Husting: agents that write to each other, a panel of two rounds, money. */
async function live() {
  const readyFile = join(folder, "ready");
  const served = spawn(program, ["serve", "--no-link", "--ready-file", readyFile], { env, cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  try {
    const address = await ready(readyFile);
    await husting("wallet", "top-up", "--usd", "5");
    const charter = join(folder, "charter.md");
    await writeFile(charter, "You look after the seeds of the library.\n");
    const bruno = await Agent.come(address, (await told("agent", "mint", "bruno-voice", "--preset", "full", "--charter", charter)).raw_token);
    const ada = await Agent.come(address, (await told("agent", "mint", "ada", "--preset", "member")).raw_token);
    await husting("deliberate", "Should a village library lend seeds?", "--rounds", "2", "--recap");
    await bruno.calls("send", { to: "ada", text: "The beans of last autumn are dry. Who labels them?", request_id: "labels" });
    await ada.calls("inbox");
    await ada.calls("send", { to: "bruno-voice", text: "I do, on Thursday. {ack_for:labels}" });
    await ada.calls("remember", { text: "Beans keep for three years." });
    await ada.calls("send", { to: "operator", text: "We need two hundred envelopes." });
    await husting("bus", "send", "bruno-voice", "The envelopes are ordered.");
    await husting("agent", "mint", "short-lived");
    await husting("agent", "revoke", "short-lived", "--yes");
  } finally {
    const exit = once(served, "exit");
    served.kill("SIGTERM");
    await exit;
  }
}

/** @param {string} file @param {string} name */
async function keep(file, name) {
  const packed = gzipSync(await readFile(file), { level: 9 });
  await writeFile(join(FIXTURES, `${name}.db.gz`), packed);
  console.log(`tests/fixtures/${name}.db.gz: ${packed.length} bytes`);
}
