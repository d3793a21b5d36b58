import type { Convene } from "../../../generated/Convene";
import { beginningOf } from "../../../components/bounded";
import { LeftOut } from "../../../components/left-out.svelte";
import { readFiles, type DroppedFile } from "../../../platform";
import { money, parseMoney, roundMoney, wholeMills } from "../../../format/money";
import { characters, utf8 } from "../../../format/numbers";
import { LENGTHS } from "../../../generated/lengths";
import { RANGES } from "../../../generated/ranges";
import type { Console } from "../../../state/console.svelte";
import { m } from "../../../messages";
import { templates } from "../../../messages/templates";
import { joined, unsent } from "../../../state/begun";
import { parsed } from "../../../state/drafts";
import { Keeper } from "../../../state/keeper.svelte";
import { ShownDrafts } from "../../../state/shown-drafts";
import { undoLine } from "../../../state/undo.svelte";
import { limitFault } from "../../wallet/raise";
import { exhaustion, type Exhaustion } from "../../wallet/shortage";
import { added, asReference, bytesOf, toldApart } from "./files";
import type { Estimate } from "./estimate.svelte";
import { beyondBytes, counted, overflows, tokensAbout, type Overflow } from "./fit";

const DRAFT_LIMIT = 5 * 1024 * 1024;
/** The draft of whoever begins with nothing. */
const NEW_DRAFT = "new";
/** The template that asks nothing. */
const BLANK = "blank";

const shown = new ShownDrafts<NewDraft>((draft) => draft.load());

/** What a question cannot be sent without. */
export type Lack = keyof typeof m.convene.lacks;

/** What a person has typed toward a new deliberation. It outlives the screen: every change is kept as a draft. */
export class NewDraft {
  question = $state("");
  /** Words that are not in the question because no field lays out as many: what was pasted last, or the end of a draft. */
  readonly leftOut = new LeftOut(() => this.question);
  files: DroppedFile[] = $state.raw([]);
  refusals: string[] = $state.raw([]);
  /** A file that is being read, which of a PDF takes a while: before page `page` of `pages`, both 0 before the first. */
  reading: { name: string; page: number; pages: number } | null = $state.raw(null);
  /** `null` takes whom the default panel seats. */
  models: string[] | null = $state.raw(null);
  blind = $state(true);
  /** The round is to be recapped. */
  recap = $state(false);
  /** One's own words begin with nothing, but where they fill a template that was chosen. */
  filled = $state(BLANK);
  /** It is noted that the session may serve to improve the platform. */
  consent = $state(false);
  /** As typed; empty means none. */
  spend = $state("");
  tokens = $state("");
  deadline = $state("");
  /** A question that no field lays out, beside the beginning of it that one does. */
  #uncut: { shown: string; whole: string } | null = $state.raw(null);
  readonly #keeper: Keeper;
  #loaded: Promise<void> | undefined;
  #toRead: File[] = [];
  #stop = new AbortController();

  constructor(
    private readonly host: Console,
    /** Under which name it is kept. */
    readonly key = NEW_DRAFT,
    /** Has the host's own count of what each seat would read, once there is one. */
    private readonly estimate: Estimate | null = null,
  ) {
    this.#keeper = new Keeper(host.drafts, key);
  }

  /** The kept draft has been read: from here on changes are kept. */
  get ready(): boolean {
    return this.#keeper.ready;
  }

  /** It is for the default panel, which waits for keys. */
  get waits(): boolean {
    return this.models === null && (this.host.shared?.panel.waits_for_keys ?? false);
  }

  /** Who would be seated, in panel order. */
  get seats(): string[] {
    return this.models ?? this.host.shared?.panel.seats ?? [];
  }

  /** The rehearsal seats, which can always be called. */
  get rehearsal(): string[] {
    return (this.host.shared?.models.models ?? []).filter(({ kind }) => kind === "rehearsal").map(({ id }) => id);
  }

  /** Why fewer than two seats can be called but in rehearsal, where the limit is why. */
  get exhausted(): Exhaustion | null {
    const callable = (this.host.shared?.models.models ?? []).filter(({ kind, available }) => kind !== "rehearsal" && available);
    return callable.length < 2 ? exhaustion(this.host, undefined, "round") : null;
  }

  rehearse(): void {
    this.models = this.rehearsal;
  }

  get referenceBytes(): number {
    return bytesOf(this.files);
  }

