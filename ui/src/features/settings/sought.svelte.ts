import { router } from "../../state/route.svelte";
import type { SectionId } from "./sections";

/** A section, or a row of it by its label, that somebody looked for. */
export interface Sought {
  section: SectionId;
  row: string | null;
}

let wanted: Sought | null = $state.raw(null);

/** What was looked for last; each time another object. */
export const lastSought = (): Sought | null => wanted;

/** Goes to it, from wherever one is. */
export function seek({ section, row }: Sought): void {
  wanted = { section, row };
  router.go({ place: "settings", section });
}
