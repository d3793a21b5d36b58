/**
 * A chord is written the way it is shown: "Ctrl+K", "Shift+R", "j", "?", "Ctrl+Enter".
 * A sequence is chords with a space between: "g h".
 */
export type Keys = string;

/** What a chord needs to know of a key event; tests need no more either. */
export type Stroke = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey"> & {
  /** The key is held down. */
  repeat?: boolean;
};

const NAMED: Record<string, string> = {
  ArrowUp: "Up",
  ArrowDown: "Down",
  ArrowLeft: "Left",
  ArrowRight: "Right",
  Escape: "Esc",
  " ": "Space",
  Delete: "Del",
};

/** Names the chord of a key event, with ⌘ counting as Ctrl; `null` while only a modifier is down. */
export function chordOf(stroke: Stroke): Keys | null {
  if (["Control", "Meta", "Shift", "Alt"].includes(stroke.key)) return null;
  const command = stroke.ctrlKey || stroke.metaKey;
  const key = keyName(stroke, command);
  const isSymbol = key.length === 1 && !/[a-z0-9]/i.test(key);
  const parts = [
    ...(command ? ["Ctrl"] : []),
    ...(stroke.altKey ? ["Alt"] : []),
    // The shift that makes "?" out of a key is part of the symbol already.
    ...(stroke.shiftKey && !isSymbol ? ["Shift"] : []),
  ];
  const shown = parts.length > 0 && key.length === 1 ? key.toUpperCase() : key;
  return [...parts, shown].join("+");
}

/** What every field does by itself with Ctrl: undo, the clipboard, moving and deleting by words. */
const OF_FIELDS = /^Ctrl\+(?:Shift\+)?(?:[ZYXCVA]|Left|Right|Up|Down|Home|End|Backspace|Del|Insert)$/;

/** Keys that write or move the caret when focus is in a field: all but F keys and those with Ctrl or Alt that no field knows. */
export function edits(keys: Keys): boolean {
  return OF_FIELDS.test(keys) || !/^(?:Ctrl\+|Alt\+|(?:Shift\+)?F\d)/.test(keys);
}

/** Letters, digits and signs, which a setting switches off. */
export function isSingle(keys: Keys): boolean {
  const first = keys.split(" ")[0] ?? "";
  return first === "Space" || !/^(Ctrl|Alt)\+/.test(first) && first.replace(/^Shift\+/, "").length === 1;
}

/** The caps to draw for a chord or sequence. */
export function caps(keys: Keys): string[] {
  // A plus at the end is the key itself.
  return keys.split(" ").flatMap((chord) => chord.split(/\+(?!$)/));
}

function keyName(stroke: Stroke, command: boolean): string {
  // With Ctrl down a non-Latin layout still means the key in that place.
  if (command && /^Key[A-Z]$/.test(stroke.code) && !/^[a-z]$/i.test(stroke.key)) return stroke.code.slice(3);
  const named = NAMED[stroke.key] ?? stroke.key;
  return named.length === 1 ? named.toLowerCase() : named;
}
