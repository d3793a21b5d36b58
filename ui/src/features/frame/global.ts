import Bot from "@lucide/svelte/icons/bot";
import ChartGantt from "@lucide/svelte/icons/chart-gantt";
import Grid3x3 from "@lucide/svelte/icons/grid-3x3";
import Keyboard from "@lucide/svelte/icons/keyboard";
import LogOut from "@lucide/svelte/icons/log-out";
import MessageSquarePlus from "@lucide/svelte/icons/message-square-plus";
import OctagonX from "@lucide/svelte/icons/octagon-x";
import Pause from "@lucide/svelte/icons/pause";
import Play from "@lucide/svelte/icons/play";
import Power from "@lucide/svelte/icons/power";
import Search from "@lucide/svelte/icons/search";
import SunMoon from "@lucide/svelte/icons/sun-moon";
import UserRound from "@lucide/svelte/icons/user-round";
import UsersRound from "@lucide/svelte/icons/users-round";
import { MANAGED } from "../../generated/names";
import type { Action } from "../../keys/actions.svelte";
import { m } from "../../messages";
import type { Console } from "../../state/console.svelte";
import { look } from "../../state/look.svelte";
import { logOut, settle } from "../../state/refused";
import { router, type Route } from "../../state/route.svelte";
import { activate, pause } from "../agents/acts";
import { bridgeActions } from "../discord/acts";
import { PLACE_KEYS } from "./places";
import { zoomActions } from "./zoom";

/** What the frame itself opens. */
export interface Openers {
  palette: () => void;
  keys: () => void;
  stop: () => void;
}

/** Actions that hold on every screen. */
export function globalActions(host: Console, open: Openers): Action[] {
  const act = m.frame.act;
  const by = m.frame.alsoCalled;
  const jump = (id: string, label: string, keys: string, route: Route): Action => ({
    id,
    label,
    scope: "global",
    keys: [keys],
    listed: false,
    run: () => router.go(route),
  });
  return [
    { id: "palette", label: act.palette, scope: "global", keys: ["Ctrl+K"], listed: false, run: open.palette },
    { id: "new", label: act.newDeliberation, scope: "global", keys: ["n", "Ctrl+N"], icon: MessageSquarePlus, words: by.newDeliberation, run: () => router.go({ place: "new" }) },
    jump("go-hall", m.frame.hall, PLACE_KEYS.hall, { place: "hall" }),
    jump("go-agents", m.frame.agents, PLACE_KEYS.agents, { place: "agents", view: "list" }),
    jump("go-bus", m.frame.bus, PLACE_KEYS.bus, { place: "bus", queue: "all", message: null }),
    jump("go-deliberations", m.frame.deliberations, PLACE_KEYS.deliberations, { place: "deliberations" }),
    jump("go-wallet", m.frame.wallet, PLACE_KEYS.wallet, { place: "wallet" }),
    jump("go-discord", m.frame.discord, PLACE_KEYS.discord, { place: "discord", view: "work", life: null }),
    jump("go-settings", m.frame.settings, PLACE_KEYS.settings, { place: "settings", section: null }),
    { id: "find", label: act.search, scope: "global", keys: ["Ctrl+F"], icon: Search, listed: false, run: open.palette },
    { id: "find-session", label: m.deliberations.searchLabel, scope: "global", icon: Search, words: by.findSession, run: () => router.go({ place: "deliberations", find: true }) },
    { id: "mint", label: act.mint, scope: "global", icon: Bot, words: by.mint, run: () => router.go({ place: "agents", view: "mint" }) },
    { id: "scopes", label: act.scopes, scope: "global", icon: Grid3x3, words: by.scopes, run: () => router.go({ place: "agents", view: "scopes" }) },
    { id: "write", label: act.write, scope: "global", icon: UserRound, words: by.write, run: () => router.go({ place: "bus", queue: "all", message: "write" }) },
    { id: "lanes", label: act.lanes, scope: "global", icon: ChartGantt, words: by.lanes, run: () => router.go({ place: "lanes", message: null }) },
    { id: "squads", label: act.squads, scope: "global", icon: UsersRound, run: () => router.go({ place: "squads" }) },
    { id: "pause", label: host.agents.paused ? act.goOn : act.pause, scope: "global", icon: host.agents.paused ? Play : Pause, asks: true, words: by.pause, run: () => void pause(host, !host.agents.paused) },
    { id: "stop", label: act.stop, scope: "global", icon: OctagonX, asks: true, words: by.stop, run: open.stop },
    ...activations(host),
    ...bridgeActions(host),
    ...quits(host),
    ...logsOut(host),
    ...zoomActions(host),
    { id: "keys", label: act.showKeys, scope: "global", keys: ["?"], icon: Keyboard, words: by.keys, run: open.keys },
    {
      id: "theme",
      label: act.theme,
      scope: "global",
      icon: SunMoon,
      words: by.theme,
      asks: true,
      run: () => void settle(host, { theme: look.shown === "dark" ? "light" : "dark" }),
    },
  ];
}

/** A browser closes its page instead. */
function quits({ platform }: Console): Action[] {
  if (!platform.quit) return [];
  return [{ id: "quit", label: m.frame.act.quit, scope: "global", keys: ["Ctrl+Q"], icon: Power, words: m.frame.alsoCalled.quit, run: () => void platform.quit?.() }];
}

/** A window has no login. */
function logsOut(host: Console): Action[] {
  if (!host.platform.logOut) return [];
  return [{ id: "log-out", label: m.frame.act.logOut, scope: "global", icon: LogOut, asks: true, words: m.frame.alsoCalled.logOut, run: () => void logOut(host) }];
}

/** Agents that Husting runs itself, where they are not there or switched off. */
function activations(host: Console): Action[] {
  const active = host.agents.list.filter(({ status }) => status === "active").map(({ agent_name }) => agent_name);
  return MANAGED.filter((name) => !active.includes(name)).map((name) => ({
    id: `activate-${name}`,
    label: m.frame.act.activate(name),
    scope: "global",
    icon: Bot,
    asks: true,
    words: m.frame.alsoCalled.activate,
    run: () => void activate(host, name),
  }));
}
