/** Gives each of a column's nodes a row of its own. Those that go on keep the row of what they continue, if it is free. */
export function seated(wanted: (number | undefined)[]): number[] {
  const taken = new Set<number>();
  const rows = wanted.map((row) => (row === undefined || taken.has(row) ? undefined : claimed(taken, row)));
  return rows
    .map((row, at) => row ?? (wanted[at] === undefined ? undefined : claimed(taken, nearestFree(taken, wanted[at]))))
    .map((row) => row ?? claimed(taken, firstFree(taken)));
}

function claimed(taken: Set<number>, row: number): number {
  taken.add(row);
  return row;
}

// Two claims may continue the same one: the second stands as near as there is room, rather below than above.
function nearestFree(taken: Set<number>, row: number): number {
  let away = 1;
  while (taken.has(row + away) && (row < away || taken.has(row - away))) away += 1;
  return taken.has(row + away) ? row - away : row + away;
}

function firstFree(taken: Set<number>): number {
  let row = 0;
  while (taken.has(row)) row += 1;
  return row;
}
