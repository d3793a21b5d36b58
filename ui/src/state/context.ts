import { getContext, setContext } from "svelte";
import type { Console } from "./console.svelte";

const KEY = Symbol("console");

/** Gives the console to everything below. */
export function provideConsole(console: Console): void {
  setContext(KEY, console);
}

/** The console this component stands in. */
export function useConsole(): Console {
  return getContext<Console>(KEY);
}
