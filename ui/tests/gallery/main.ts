import { mount } from "svelte";
import App from "../../src/App.svelte";
import "../../src/styles/fonts.css";
import "../../src/styles/tokens.css";
import "../../src/styles/base.css";
import "../../src/styles/rows.css";
import "../../src/styles/stance.css";
import { look } from "../../src/state/look.svelte";
import { runAxe } from "./axe";
import { FakePlatform } from "../fixtures/platform";
import { liveRound } from "../fixtures/rounds";
import { agentAnswers } from "./agents";
import { peopled } from "../fixtures/agents";
import { fresh, NOW, snapshot } from "../fixtures/shared";
import Parts from "./Parts.svelte";

// ?theme=dark&state=fresh|used|agents|running|parts#/wallet
const query = new URLSearchParams(location.search);
const theme = query.get("theme") === "light" ? "light" : "dark";
const states = {
  fresh,
  used: snapshot,
  agents: peopled,
  running: { ...snapshot, running: [liveRound()] },
  locked: { ...snapshot, secrets: { state: "locked" as const, message: "The sealed file waits for its passphrase." } },
};
const chosen = states[(query.get("state") ?? "used") as keyof typeof states] ?? snapshot;
const target = document.getElementById("app")!;

// Ages and clocks are read at the fixtures' own moment.
const begun = Date.now();
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...args: [] | [string | number]) {
    super(...((args.length ? args : [RealDate.parse(NOW) + RealDate.now() - begun]) as [number]));
  }
} as DateConstructor;
localStorage.clear();
if (query.get("state") === "parts") {
  look.theme = theme;
  look.apply();
  mount(Parts, { target });
} else {
  mount(App, { target, props: { platform: new FakePlatform({ ...chosen, settings: { ...chosen.settings, theme } }, query.get("state") === "agents" ? agentAnswers : {}) } });
}
if (query.has("press")) {
  // ?press=Ctrl+K,x : keys to send once the screen stands.
  setTimeout(() => {
    for (const keys of query.get("press")!.split(",")) {
      const parts = keys.split("+");
      const key = parts.pop()!;
      const init = { key, code: `Key${key.toUpperCase()}`, ctrlKey: parts.includes("Ctrl"), shiftKey: parts.includes("Shift"), bubbles: true, cancelable: true };
      (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", init));
    }
  }, 400);
}
if (query.has("click")) setTimeout(() => query.get("click")!.split(";").forEach((selector, index) => setTimeout(() => document.querySelector<HTMLElement>(selector)?.click(), index * 150)), 400);
if (query.has("axe")) void runAxe();