  /** Tokens of the document, roughly; read once, however much is typed beside it. */
  readonly #document = $derived.by(() => this.files.reduce((sum, file) => sum + tokensAbout(file.text), 0));

  /** Characters of the question; read once, however many ask for them. */
  readonly length = $derived.by(() => characters(this.question));

  /** No panel is asked that much: until it is shorter, nothing else that it leads to matters. */
  get tooLong(): boolean {
    return this.length > LENGTHS.prompt;
  }

  /** It can become the reference instead: there is none, and what its field takes is less than one holds. */
  get canBeReference(): boolean {
    return this.tooLong && this.files.length === 0 && this.reading === null;
  }

  /** Models whose window cannot hold what is read and an answer; none while the question is not one that would be read. */
  readonly overflows: Map<string, Overflow> = $derived.by(() => {
    if (this.tooLong) return overflows([], 0, 0);
    const { models, settings } = this.host.shared ?? {};
    const read = this.#document + tokensAbout(this.question);
    const guessed = overflows(models?.models ?? [], read, this.outputTokens ?? settings?.panel_max_output_tokens ?? 0);
    const { view, current } = this.estimate ?? {};
    // Of other words than these the host's count says nothing.
    return view && current ? counted(guessed, view.seats, beyondBytes(read, this.referenceBytes + this.questionBytes)) : guessed;
  });

  /** Two seats at least can hold what they would read. */
  get fits(): boolean {
    return this.seats.filter((id) => !this.overflows.has(id)).length >= 2;
  }

  get questionBytes(): number {
    return utf8(this.question);
  }

  /** The spending cap in micro-dollars; `null` for none, `undefined` while it cannot be one. */
  get spendLimit(): number | null | undefined {
    if (this.spend.trim() === "") return null;
    return this.spendFault ? undefined : (parseMoney(this.spend) ?? undefined);
  }

  /** What is wrong with the cap as it is typed. */
  get spendFault(): string | null {
    if (this.spend.trim() === "") return null;
    return limitFault(this.spend) ?? (parseMoney(this.spend) === 0 ? m.convene.badCap : null);
  }

  /** Why the round would not run, or not whole, under a cap that can be one; `null` where it fits, or nothing is known of it yet. */
  get spendShort(): string | null {
    const cap = this.tooLong ? Infinity : (this.spendLimit ?? Infinity);
    const { view } = this.estimate ?? {};
    const seated = (this.host.shared?.models.models ?? []).filter(({ id }) => this.seats.includes(id) && !this.overflows.has(id));
    const minimums = seated.reduce((sum, { minimum }) => sum + minimum, 0);
    // A letter more changes little: what was said of these seats holds until more is known.
    const isOfThese = view?.seats.length === this.seats.length && view.seats.every(({ model }) => this.seats.includes(model));
    const least = view && isOfThese ? Math.max(minimums, view.least) : minimums;
    if (cap < least) return m.convene.capRefuses(roundMoney(wholeMills(least)));
    const hold = view?.hold ?? 0;
    return cap < hold ? m.convene.capLowers(money(wholeMills(hold), 3)) : null;
  }

  get outputTokens(): number | null | undefined {
    return whole(this.tokens, RANGES.panel_max_output_tokens);
  }

  get deadlineSeconds(): number | null | undefined {
    return whole(this.deadline, RANGES.panel_deadline_seconds);
  }

  /** What keeps it from being sent, the first of it; `null` once everything is there and can be read. */
  get lacks(): Lack | null {
    if (this.question.trim() === "") return "question";
    if (!this.ready) return "draft";
    if (this.tooLong) return "length";
    if (this.unfilled) return "filling";
    if (this.reading !== null) return "reading";
    if (this.seats.length < 2) return this.exhausted ? "limit" : "seats";
    if (!this.fits) return "windows";
    return [this.spendLimit, this.outputTokens, this.deadlineSeconds].includes(undefined) ? "figures" : null;
  }

  /** Reads files that were dropped, chosen or pasted, one after the other, and takes them. Answers whether it took them all: not where one was refused, nor where another reading goes on with them. */
  async read(files: Iterable<File>): Promise<boolean> {
    this.#toRead.push(...files);
    if (this.reading !== null) return false;
    const { signal } = this.#stop;
    const refused: string[] = [];
    try {
      for (let file = this.#toRead.shift(); file; file = this.#toRead.shift()) {
        this.reading = { name: file.name, page: 0, pages: 0 };
        const read = await readFiles([file], { onpage: (name, page, pages) => (this.reading = { name, page, pages }), signal });
        const { files, refusals } = added(this.files, read);
        refused.push(...refusals);
        [this.files, this.refusals] = [files, [...refused]];
      }
      return refused.length === 0;
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
      return false;
    } finally {
      this.reading = null;
    }
  }

