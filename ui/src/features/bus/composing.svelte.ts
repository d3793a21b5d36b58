import { tick, untrack } from "svelte";
import { characters } from "../../format/numbers";
import { LENGTHS } from "../../generated/lengths";
import { m } from "../../messages";
import { joined, unsent } from "../../state/begun";
import type { Console } from "../../state/console.svelte";
import { parsed } from "../../state/drafts";
import { Keeper } from "../../state/keeper.svelte";
import { Task } from "../../state/task.svelte";
import { answeredIn, type Answered } from "./answered";
import { asideOf, bodyOf, letterIn, meeting, type Letter } from "./letter";
import { senderName } from "./reached";
import { ALL, isAgent, Readers } from "./readers";

/** What of the screen a message that is written has to do with. */
export interface Surroundings {
  /** The message that is answered. */
  readonly answering: Answered | null;
  /** Whom a message was begun to last, as the list of recipients names them. */
  readonly addressed: { to: string } | null;
  /** Whom the list beside it is narrowed to, as the list of recipients names them; else empty. */
  readonly beside: string;
  /** It is answered no longer. */
  onanswered(): void;
  /** What was begun before answered this one. */
  onkept(answering: Answered): void;
}

/** What stands in the field once a message was sent: nothing, what was typed meanwhile, or what was begun before the reply. */
export type Standing = "nothing" | "more" | "earlier";

/**
 * A message that is being written. Words do not change hands: those begun for one reader, or in answer to one message, are
 * put aside while another is written to, and stand in the field again when it is that one's turn.
 */
export class Composing {
  text = $state("");
  /** An answer is asked for. */
  asks = $state(false);
  /** What became of the last message, and what waits for whom. */
  outcome = $state("");
  readonly sending = new Task();
  readonly readers: Readers;
  /** Chosen by hand, or by what was begun elsewhere. */
  #chosen = $state("");
  /** Whom the words that stand here were begun for, whatever the list beside is narrowed to since. */
  #begunFor = $state("");
  /** What that one was called, which nobody knows of an agent that is gone. */
  #begunName = $state("");
  readonly #kept: Keeper;
  readonly #reading = new Task();
  /** Keeps what is put aside: that it could not is told until the next time it could. */
  readonly #keeping = new Task();
  /** What the words that stand here answer; not known before what was kept has been read. */
  #answers: Answered | null | undefined = undefined;
  /** Another console's letter stands where the one here was kept. */
  #displaced = false;
  /** What was kept has been read; what was put aside stands here. */
  #filled = Promise.resolve();
  /** The same, and whether it was anything. */
  #turned = Promise.resolve(false);

