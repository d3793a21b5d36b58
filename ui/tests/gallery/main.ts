import { mount } from "svelte";
import App from "../../src/App.svelte";
import "../../src/styles/fonts.css";
import "../../src/styles/tokens.css";
import "../../src/styles/base.css";
import "../../src/styles/stance.css";
import { FakePlatform } from "../fixtures/platform";
import { liveRound } from "../fixtures/rounds";
import { fresh, NOW, snapshot } from "../fixtures/shared";
import Parts from "./Parts.svelte";

// ?theme=dark&state=fresh|used|running|parts#/wallet
const query = new URLSearchParams(location.search);
const theme = query.get("theme") === "light" ? "light" : "dark";
const states = {
  fresh,
  used: snapshot,
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
  document.documentElement.dataset.theme = theme;
  mount(Parts, { target });
} else {
  mount(App, { target, props: { platform: new FakePlatform({ ...chosen, settings: { ...chosen.settings, theme } }) } });
}
