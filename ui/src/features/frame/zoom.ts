import Minus from "@lucide/svelte/icons/minus";
import Plus from "@lucide/svelte/icons/plus";
import Search from "@lucide/svelte/icons/search";
import type { Action } from "../../keys/actions.svelte";
import { m } from "../../messages";
import type { Console } from "../../state/console.svelte";
import { settle } from "../../state/refused";

/** The steps in which the window is drawn larger and smaller, in percent. */
const ZOOMS = [80, 90, 100, 110, 125, 150, 175, 200];
const WHOLE = 100;

/** The next larger step; none at the largest. */
export function larger(zoom: number): number | undefined {
  return ZOOMS.find((step) => step > zoom);
}

/** The next smaller step; none at the smallest. */
export function smaller(zoom: number): number | undefined {
  return ZOOMS.findLast((step) => step < zoom);
}

/** A browser has keys of its own for it. */
export function zoomActions(host: Console): Action[] {
  if (!host.platform.setZoom) return [];
  const act = m.frame.act;
  const alsoCalled = m.frame.alsoCalled;
  const zoom = host.shared?.settings.zoom ?? WHOLE;
  const steps: [string, string, string, string[], Action["icon"], number | undefined][] = [
    ["zoom-in", act.larger, alsoCalled.zoom.in, ["Ctrl++", "Ctrl+="], Plus, larger(zoom)],
    ["zoom-out", act.smaller, alsoCalled.zoom.out, ["Ctrl+-"], Minus, smaller(zoom)],
    ["zoom-whole", act.wholeSize, alsoCalled.zoom.whole, ["Ctrl+0"], Search, zoom === WHOLE ? undefined : WHOLE],
  ];
  return steps.map(([id, label, words, keys, icon, to]) => ({
    id,
    label,
    scope: "global",
    keys,
    icon,
    asks: true,
    everywhere: true,
    words,
    run: () => {
      if (to !== undefined) void settle(host, { zoom: to });
    },
  }));
}
