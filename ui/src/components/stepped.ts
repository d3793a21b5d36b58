/** Where an arrow key leads in a list of so many, round its ends, from a row or from before the first (-1); `null` for another key. */
export function stepped(key: string, at: number, count: number): number | null {
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (step === undefined) return null;
  const from = step < 0 ? Math.max(0, at) : at;
  return (from + step + count) % Math.max(1, count);
}
