import { manyAt, ON, shapesAt, type Point, type Shape } from "./shapes";

/** Deliveries that begin in one spot, as their times are too close to be told apart. */
export interface Bundle {
  /** The dot of the first. */
  at: Point;
  /** Their places, in the order in which they were sent. */
  places: number[];
}

/** Pixels of a figure, of what is between two counts, and between a dot and its count. */
const [FIGURE, APART, ASIDE] = [7, 4, 5];
/** Pixels of time within which dots of a lane are one spot: they cover each other by half. */
const ONE = 3;
/** How high a count stands over its dot: from, to. */
const [LOW, HIGH] = [4, 18];

/** Where more than one shape begins, each with its count, as many as stand beside each other in their lane. */
export function bundlesOf(shapes: Shape[]): Bundle[] {
  const spots: Bundle[] = [];
  /** By lane, the spot that was begun last. */
  const last: Record<number, Bundle> = {};
  for (const { place, from } of shapes) {
    const spot = last[from.y];
    if (spot && Math.abs(from.x - spot.at.x) < ONE) spot.places.push(place);
    else spots.push((last[from.y] = { at: from, places: [place] }));
  }
  const taken: Record<number, number> = {};
  const several = spots.filter(({ places }) => places.length > 1);
  return several.sort((one, other) => one.at.x - other.at.x).filter((bundle) => {
    const [left, right] = sides(bundle);
    if (left < (taken[bundle.at.y] ?? -Infinity)) return false;
    taken[bundle.at.y] = right + APART;
    return true;
  });
}

/** Where a count ends, to the left of its dot. */
export function countAt({ at }: Bundle): Point {
  return { x: at.x - ASIDE, y: at.y - LOW - 2 };
}

/** The bundle whose count is pressed. */
export function bundleAt(bundles: Bundle[], { x, y }: Point): Bundle | null {
  const isOn = (bundle: Bundle) => {
    const [left, right] = sides(bundle);
    return x >= left && x <= right && y >= bundle.at.y - HIGH && y <= bundle.at.y - LOW;
  };
  return bundles.find(isOn) ?? null;
}

/** What a press there can mean: all under a count, or the shapes. A count may lie upon a shape; on the shape itself that is meant. */
export function placesAt(shapes: Shape[], bundles: Bundle[], at: Point): number[] {
  return countedAt(shapes, bundles, at)?.places ?? shapesAt(shapes, at).map(({ place }) => place);
}

/** How many they are. */
export function manyPlacesAt(shapes: Shape[], bundles: Bundle[], at: Point): number {
  return countedAt(shapes, bundles, at)?.places.length ?? manyAt(shapes, at);
}

function countedAt(shapes: Shape[], bundles: Bundle[], at: Point): Bundle | null {
  const bundle = bundleAt(bundles, at);
  return bundle && manyAt(shapes, at, ON) === 0 ? bundle : null;
}

/** Which of these is meant by a press: the one that the keys are on, or the first; and where one of them is open, the one after it. */
export function nextOf(places: number[], at: number | null, isOpen: boolean): number | undefined {
  const index = at === null ? -1 : places.indexOf(at);
  return places[index < 0 ? 0 : isOpen ? (index + 1) % places.length : index];
}

function sides({ at, places }: Bundle): [number, number] {
  const right = at.x - ASIDE;
  return [right - String(places.length).length * FIGURE, right];
}
