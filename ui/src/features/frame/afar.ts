import Settings2 from "@lucide/svelte/icons/settings-2";
import Wallet from "@lucide/svelte/icons/wallet";
import type { AgentView } from "../../generated/AgentView";
import { actions } from "../../keys/actions.svelte";
import { phraseOf } from "../../keys/match";
import type { Result } from "../../keys/palette.svelte";
import { m } from "../../messages";
import type { Console } from "../../state/console.svelte";
import { href, router, type Route } from "../../state/route.svelte";
import { modelOf } from "../agents/model";
import { offeredFor } from "../agents/offered";
import { writeTo } from "../bus/writing";
import type { SectionId } from "../settings/sections";
import { beginErrand } from "./errand.svelte";
import { screenActs, type ScreenAct } from "./screen-acts";

/** An act of another screen, by what that screen calls it. */
interface Afar extends ScreenAct, Pick<Result, "icon" | "detail"> {}

interface FromAfar extends Result {
  /** By what its screen calls it. */
  action: string;
}

const OF_SCREENS: readonly FromAfar[] = [
  ofWallet(screenActs.topUp),
  ofWallet(screenActs.takeBack),
  ofWallet(screenActs.limit),
  ofWallet(screenActs.autoRefill),
  ofWallet(screenActs.exportLedger),
  ofSettings("providers", screenActs.addProvider),
  ofSettings("models", screenActs.addModel),
  ofSettings("keys", screenActs.newKey),
  ofSettings("tenants", screenActs.newTenant),
  ofSettings("doctor", screenActs.doctor),
  ofSettings("doctor", screenActs.bundle),
  ofSettings("storage", screenActs.eraseAll),
];

/**
 * Acts of the screens that one is not on. They come once something was typed: with nothing typed, the palette has
 * what holds here. One agent's acts come once their verb was begun, so that a name finds the agent itself.
 */
export function actsAfar(host: Console, typed: string): Result[] {
  const [verb = "", ...named] = phraseOf(typed).split(" ");
  if (verb === "") return [];
  const others = OF_SCREENS.filter(({ action }) => !actions.has(action));
  return [...others, ...(verb.length < LEAST ? [] : host.agents.list.flatMap((agent) => ofAgent(host, agent, verb, named)))];
}

/** Letters of a verb that leave it open: with one of them every agent would have an act that begins so. */
const LEAST = 3;

function ofAgent(host: Console, agent: AgentView, verb: string, named: string[]): Result[] {
  const { id, agent_name } = agent;
  const isNamed = named.some((word) => agent_name.split("-").some((part) => part.startsWith(word)) || agent_name.startsWith(word));
  const phrase = [verb, ...named].join(" ");
  const model = agent.model === null ? undefined : modelOf(host, agent);
  if (router.current.place === "agent" && router.current.id === id) return [];
  // To write is meant for anybody until a name is begun.
  const begun = offeredFor(agent).filter(({ id, label, words = "" }) => {
    const byLabel = label.toLowerCase().startsWith(verb);
    const called = words.split(", ");
    if (isNamed) return byLabel || called.some((name) => name.startsWith(verb));
    // More than a verb that names nobody is of anybody only where it is what the act is called.
    return id !== "letter" && (byLabel || (named.length > 0 && called.some((name) => name.startsWith(phrase))));
  });
  return begun.map((act) => {
    const result = afar({ ...act, detail: model }, { place: "agent", id, tab: null });
    return act.id === "letter" ? { ...result, run: () => writeTo(host, agent) } : result;
  });
}

function ofWallet(act: ScreenAct): FromAfar {
  return afar({ ...act, icon: Wallet, detail: m.frame.wallet }, { place: "wallet" });
}

function ofSettings(section: SectionId, act: ScreenAct): FromAfar {
  return afar({ ...act, icon: Settings2, detail: m.frame.settings }, { place: "settings", section });
}

function afar(act: Afar, route: Route): FromAfar {
  return { ...act, action: act.id, id: `${act.id} ${href(route)}`, kind: "do", run: () => beginErrand(route, act.id) };
}
