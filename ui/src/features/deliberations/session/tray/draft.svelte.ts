import type { Stance } from "../../../../components/stance";
import { STANCES } from "../../../../components/stance";
import type { ModelId } from "../../../../generated/ModelId";
import type { Snippet } from "../../../../generated/Snippet";
import { DRAFT_OF } from "../../../../generated/drafts";
import { LENGTHS } from "../../../../generated/lengths";
import { m } from "../../../../messages";
import type { Console } from "../../../../state/console.svelte";
import { unsent } from "../../../../state/begun";
import { parsed } from "../../../../state/drafts";
import { Keeper } from "../../../../state/keeper.svelte";
import { ShownDrafts } from "../../../../state/shown-drafts";
import { undoLine } from "../../../../state/undo.svelte";

/** A snippet that is being written. */
export interface DraftSnippet {
  type: Stance;
  quote: string;
  quoted_model: ModelId;
  comment: string;
  /** Words nobody said: forwarded as the moderator's own. */
  own: boolean;
}

/** The same with an identity for lists. */
export interface KeptSnippet extends DraftSnippet {
  key: number;
}

/** What a round is asked for with. */
export interface TakenDraft {
  prompt: string;
  snippets: KeptSnippet[];
  recap: boolean;
  synthesis: boolean;
}

/** The snippets as they cross. */
export function forWire({ snippets }: Pick<TakenDraft, "snippets">): Snippet[] {
  return snippets.map(({ type, quote, quoted_model, comment }) => ({
    type,
    quote,
    quoted_model,
    comment: comment.trim() || null,
    confidence: null,
  }));
}

const shown = new ShownDrafts<Draft>((draft) => draft.restore());

/** What the operator has put together for the next round; kept on disk a moment after each change. */
export class Draft {
  prompt = $state("");
  snippets: KeptSnippet[] = $state([]);
  /** The round is to be recapped. */
  recap = $state(false);
  /** And the session summed up behind it. */
  synthesis = $state(false);
  /** A 51st snippet was refused. */
  full = $state(false);

  /** Under which name it is kept. */
  readonly key: string;
  #nextKey = 1;
  #touched = false;
  #restored: Promise<void> | undefined;
  readonly #keeper: Keeper;

  constructor(
    private readonly console: Console,
    private readonly session: string,
  ) {
    this.key = DRAFT_OF.tray(session);
    this.#keeper = new Keeper(console.drafts, this.key);
  }

  /** The newest state could not be kept. */
  get unkept(): boolean {
    return this.#keeper.unkept;
  }

  /** What was kept could not be read. */
  get unread(): boolean {
    return this.#keeper.unread;
  }

  /** What was kept stands here. */
  get ready(): boolean {
    return this.#keeper.ready;
  }

  get isEmpty(): boolean {
    return this.prompt === "" && this.snippets.length === 0 && !this.recap && !this.synthesis;
  }

