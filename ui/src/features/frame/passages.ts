import type { FoundPassage } from "../../generated/FoundPassage";
import { fragmentWords } from "../../markdown/fragment";

/** A sentence that was found, where it stands first among those that lead to its words, and at how many more places of its session. */
export interface SaidOnce {
  passage: FoundPassage;
  more: number;
}

/** Passages, a sentence that several of a session say once, in the order in which each was found first. */
export function saidOnce(passages: FoundPassage[]): SaidOnce[] {
  const found: (SaidOnce & { sentence: string })[] = [];
  for (const passage of passages) {
    const sentence = plain(passage.sentence);
    const same = found.find((each) => sentence !== "" && each.sentence === sentence && each.passage.session_id === passage.session_id);
    if (!same) {
      found.push({ passage, more: 0, sentence });
      continue;
    }
    same.more += 1;
    if (!leadsToWords(same.passage) && leadsToWords(passage)) same.passage = passage;
  }
  return found;
}

/** A question that says what its session is called. */
export function saysTitle(passage: FoundPassage): boolean {
  const [sentence, title] = [plain(passage.sentence), plain(passage.title)];
  return passage.kind === "question" && title !== "" && sentence !== "" && (title.includes(sentence) || sentence.startsWith(title));
}

/** What is looked for is marked where such a passage stands. */
export function leadsToWords({ kind, hit, model }: FoundPassage): boolean {
  return hit !== "" && (kind === "recap" || kind === "synthesis" || (kind === "answer" && model !== null));
}

/** As sentences are compared. A question and what answers it may have the same words, and are not the same. */
function plain(words: string): string {
  return fragmentWords(words).toLowerCase().replace(/[…\s.!]+$/u, "");
}
