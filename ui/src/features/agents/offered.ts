import Play from "@lucide/svelte/icons/circle-play";
import Pause from "@lucide/svelte/icons/circle-slash";
import RotateCcw from "@lucide/svelte/icons/rotate-ccw";
import Terminal from "@lucide/svelte/icons/terminal";
import UserRound from "@lucide/svelte/icons/user-round";
import type { AgentView } from "../../generated/AgentView";
import type { Action } from "../../keys/actions.svelte";
import { m } from "../../messages";
import { mayLaunch } from "./launchable";
import { isOwn } from "./whose";

/** What can be done with an agent as a whole. */
export interface AgentAct extends Pick<Action, "label" | "icon" | "grave" | "words"> {
  id: "letter" | "launch" | "rotate" | "switch" | "revoke";
}

/** The acts that an agent's page has for it now; none once it is revoked. */
export function offeredFor(agent: AgentView): AgentAct[] {
  const { agent_name: name, status } = agent;
  if (status === "revoked") return [];
  const on = status === "active";
  return [
    ...(on && isOwn(agent) ? [{ id: "letter" as const, label: m.agents.writeTo(name), icon: UserRound, words: m.frame.alsoCalled.writeTo }] : []),
    ...(mayLaunch(agent) ? [{ id: "launch" as const, label: m.runs.launchOf(name), icon: Terminal, words: m.frame.alsoCalled.launch }] : []),
    ...(agent.token_tail === null ? [] : [{ id: "rotate" as const, label: `${m.agents.rotateAct}: ${name}`, icon: RotateCcw, words: m.frame.alsoCalled.rotate }]),
    { id: "switch", label: `${on ? m.agents.disable : m.agents.enable}: ${name}`, icon: on ? Pause : Play, words: m.frame.alsoCalled.switch },
    { id: "revoke", label: `${m.agents.revoke} ${name}`, grave: true, words: m.frame.alsoCalled.revoke },
  ];
}
