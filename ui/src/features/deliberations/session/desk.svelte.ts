import { getContext, setContext } from "svelte";
import type { Stance } from "../../../components/stance";
import type { Claim } from "../../../generated/Claim";
import type { ModelId } from "../../../generated/ModelId";
import type { ModelView } from "../../../generated/ModelView";
import type { RoundView } from "../../../generated/RoundView";
import type { SourceSpan } from "../../../generated/SourceSpan";
import type { SessionView } from "../../../generated/SessionView";
import { toldApart, type ShownSeat } from "../../../format/seats";
import type { WordCaret } from "../../../markdown/word-caret";
import { m } from "../../../messages";
import { several } from "../../../messages/several";
import { rpcError, type RpcError } from "../../../platform";
import type { Console } from "../../../state/console.svelte";
import type { OpenSession } from "../../../state/open-session.svelte";
import { router, type SessionTab } from "../../../state/route.svelte";
import { SCREEN } from "../../../state/screen";
import { isExhausted, isPaid, isUnpayable, lacksMoneyAlone, shortageOf, type Shortage } from "../../wallet/shortage";
import { askedAgain, goneOf, hindranceOf, unreadOf } from "../hindrance";
import { Estimate } from "../new/estimate.svelte";
import { Find } from "./find/find.svelte";
import { peopleOf, steererOf } from "./steerer";
import { failedCalls } from "./summary";
import { plain } from "./words";
import { Draft } from "./tray/draft.svelte";
import { Said } from "./tray/said-in-discord.svelte";
import { Verified } from "./tray/verified.svelte";
import { readKeys, type Unread } from "../../settings/unread";

/** Of who writes recaps: Husting chooses. */
const AUTO = "auto";

/** Words that can be put into the tray, and whose they are. */
export interface Quoted {
  quote: string;
  model: ModelId;
}

/** Words selected on the screen. */
export interface SelectedWords extends Quoted {
  rect: DOMRect;
  /** Where they were selected. */
  place: string;
}

/** Whose mark stands beside words: a seat's initial, or the moderator's. */
export interface Face {
  initial: string;
  /** Says by itself who is meant. */
  name: string;
  /** The name in two lines: alone, and what tells it from its namesake. */
  short: string;
  via: string;
  human: boolean;
}

/** A claim with the round whose map it stands in. */
export interface Passage {
  round: RoundView;
  claim: Claim;
}

/** What is chosen and read in a view. */
interface Spot {
  session: string;
  reader: ModelId | null;
  chosen: string | null;
  heard: string | null;
  lookAt: { start: number; end: number } | null;
}

/** A limit that stood in the way of an act, with what was kept and what follows once it is raised. */
export interface ShortAct extends Shortage {
  kept: string;
  raised: () => void;
  /** What the button says, where more follows than that the limit is another. */
  act?: string;
}

/** An act of the operator that was refused, with what it was. */
export interface Refusal {
  happened: string;
  error: RpcError;
  /** How the seats could be called when it was asked for, where they are why; `null` for what stands until it is dismissed. */
  stand: string | null;
}

/** Codes of what is refused because a seat cannot be called as it is. */
const OF_SEATS: readonly string[] = ["ineligible_models", "unknown_models", "insufficient_active_models", "secrets_unavailable"];

/** Whoever is known by a name alone, which may begin with a sign that has two places in a text. */
function named(name: string): Face {
  return { initial: ([...name][0] ?? "").toUpperCase(), name, short: name, via: "", human: false };
}

