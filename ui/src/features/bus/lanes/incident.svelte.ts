import { untrack } from "svelte";
import type { MessageView } from "../../../generated/MessageView";
import type { Console } from "../../../state/console.svelte";
import { now } from "../../../state/now.svelte";
import { MINUTE, QUARTER, stripOf, type Span } from "../strip/span";
import { lanesOf, type Lane, type People } from "./lanes";
import { eventsOf, lastOf, momentsOf, touches } from "./moments";
import { chainOf, pathOf, together, type Path } from "./path";
import { play } from "./player";
import { Reading } from "./reading.svelte";
import { Sight } from "./sight.svelte";
import { standingAt, type Standing } from "./standing";
import { Thread } from "./thread.svelte";

/** The bus in a window of time: what was said in it, who stands in it, and the path of one message. */
export class Incident {
  readonly sight = new Sight();
  readonly reading: Reading;
  readonly thread: Thread;
  /** The newest message was looked for, and the window stands where it begins. */
  begun = $state(false);
  /** Nobody has written yet. */
  isEmpty = $state(false);
  /** The hour above the window. */
  strip: Span | null = $state.raw(null);
  /** The message of the list that the keys are on. */
  cursor: number | null = $state(null);

  /** What was sent before the window may still be held in it: as long as a lease, that is read as well. */
  readonly since: number = $derived.by(() => Math.floor((this.sight.span.start - (this.host.shared?.settings.bus_lease_seconds ?? 0) * 1_000) / MINUTE) * MINUTE);
  /** What was sent in the window, the oldest first. */
  readonly listed: MessageView[] = $derived.by(() => {
    const { start, end } = this.sight.span;
    return this.reading.messages.filter((each) => momentsOf(each).sent >= start && momentsOf(each).sent <= end);
  });
  /** Times at which something happened in the window. */
  readonly events: number[] = $derived.by(() => eventsOf(this.reading.messages, this.sight.span.start, this.sight.span.end));
  readonly #chain: MessageView[] = $derived.by(() => {
    const place = this.place();
    if (place === null) return [];
    const whole = chainOf(this.thread.messages, place);
    return whole.length > 0 ? whole : this.reading.messages.filter((each) => each.place === place);
  });
  /** The path of the chosen message; of it alone until its thread is read. */
  readonly path: Path | null = $derived.by(() => (this.#chain.length > 0 ? pathOf(this.#chain, this.sight.at) : null));
  /** All that touches the window, and what of the path does. */
  readonly drawn: MessageView[] = $derived.by(() => {
    const { start, end } = this.sight.span;
    return together(this.reading.messages, this.#chain).filter((each) => touches(each, start, end));
  });
  readonly lanes: Lane[] = $derived.by(() => lanesOf(this.drawn, this.#people));
  readonly #everyone: Lane[] = $derived.by(() => lanesOf(this.reading.messages, this.#people));
  /** Who has what at the playhead. */
  readonly standing: Standing[] = $derived.by(() => standingAt(this.reading.messages, this.#everyone, this.sight.at));
  /** Messages that `standing` counts were sent from then on. */
  readonly from: number = $derived.by(() => Math.max(this.reading.from, this.since));
  readonly #people: People;

  constructor(
    private readonly host: Console,
    /** The chosen message. */
    private readonly place: () => number | null,
  ) {
    this.reading = new Reading(host);
    this.thread = new Thread(host);
    this.#people = {
      agent: (id) => host.agents.byId.get(id),
      model: (id) => host.shared?.models.models.find((each) => each.id === id)?.display_name,
      isGone: (id) => host.agents.isGone(id),
    };
  }

  /** Looks for the newest messages and puts the window there, as long as a quarter of an hour of them needs. */
  async begin(): Promise<void> {
    const newest = await this.reading.newest();
    if (newest === undefined) return;
    if (newest && !this.begun) {
      const { sent } = momentsOf(newest);
      const clock = Math.max(Date.now(), lastOf(newest));
      // A bus that was quiet for longer is shown where it was not.
      const isQuiet = sent < clock - QUARTER;
      const first = await this.reading.firstSince((isQuiet ? sent : clock) - QUARTER);
      if (first === undefined) return;
      this.sight.tick(clock);
      this.sight.open(first, isQuiet ? sent : null);
    }
    this.isEmpty = newest === null;
    this.begun = true;
  }

  /** Keeps all of it in step for as long as the calling component lives. */
  attend(): void {
    this.#keepTime();
    this.#keepReading();
    $effect(() => {
      const place = this.place();
      if (this.begun) untrack(() => (place === null ? this.thread.leave() : void this.#open(place)));
    });
    $effect(() => {
      if (this.sight.playing) return untrack(() => play(this.sight, () => this.events));
    });
    $effect(() => () => this.reading.end());
  }

  /** The message after the one that is chosen, in its path or in the window; first what stands at the playhead. */
  beside(step: 1 | -1): number | null {
    const place = this.place();
    const rows = place !== null && this.path ? this.path.steps.map(({ message }) => message) : this.listed;
    const index = rows.findIndex((each) => each.place === (place ?? this.cursor));
    const begin = rows.findLastIndex((each) => momentsOf(each).sent <= this.sight.at);
    return rows[Math.max(0, Math.min(rows.length - 1, index < 0 ? begin : index + step))]?.place ?? null;
  }

  #keepTime(): void {
    $effect(() => {
      const minute = now.minute.getTime();
      untrack(() => this.sight.tick(minute));
    });
    $effect(() => {
      void this.host.bus.moved;
      // Another clock may be ahead of this machine's.
      const last = this.reading.messages.reduce((latest, each) => Math.max(latest, lastOf(each)), 0);
      untrack(() => this.sight.tick(Math.max(Date.now(), last)));
    });
    $effect(() => {
      const [span, clock] = [this.sight.span, this.sight.now];
      if (!this.begun) return;
      const hour = untrack(() => stripOf(span, this.strip, clock));
      if (hour.start !== untrack(() => this.strip?.start)) this.strip = hour;
    });
  }

  #keepReading(): void {
    $effect(() => {
      const [since, until] = [this.since, this.sight.follows ? null : Math.ceil(this.sight.span.end / MINUTE) * MINUTE];
      if (this.begun) untrack(() => this.reading.want(since, until));
    });
    $effect(() => {
      void this.host.bus.moved;
      const hour = this.strip;
      if (hour) untrack(() => void this.reading.share(hour));
    });
    $effect(() => {
      void this.host.bus.moved;
      untrack(() => {
        if (!this.begun) return;
        if (this.isEmpty) void this.begin();
        this.reading.again();
        const place = this.place();
        if (place !== null) void this.thread.load(place);
      });
    });
  }

  async #open(place: number): Promise<void> {
    const known = this.reading.messages.find((each) => each.place === place);
    if (known) this.sight.show(momentsOf(known).sent);
    await this.thread.load(place);
    const found = this.thread.at(place);
    if (found && place === this.place()) this.sight.show(momentsOf(found).sent);
  }
}
