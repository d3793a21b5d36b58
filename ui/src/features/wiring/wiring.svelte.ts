import { untrack } from "svelte";
import type { Client } from "../../generated/Client";
import type { WiredFile } from "../../generated/WiredFile";
import type { WiringOf } from "../../generated/WiringOf";
import type { WiringTarget } from "../../generated/WiringTarget";
import type { WiringTransport } from "../../generated/WiringTransport";
import type { WiringView } from "../../generated/WiringView";
import type { WrittenWiring } from "../../generated/WrittenWiring";
import type { Console } from "../../state/console.svelte";
import { Task } from "../../state/task.svelte";
import { firstOf, hasTransports, remember } from "./clients";
import { isLeftOver, isWhole, offersOf, type Offer } from "./paths";

/** While somebody types a path, it is looked at when he pauses. */
const PAUSE_MS = 300;

/** What is chosen about a client's file, and what Husting says of it. */
export class Wiring {
  /** `null` until the clients were looked for. */
  client: Client | null = $state(null);
  transport: WiringTransport = $state("http");
  path = $state("");
  /** A file with a secret stays out of Git, unless its owner wants it there. */
  leaveOut = $state(true);
  /** What the client's file says; that of the client before stands until it was read. */
  view: WiringView | null = $state.raw(null);
  /** What stands at the path. */
  target: WiringTarget | null = $state.raw(null);
  written: WrittenWiring | null = $state.raw(null);
  readonly reading = new Task();
  readonly looking = new Task();
  readonly writing = new Task();
  readonly offers: Offer[] = $derived(this.view ? offersOf(this.view) : []);
  /** It is told to the client in another way than by a file. */
  readonly isCommand = $derived(this.view?.format === "command");
  /** An agent's client that knows two ways to the bus. */
  readonly hasTransports = $derived(this.forAgent && this.client !== null && hasTransports(this.client));
  readonly pathIsWhole = $derived(isWhole(this.path));
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: Console,
    readonly of: WiringOf,
  ) {}

  get forAgent(): boolean {
    return this.of.kind === "agent" || this.of.kind === "new_agent";
  }

  /**
   * Looks for clients, and begins with one: that of the file that was written last, which is most likely meant again.
   * Ends what is under way when the answer is called.
   */
  begin(last?: WiredFile, wanted: (client: Client) => boolean = () => true): () => void {
    untrack(() => {
      if (last && this.client === null && wanted(last.client)) {
        this.path = last.path;
        this.#take(last.client);
      } else if (this.pathIsWhole) void this.look();
      void this.#begin(wanted);
    });
    return () => clearTimeout(this.#timer);
  }

  /** Takes a client; the sheet that is opened next begins with it. */
  choose(client: Client): void {
    remember(client);
    if (this.written && this.written.client !== client) this.again();
    this.#take(client);
  }

  /** Takes a way to the bus. */
  travel(transport: WiringTransport): void {
    this.transport = transport;
    void this.read();
  }

  /** Takes a path: one that is chosen is looked at now, one that is typed in a moment. */
  go(path: string, typed = false): void {
    this.path = path;
    this.target = null;
    this.looking.forget();
    this.writing.forget();
    clearTimeout(this.#timer);
    this.#turn += 1;
    if (this.pathIsWhole) this.#timer = setTimeout(() => void this.look(), typed ? PAUSE_MS : 0);
  }

  /** Reads what the client's file says. */
  async read(): Promise<void> {
    const { client } = this;
    if (!client) return;
    const before = this.offers;
    const view = await this.reading.attempt(() => this.host.call("show_wiring", this.#asked(client)));
    if (!view || client !== this.client) return;
    this.view = view;
    if (isLeftOver(this.path, before)) this.go("");
    else this.go(this.path);
  }

  /** Looks at what stands at the path. */
  async look(): Promise<void> {
    const { client } = this;
    if (!client || !this.pathIsWhole) return;
    const mine = ++this.#turn;
    const view = await this.looking.attempt(() => this.host.call("show_wiring", { ...this.#asked(client), path: this.path.trim() }));
    if (mine === this.#turn) this.target = view?.target ?? null;
  }

  /** Writes the file with the secret; `false` where it was not. */
  async write(secret: string): Promise<boolean> {
    const { client, of } = this;
    if (!client || !this.target) return false;
    const written = await this.writing.run(() => this.host.call("write_wiring", { of, ...this.where(client), secret }));
    if (written) this.written = written;
    return written !== undefined;
  }

  /** Where and how, for whatever writes it. */
  where(client: Client) {
    return { client, ...this.#way(), path: this.path.trim(), ...(this.mayLeaveOut && this.leaveOut ? { git_exclude: true } : {}) };
  }

  /** Git would take it, and can be told not to. */
  get mayLeaveOut(): boolean {
    return this.target?.git === "untracked" || this.target?.git === "unknown";
  }

  /** Another file may be written beside the one that was. */
  again(): void {
    this.written = null;
    this.go("");
  }

  async #begin(wanted: (client: Client) => boolean): Promise<void> {
    const { clients } = this.host;
    await clients.load();
    const first = firstOf(clients.list.filter(({ client }) => wanted(client)));
    if (this.client === null) this.#take(first);
  }

  #take(client: Client): void {
    this.client = client;
    this.reading.forget();
    if (!this.hasTransports) this.transport = "http";
    void this.read();
  }

  #asked(client: Client) {
    return { of: this.of, client, ...this.#way() };
  }

  #way() {
    return this.hasTransports ? { transport: this.transport } : {};
  }
}
