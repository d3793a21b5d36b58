import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
// Read ahead: screens and sheets are otherwise read when they are first needed, which counts as waiting here.
import "../../src/components/SheetDialog.svelte";
import "../../src/features/agents/Agents.svelte";
import "../../src/features/agents/agent/Agent.svelte";
import "../../src/features/bus/Bus.svelte";
import "../../src/features/deliberations/NewDeliberation.svelte";
import "../../src/features/deliberations/session/Session.svelte";
import "../../src/features/discord/Discord.svelte";
import "../../src/features/frame/PlacesPalette.svelte";
import "../../src/features/settings/Settings.svelte";
import "../../src/features/wallet/Wallet.svelte";
import type { Commands } from "../../src/generated/commands";
import { undoLine } from "../../src/state/undo.svelte";
import { agent, agentPage, busOf, denial, messages } from "../fixtures/agents";
import { bridged, reply, servers, setup, stand, traffic, view } from "../fixtures/discord";
import { FakePlatform } from "../fixtures/platform";
import { liveRound } from "../fixtures/rounds";
import { run, wake } from "../fixtures/runs";
import { degradedRound, fromDiscord, steered } from "../fixtures/sessions";
import { summary } from "../fixtures/shared";
import { walletView } from "../fixtures/wallet";

vi.setConfig({ testTimeout: 45_000 });

/** How the palette leads to a use case. */
interface Way {
  /** Where one is. */
  at: string;
  /** What is typed. */
  type: string;
  /** What is chosen then, by its name. */
  choose: RegExp;
  /** What is on the screen then, to do it or to read it; where left out, the command itself is sent. */
  leads?: [role: string, name: RegExp];
}

const HALL = "#/hall";
const LOOM = "#/agents/a-loom";
const SESSION = "#/deliberations/s-pricing";
const LIVE = "#/deliberations/s-live";
const WORK = "#/discord";
const SETUP = "#/discord/setup";
const AUDIT = `${LOOM}/audit`;
const PARKED = "#/bus/all/3";
const settings = (section: string) => `#/settings/${section}`;

function way(at: string, type: string, choose: RegExp, leads?: Way["leads"]): Way {
  return { at, type, choose, leads };
}

