import { SvelteMap } from "svelte/reactivity";
import type { ModelId } from "../../../../generated/ModelId";
import type { RoundView } from "../../../../generated/RoundView";
import type { Snippet } from "../../../../generated/Snippet";
import type { SnippetAck } from "../../../../generated/SnippetAck";
import { forWire, type DraftSnippet, type KeptSnippet } from "./draft.svelte";

/** Words under the name that they are taken for. */
type Named = Pick<DraftSnippet, "quote" | "quoted_model">;

/** What Husting is to look for among what was said, with what takes its answer. */
export interface Sought {
  snippets: Snippet[];
  found: (acks?: SnippetAck[]) => void;
}

/** How Husting found the words in the tray, by words and name: what else is typed there changes nothing of it. */
export class Verified {
  readonly #acks = new SvelteMap<string, SnippetAck>();
  /** Those that were looked for since anything was said. */
  #fresh: string[] = [];
  #said = "";

  /** None where all are known, and else all of them: a refusal names its place in the tray. */
  sought(snippets: KeptSnippet[], newest: RoundView): Sought {
    const said = `${newest.round_id}/${newest.status}`;
    if (said !== this.#said) [this.#said, this.#fresh] = [said, []];
    const isKnown = snippets.every((each) => this.#fresh.includes(keyOf(each)));
    // Whose words they are does not hang on what is said to them.
    const asked = isKnown ? [] : forWire({ snippets }).map((each) => ({ ...each, comment: null }));
    return { snippets: asked, found: (acks = []) => this.#found(said, asked, acks) };
  }

  /** Who said words that stand under another's name; `null` where nobody else did, or nobody knows yet. */
  saidBy(words: Named): ModelId | null {
    return this.#acks.get(keyOf(words))?.said_by ?? null;
  }

  #found(said: string, asked: Snippet[], acks: SnippetAck[]): void {
    // More was said since: the words may be found elsewhere by now.
    if (said !== this.#said) return;
    for (const ack of acks) {
      const words = asked[ack.index];
      if (!words) continue;
      this.#fresh.push(keyOf(words));
      this.#acks.set(keyOf(words), ack);
    }
  }
}

function keyOf({ quote, quoted_model }: Named): string {
  return JSON.stringify([quoted_model, quote]);
}
