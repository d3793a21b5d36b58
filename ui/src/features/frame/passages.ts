import type { FoundPassage } from "../../generated/FoundPassage";
import { fragmentWords } from "../../markdown/fragment";

/** A sentence that was found, where it stands first among those that lead to its words, and at how many more places of its session. */
export interface SaidOnce {
  passage: FoundPassage;
  more: number;
}

/** Letters from which on the end of one sentence is another: what stands above a sentence runs into it on the line. */
const TELLING = 24;
const SENTENCE_END = /[.!?…]["'”’)\]]*\s+/gu;

/** Passages, a sentence that several of a session say once, in the order in which each was found first. */
export function saidOnce(passages: FoundPassage[]): SaidOnce[] {
  const found: (SaidOnce & { sentence: string })[] = [];
  for (const passage of passages) {
    const sentence = sentenceOf(passage);
    const same = found.find((each) => each.passage.session_id === passage.session_id && isSame(each.sentence, sentence));
    if (!same) {
      found.push({ passage, more: 0, sentence });
      continue;
    }
    same.more += 1;
    if (sentence.length < same.sentence.length) same.sentence = sentence;
    if (!leadsToWords(same.passage) && leadsToWords(passage)) same.passage = passage;
  }
  return found;
}

/** A question that says what its session is called. */
export function saysTitle(passage: FoundPassage): boolean {
  const [sentence, title] = [sentenceOf(passage), plain(passage.title)];
  return passage.kind === "question" && title !== "" && (title.includes(sentence) || sentence.startsWith(title));
}

/** What is looked for is marked where such a passage stands. */
export function leadsToWords({ kind, hit, model }: FoundPassage): boolean {
  return hit !== "" && (kind === "recap" || kind === "synthesis" || (kind === "answer" && model !== null));
}

/** The sentence around what was found, to be compared. */
function sentenceOf({ before, hit, after }: FoundPassage): string {
  const begun = [...before.matchAll(SENTENCE_END)].at(-1);
  const [end] = after.matchAll(SENTENCE_END);
  return plain(`${begun ? before.slice(begun.index + begun[0].length) : before}${hit}${end ? after.slice(0, end.index) : after}`);
}

function plain(words: string): string {
  return fragmentWords(words).toLowerCase().replace(/^[…\s]+|[…\s.!?]+$/gu, "");
}

function isSame(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return short === long || (short.length >= TELLING && long.endsWith(short));
}
