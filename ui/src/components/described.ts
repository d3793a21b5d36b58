import { getContext, setContext } from "svelte";

const KEY = Symbol("described");

/** Whatever stands in a row is described by what the row says of itself, by that element's id. */
export function describe(by: () => string | undefined): void {
  setContext(KEY, by);
}

/** The id of what describes a control where it stands; `undefined` where nothing does. */
export function described(): () => string | undefined {
  return getContext<(() => string | undefined) | undefined>(KEY) ?? (() => undefined);
}