  /** Brings back what was kept. What was written meanwhile stands behind it. */
  restore(): Promise<void> {
    return (this.#restored ??= this.#restore());
  }

  /** Tries again what could not be read or kept, as somebody answers again. */
  async again(): Promise<void> {
    if (this.unread) await this.#restore();
    if (this.unkept) await this.keep();
  }

  async #restore(): Promise<void> {
    await this.#keeper.readBeside(() => this.#whole(), (kept) => this.#read(kept));
    if (this.#touched) this.#changed();
  }

  /** Shows what another console puts together for the same round, until it is ended by what this returns. */
  follow(): () => void {
    const take = (body: string) => (this.#read(parsed(body) ?? {}), this.#body());
    const ends = [shown.show(this.key, this), this.#keeper.follow(take)];
    return () => ends.forEach((end) => end());
  }

  /** Adds words. The same words again only change their stance. */
  add(snippet: DraftSnippet): void {
    const known = this.#knownAs(snippet);
    if (known) return this.edit(known.key, { type: snippet.type });
    this.full = this.snippets.length >= LENGTHS.snippets;
    if (this.full) return;
    this.snippets.push({ ...snippet, key: this.#nextKey++ });
    this.#changed();
  }

  edit(key: number, change: Partial<DraftSnippet>): void {
    this.snippets = this.snippets.map((each) => (each.key === key ? { ...each, ...change } : each));
    this.#changed();
  }

  /** Takes a snippet out; the line at the foot puts it back where it was. */
  remove(key: number): void {
    const at = this.snippets.findIndex((each) => each.key === key);
    const [taken] = this.snippets.splice(at, 1);
    if (!taken) return;
    this.full = false;
    this.#changed();
    const { console, session } = this;
    const undo = () => shown.change(this.key, () => new Draft(console, session), (draft) => draft.#putBack(bare(taken), at));
    undoLine.show({ done: m.session.tray.removed, undo, of: this.key });
  }

  write(prompt: string): void {
    this.prompt = prompt;
    this.#changed();
  }

  /** Chooses what is written behind the round. */
  choose(choice: { recap?: boolean; synthesis?: boolean }): void {
    Object.assign(this, choice);
    this.#changed();
  }

  /** Everything as it stands now, for a round that is about to be asked for. */
  taken(): TakenDraft {
    const { prompt, snippets, recap, synthesis } = this;
    return { prompt, snippets: snippets.map((each) => ({ ...each })), recap, synthesis };
  }

  /** Takes out what a round has taken over; what was added or changed meanwhile stays for the next one. */
  sent(taken: TakenDraft): void {
    const isSent = (each: KeptSnippet) => taken.snippets.some(({ key, type, comment }) => key === each.key && type === each.type && comment === each.comment);
    undoLine.over(this.key);
    this.prompt = unsent(this.prompt, taken.prompt);
    this.snippets = this.snippets.filter((each) => !isSent(each));
    if (this.recap === taken.recap) this.recap = false;
    if (this.synthesis === taken.synthesis) this.synthesis = false;
    this.#changed();
    void this.keep();
  }

  /** UTF-8 bytes that the next round sends to each seat. */
  get bytes(): number {
    const words = this.snippets.map((each) => each.quote + each.comment).join("");
    return new TextEncoder().encode(this.prompt + words).length;
  }

  /** Keeps it now. */
  async keep(): Promise<void> {
    if (this.#touched) await this.#keeper.keepNow(this.#body());
  }

  /** It may have been added again meanwhile: then that one stays, with what was said to it. */
  async #putBack(snippet: DraftSnippet, at: number): Promise<void> {
    const known = this.#knownAs(snippet);
    if (known) return this.edit(known.key, { comment: known.comment || snippet.comment });
    this.full = this.snippets.length >= LENGTHS.snippets;
    if (this.full) return;
    this.snippets.splice(at, 0, { ...snippet, key: this.#nextKey++ });
    this.#changed();
    await this.keep();
  }

  #knownAs({ quote, quoted_model }: DraftSnippet): KeptSnippet | undefined {
    return this.snippets.find((each) => each.quote === quote && each.quoted_model === quoted_model);
  }

  #body(): string {
    return this.isEmpty ? "" : this.#whole();
  }

  // What lists know a snippet by is of this console alone.
  #whole(): string {
    const { prompt, snippets, recap, synthesis } = this;
    return JSON.stringify({ prompt, snippets: snippets.map(bare), recap, synthesis });
  }

  #changed(): void {
    this.#touched = true;
    this.#keeper.keep(this.#body());
  }

  #read(kept: Record<string, unknown>): void {
    this.prompt = typeof kept.prompt === "string" ? kept.prompt : "";
    [this.recap, this.synthesis] = [kept.recap === true, kept.synthesis === true];
    const snippets = Array.isArray(kept.snippets) ? kept.snippets.filter(isSnippet) : [];
    // One that stands here already keeps its place in the list, and the focus in it.
    this.snippets = snippets.map((each) => ({ ...each, key: this.#knownAs(each)?.key ?? this.#nextKey++ }));
  }
}

/** Without what one console's lists know it by. */
function bare({ type, quote, quoted_model, comment, own }: DraftSnippet): DraftSnippet {
  return { type, quote, quoted_model, comment, own };
}

function isSnippet(value: unknown): value is DraftSnippet {
  const each = value as Partial<DraftSnippet> | null;
  return (
    typeof each?.quote === "string" &&
    typeof each.quoted_model === "string" &&
    typeof each.comment === "string" &&
    typeof each.own === "boolean" &&
    STANCES.some((stance) => stance === each.type)
  );
}