/** Each use case of the console: the compiler says when one is missing. */
const WAYS: Record<keyof Commands, Way> = {
  snapshot: way(SETUP, "hall", /^Hall/, ["heading", /Hall/]),
  convene: way(HALL, "new deliberation", /^New deliberation/, ["button", /^Convene/]),
  append_round: way(SESSION, "prompt", /prompt/i, ["button", /Next round/]),
  retry_round: way("#/deliberations/s-failed", "retry", /^Retry/),
  stop_seat: way(LIVE, "stop gpt", /^Stop GPT-5.4/),
  cancel_round: way(LIVE, "cancel", /^Cancel round/),
  list_sessions: way(HALL, "deliberations", /^Deliberations/),
  search_passages: way(HALL, "forty pallets", /Forty pallets/, ["tab", /Answers/]),
  get_session: way(HALL, "pricing", /^Resolve the pricing model/),
  edit_session: way(SESSION, "title", /^Rename and tag/, ["textbox", /Title/]),
  delete_session: way("#/deliberations", "delete pricing", /^Delete/, ["textbox", /Type/]),
  export_session: way(SESSION, "export", /^Export: Record/),
  estimate: way(HALL, "new deliberation", /^New deliberation/),
  list_models: way(HALL, "models", /^Models and prices/, ["searchbox", /model/]),
  add_model: way(HALL, "add a model", /^Add a model/, ["textbox", /id/i]),
  edit_model: way(settings("models"), "offer gpt", /^Offer GPT-5.4/),
  remove_model: way(settings("models"), "take off gpt", /^Take off the list/),
  restore_model: way(settings("models"), "back on", /^Put GPT-3 back on the list/),
  set_price: way(settings("models"), "change gpt", /^Change/, ["dialog", /^Price of GPT-5.4/]),
  refresh_models: way(HALL, "add a model", /^Add a model/),
  set_default_panel: way(HALL, "default panel", /^Default panel/, ["button", /Add a bucket/]),
  list_providers: way(HALL, "providers", /^Providers and keys/, ["button", /Add a provider/]),
  add_provider: way(HALL, "add a provider", /^Add a provider/, ["button", /Add/]),
  replace_key: way(settings("providers"), "replace mistral", /^Replace/, ["heading", /key/i]),
  change_address: way(settings("providers"), "change address mistral", /^Change the address/, ["textbox", /Address/]),
  test_provider: way(settings("providers"), "test mistral", /^Test/),
  remove_provider: way(settings("providers"), "remove mistral", /^Remove/, ["dialog", /^Remove Mistral/]),
  choose_secrets: way(settings("providers"), "choose", /^Choose/, ["button", /^Try again/]),
  wallet: way(HALL, "wallet", /^Wallet/),
  ledger: way(HALL, "wallet", /^Wallet/),
  export_ledger: way(HALL, "export", /^Export CSV/),
  check_ledger: way("#/wallet", "check", /^Check now/),
  set_limit: way(HALL, "limit", /^Change the limit/, ["dialog", /^What may be spent/]),
  top_up: way(HALL, "top", /^Top up/, ["dialog", /^Top up the wallet/]),
  take_back: way("#/wallet", "take back", /^Take back/, ["dialog", /^Take back what/]),
  set_auto_refill: way(HALL, "refill", /^Auto-refill/, ["dialog", /^Auto-refill/]),
  list_keys: way(HALL, "deliberation keys", /^Deliberation keys/),
  create_key: way(HALL, "new key", /^New key/, ["dialog", /^New deliberation key/]),
  revoke_key: way(settings("keys"), "revoke laptop", /^Revoke/, ["dialog", /^Revoke laptop/]),
  write_recap: way(`${SESSION}/recap/1`, "write", /^Write (recap|again)/),
  write_synthesis: way(`${SESSION}/recap/1`, "synthesis", /^Write synthesis/, ["button", /synthesis/]),
  estimate_synthesis: way(`${SESSION}/recap/1`, "synthesis", /^Write synthesis/),
  list_agents: way(HALL, "agents", /^Agents/, ["heading", /Agents/]),
  list_tenant_agents: way(settings("tenants"), "agents of", /^Agents of local/),
  get_agent: way(SETUP, "loom", /^loom/),
  agent_spend: way(HALL, "agents", /^Agents/),
  list_notes: way(LOOM, "memory", /^Memory/),
  mint_agent: way(HALL, "mint", /^Mint an agent/, ["textbox", /Name/]),
  activate_agent: way(HALL, "activate", /^Activate athena/),
  edit_agent: way(LOOM, "charter", /^Edit/, ["dialog", /^Charter and model of loom/]),
  set_scope: way(HALL, "scope matrix", /^Scope matrix/, ["grid", /^Scopes of agents/]),
  disable_agent: way(HALL, "disable", /^Disable: loom/),
  enable_agent: way(HALL, "enable", /^Enable: night-watch/),
  rotate_agent: way(HALL, "rotate", /^Rotate: loom/, ["dialog", /^Rotate the token of loom/]),
  connector_token: way(SETUP, "token for", /^Token for a bridge elsewhere/, ["button", /Make the token/]),
  revoke_agent: way(HALL, "revoke", /^Revoke… loom/, ["textbox", /Type/]),
  list_clients: way(LOOM, "wire", /^Wire/),
  show_wiring: way(LOOM, "wire", /^Wire/),
  write_wiring: way(HALL, "mint", /^Mint an agent/, ["textbox", /Name/]),
  rewire_agent: way(LOOM, "wire", /^Wire/, ["dialog", /^Wire loom/]),
  unwire_agent: way(LOOM, "clients’ files", /^Take loom out of its clients/),
  plan_run: way(LOOM, "launch", /^Launch loom/),
  start_run: way(HALL, "launch", /^Launch loom/, ["button", /Launch|Start/]),
  stop_run: way(`${LOOM}/sessions/run-1`, "stop", /^Stop the program: loom/),
  list_runs: way(LOOM, "sessions", /^Sessions/),
  get_run: way(LOOM, "sessions", /^Sessions/),
  set_wake: way(`${LOOM}/sessions`, "mail arrives", /^Start it when mail arrives/),
  list_denials: way(SETUP, "hall", /^Hall/, ["button", /mcp:deliberate/]),
  decide_denial: way(HALL, "allow once", /^Allow once/),
  set_pause: way(HALL, "pause", /^Pause all/),
  stop_all: way(HALL, "stop everything", /^Stop everything/, ["button", /Stop/]),
  list_tenants: way(HALL, "tenants", /^Tenants and tiers/),
  put_tenant: way(HALL, "new tenant", /^New tenant/, ["textbox", /Id/]),
  create_tenant_token: way(settings("tenants"), "new token", /^New token/, ["button", /Make the token/]),
  list_messages: way(HALL, "bus", /^Bus/),
  message_histogram: way(HALL, "swim lanes", /^Swim lanes/),
  get_thread: way(HALL, "week’s letter", /^Draft the week/),
  write_message: way(HALL, "write", /^Write to agents/, ["textbox", /^Message/]),
  redeliver: way(PARKED, "redeliver", /^Redeliver/),
  withdraw: way(PARKED, "withdraw", /^Withdraw/),
  erase: way(PARKED, "erase", /^Erase words/, ["textbox", /Type/]),
  acknowledge: way("#/bus/all/6", "read", /^Mark as read/),
  list_squads: way(HALL, "squads", /^Squads/, ["heading", /Squads/]),
  add_member: way("#/bus/squads", "add archivist", /^Add archivist to sales/),
  remove_member: way("#/bus/squads", "remove loom", /^Remove loom/),
  list_audit: way(LOOM, "audit", /^Audit/),
  verify_audit: way(AUDIT, "verify", /^Verify/),
  accept_audit: way(AUDIT, "verify", /^Verify/, ["button", /Accept it as it stands/]),
  export_audit: way(AUDIT, "case file", /^Export case file/),
  discord: way(HALL, "discord", /^Discord/),
  list_traffic: way(HALL, "discord", /^Discord/),
  trace_question: way(WORK, "find by id", /^Find by id/, ["searchbox", /Find by id/]),
  list_said: way(HALL, "resolve the pricing", /^Resolve the pricing/),
  edit_discord: way(SETUP, "name", /^Agents under their own name/),
  test_discord: way(WORK, "check", /^Check the Discord/),
  forget_bot: way(SETUP, "forget", /^Forget/, ["button", /Forget/]),
  list_servers: way(HALL, "discord", /^Set up the Discord/),
  start_bridge: way(HALL, "discord", /^Start the Discord/),
  stop_bridge: way(HALL, "discord", /^Stop the Discord/),
  pause_bridge: way(HALL, "discord", /^Pause the Discord/),
  place_reply: way(WORK, "post here", /^Post here: #hq, to Kay/),
  dismiss_reply: way(WORK, "discard", /^Discard/),
  restore_reply: way(`${WORK}/life/r-8`, "take back", /^Take back loom’s reply/),
  retry_reply: way(WORK, "retry", /^Retry: loom/),
  retry_question: way(WORK, "retry", /^Retry: Kay/),
  release_question: way(WORK, "let go", /^Let go: Kay/),
  forget_standing_place: way(WORK, "forget", /^Forget the place of what kasra/),
  send_protocol: way(WORK, "how to answer", /^Explain to loom how to answer/),
  settings: way(HALL, "look", /^Look Settings/, ["radio", /^(Dark|Light|System)/]),
  edit_settings: way(HALL, "dark", /^Switch between dark and light/),
  draft: way(HALL, "new deliberation", /^New deliberation/),
  save_draft: way(HALL, "new deliberation", /^New deliberation/, ["textbox", /Question/]),
  storage: way(HALL, "storage", /^Storage/),
  backup: way(HALL, "backup", /^Backup/, ["button", /backup/i]),
  list_backups: way(HALL, "backup", /^Backup/, ["button", /^Restore/]),
  look_at_backup: way(HALL, "backup", /^Backup/, ["button", /^Restore/]),
  restore_backup: way(HALL, "backup", /^Backup/, ["button", /^Restore/]),
  erase_all: way(HALL, "erase all", /^Erase all data/, ["textbox", /Type/]),
  doctor: way(HALL, "look now", /^Look now/),
  diagnostics: way(HALL, "report", /^Save a report/),
};

/** A file that has the token of an agent that was revoked. */
const leftBehind = { client: "cursor" as const, path: "/home/kay/mcp.json", written_at: "2026-11-20T09:00:00Z", state: "old_token" as const };

/** A console with something of everything. */
function platform(command: keyof Commands): FakePlatform {
  const live = { ...steered([liveRound()]), summary: summary("s-live", "What runs?", { status: "streaming" }) };
  const failed = { ...steered([degradedRound()]), summary: summary("s-failed", "What failed?", {}) };
  const found = { session_id: "s-pricing", title: "Resolve the pricing model", round_index: 1, at: "2026-11-20T09:00:00Z", kind: "answer" as const, model: "gpt-5.4", before: "", hit: "Forty pallets", after: ".", sentence: "Forty pallets." };
  const snapshot = {
    ...bridged,
    denials: { denials: [denial()] },
    ...(command === "choose_secrets" ? { secrets: { state: "needs_choice" as const, system_words: "no keyring" } } : {}),
    ...(command === "activate_agent" ? { agents: bridged.agents.map((each) => (each.agent_name === "athena" ? { ...each, status: "inactive" as const } : each)) } : {}),
    ...(command === "unwire_agent" ? { agents: bridged.agents.map((each) => (each.agent_name === "loom" ? { ...each, status: "revoked" as const } : each)) } : {}),
    ...(command === "restore_model" ? { models: { ...bridged.models, removed: [{ id: "gpt-3", provider: "openai", display_name: "GPT-3" }] } } : {}),
    ...(command === "start_bridge" ? { discord: stand({ bridge: { state: "off" } }) } : {}),
  };
  return new FakePlatform(snapshot, {
    get_session: ({ session_id }) => (session_id === "s-live" ? live : session_id === "s-failed" ? failed : command === "list_said" ? fromDiscord() : steered()),
    search_passages: () => ({ passages: [found] }),
    get_agent: ({ agent_id }) => agentPage({ agent: snapshot.agents.find(({ id }) => id === agent_id) ?? agent("loom"), wake, ...(command === "unwire_agent" ? { wired: [leftBehind] } : {}) }),
    list_messages: busOf(messages),
    get_thread: () => ({ messages: [messages[2]!], more: false }),
    list_runs: () => ({ runs: [run()] }),
    verify_audit: () => ({ ok: false, chains: [{ tenant_id: "local", ok: false, rows: 3, fault: "row 2 was changed" }], sealing: { state: "not_yet" } }) as never,
    discord: () =>
      view({
        stand: snapshot.discord,
        setup: setup({ standing_places: [{ agent: "kasra", channel_id: "1", channel_name: "#hq" }] }),
        resting: [...view().resting, reply("r-9", { state: "parked", fault: "Discord was away." })],
      }),
    trace_question: () => ({ question: reply("r-8", { state: "dismissed", posted: 0 }), followed_by: [] }),
    list_traffic: () => ({ traffic, next: null }),
    list_servers: () => servers,
    wallet: () => ({ ...walletView, returnable: 5_000_000, buckets: walletView.buckets.map((bucket) => (bucket.account === "refill" ? { ...bucket, balance: 5_000_000, used: true } : bucket)) }),
  });
}

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  undoLine.dismiss();
  location.hash = "";
});

