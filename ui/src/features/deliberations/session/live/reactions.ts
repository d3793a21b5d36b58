import { STANCES, type Stance } from "../../../../components/stance";

/** A reaction as a seat writes it, before its quote is verified. */
export interface WrittenReaction {
  type: Stance;
  quote: string;
  comment: string;
}

/** The reactions that are complete in what a seat has written so far: every closed object with a type and a quote. */
export function writtenReactions(text: string): WrittenReaction[] {
  return closedObjects(text).flatMap((json) => read(json) ?? []);
}

// Innermost objects only: the outer one closes last, when all its snippets are known already.
function closedObjects(text: string): string[] {
  const found: string[] = [];
  let [open, quoted] = [-1, false];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (quoted) {
      if (sign === "\\") at += 1;
      else if (sign === '"') quoted = false;
    } else if (sign === '"') quoted = open >= 0;
    else if (sign === "{") open = at;
    else if (sign === "}" && open >= 0) {
      found.push(text.slice(open, at + 1));
      open = -1;
    }
  }
  return found;
}

function read(json: string): WrittenReaction | null {
  try {
    const { type, quote, comment } = JSON.parse(json) as Record<string, unknown>;
    const stance = STANCES.find((each) => each === type);
    if (!stance || typeof quote !== "string") return null;
    return { type: stance, quote, comment: typeof comment === "string" ? comment : "" };
  } catch {
    return null;
  }
}