  /** Whoever words are for, be it that nobody reads them now. */
  readonly #unread = $derived.by(() => ({ ...this.host.asides.names, ...(this.#begunFor === "" ? {} : { [this.#begunFor]: this.#begunName }) }));
  /** Whom it can be written to, in groups, and for whom words wait. */
  readonly offered = $derived.by(() => [
    { label: m.bus.compose.squads, items: this.readers.squadItems.map((each) => this.#marked(each)) },
    { label: m.bus.compose.agents, items: this.readers.agentItems.map((each) => this.#marked(each)) },
    { label: m.bus.compose.unread, items: Object.entries(this.#unread).filter(([id]) => !this.readers.has(id)).map(([id, name]) => ({ id, label: name })) },
  ]);
  readonly all = $derived.by(() => this.#marked({ id: ALL, label: m.bus.compose.all }));
  /** Nobody, until the operator says whom: the wrong one would read it. */
  readonly to = $derived.by(() => (this.#begunFor === "" ? [this.#chosen, this.around().beside] : [this.#begunFor]).find((reader) => this.readers.has(reader)) ?? "");
  /** Whose the words are: the same, or the one that reads none now. */
  readonly whose = $derived.by(() => this.to || this.#begunFor);
  readonly isForAgent = $derived.by(() => this.around().answering !== null || isAgent(this.to));
  readonly #hasReader = $derived.by(() => this.readers.agentItems.length > 0);
  readonly told = $derived.by(() => {
    const { answering } = this.around();
    if (!this.#hasReader) return m.bus.compose.nobody;
    // Somebody must be chosen before it can be sent.
    const lacksReader = answering === null && this.to === "" && this.text.trim() !== "";
    return this.outcome || !lacksReader ? this.outcome : this.#lack();
  });
  /** By its id: another agent may have the name of one that was revoked. */
  readonly #answered = $derived.by(() => this.host.agents.byId.get(this.around().answering?.from_agent ?? ""));
  readonly fault = $derived.by(() => {
    const { answering } = this.around();
    if (answering && this.host.agents.isGone(answering.from_agent)) return m.bus.compose.gone(senderName(answering));
    const length = characters(this.text);
    return length > LENGTHS.message ? m.bus.compose.long(length) : null;
  });
  readonly ready = $derived.by(() => (this.around().answering !== null || this.to !== "") && this.text.trim() !== "" && !this.fault && this.#hasReader && !this.sending.running);

  constructor(
    private readonly host: Console,
    private readonly around: () => Surroundings,
  ) {
    this.readers = new Readers(host.agents);
    this.#kept = new Keeper(host.drafts, "message");
  }

  /** Why what waits could not be read or kept. */
  get asideError() {
    return this.#reading.error ?? this.#keeping.error;
  }

  /** Reads what was kept, and keeps what is typed for as long as the calling component lives. */
  attend(): void {
    $effect(() =>
      untrack(() => {
        this.#filled = this.#fill();
        void this.#reading.attempt(() => this.host.asides.read());
        const unfollow = this.#kept.follow((theirs) => this.#takeOver(theirs), (...bodies) => this.#together(...bodies));
        return () => {
          this.#kept.keep(this.#body(), true);
          unfollow();
        };
      }),
    );
    $effect(() => {
      if (this.#kept.ready) this.#kept.keep(this.#body());
    });
    // What became of the last message is told until the next one is for somebody else. A reply that was sent ends by itself.
    $effect(() => {
      void this.around().beside;
      this.outcome = "";
    });
    $effect(() => {
      if (this.around().answering) this.outcome = "";
    });
    $effect(() => {
      void this.around().answering;
      untrack(() => (this.#turned = this.#turn()));
    });
    $effect(() => {
      const { addressed } = this.around();
      if (addressed) void this.#address(addressed.to);
    });
    $effect(() => {
      if (this.readers.has(this.#begunFor)) this.#begunName = this.readers.nameOf(this.#begunFor);
    });
  }

  /** Something was typed: what stands here is for whoever is chosen now. */
  typed(): void {
    this.outcome = "";
    this.#begunFor = this.text === "" ? "" : this.whose;
  }

  /** Chosen by hand: whoever reads none now is chosen for the words that wait, and is given none that stand here. */
  async pick(reader: string): Promise<void> {
    await this.#filled;
    await (this.readers.has(reader) ? this.#choose(reader) : this.#address(reader));
  }

  /** Sends it, and says what stands in the field then; `null` where it was not sent, or the field is another one's by now. */
  async send(): Promise<Standing | null> {
    if (!this.ready) return null;
    const { answering: about } = this.around();
    const [written, reader] = [this.text, this.to];
    const to = about ? { kind: "agent" as const, name: this.#answered?.agent_name ?? senderName(about) } : this.readers.recipient(reader);
    const part = about ? { in_reply_to: about.message_id } : this.isForAgent && this.asks ? { request_id: `operator-${Date.now().toString(36)}` } : {};
    const sent = await this.sending.run(() => this.host.call("write_message", { to, text: written, ...part }));
    if (!sent) return null;
    // Another message may be answered by now: what was sent was put aside as if it still were to be.
    if (this.#answers?.message_id !== about?.message_id) {
      await this.#keeping.attempt(() => this.host.drafts.save(asideOf(about), ""));
      return null;
    }
    // Another is written to by now.
    if (!about && this.whose !== reader) {
      await this.#keeping.attempt(() => this.host.asides.sent(reader, written));
      return null;
    }
    this.text = unsent(this.text, written);
    if (this.text === "") this.#begunFor = "";
    // Another console may have put it aside.
    if (!about && this.host.asides.waiting[reader]) await this.#keeping.attempt(() => this.host.asides.sent(reader, written));
    const { sent: delivered, held, full } = m.bus.compose;
    this.outcome = [delivered(sent.recipients), this.host.agents.paused ? held : "", sent.inbox_full.length ? full(sent.inbox_full.join(", ")) : ""].filter(Boolean).join(" ");
    if (this.text !== "") return "more";
    if (!this.around().answering) return "nothing";
    this.around().onanswered();
    await tick();
    return (await this.#turned) ? "earlier" : "nothing";
  }

  async #fill() {
    const begun = await this.#kept.read();
    const before = answeredIn(begun?.answering);
    const { answering } = this.around();
    this.#answers = answering;
    if (!begun) return;
    if (answering && before?.message_id !== answering.message_id) {
      await this.#putAside(before, JSON.stringify(begun));
      await this.#takeUp(answering);
      return;
    }
    // What was typed before it was read stands behind it.
    const typed = this.text;
    this.#take(begun);
    this.text = joined(this.text, typed);
    this.#answers = before;
    if (before && !answering) this.around().onkept(before);
  }

  /** Words begun for one are put aside while another is written to, and those that were begun for that one stand here again. */
  async #turn(): Promise<boolean> {
    const { answering } = this.around();
    if (this.#answers === undefined || this.#answers?.message_id === answering?.message_id) return false;
    const [from, begun] = [this.#answers, this.#body(this.#answers)];
    this.#answers = answering;
    [this.text, this.asks] = ["", false];
    if (begun !== "") await this.#putAside(from, begun);
    return this.#takeUp(answering);
  }

  /** Words begun for somebody else are put aside; those begun for nobody yet are for this one. */
  async #address(reader: string) {
    await this.#filled;
    if (this.#answers) {
      this.around().onanswered();
      await tick();
    }
    await this.#turned;
    const [whose, name] = this.#begunFor === "" ? [this.to, this.readers.nameOf(this.to)] : [this.#begunFor, this.#begunName];
    const waits = this.text !== "" && whose !== "" && whose !== reader;
    // What waits already could not be read: nothing is put in its place.
    if (waits && !(await this.#putBehind(whose, name, reader))) return;
    // Another was chosen meanwhile.
    if (waits && this.#chosen !== reader) return;
    await this.#choose(reader);
    if (waits) this.outcome = this.readers.isGone(whose) ? m.bus.compose.waitingGone(name) : m.bus.compose.waiting(name);
  }

  /** Behind what was put aside for them before, where that is known; the field is then the next one's. */
  async #putBehind(reader: string, name: string, next: string): Promise<boolean> {
    if (!(await this.#reading.attempt(() => this.host.asides.read()))) return false;
    // Sent meanwhile, or somebody else's by now.
    if (this.text !== "" && this.whose !== reader) return false;
    const begun = { name, text: this.text, asks: this.asks };
    [this.text, this.asks, this.#begunFor, this.#chosen] = ["", false, "", next];
    if (begun.text !== "") await this.#keeping.attempt(() => this.host.asides.put(reader, begun));
    return true;
  }

  /** What was put aside for them stands here again where nothing else does. */
  async #choose(reader: string) {
    [this.#chosen, this.outcome, this.#begunFor] = [reader, "", this.text === "" ? "" : reader];
    if (this.text !== "") return;
    await this.#reading.attempt(() => this.host.asides.read());
    if (this.#chosen !== reader || this.text !== "" || this.around().answering !== null) return;
    const waiting = this.host.asides.take(reader);
    if (!waiting) return;
    this.#take({ ...waiting, to: reader });
    // Kept in the one place before it is forgotten in the other.
    await this.#kept.keepNow(this.#body());
    if (!this.#kept.unkept) await this.#keeping.attempt(() => this.host.asides.settled());
  }

  // What cannot be sent stays among the drafts until it can.
  async #putAside(from: Answered | null, begun: string) {
    await this.#keeping.attempt(() => this.host.drafts.save(asideOf(from), begun));
  }

  /** The letter that stands here as another console left it: written on, or gone, as it was sent there. */
  #takeOver(theirs: string): string {
    const letter = letterIn(parsed(theirs));
    [this.text, this.asks] = [letter?.text ?? "", letter?.asks ?? false];
    if (letter) return this.#body();
    this.#begunFor = "";
    this.#answers = null;
    if (this.around().answering) this.around().onanswered();
    return "";
  }

  /** Two consoles at one draft. `null` leaves what the other keeps there unseen. */
  #together(base: string, mine: string, theirs: string): string | null {
    const letter = (body: string) => letterIn(parsed(body));
    const met = meeting({ known: letter(base), here: letter(mine), there: letter(theirs) }, mine === base, this.#displaced);
    switch (met.kind) {
      case "stays":
        return mine;
      case "returns":
        this.#displaced = false;
        return mine;
      case "unseen":
        return null;
      case "one":
        return bodyOf(met.letter);
      case "kept":
        this.#displaced = false;
        void this.#putLetterAside(met.aside);
        return bodyOf(met.letter);
      case "displaced":
        this.#displaced = true;
        void this.#putLetterAside(met.aside);
        return null;
    }
  }

  async #putLetterAside(letter: Letter) {
    const { text, to, name, asks, answering: about } = letter;
    if (about !== null || to === "") await this.#putAside(about, JSON.stringify(letter));
    else if (await this.#reading.attempt(() => this.host.asides.read())) await this.#keeping.attempt(() => this.host.asides.put(to, { name: name || this.readers.nameOf(to), text, asks }));
  }

  /** Whether anything was. */
  async #takeUp(to: Answered | null): Promise<boolean> {
    const found = await this.#reading.attempt(() => this.host.drafts.read(asideOf(to)));
    if (!found || this.#answers !== to || this.text !== "") return false;
    this.#take(parsed(found) ?? {});
    await this.#keeping.attempt(() => this.host.drafts.save(asideOf(to), ""));
    return true;
  }

  #take(begun: Record<string, unknown>) {
    if (typeof begun.text === "string") this.text = begun.text;
    if (typeof begun.to === "string") this.#chosen = this.readers.byId(begun.to);
    this.#begunFor = this.text === "" ? "" : this.#chosen;
    if (typeof begun.name === "string") this.#begunName = begun.name;
    this.asks = begun.asks === true;
  }

  /** As a draft. Without words there is nothing to keep: nobody stays chosen for the next message. */
  #body(of = this.around().answering): string {
    const { text, asks } = this;
    const letter: Letter = { text, to: this.#begunFor || this.#chosen, name: this.#begunFor === "" ? "" : this.#begunName, asks, answering: answeredIn(of) };
    return bodyOf(text === "" ? null : letter);
  }

  /** Why it can be sent to nobody: none is chosen, or whom it was begun for reads none now, for good or because it is disabled. */
  #lack(): string {
    const { needsReader, readerGone, readerOff } = m.bus.compose;
    if (this.#begunFor === "") return needsReader;
    return this.readers.isGone(this.#begunFor) ? readerGone : readerOff(this.#begunName);
  }

  #marked({ id, label }: { id: string; label: string }) {
    return { id, label: this.host.asides.waiting[id] ? m.bus.compose.waits(label) : label };
  }
}
