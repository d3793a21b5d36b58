import { describe, expect, test } from "vitest";
import { columnsOf } from "../../src/features/deliberations/session/map/columns";
import { bandLeft, bandWidth, boxAt, claimPlaces, draftPlaces, extent, MARGIN, NODE, touches, type ClaimPlace, type Forwarded } from "../../src/features/deliberations/session/map/layout";
import { linksOf } from "../../src/features/deliberations/session/map/links";
import { seated } from "../../src/features/deliberations/session/map/rows";
import { beside, ordered } from "../../src/features/deliberations/session/map/steps";
import { heightOf, tableRows } from "../../src/features/deliberations/session/map/table";
import { bareClaim, carried, mapOf, random, randomRounds, wide } from "../fixtures/maps";
import { CLAIMS, liveRound, position } from "../fixtures/rounds";

const SEED = Number(process.env.MAP_SEED ?? Math.floor(Math.random() * 1e9));
const TRIES = 300;

/** Runs a property over many random maps; what fails names the seed that shows it again. */
function forRandomMaps(hold: (rounds: ReturnType<typeof randomRounds>) => void) {
  for (let each = 0; each < TRIES; each += 1) {
    const seed = SEED + each;
    try {
      hold(randomRounds(random(seed), 2 + (seed % 4)));
    } catch (failed) {
      throw new Error(`MAP_SEED=${seed} shows it again`, { cause: failed });
    }
  }
}

const rowsOf = (places: ClaimPlace[]) => Object.fromEntries(places.map(({ id, row }) => [id, row]));
const snippet = (quote: string, quoted_model: string, part: Partial<Forwarded> = {}): Forwarded => ({
  key: quote,
  type: "CORE",
  quote,
  quoted_model,
  comment: "",
  own: false,
  ...part,
});

describe("rows", () => {
  test("what goes on keeps its row, what is new takes the first free one", () => {
    expect(seated([undefined, 0, undefined, 3])).toEqual([1, 0, 2, 3]);
  });

  test("a second claim that goes on from the same one stands next to it", () => {
    expect(seated([4, 4, 4, 4, undefined])).toEqual([4, 5, 3, 6, 0]);
    expect(seated([0, 0, 0])).toEqual([0, 1, 2]);
  });
});

describe("the places of the claims", () => {
  test("a column is a round, and a row the life of a claim", () => {
    const rounds = [mapOf(0, [bareClaim("c1"), bareClaim("c2"), bareClaim("c3")]), mapOf(1, [bareClaim("c1"), bareClaim("c2", { round_index: 0, id: "c3" }), bareClaim("c3")])];
    const places = claimPlaces(rounds);
    expect(rowsOf(places)).toEqual({ "0/c1": 0, "0/c2": 1, "0/c3": 2, "1/c1": 0, "1/c2": 2, "1/c3": 1 });
    expect(new Set(places.filter(({ round }) => round === 1).map(({ box }) => box.x)).size).toBe(1);
  });

  test("stay when a round is added", () => {
    forRandomMaps((rounds) => {
      const before = claimPlaces(rounds.slice(0, -1)).map(({ id, box }) => ({ id, box }));
      const after = claimPlaces(rounds).map(({ id, box }) => ({ id, box }));
      expect(after.slice(0, before.length)).toEqual(before);
      expect(after.length).toBe(before.length + rounds.at(-1)!.claim_map!.claims.length);
    });
  });

  test("never overlap", () => {
    forRandomMaps((rounds) => {
      const boxes = claimPlaces(rounds).map(({ box }) => box);
      for (const [at, box] of boxes.entries()) expect(boxes.slice(at + 1).some((other) => touches(box, other))).toBe(false);
    });
  });

  test("200 claims in each of two rounds are placed without overlap", () => {
    const { rounds } = wide(200);
    const places = claimPlaces(rounds);
    expect(new Set(places.map(({ box }) => `${box.x}/${box.y}`)).size).toBe(400);
    const { width, height } = extent(places, 3);
    expect(places.every(({ box }) => box.x + NODE.width <= width && box.y + NODE.height <= height)).toBe(true);
  });

  test("the plane ends at a last column that is a draft's, and holds the positions of one that is a round's", () => {
    const [round, draft] = [false, true].map((endsInDraft) => extent([], 3, endsInDraft).width);
    expect(draft).toBe(bandLeft(2, 1) + bandWidth(1) + MARGIN.x / 2);
    expect(round).toBe(boxAt(3, 0).x);
  });
});

