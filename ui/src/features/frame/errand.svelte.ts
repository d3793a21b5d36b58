import { untrack } from "svelte";
import { actions } from "../../keys/actions.svelte";
import { href, router, type Route } from "../../state/route.svelte";

/** An act of a screen that one is not on. */
interface Errand {
  /** What the screen calls the act. */
  action: string;
  /** The screen's address. */
  at: string;
  arrived: boolean;
}

let begun: Errand | null = $state.raw(null);

/** Goes to the screen, and begins its act as soon as the screen has it. */
export function beginErrand(route: Route, action: string): void {
  begun = { action, at: href(route), arrived: false };
  router.go(route);
}

/** Whoever does something else meanwhile wants it no more. */
export function endErrand(): void {
  begun = null;
}

/** Looks for the screen and its act for as long as the calling component lives. */
export function useErrands(): void {
  $effect(() => {
    if (!begun) return;
    if (href(router.current) !== begun.at) {
      if (begun.arrived) begun = null;
      return;
    }
    begun.arrived = true;
    const action = actions.available().find(({ id }) => id === begun?.action);
    if (!action) return;
    begun = null;
    untrack(() => action.run());
  });
}
