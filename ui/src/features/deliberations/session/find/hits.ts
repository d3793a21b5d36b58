import type { ModelId } from "../../../../generated/ModelId";
import type { RoundView } from "../../../../generated/RoundView";
import type { SessionSynthesis } from "../../../../generated/SessionSynthesis";
import { piecesOf, readBlocks } from "../../../../markdown/tree";
import { plain } from "../words";

/** Texts that are read again with every letter that is typed, and with every word that streams beside them. */
const MOST_REMEMBERED = 1_000;

/** Where words stand that can be found. */
export type Place =
  | { kind: "answer"; round: number; model: ModelId }
  | { kind: "claim"; round: number; claim: string }
  | { kind: "unverified"; round: number; at: number }
  | { kind: "recap"; round: number }
  | { kind: "synthesis"; round: number };

/** A text as it is drawn, under the name its element carries as `data-find`. */
export interface Findable {
  key: string;
  place: Place;
  text: string;
}

/** One occurrence of what is looked for. */
export interface Hit {
  key: string;
  place: Place;
  /** Which of the text's own occurrences, from 0. */
  nth: number;
}

export const answerKey = (round: number, model: ModelId): string => `answer/${round}/${model}`;
export const claimKey = (round: number, claim: string): string => `claim/${round}/${claim}`;
/** One reactor may hold more than one position on a claim: the place in its list tells them apart. */
export const positionKey = (round: number, claim: string, at: number): string => `position/${round}/${claim}/${at}`;
export const unverifiedKey = (round: number, at: number): string => `unverified/${round}/${at}`;
/** `part` names a text of the recap: `title`, `body/1`. */
export const recapKey = (round: number, part: string): string => `recap/${round}/${part}`;
export const synthesisKey = (part: string): string => `synthesis/${part}`;

/**
 * Answers, claims with what was said to them, quotes that could not be verified, and what summed them up, round by
 * round; the synthesis behind all of them.
 */
export function findables(
  rounds: RoundView[],
  wordsOf: (round: RoundView, model: ModelId) => string,
  synthesis: SessionSynthesis | null = null,
): Findable[] {
  const ofRounds = rounds.flatMap((round) => [...answersOf(round, wordsOf), ...claimsOf(round), ...unverifiedOf(round), ...recapOf(round)]);
  return synthesis ? [...ofRounds, ...synthesisOf(synthesis, rounds.at(-1)?.index ?? 0)] : ofRounds;
}

/** Every occurrence in the order of the texts. */
export function hitsIn(texts: Findable[], query: string): Hit[] {
  return texts.flatMap(({ key, place, text }) => occurrences(text, query).map((_, nth) => ({ key, place, nth })));
}

/** Where `query` begins in a text, however either is cased, spaced or quoted. */
export function occurrences(text: string, query: string): number[] {
  const [hay, wanted] = [folded(text), folded(query).trim()];
  const found: number[] = [];
  if (wanted === "") return found;
  for (let at = hay.indexOf(wanted); at >= 0; at = hay.indexOf(wanted, at + wanted.length)) found.push(at);
  return found;
}

/** Units that an occurrence covers. */
export function lengthOf(query: string): number {
  return query.trim().length;
}

/** Words of Markdown as they are drawn, run after run. */
export const drawnText = remembered((source) => {
  const pieces = readBlocks(source.replace(/\r\n|\r/g, "\n")).flatMap((block) => piecesOf(block.nodes));
  return pieces.map(({ text, start }) => (start === null ? "" : text)).join("");
});

const quoted = remembered(plain);

function answersOf(round: RoundView, wordsOf: (round: RoundView, model: ModelId) => string): Findable[] {
  return round.answers.map(({ model }) => ({
    key: answerKey(round.index, model),
    place: { kind: "answer", round: round.index, model },
    text: drawnText(wordsOf(round, model)),
  }));
}

function claimsOf(round: RoundView): Findable[] {
  return (round.claim_map?.claims ?? []).flatMap((claim) => {
    const place: Place = { kind: "claim", round: round.index, claim: claim.id };
    const comments = claim.positions.map(({ comment }, at) => ({ key: positionKey(round.index, claim.id, at), place, text: comment }));
    return [{ key: claimKey(round.index, claim.id), place, text: quoted(claim.quote) }, ...comments];
  });
}

function unverifiedOf(round: RoundView): Findable[] {
  return (round.claim_map?.unverified ?? []).map(({ quote }, at) => ({
    key: unverifiedKey(round.index, at),
    place: { kind: "unverified", round: round.index, at },
    text: quoted(quote),
  }));
}

function recapOf({ index, recap: { recap } }: RoundView): Findable[] {
  if (!recap) return [];
  const place: Place = { kind: "recap", round: index };
  const text = (part: string, text: string): Findable => ({ key: recapKey(index, part), place, text });
  return [
    text("title", recap.title),
    text("tldr", recap.tldr),
    ...recap.agenda.map((point, at) => text(`agenda/${at}`, point)),
    ...recap.sections.flatMap(({ heading, body }, at) => [text(`heading/${at}`, heading), text(`body/${at}`, drawnText(body))]),
  ];
}

function synthesisOf({ title, tldr, origin, arcs }: SessionSynthesis, round: number): Findable[] {
  const place: Place = { kind: "synthesis", round };
  const text = (part: string, text: string): Findable => ({ key: synthesisKey(part), place, text });
  return [
    text("title", title),
    text("tldr", tldr),
    text("origin", origin),
    ...arcs.flatMap((arc, at) => [text(`heading/${at}`, arc.title), text(`body/${at}`, drawnText(arc.body))]),
  ];
}

function remembered(read: (source: string) => string): (source: string) => string {
  const known = new Map<string, string>();
  return (source) => {
    const found = known.get(source) ?? read(source);
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(source, found);
    return found;
  };
}

// Unit for unit, so that a place in the folded text is the same place in the text.
function folded(text: string): string {
  const plainer = text.replace(/\s/g, " ").replace(/[‘’‚]/g, "'").replace(/[“”„]/g, '"').replace(/[‐-―]/g, "-");
  const lower = plainer.toLowerCase();
  return lower.length === plainer.length ? lower : Array.from(plainer, lowered).join("");
}

// A letter whose lower case is longer stays as it is.
function lowered(letter: string): string {
  const lower = letter.toLowerCase();
  return lower.length === letter.length ? lower : letter;
}
