import { SvelteMap } from "svelte/reactivity";
import type { Commands } from "../generated/commands";
import type { DefaultPanelView } from "../generated/DefaultPanelView";
import type { EditSettings } from "../generated/EditSettings";
import { allInert } from "../format/inert";
import { Marks } from "../format/initials";
import type { Envelope } from "../generated/Envelope";
import type { Erasing } from "../generated/Erasing";
import type { ModelList } from "../generated/ModelList";
import type { ProviderList } from "../generated/ProviderList";
import type { Purpose } from "../generated/Purpose";
import type { RoundView } from "../generated/RoundView";
import type { SecretsView } from "../generated/SecretsView";
import type { SessionSummary } from "../generated/SessionSummary";
import type { Settings } from "../generated/Settings";
import type { Snapshot } from "../generated/Snapshot";
import type { WalletSummary } from "../generated/WalletSummary";
import { actions } from "../keys/actions.svelte";
import { rpcError, type Connection, type Platform, type RpcError, type Unsubscribe } from "../platform";
import { Agents } from "./agents.svelte";
import { anew } from "./anew.svelte";
import { Asides } from "./asides.svelte";
import { Attempts } from "./attempts.svelte";
import { Bus } from "./bus.svelte";
import { Clients } from "./clients.svelte";
import { untagged } from "./confidence";
import { Discord } from "./discord.svelte";
import { Drafts } from "./drafts";
import { Feed } from "./feed";
import { Keys } from "./keys.svelte";
import { look } from "./look.svelte";
import { OpenSession } from "./open-session.svelte";
import { OpenSessions } from "./open-sessions";
import { reach } from "./reach.svelte";
import { Runs } from "./runs.svelte";
import { LiveTexts } from "./texts.svelte";
import { UnsentInTab } from "./unsent.svelte";

/** What the frame and every screen read: the last snapshot with all deltas applied. */
export interface Shared {
  version: string;
  address: string | null;
  /** The one that was asked for and who holds it, where it is another. */
  addressNote: string | null;
  home: string;
  settings: Settings;
  secrets: SecretsView;
  providers: ProviderList;
  models: ModelList;
  panel: DefaultPanelView;
  wallet: WalletSummary;
  sessionCount: number;
  /** A session was opened at some time, whatever became of it. */
  convened: boolean;
  /** Why audit logs are sealed no further, a sentence each. */
  auditFaults: string[];
}

