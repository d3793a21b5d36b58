/** Whether something of it steers a terminal or turns letters around: line ends and tabs do neither. */
const STEERS = /(?![\n\r\t])\p{Cc}|[\u202A-\u202E\u2066-\u2069]/u;
const EACH = new RegExp(STEERS.source, "gu");
/** A terminal's command: its first character, and what that makes a command of. */
const COMMAND = /(?![\n\r\t])\p{Cc}\[[0-?]*[ -/]*[@-~]/gu;

/** A text that others wrote, without what would turn the words around it around, or colour a terminal that they are copied into. */
export function inert(text: string): string {
  return STEERS.test(text) ? text.replace(COMMAND, "").replace(EACH, "") : text;
}

/** The same for each text in an answer of Husting, in place. What is saved as a file stays as it is. */
export function allInert<T>(value: T): T {
  if (typeof value === "string") return inert(value) as T;
  if (value === null || typeof value !== "object") return value;
  const holder = value as Record<string, unknown>;
  const isFile = "file_name" in holder;
  for (const [name, part] of Object.entries(holder)) {
    if (typeof part === "object" || (typeof part === "string" && !isFile && STEERS.test(part))) holder[name] = allInert(part);
  }
  return value;
}
