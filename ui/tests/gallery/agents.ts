import type { FakePlatform } from "../fixtures/platform";
import { agent, agentPage, agents, denial, minted } from "../fixtures/agents";
import { plan, run, wake } from "../fixtures/runs";
import { target, wiringOf } from "../fixtures/wiring";

type Answers = NonNullable<ConstructorParameters<typeof FakePlatform>[1]>;

const lines = Array.from({ length: 60 }, (_, line) => `14:2${Math.floor(line / 10)}:0${line % 10} mcp__sos__inbox_wait ${line} of the Hamburg manifests\n`).join("");
const runs = [
  run({ how: "tmux", attach: "tmux -L husting attach -t =loom" }),
  run({ run_id: "run-0", cause: "mail", started_at: "2026-11-20T14:00:00Z", ended_at: "2026-11-20T14:01:00Z", exit: { kind: "code", code: 0 } }),
  run({ run_id: "run-9", cause: "restart", booted_at: null, started_at: "2026-11-20T13:00:00Z", ended_at: "2026-11-20T13:01:00Z", exit: { kind: "code", code: 127 }, gave_up: true, hindrance: "The program was not found." }),
];
const wired = [
  { client: "codex" as const, path: "/home/ada/.codex/loom.config.toml", written_at: "2026-11-20T12:00:00Z", state: "current" as const },
  { client: "claude-code" as const, path: "/home/ada/depot/hamburg/.mcp.json", written_at: "2026-11-04T12:00:00Z", state: "old_token" as const },
];

/** An agent that is wired and has run, to look at. */
export const agentAnswers: Answers = {
  get_agent: () => agentPage({ agent: agents[0] ?? agent("loom"), denials: [denial()], squads: ["sales"], wired, wake: { ...wake, rule: { ...wake.rule, on: true }, hindrance: "No command was confirmed yet." } }),
  list_runs: () => ({ runs }),
  get_run: ({ run_id }) => ({ run: runs.find((each) => each.run_id === run_id) ?? run(), text: lines, offset: 1_200 }),
  plan_run: ({ how }) => plan(how === "tmux" ? { attach: "tmux -L husting attach -t =loom", one_string: 'tmux new-session -d -s loom "claude --mcp-config …"' } : { warnings: ["The file changed since it was written."] }),
  mint_agent: ({ agent_name }) => minted(agent_name),
  show_wiring: (asked) => ({ ...wiringOf(asked), ...(asked.path ? { target: target({ path: asked.path, exists: true, other_servers: 2, git: "untracked" }) } : {}) }),
  write_wiring: ({ client, path }) => ({ client, path, backup: `${path}.before-husting`, other_servers: 2, replaced_anothers: false, git: "ignored" }),
};