  /** Reads nothing more; what was read stays. */
  stopReading(): void {
    this.#toRead = [];
    this.#stop.abort();
    this.#stop = new AbortController();
  }

  /** The command's arguments. */
  request(): Convene {
    return {
      prompt: this.question,
      models: this.seats,
      blind: this.blind,
      recap_round: this.recap,
      ...(this.consent ? { improvement_consent: true } : {}),
      ...asReference(this.files),
      ...(this.spendLimit ? { spend_limit: this.spendLimit } : {}),
      ...(this.outputTokens ? { max_output_tokens: this.outputTokens } : {}),
      ...(this.deadlineSeconds ? { deadline_seconds: this.deadlineSeconds } : {}),
    };
  }

  /** Reads what was kept. What has been typed or added meanwhile stands behind it. */
  load(): Promise<void> {
    return (this.#loaded ??= this.#load());
  }

  #load(): Promise<void> {
    // A template that was only picked is nobody's question, and goes behind none.
    const whole = () => this.#bodyWith([], this.begun === null ? this.question : "");
    return this.#keeper.readBeside(whole, (kept) => {
      const { files } = this;
      this.#restore(kept);
      ({ files: this.files, refusals: this.refusals } = added(this.files, { files, refused: [] }));
    });
  }

  /** Shows what another console writes at the same, until it is ended by what this returns. */
  follow(): () => void {
    const take = (body: string) => {
      const only = this.#leavesFilesOut() ? this.files : null;
      this.#reset();
      this.#restore(parsed(body) ?? {});
      if (only) this.files = only;
      return this.body();
    };
    const ends = [shown.show(this.key, this), this.#keeper.follow(take)];
    return () => ends.forEach((end) => end());
  }

  /** Takes the question and the document of a session, for the default panel. @throws {RpcError} */
  async repeat(session_id: string): Promise<void> {
    const { rounds, reference, reference_name, blind } = await this.host.call("get_session", { session_id });
    this.question = rounds[0]?.prompt ?? "";
    this.files = reference ? [{ name: reference_name ?? "", text: reference, bytes: utf8(reference) }] : [];
    [this.blind, this.models] = [blind, null];
  }

  /** The draft as text: reading it in an effect notices every change. */
  body(): string {
    if (this.blank) return "";
    // A document too large for a draft is left out of it; the question never is.
    return this.#leavesFilesOut() ? this.#bodyWith([]) : this.#bodyWith(this.files);
  }

  /** The question with what its field leaves out of it: nobody's words go for being looked at. */
  get #whole(): string {
    return this.#uncut?.shown === this.question ? this.#uncut.whole : this.question;
  }

  #bodyWith(files: DroppedFile[], question = this.#whole): string {
    const { models, blind, recap, consent, spend, tokens, deadline } = this;
    return JSON.stringify({ question, files, models, blind, recap, consent, spend, tokens, deadline });
  }

  #leavesFilesOut(): boolean {
    return this.#bodyWith(this.files).length > DRAFT_LIMIT;
  }

  /** A gap of the template that it was begun from is still there. */
  get unfilled(): boolean {
    return templates.some(({ question }) => this.question.includes(endOf(question)) && gapsOf(question).some((gap) => this.question.includes(gap)));
  }

  /** Nothing has been asked or added yet: a template that was only picked is nobody's question, and is not kept as a draft. */
  get blank(): boolean {
    return templates.some(({ question }) => question === this.question) && this.files.length === 0;
  }

  /** Keeps a body soon, or at once. */
  keep(body: string, atOnce = false): void {
    this.#keeper.keep(body, atOnce);
  }

  /** The template that the question is, word by word. */
  get begun(): string | null {
    return templates.find(({ question }) => question === this.question)?.id ?? null;
  }

  /** Somebody wrote a question of their own. */
  get own(): boolean {
    return this.question.trim() !== "" && this.begun === null;
  }

  /** Begins from a template; the line at the foot puts back the own words whose place it takes. */
  begin(id: string): void {
    const chosen = templates.find((each) => each.id === id);
    // A blank beginning takes nobody's words away.
    if (!chosen || (this.own && chosen.question === "")) return;
    const [question, { filled, own }] = [this.#whole, this];
    [this.question, this.filled] = [chosen.question, chosen.id];
    if (own) this.#offer(m.convene.replaced(chosen.label), (draft) => draft.#putAsked(question, filled, chosen.question));
  }

  #asFile(): DroppedFile {
    const text = this.#whole;
    return { name: m.convene.wasQuestion, text, bytes: utf8(text) };
  }

  /** Makes the question the reference, with room for another; the line at the foot puts it back. */
  toReference(): void {
    if (!this.canBeReference) return;
    const [question, { filled }] = [this.#whole, this];
    const file = this.#asFile();
    [this.question, this.filled, this.files, this.refusals] = ["", BLANK, [file], []];
    this.#offer(m.convene.movedToReference, (draft) => {
      draft.files = draft.files.filter(({ name, text }) => name !== file.name || text !== file.text);
      // A template that was only picked meanwhile is nobody's question.
      draft.#putAsked(question, filled, draft.begun === null ? "" : draft.question);
    });
  }

  /** Takes a file out; the line at the foot puts it back where it was. */
  remove(file: DroppedFile): void {
    const at = this.files.indexOf(file);
    this.files = this.files.filter((each) => each !== file);
    // What was refused of files before was read by whoever sees to them now.
    this.refusals = [];
    this.#offer(m.convene.removed(file.name), (draft) => draft.#putBack(file, at));
  }

  /** Forgets what was sent. What was typed or added meanwhile stays, with all that was chosen for it. */
  sent(question: string, files: DroppedFile[]): void {
    undoLine.over(this.key);
    this.question = unsent(this.question, question);
    // News from another console makes them anew.
    this.files = this.files.filter((each) => !files.some(({ name, text }) => name === each.name && text === each.text));
    this.refusals = [];
    if (this.blank) this.#reset();
    this.keep(this.body(), true);
  }

  /** Takes a change back in whichever draft of this key stands then. */
  #offer(done: string, back: (draft: NewDraft) => void): void {
    const { host, key } = this;
    const change = async (draft: NewDraft) => {
      back(draft);
      await draft.#keeper.keepNow(draft.body());
    };
    undoLine.show({ done, undo: () => shown.change(key, () => new NewDraft(host, key), change), of: key });
  }

  /** What was written since into the template that took its place stays, behind it. */
  #putAsked(question: string, filled: string, template: string): void {
    this.#ask(this.question === template ? question : joined(question, this.question));
    this.filled = filled;
  }

  /** It may have been added again meanwhile, or another one under its name. */
  #putBack(file: DroppedFile, at: number): void {
    const back = toldApart(this.files, file);
    if (back) this.files = this.files.toSpliced(at, 0, back);
  }

  /** Takes a kept question. Its field has as much of it as it lays out; the whole stays kept until somebody changes that. */
  #ask(question: string): void {
    this.question = beginningOf(question, LENGTHS.prompt);
    this.#uncut = this.question === question ? null : { shown: this.question, whole: question };
    if (this.#uncut) this.leftOut.tell(m.convene.draftCut(characters(question), characters(this.question)));
  }

  #reset(): void {
    this.models = null;
    [this.spend, this.tokens, this.deadline] = ["", "", ""];
    [this.blind, this.recap, this.consent] = [true, false, false];
  }

  #restore(kept: Record<string, unknown>): void {
    this.#ask(typeof kept.question === "string" ? kept.question : "");
    this.files = Array.isArray(kept.files) ? (kept.files as DroppedFile[]) : [];
    this.models = Array.isArray(kept.models) ? (kept.models as string[]) : null;
    [this.blind, this.recap, this.consent] = [kept.blind !== false, kept.recap === true, kept.consent === true];
    for (const name of ["spend", "tokens", "deadline"] as const) {
      if (typeof kept[name] === "string") this[name] = kept[name];
    }
  }
}

function whole(text: string, { least, most }: { least: number; most: number }): number | null | undefined {
  const plain = text.replace(/[\s,]/g, "");
  if (plain === "") return null;
  const value = /^\d{1,9}$/.test(plain) ? Number(plain) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

/** A template's gaps, each with the words before it. */
function gapsOf(template: string): string[] {
  return template.match(/[^…\n]+…/g) ?? [];
}

/** The last paragraph has no gaps: whose question ends so was begun from this template. */
function endOf(template: string): string {
  return template.split("\n").at(-1) ?? template;
}
