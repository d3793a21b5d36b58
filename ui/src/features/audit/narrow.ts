/** Whether a row of the log takes a second line in so many CSS pixels, for who did it and on what. Before it is measured it takes one. */
export function takesTwoLines(width: number): boolean {
  return width > 0 && width < 520;
}
