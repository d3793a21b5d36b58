import Hash from "@lucide/svelte/icons/hash";
import ListChecks from "@lucide/svelte/icons/list-checks";
import Pause from "@lucide/svelte/icons/pause";
import Play from "@lucide/svelte/icons/play";
import Settings2 from "@lucide/svelte/icons/settings-2";
import Square from "@lucide/svelte/icons/square";
import type { Action } from "../../keys/actions.svelte";
import { m } from "../../messages";
import type { Console } from "../../state/console.svelte";
import { router } from "../../state/route.svelte";
import { undoLine } from "../../state/undo.svelte";

const p = m.discord.palette;

/** Shows the bridge at work. */
export function toBridge(): void {
  router.go({ place: "discord", view: "work", life: null });
}

/** Shows the set-up, where the field of a token that is wanted has the focus. */
export function toToken(): void {
  router.go({ place: "discord", view: "setup", life: null });
}

/** Begins or ends the bridge, holds it or lets it go on; its screen says what came of it. */
export async function steer(host: Console, act: "start" | "stop" | "pause" | "resume"): Promise<boolean> {
  const { discord } = host;
  if (act === "start") return discord.act("start_bridge", {});
  if (act === "stop") return discord.act("stop_bridge", {});
  return discord.act("pause_bridge", { paused: act === "pause" });
}

/** What the bridge lets one do on every screen. */
export function bridgeActions(host: Console): Action[] {
  const { discord } = host;
  const paused = discord.stand.bridge.state === "paused";
  const of = (id: string, label: string, icon: Action["icon"], when: () => boolean, run: () => void): Action => ({
    id: `bridge-${id}`,
    label,
    scope: "global",
    icon,
    asks: id !== "set-up",
    when,
    run,
  });
  const steered = (act: Parameters<typeof steer>[1]) => async () => {
    if (!(await steer(host, act))) toBridge();
  };
  // Its own screen may be far: what was stopped is told wherever one is.
  const stop = async () => {
    if (await steer(host, "stop")) undoLine.show({ done: p.stopped, undo: () => void steered("start")() });
    else toBridge();
  };
  const check = () => {
    toBridge();
    void discord.check();
  };
  return [
    { ...of("set-up", p.setUp, Settings2, () => true, toToken), words: p.words.setUp },
    of("start", p.start, Play, () => discord.mayStart, () => void steered("start")()),
    of("pause", p.pause, Pause, () => discord.carries && !paused, () => void steered("pause")()),
    of("resume", p.resume, Play, () => paused, () => void steered("resume")()),
    of("stop", p.stop, Square, () => discord.runs, () => void stop()),
    of("check", p.check, ListChecks, () => discord.isSetUp, check),
    { ...of("unplaced", p.unplaced, Hash, () => discord.stand.unplaced > 0, toBridge), words: p.words.unplaced },
  ];
}
