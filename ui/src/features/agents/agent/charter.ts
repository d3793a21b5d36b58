/** About a dozen lines of the column that it stands in. */
const CHARACTERS = 440;
const LINES = 12;
/** A little more is not worth folding. */
const SLACK = 1.25;

/** How a charter begins, up to the end of a word; all of it where it is short. */
export function beginningOf(charter: string): string {
  const lines = charter.split("\n");
  if (charter.length <= CHARACTERS * SLACK && lines.length <= LINES * SLACK) return charter;
  const few = lines.slice(0, LINES).join("\n");
  const cut = few.slice(0, CHARACTERS);
  return (few.length > CHARACTERS ? cut.replace(/\s+\S{0,40}$/, "") : few).trimEnd();
}
