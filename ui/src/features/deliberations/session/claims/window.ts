/** The rows to draw of a long list, and the space the others take. */
export interface Window {
  first: number;
  /** One past the last. */
  end: number;
  before: number;
  after: number;
}

/** Where each row begins, and one more for where the last ends. */
export function offsets(heights: number[]): number[] {
  const tops = [0];
  for (const height of heights) tops.push((tops.at(-1) ?? 0) + height);
  return tops;
}

/** The rows that touch the viewport, with `spare` rows on either side. */
export function visible(tops: number[], scrollTop: number, height: number, spare = 6): Window {
  const last = tops.length - 1;
  const first = Math.max(0, rowAt(tops, scrollTop) - spare);
  const end = Math.min(last, rowAt(tops, scrollTop + height) + 1 + spare);
  return { first, end, before: tops[first] ?? 0, after: (tops[last] ?? 0) - (tops[end] ?? 0) };
}

function rowAt(tops: number[], y: number): number {
  let [low, high] = [0, Math.max(0, tops.length - 2)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tops[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}