/** The console's one state. Events and responses change it; components read it and call commands through it. */
export class Console {
  connection: Connection = $state("connecting");
  /** `null` until the first snapshot. */
  shared: Shared | null = $state.raw(null);
  /** What stands for each model, on every screen the same. */
  readonly marks = $derived.by(() => (this.#marks = this.#marks.with(this.shared?.models.models ?? [])));
  /** Why there is no snapshot. */
  error: RpcError | null = $state.raw(null);
  /** Husting is there again, but this browser's login was of the one before. */
  readonly hasEnded = $derived(this.error?.code === "invalid_token");
  /** The program was updated under this page. */
  outdated = $state(false);
  /** The newest sessions by id. */
  readonly sessions = new SvelteMap<string, SessionSummary>();
  /** Rounds in flight by id. */
  readonly running = new SvelteMap<string, RoundView>();
  readonly texts = new LiveTexts();
  readonly attempts = new Attempts();
  readonly keys = new Keys(() => this.call("list_keys", {}));
  readonly agents = new Agents((asked) => this.call("list_agents", asked), () => this.call("agent_spend", {}));
  readonly clients = new Clients(() => this.call("list_clients", {}));
  readonly runs = new Runs((command, args) => this.call(command, args));
  readonly bus = new Bus((asked) => this.call("list_messages", asked));
  readonly discord = new Discord((command, args) => this.call(command, args));
  readonly unsent: UnsentInTab;
  readonly drafts: Drafts;
  readonly asides: Asides;
  /** Counts everything that can change a list of sessions or the ledger. */
  revision = $state(0);
  /** A link someone clicked, waiting for a yes. */
  linkAsked: string | null = $state(null);

  readonly #open = new OpenSessions(
    (id) => new OpenSession(id, () => this.call("get_session", { session_id: id }), rpcError),
  );
  readonly #feed: Feed;
  // The marks as they were last given: a list that changes leaves everybody theirs.
  #marks = new Marks();

  constructor(readonly platform: Platform) {
    this.unsent = new UnsentInTab(platform.tab);
    this.drafts = new Drafts((command, args) => this.call(command, args), this.unsent);
    this.asides = new Asides(this.drafts);
    this.#feed = new Feed({
      take: () => this.call("snapshot", {}),
      start: (snapshot) => this.#start(snapshot),
      apply: (event) => this.#apply(event),
      failed: (thrown) => this.#failed(rpcError(thrown)),
      outdated: () => (this.outdated = true),
    });
    const first = platform.takeFirst?.();
    if (first) this.#feed.begin(allInert(first as Snapshot));
  }

  /** Listens to the host until the answer is called, and asks it for what there is where that did not come with the page. */
  connect(): Unsubscribe {
    const end = this.platform.subscribe(
      (event) => this.#feed.receive(allInert(event as Envelope)),
      (state) => this.#connected(state),
    );
    if (!this.shared) void this.refresh();
    return end;
  }

  /** Takes a new snapshot now. */
  refresh(): Promise<void> {
    return this.#feed.refresh();
  }

  /** Ends the login of this browser. @throws {RpcError} */
  async logOut(): Promise<void> {
    await this.platform.logOut?.();
    await this.refresh();
  }

  /** Runs a command. @throws {RpcError} */
  async call<Name extends keyof Commands>(command: Name, args: Commands[Name]["request"]): Promise<Commands[Name]["response"]> {
    return allInert((await this.platform.rpc({ command, args })) as Commands[Name]["response"]);
  }

  /** Asks before a link that a model wrote is opened. */
  askToOpen(url: string): void {
    this.linkAsked = url;
  }

  /** A session kept in step until `leave`; the same object for the same id. */
  open(id: string): OpenSession {
    return this.#open.open(id);
  }

  /** A screen that opened a session looks at it no longer. */
  leave(id: string): void {
    this.#open.leave(id);
  }

  /** Words of a seat: those served of a call that ended, else all that have arrived. */
  words(round: RoundView, model: string, purpose: Purpose): string {
    const calls = purpose === "respond" ? round.answers : round.reactions;
    const call = calls.find((each) => each.model === model);
    const served = call?.text ?? "";
    if (served !== "" && call?.state === "final") return served;
    // A crash leaves the marks of scores in what was said until then.
    if (served !== "" && call?.state === "error") return untagged(served);
    const arrived = this.texts.of(round.round_id, model, purpose);
    return untagged(arrived.length > served.length ? arrived : served);
  }

  /** Changes settings; they act at once. @throws {RpcError} */
  async editSettings(edit: EditSettings): Promise<void> {
    this.#settings(await this.call("edit_settings", edit));
  }

  #connected(state: Connection): void {
    this.connection = state;
    if (state === "open") reach.regain();
    if (state !== "lost") return;
    reach.lose();
    this.#dropWhatIsGone();
    // A stream that breaks does not say why; the command does.
    void this.refresh();
  }

  #failed(error: RpcError): void {
    this.error = error;
    this.#dropWhatIsGone();
  }

  // What stands here is of a store that is gone: this page was told, or another of this browser since the stream broke.
  #dropWhatIsGone(): void {
    if (reach.lost && anew.lost()) this.shared = null;
  }

  #start(snapshot: Snapshot): void {
    const { settings, secrets, providers, models, panel, wallet, version, home } = snapshot;
    const address = snapshot.address ?? null;
    const addressNote = snapshot.address_note ?? null;
    this.shared = { version, address, addressNote, home, settings, secrets, providers, models, panel, wallet, sessionCount: snapshot.session_count, convened: snapshot.convened, auditFaults: snapshot.audit_faults };
    this.error = null;
    anew.started(snapshot.started_at);
    if (anew.isUnsure) void this.#askWhatIsInForce();
    this.sessions.clear();
    for (const session of snapshot.sessions) this.sessions.set(session.session_id, session);
    this.running.clear();
    for (const round of snapshot.running) {
      this.running.set(round.round_id, round);
      this.attempts.take(round);
    }
    this.texts.start(snapshot.running);
    this.agents.start(snapshot);
    this.bus.start(snapshot.bus);
    this.discord.start(snapshot.discord);
    this.#settings(settings);
    this.revision += 1;
    this.#open.restart();
    this.keys.restart();
    void this.runs.start();
    void this.drafts.restart(home);
  }

  // A page whose login ended with the restore heard nothing of those that came after it.
  async #askWhatIsInForce(): Promise<void> {
    try {
      anew.restored((await this.call("list_backups", {})).backups);
    } catch {
      // Not known, so nothing is said of it; the next snapshot asks again.
    }
  }

  #apply(event: Envelope): void {
    switch (event.type) {
      case "seat_text":
        if (!this.texts.add(event.round_id, event.model, event.purpose, event.offset, event.text)) void this.refresh();
        return;
      case "session_changed":
        return this.#session(event.session);
      case "session_removed":
        return this.#removed(event.session_id);
      case "round_changed":
        return this.#round(event.round);
      case "settings_changed":
        return this.#settings(event.settings);
      case "wallet_changed":
        this.revision += 1;
        return this.share({ wallet: event.wallet });
      case "models_changed":
        return this.share({ models: event.models, panel: event.panel });
      case "providers_changed":
        return this.share({ providers: event.providers });
      case "secrets_changed":
        return this.share({ secrets: event.secrets });
      case "keys_changed":
        return this.keys.take(event.keys);
      case "agent_changed":
        return this.agents.take(event.agent);
      case "run_changed":
        return this.runs.take(event.run);
      case "run_text":
        return this.runs.say(event.run_id, event.offset, event.text);
      case "denials_changed":
        return this.agents.ask(event.denials);
      case "squads_changed":
        return this.agents.group(event.squads);
      case "audit_changed":
        return this.share({ auditFaults: event.faults });
      case "pause_changed":
        return this.agents.hold(event.paused);
      case "bus_moved":
        this.agents.count(event.bus.unread);
        return this.bus.move(event.bus);
      case "discord_moved":
        return this.discord.move(event.discord);
      case "synthesis_changed":
        return this.#open.get(event.session_id)?.synthesis(event.synthesis);
      case "draft_changed":
        return this.drafts.changed(event.key, event.revision);
      case "restore_begun":
        return anew.begin({ backup: event.backup });
      case "erase_begun":
        return this.erased(event.erasing);
      case "hello":
        return;
    }
  }

  /** Takes what a command answered, ahead of the event that says the same. */
  share(part: Partial<Shared>): void {
    if (this.shared) this.shared = { ...this.shared, ...part };
  }

  /** All data is being erased, whoever asked for it: what this page was still to send goes too. */
  erased(erasing: Erasing): void {
    this.drafts.forget();
    anew.erase(erasing);
  }

  #session(session: SessionSummary): void {
    const before = this.sessions.get(session.session_id);
    this.sessions.set(session.session_id, session);
    if (!this.shared?.convened) this.share({ convened: true });
    if (before?.archived !== session.archived) void this.#recount();
    this.#open.get(session.session_id)?.summary(session);
    this.revision += 1;
  }

  #removed(id: string): void {
    this.sessions.delete(id);
    this.#open.remove(id);
    void this.#recount();
    this.revision += 1;
  }

  async #recount(): Promise<void> {
    try {
      this.share({ sessionCount: (await this.call("list_sessions", { archived: false, limit: 1 })).total });
    } catch {
      // The count stays as it was until the next snapshot; the connection's state tells what is wrong.
    }
  }

  #round(round: RoundView): void {
    this.attempts.take(round);
    this.#open.get(round.session_id)?.round(round);
    if (round.status === "in_progress") this.running.set(round.round_id, round);
    else void this.#finished(round);
  }

  // The event has no words: those that arrived are shown until the session has been read again.
  async #finished(round: RoundView): Promise<void> {
    this.running.delete(round.round_id);
    await this.#open.get(round.session_id)?.load();
    if (!this.running.has(round.round_id)) this.texts.drop(round.round_id);
  }

  #settings(settings: Settings): void {
    this.share({ settings });
    look.theme = settings.theme;
    look.density = settings.density;
    void this.platform.setZoom?.(settings.zoom);
    look.apply();
    actions.singleKeys = settings.single_keys;
  }
}
