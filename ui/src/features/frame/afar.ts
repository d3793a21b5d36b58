import Settings2 from "@lucide/svelte/icons/settings-2";
import Wallet from "@lucide/svelte/icons/wallet";
import type { AgentView } from "../../generated/AgentView";
import { actions } from "../../keys/actions.svelte";
import type { Result } from "../../keys/palette.svelte";
import { m } from "../../messages";
import type { Console } from "../../state/console.svelte";
import { href, router, type Route } from "../../state/route.svelte";
import { offeredFor } from "../agents/offered";
import { writeTo } from "../bus/writing";
import type { SectionId } from "../settings/sections";
import { beginErrand } from "./errand.svelte";

/** An act of another screen, by what that screen calls it. */
interface Afar extends Pick<Result, "label" | "words" | "grave" | "icon" | "detail"> {
  action: string;
}

type FromAfar = Afar & Result;

const s = m.settings;

const OF_SCREENS: readonly FromAfar[] = [
  ofWallet({ action: "top-up", label: m.wallet.topUp, words: "money refill add" }),
  ofWallet({ action: "limit", label: m.wallet.raise, words: "month budget raise" }),
  ofWallet({ action: "auto", label: m.wallet.autoSet, words: "plan" }),
  ofWallet({ action: "export-ledger", label: m.wallet.exportCsv, words: "ledger save" }),
  ofSettings("providers", { action: "add-provider", label: s.providers.add, words: "key openai anthropic ollama connect" }),
  ofSettings("models", { action: "add-model", label: s.models.add, words: "price seat" }),
  ofSettings("keys", { action: "new-key", label: m.keys.make, words: "deliberation mmo_live rest mcp token" }),
  ofSettings("tenants", { action: "new-tenant", label: m.tenants.make, words: "tier" }),
  ofSettings("doctor", { action: "look", label: s.doctor.act, words: "doctor check problems" }),
  ofSettings("doctor", { action: "bundle", label: s.doctor.bundle, words: "diagnostics support log" }),
  ofSettings("storage", { action: "erase-all", label: s.storage.erase.open, words: "delete reset", grave: true }),
];

/**
 * Acts of the screens that one is not on. They come once something was typed: with nothing typed, the palette has
 * what holds here. One agent's acts come once their verb was begun, so that a name finds the agent itself.
 */
export function actsAfar(host: Console, typed: string): Result[] {
  const [verb = "", ...rest] = typed.trim().toLowerCase().split(/\s+/);
  if (verb === "") return [];
  const others = OF_SCREENS.filter(({ action }) => !actions.has(action));
  return [...others, ...(verb.length < LEAST ? [] : host.agents.list.flatMap((agent) => ofAgent(host, agent, verb, rest.length > 0)))];
}

/** Letters of a verb that leave it open: with one of them every agent would have an act that begins so. */
const LEAST = 3;

function ofAgent(host: Console, agent: AgentView, verb: string, isNamed: boolean): Result[] {
  const { id, model } = agent;
  if (router.current.place === "agent" && router.current.id === id) return [];
  // To write is meant for anybody until a name is begun.
  const begun = offeredFor(agent).filter((act) => act.label.toLowerCase().startsWith(verb) && (act.id !== "letter" || isNamed));
  return begun.map((act) => {
    const result = afar({ ...act, action: act.id, detail: model ?? undefined }, { place: "agent", id, tab: null });
    return act.id === "letter" ? { ...result, run: () => writeTo(host, agent) } : result;
  });
}

function ofWallet(act: Afar): FromAfar {
  return afar({ ...act, icon: Wallet, detail: m.frame.wallet }, { place: "wallet" });
}

function ofSettings(section: SectionId, act: Afar): FromAfar {
  return afar({ ...act, icon: Settings2, detail: m.frame.settings }, { place: "settings", section });
}

function afar(act: Afar, route: Route): FromAfar {
  return { ...act, id: `${act.action} ${href(route)}`, kind: "do", run: () => beginErrand(route, act.action) };
}