/** What is typed is typed again until it finds something: a screen may still be on its way. Not sooner than a search that waits for the end of typing has had its time. */
const TYPED_AGAIN_MS = 2_000;

async function found(type: string, choose: RegExp): Promise<HTMLElement> {
  const input = await screen.findByRole("combobox", { name: "Go to, or do" });
  let typed = -Infinity;
  return waitFor(
    async () => {
      if (performance.now() - typed > TYPED_AGAIN_MS) {
        await fireEvent.input(input, { target: { value: "" } });
        await fireEvent.input(input, { target: { value: type } });
        typed = performance.now();
      }
      const list = within(screen.getByRole("listbox", { name: "Go to, or do" }));
      const fitting = list.getAllByRole("option").find((each) => choose.test(each.textContent?.replace(/\s+/g, " ").trim() ?? ""));
      if (!fitting) throw new Error(`“${type}” finds only: ${list.getAllByRole("option").map((each) => each.textContent).join(" | ")}`);
      return fitting;
    },
    { interval: 100 },
  );
}

test.each(Object.entries(WAYS) as [keyof Commands, Way][])("%s is reached from the palette", async (command, { at, type, choose, leads }) => {
  const host = platform(command);
  location.hash = at;
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform: host });
  await screen.findByRole("navigation", { name: "Places" });
  await fireEvent.keyDown(document.body, { key: "k", ctrlKey: true });
  const before = host.calls.length;
  await fireEvent.click(await found(type, choose));
  if (leads) await screen.findAllByRole(leads[0], { name: leads[1] });
  else await waitFor(() => expect(host.calls.slice(before).map((call) => call.command)).toContain(command));
});
