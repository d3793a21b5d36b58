import type { Claim } from "../../../../generated/Claim";
import type { RoundView } from "../../../../generated/RoundView";
import type { SeatCallView } from "../../../../generated/SeatCallView";
import type { SentenceView } from "../../../../generated/SentenceView";
import type { Mark } from "../../../../markdown/marks";

/** A claim about words of an answer, with the round whose map it stands in. */
export interface QuotedPassage {
  id: string;
  round: number;
  claim: Claim;
}

/** The id under which a claim is chosen: ids are only distinct inside a round. */
export const passageId = (round: number, claim: Pick<Claim, "id">): string => `${round}/${claim.id}`;

/** Every passage of one answer that a map speaks of, in the order of the words; the newest map speaks for a span. */
export function passagesOf(rounds: RoundView[], roundIndex: number, model: string): QuotedPassage[] {
  const bySpan = new Map<string, QuotedPassage>();
  for (const round of rounds) {
    for (const claim of round.claim_map?.claims ?? []) {
      const { source } = claim;
      if (source.round_index !== roundIndex || source.model !== model) continue;
      bySpan.set(`${source.start}-${source.end}`, { id: passageId(round.index, claim), round: round.index, claim });
    }
  }
  return [...bySpan.values()].sort((a, b) => a.claim.source.start - b.claim.source.start);
}

/** The sentences that a span touches. */
export function touched(sentences: SentenceView[], start: number, end: number): SentenceView[] {
  return sentences.filter((sentence) => sentence.start < end && sentence.end > start);
}

/** "4", or "4–6": the sentences of a span. */
export function numbersOf(sentences: SentenceView[], start: number, end: number): string {
  const own = touched(sentences, start, end);
  const [first, last] = [own[0]?.number, own.at(-1)?.number];
  if (first === undefined || last === undefined) return "";
  return first === last ? String(first) : `${first}–${last}`;
}

/** Quoted sentences dotted, the chosen one tinted with its words marked. */
export function marksOf(call: SeatCallView, passages: QuotedPassage[], chosen: string | null): Mark[] {
  const quoted = passages.map((passage) => mark(call, passage, "quoted"));
  const found = passages.find((passage) => passage.id === chosen);
  if (!found) return quoted;
  const { start, end } = found.claim.source;
  return [
    ...quoted.filter((each) => each.id !== chosen),
    mark(call, found, "chosen"),
    { start, end, kind: "words", id: found.id },
  ];
}

/** A number for each sentence, the chosen passage's told apart. */
export function anchorsOf(call: SeatCallView, letter: string, chosen: QuotedPassage | undefined): Anchor[] {
  const own = chosen ? touched(call.sentences, chosen.claim.source.start, chosen.claim.source.end) : [];
  const numbers = new Set(own.map((sentence) => sentence.number));
  return call.sentences.map(({ start, number }) => ({ at: start, label: `${letter}.${number}`, chosen: numbers.has(number) }));
}

/** A label in the margin of an answer. */
export interface Anchor {
  at: number;
  label: string;
  chosen: boolean;
}

function mark(call: SeatCallView, { id, claim }: QuotedPassage, kind: Mark["kind"]): Mark {
  const { start, end } = claim.source;
  const own = touched(call.sentences, start, end);
  return { start: own[0]?.start ?? start, end: own.at(-1)?.end ?? end, kind, id };
}