/** One session as the operator works on it: what is shown, what is selected, what is being written. */
export class Desk {
  readonly session: OpenSession;
  readonly draft: Draft;
  readonly estimate: Estimate;
  readonly verified = new Verified();
  readonly saidInDiscord: Said;
  readonly find: Find;
  readonly #seats = $derived.by(() => toldApart(this.view?.summary.seats ?? [], this.console.marks));
  /** Selected by pointer or keyboard. */
  words: SelectedWords | null = $state.raw(null);
  /** Words are selected that no seat said in an answer: they cannot be forwarded. */
  unquotable = $state(false);
  /** Words are being chosen by keys. */
  caret: WordCaret | null = $state.raw(null);
  /** What keys put into the tray last, until they move on: the tray itself may be out of sight. */
  taken: string | null = $state(null);
  /** The chosen claim, as `passageId` names it; the matrix and the answers share it. */
  chosen: string | null = $state(null);
  /** Whose answer is read. */
  reader: ModelId | null = $state(null);
  /** Whose position on the chosen claim was asked for. */
  heard: string | null = $state(null);
  /** Words to show in the answer that are nobody's claim. */
  lookAt: { start: number; end: number } | null = $state.raw(null);
  /** How the map is shown. */
  mapAs: "graph" | "table" = $state("graph");
  /** On its way to the tray. */
  dragged: Quoted | null = $state.raw(null);
  refusal: Refusal | null = $state.raw(null);
  /** A limit stands in the way, and can be raised. */
  short: ShortAct | null = $state.raw(null);
  /** Keys of its seats are being unlocked. */
  unlocking = $state(false);
  /** `null` follows the view and the window's width. */
  trayOpen: boolean | null = $state(null);
  /** Rounds that were asked for here: each leads back to the view. */
  followed = $state(0);
  /** Read out, then forgotten. */
  said = $state("");

  constructor(
    readonly console: Console,
    readonly id: string,
  ) {
    this.session = console.open(id);
    this.draft = new Draft(console, id);
    this.estimate = new Estimate(console);
    this.saidInDiscord = new Said(console, id, (count) => (this.said = m.session.tray.discord.title(count)));
    this.find = new Find(this);
    this.cameBack(history.state);
  }

  get view(): SessionView | null {
    return this.session.view;
  }

  get rounds(): RoundView[] {
    return this.view?.rounds ?? [];
  }

  get newest(): RoundView | undefined {
    return this.rounds.at(-1);
  }

  /** The newest round broke off and no round has a claim: before it is tried again there is little to go on from. */
  get isEmptyHanded(): boolean {
    return this.newest?.can_retry === true && this.rounds.every(({ summary }) => summary.claims === 0);
  }

  /** Nobody answered its first round: until that is tried again, no other can follow. */
  get isFailed(): boolean {
    return this.view?.summary.status === "failed";
  }

  /** Nobody has answered, and nobody is about to: there are no words to take into a round. */
  get isWordless(): boolean {
    return this.rounds.every(({ status, summary }) => status !== "in_progress" && summary.answered === 0);
  }

  /** The wallet pays for no call any more, and one of these seats is paid: it is not called before the limit is raised. */
  get isUnpaid(): boolean {
    return isExhausted(this.console) && (this.view?.summary.seats ?? []).some(({ model }) => isPaid(this.console, model));
  }

