/** Where an arrow key leads in a list of so many, round its ends; `null` for another key. */
export function stepped(key: string, at: number, count: number): number | null {
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  return step === undefined ? null : (at + step + count) % Math.max(1, count);
}
