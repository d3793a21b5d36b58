import type { SnippetType } from "../generated/SnippetType";

export type { QuoteStatus } from "../generated/QuoteStatus";

/** A stance is what the wire calls a snippet's type. */
export type Stance = SnippetType;

/** In the order of the keys 1 to 5. */
export const STANCES: readonly Stance[] = ["KEEP", "EXPLORE", "CHALLENGE", "CORE", "SHIFT"];