  /** Why whoever is asked once more where this round is tried again would not answer; `null` where nothing is known against it. */
  hindrance(round: RoundView): string | null {
    return hindranceOf(this.console, failedCalls(round), this.#models);
  }

  /** Seats that are on this machine no more: no round can follow. */
  get gone(): string[] {
    return goneOf(this.console, this.#models);
  }

  get #models(): string[] {
    return (this.view?.summary.seats ?? []).map(({ model }) => model);
  }

  /** Whoever is asked once more is paid, and the wallet pays for no call any more: the limit mends that. */
  isUnpayable(round: RoundView): boolean {
    return isUnpayable(this.console, failedCalls(round).map(({ model }) => model));
  }

  /** It can be tried again, and nothing is known against it. */
  mayRetry(round: RoundView): boolean {
    return round.can_retry && this.hindrance(round) === null;
  }

  /** Whoever would sum up is paid, and the wallet pays for no call any more. */
  get isRecapUnpaid(): boolean {
    const { shared } = this.console;
    if (!shared || this.view?.summary.rehearsal || !isExhausted(this.console)) return false;
    const chosen = shared.settings.recap_model.split(",").map((id) => id.trim());
    const isChosen = (model: ModelView) => (chosen[0] === AUTO ? lacksMoneyAlone(model) : chosen.includes(model.id));
    const writers = shared.models.models.filter(isChosen);
    return writers.length > 0 && writers.every(({ minimum }) => minimum > 0);
  }

  /** Why keys of these seats cannot be read, though they were kept; `null` where all can. */
  get unread(): Unread | null {
    return unreadOf(this.console, this.#models);
  }

  /** The same of whom a round asks where it is tried again. */
  unreadFor(round: RoundView): Unread | null {
    return unreadOf(this.console, askedAgain(failedCalls(round), this.#models));
  }

  /** Has keys of its seats read again, by a sheet where somebody has to open them. */
  unlock(why: Unread): void {
    readKeys(why, () => (this.unlocking = true));
  }

  /** How its seats can be called now: what was refused for that is over as soon as it is another. */
  get #callable(): string {
    const { shared } = this.console;
    const seats = this.#models.map((id) => shared?.models.models.find((each) => each.id === id));
    return JSON.stringify([shared?.secrets.state, seats.map((seat) => seat && [seat.available, seat.unavailable_reason])]);
  }

  /** Takes away what was told of a refusal whose cause is gone; for an effect. */
  forgetMended(): void {
    const { refusal } = this;
    if (refusal?.stand != null && refusal.stand !== this.#callable) this.refusal = null;
  }

  /** The round is to be tried again before all else, and can be. */
  get retriesFirst(): boolean {
    return this.isEmptyHanded && !this.isUnpaid && this.newest !== undefined && this.unreadFor(this.newest) === null;
  }

  /** The round in flight. */
  get running(): RoundView | undefined {
    return this.rounds.find((round) => round.status === "in_progress");
  }

  /** The chosen claim with the round of its map. */
  get passage(): Passage | null {
    const [index, id] = (this.chosen ?? "").split("/");
    const round = this.rounds.find((each) => String(each.index) === index);
    const claim = round?.claim_map?.claims.find((each) => each.id === id);
    return round && claim ? { round, claim } : null;
  }

  /** The chosen claim's words, taken whole where nothing is selected. */
  get target(): Quoted | null {
    const { claim } = this.passage ?? {};
    return claim && !this.unquotable ? { quote: claim.quote, model: claim.originator } : null;
  }

  /** Opens an answer where the words stand; a claim of theirs is chosen too, and one reactor's position on it. */
  show(source: SourceSpan, passage: string | null = null, heard: string | null = null): void {
    const lookAt = { start: source.start, end: source.end };
    this.follow("answers", source.round_index, { reader: source.model, chosen: passage, heard, lookAt });
  }

  /** Goes from words to a place where they stand: the window's Back leads to these again, as they were left. */
  follow(tab: SessionTab, round: number, to: Partial<Omit<Spot, "session">>): void {
    const left = this.#spot;
    Object.assign(this, to);
    router.step({ place: "session", id: this.id, tab, round }, left, this.#spot);
  }

  /** What was chosen where a step through the history leads, if one was followed from there or to there. */
  cameBack(kept: unknown): void {
    this.find.stand();
    if (isSpot(kept, this.id)) [this.reader, this.chosen, this.heard, this.lookAt] = [kept.reader, kept.chosen, kept.heard, kept.lookAt];
  }

  get #spot(): Spot {
    return { session: this.id, reader: this.reader, chosen: this.chosen, heard: this.heard, lookAt: this.lookAt };
  }

  /** Shows a view of a round; without one, the view that fits the session's state. */
  go(tab: SessionTab | null, round: number | null): void {
    router.replace({ place: "session", id: this.id, tab, round: tab === null ? null : round });
  }

  seat(model: ModelId): ShownSeat {
    const known = this.#seats.find((seat) => seat.model === model);
    return known ?? { model, display_name: model, short: model, via: "", initial: this.console.marks.of(model, model), letter: "", provider: "" };
  }

  /** The focus is nowhere, or on the view or the screen as a whole: what is chosen may take it. */
  get isAdrift(): boolean {
    const at = document.activeElement;
    return at === null || at === document.body || at.id === SCREEN || at.getAttribute("role") === "tabpanel";
  }

  /** How a reactor is drawn; a moderator who is not the operator keeps their own name, with the key behind it, and whose words were passed on theirs. */
  face(reactor: string, round?: RoundView, saidBy?: string): Face {
    if (reactor !== "moderator") {
      const seat = this.seat(reactor);
      return { initial: seat.initial, name: seat.display_name, short: seat.short, via: seat.via, human: false };
    }
    if (saidBy) return named(saidBy);
    const name = round ? steererOf(round) : null;
    if (!round || name === null) return { initial: m.session.you.slice(0, 1), name: m.session.you, short: m.session.you, via: "", human: true };
    const short = round.moderator_name ?? name;
    return { ...named(short), name, via: short === name ? "" : (round.asked_by ?? ""), human: false };
  }

  /** The same for all that a reactor said in a round: of several people whose words were passed on, each. */
  column(reactor: string, round: RoundView): Face {
    const people = reactor === "moderator" ? peopleOf(round) : [];
    return people[0] === undefined ? this.face(reactor, round) : { ...named(people[0]), ...(people.length > 1 && { name: several(people), short: several(people) }) };
  }

  /** Takes note of what is selected in one place of the screen; only that place can take it back. */
  select(place: string, model: ModelId, selected: { quote: string; rect: DOMRect } | null): void {
    if (selected) this.words = { ...selected, model, place };
    else if (this.words?.place === place) this.words = null;
  }

  /** Puts the selected words, or else the chosen row, into the tray. */
  take(stance: Stance, given?: Quoted | null): void {
    // A key may come before the browser's own news of what was selected.
    document.dispatchEvent(new Event("selectionchange"));
    const words = given === undefined ? (this.words ?? this.target) : given;
    if (!words) return;
    this.draft.add({ type: stance, quote: words.quote, quoted_model: words.model, comment: "", own: false });
    this.said = m.session.tray.added(stance, plain(words.quote));
    this.taken = this.caret ? this.said : null;
    this.words = null;
    document.getSelection()?.removeAllRanges();
    this.caret?.rest();
  }

  /** Follows a round that was just accepted. */
  began(index: number): void {
    [this.chosen, this.lookAt, this.trayOpen] = [null, null, null];
    this.said = m.session.live.said.began(index + 1);
    // The tray gives way to the round, and keys are the view's again: be it that it stands already.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    this.go(null, null);
    this.followed += 1;
  }

  retry(round: RoundView): Promise<boolean> {
    const args = { session_id: this.id, round_id: round.round_id };
    const again = { kept: m.session.limit.keptRetry, act: m.convene.refusedRaiseRetry, raised: () => void this.retry(round) };
    return this.act(m.session.retryFailed, () => this.console.call("retry_round", args), again);
  }

  /** Asks for a higher limit, before the wallet refuses the round once more; it is then tried again by who wants it. */
  raise(): void {
    this.short = { limit: "wallet", needed: 0, kept: m.session.limit.said, raised: () => (this.said = m.session.limit.raisedRetry) };
  }

  /** The limit in the way was raised. */
  raised(): void {
    const { short } = this;
    this.short = null;
    short?.raised();
  }

  stop(model: ModelId): Promise<boolean> {
    const happened = m.session.stopFailed(this.seat(model).display_name);
    return this.act(happened, () => this.console.call("stop_seat", { session_id: this.id, model }));
  }

  cancel(): Promise<boolean> {
    return this.act(m.session.cancelFailed, () => this.console.call("cancel_round", { session_id: this.id }));
  }

  rename(title: string): Promise<boolean> {
    return this.act(m.session.renamed, async () =>
      this.session.summary(await this.console.call("edit_session", { session_id: this.id, title })),
    );
  }

  /** The screen is left: the session is kept in step no longer than the last few. */
  leave(): void {
    this.console.leave(this.id);
  }

  /** Does it; a limit in the way can be raised, any other refusal stands above the view until it is dismissed, its cause is gone or something succeeds. */
  async act(happened: string, run: () => Promise<unknown>, ifShort?: Omit<ShortAct, keyof Shortage>): Promise<boolean> {
    // Before it is asked: what has changed by the time of the answer is out of the way as well.
    const stand = this.#callable;
    try {
      await run();
      this.refusal = null;
      return true;
    } catch (thrown) {
      const error = rpcError(thrown);
      const shortage = ifShort && shortageOf(error);
      if (shortage) this.short = { ...shortage, ...ifShort };
      else this.refusal = { happened, error, stand: OF_SEATS.includes(error.code) ? stand : null };
      return false;
    }
  }
}

/** The history keeps other things, too, and those of other sessions. */
function isSpot(kept: unknown, session: string): kept is Spot {
  return typeof kept === "object" && kept !== null && "session" in kept && kept.session === session;
}

const KEY = Symbol("desk");

/** Gives the desk to everything below. */
export function provideDesk(desk: Desk): void {
  setContext(KEY, desk);
}

/** The desk this component stands at. */
export function useDesk(): Desk {
  return getContext<Desk>(KEY);
}
