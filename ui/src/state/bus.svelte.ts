import type { BusStand } from "../generated/BusStand";
import type { ListMessages } from "../generated/ListMessages";
import type { MessageList } from "../generated/MessageList";
import type { MessageView } from "../generated/MessageView";
import type { Origin } from "../generated/Origin";
import type { BusQueue } from "./route.svelte";

const STILL: BusStand = { newest: 0, counts: { total: 0, parked: 0, held: 0, unacknowledged: 0, withdrawn: 0, unread: 0 }, unread: [] };
/** The bus tells of itself ten times a second; what is shown follows at this pace. */
const PACE_MS = 250;
/** Most letters that the hall shows. */
const SHOWN = 5;
/** Most messages of a page. */
const PAGE = 100;

/** What the operator looks for in the tail; empty words fit everything. */
export interface BusFilter {
  agent: string;
  squad: string;
  origin: Origin | "";
  query: string;
}

/** How the bus stands, and the messages that wait for the operator. */
export class Bus {
  stand: BusStand = $state.raw(STILL);
  /** Counts movements, at a pace that lists can follow. */
  moved = $state(0);
  /** Parked and held messages, the newest first. */
  resting: MessageView[] = $state.raw([]);
  /** Messages to the operator that nobody has read yet. */
  letters: MessageView[] = $state.raw([]);
  /** What the tail listed when the lanes took its place: whoever comes back from them goes on there. */
  left: { queue: BusQueue; filter: BusFilter } | null = null;
  /** Whom the operator is about to write to, as the list of recipients names them, until the bus has begun that. */
  addressed: string | null = $state(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  constructor(private readonly read: (asked: ListMessages) => Promise<MessageList>) {}

  /** How many messages wait for the operator to do something. */
  get waiting(): number {
    const { parked, held, unread } = this.stand.counts;
    return parked + held + unread;
  }

  /** Begins again from a snapshot. */
  start(stand: BusStand): void {
    this.stand = stand;
    this.#follow();
  }

  /** Takes how it stands now. */
  move(stand: BusStand): void {
    this.stand = stand;
    this.#timer ??= setTimeout(() => this.#follow(), PACE_MS);
  }

  #follow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.moved += 1;
    void this.#look();
  }

  async #look(): Promise<void> {
    const { parked, held, unread } = this.stand.counts;
    const mine = ++this.#turn;
    try {
      const [resting, letters] = await Promise.all([
        parked + held > 0 ? this.read({ states: ["parked", "held"], limit: PAGE }) : null,
        unread > 0 ? this.read({ operator: true, states: ["waiting", "leased"], limit: PAGE }) : null,
      ]);
      if (mine !== this.#turn) return;
      this.resting = resting?.messages ?? [];
      this.letters = (letters?.messages ?? []).filter((each) => each.mailbox === null).slice(0, SHOWN);
    } catch {
      // What was read last stays; the status bar tells what is wrong.
    }
  }
}