describe("snippets of a round to come", () => {
  const { rounds } = carried();
  const places = claimPlaces(rounds);

  test("stand in the row of the newest claim that has their words, as the moderator wrote them", () => {
    const { originator } = CLAIMS[0]!;
    const drafts = draftPlaces(2, [snippet("MongoDB makes you build it", originator, { type: "CHALLENGE" }), snippet("Nobody said this.", originator, { own: true })], places);
    expect(drafts.map(({ from, row }) => ({ from, row }))).toEqual([{ from: "1/c1", row: 0 }, { from: null, row: 1 }]);
    expect(drafts[0]!.source).toEqual(CLAIMS[0]!.source);
  });

  test("are the operator's draft, or what a running round was given", () => {
    const live = liveRound();
    const given = { type: "KEEP" as const, quote: "x", quoted_model: "m", comment: null, confidence: null, quote_status: "altered" as const };
    expect(columnsOf(rounds, [snippet("x", "m")]).map(({ index, round, snippets }) => [index, round !== null, snippets.length])).toEqual([[0, true, 0], [1, true, 0], [2, false, 1]]);
    const running = columnsOf([...rounds, { ...live, snippets: [given] }], [snippet("y", "m")]);
    expect(running.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(running[2]!.snippets).toEqual([{ key: "0", type: "KEEP", quote: "x", quoted_model: "m", comment: "", own: true }]);
  });
});

describe("lines", () => {
  test("have the stance of the moderator who took the claim along, and none where the seats did", () => {
    const { rounds } = carried();
    const places = claimPlaces(rounds);
    const drafts = draftPlaces(2, [snippet(CLAIMS[6]!.quote, CLAIMS[6]!.originator, { type: "KEEP" })], places);
    const told = linksOf(places, drafts).map(({ from, to, stance }) => [from.id, to.id, stance]);
    expect(told).toEqual([["0/c1", "1/c1", "EXPLORE"], ["0/c4", "1/c4", "CORE"], ["0/c2", "1/c5", null], ["1/c7", drafts[0]!.id, "KEEP"]]);
  });

  test("pass between two rows where a claim rested for a round", () => {
    const rounds = [mapOf(0, [bareClaim("c1")]), mapOf(1, [bareClaim("c1")]), mapOf(2, [bareClaim("c1", { round_index: 0, id: "c1" })])];
    const places = claimPlaces(rounds);
    const [link] = linksOf(places, []);
    const rested = places[1]!.box;
    const level = /H(\d+)/.exec(link!.path);
    expect(Number(level?.[1])).toBe(rested.x + rested.width);
    expect(link!.box.y + link!.box.height).toBeGreaterThan(rested.y + rested.height);
  });
});

describe("no line", () => {
  /** Points of a path, close enough that nothing as large as a node is passed over. */
  function pointsOf(path: string): { x: number; y: number }[] {
    const points: { x: number; y: number }[] = [];
    let [x, y] = [0, 0];
    for (const [, kind, words] of path.matchAll(/([MHC])([^MHC]*)/g)) {
      const n = words!.trim().split(/\s+/).map(Number);
      const [from, ends] = [{ x, y }, kind === "H" ? [n[0]!, y, n[0]!, y, n[0]!, y] : kind === "C" ? n : [n[0]!, n[1]!, n[0]!, n[1]!, n[0]!, n[1]!]];
      const [x1, y1, x2, y2, x3, y3] = ends as [number, number, number, number, number, number];
      const at = (t: number, a: number, b: number, c: number, d: number) => (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t ** 2 * c + t ** 3 * d;
      if (kind !== "M") for (let step = 0; step <= 24; step += 1) points.push({ x: at(step / 24, from.x, x1, x2, x3), y: at(step / 24, from.y, y1, y2, y3) });
      [x, y] = [x3, y3];
    }
    return points;
  }

  test("crosses a node, whatever went on and rested in between", () => {
    forRandomMaps((rounds) => {
      const places = claimPlaces(rounds);
      const crossed = linksOf(places, []).flatMap(({ id, path }) =>
        pointsOf(path).flatMap(({ x, y }) =>
          places.filter(({ box }) => x > box.x + 0.5 && x < box.x + box.width - 0.5 && y > box.y && y < box.y + box.height).map((place) => `${id} crosses ${place.id}`),
        ),
      );
      expect(crossed).toEqual([]);
    });
  });

  test("is made up: there is one for each claim that goes on, grey unless the moderator took it along", () => {
    forRandomMaps((rounds) => {
      const places = claimPlaces(rounds);
      const told = linksOf(places, []).map(({ from, to, stance }) => [from.id, to.id, stance]);
      const known = rounds.flatMap(({ index, claim_map }) =>
        claim_map!.claims.flatMap(({ id, continues }) => (continues ? [[`${continues.round_index}/${continues.id}`, `${index}/${id}`, null]] : [])),
      );
      expect(told).toEqual(known);
    });
  });
});

describe("steps by keys", () => {
  test("reach every node from every other", () => {
    forRandomMaps((rounds) => {
      const places = claimPlaces(rounds);
      const links = linksOf(places, []);
      if (places.length === 0) return;
      const reached = new Set([ordered(places)[0]!]);
      for (const place of reached) {
        for (const direction of ["up", "down", "left", "right"] as const) {
          const next = beside(places, links, place, direction);
          if (next) reached.add(next);
        }
      }
      expect(reached.size).toBe(places.length);
    });
  });

  test("do not pass over a round that only keys would reach", () => {
    const rounds = [mapOf(0, [bareClaim("c1")]), mapOf(1, [bareClaim("c2")]), mapOf(2, [bareClaim("c1", { round_index: 0, id: "c1" })])];
    const places = claimPlaces(rounds);
    const links = linksOf(places, []);
    expect(links.map(({ from, to }) => [from.id, to.id])).toEqual([["0/c1", "2/c1"]]);
    const [first, between, last] = places;
    expect(beside(places, links, first!, "right")).toBe(between);
    expect(beside(places, links, last!, "left")).toBe(between);
  });

  test("right follows a line, else goes to the nearest row; left goes back", () => {
    const places = claimPlaces(carried().rounds);
    const links = linksOf(places, []);
    const go = (id: string, direction: "left" | "right") => beside(places, links, places.find((place) => place.id === id)!, direction)?.id;
    expect(go("0/c2", "right")).toBe("1/c5");
    expect(go("1/c5", "left")).toBe("0/c2");
    expect(go("0/c3", "right")).toBe(places.find(({ round, row }) => round === 1 && row === 2)!.id);
    expect(go("0/c1", "left")).toBeUndefined();
  });
});

describe("the table", () => {
  const { rounds } = carried();
  const places = claimPlaces(rounds);
  const draft = [snippet(CLAIMS[0]!.quote, CLAIMS[0]!.originator)];
  const columns = columnsOf(rounds, draft);
  const rows = tableRows(columns, places, draftPlaces(2, draft, places));

  test("has the same nodes by round, each round as its matrix has it", () => {
    const claims = (round: number) => rounds[round]!.claim_map!.claims.map(({ id }) => `${round}/${id}`);
    expect(rows.map(({ id }) => id)).toEqual(["round/0", ...claims(0), "round/1", ...claims(1), "round/2", `draft/2/${draft[0]!.key}`]);
  });

  test("says where a claim was taken further", () => {
    const later = Object.fromEntries(rows.flatMap((row) => (row.kind === "place" && row.later.length > 0 ? [[row.id, row.later]] : [])));
    expect(later).toEqual({ "0/c1": [1], "0/c2": [1], "0/c4": [1], "1/c1": [2] });
  });

  test("has room for every position", () => {
    const many = mapOf(0, [bareClaim("c1", null, { positions: Array.from({ length: 9 }, (_, at) => position(`m${at}`, "KEEP", "Yes.")) })]);
    const [head, few] = rows as [(typeof rows)[0], (typeof rows)[0]];
    const [, claim] = tableRows(columnsOf([many], []), claimPlaces([many]), []);
    expect(heightOf(claim!) - heightOf(few)).toBe(18 * 7);
    expect(heightOf(head)).toBe(36);
  });
});
