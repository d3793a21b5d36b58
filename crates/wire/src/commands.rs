//! Every command of the console, declared once.
//!
//! The macro makes the [`Request`] that crosses, the [`Handlers`] trait that the console
//! implements, the [`route`] between them, and the map from which TypeScript is written.

use async_trait::async_trait;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use ts_rs::TS;

use crate::agents::{
    ActivateAgent, AgentList, AgentPage, AgentRef, AgentSpendList, ConnectorToken, DecideDenial,
    DenialList, EditAgent, ListAgents, ListNotes, ListTenantAgents, MintAgent, MintedAgent,
    NoteList, OneAgent, RevokedAgent, RotateAgent, SetPause, SetScope, StoppedAll,
};
use crate::audit::{AuditPage, AuditReport, ExportAudit, ListAudit};
use crate::bus::messages::{
    AddMember, CountMessages, EraseMessage, ListMessages, MessageHistogram, MessageList,
    MessageRef, MessageThread, RemoveMember, SquadList, WriteMessage, WrittenMessage,
};
use crate::discord::{
    AgentNamed, DiscordFindings, DiscordServers, DiscordView, EditDiscord, ListTraffic,
    PauseBridge, PlaceReply, QuestionRef, QuestionTrace, ReleaseQuestion, ReplyRef, SaidList,
    TestBotToken, TraceQuestion, TrafficPage,
};
use crate::drafts::{DraftRef, DraftView, KeptDraft, SaveDraft};
use crate::errors::{Error, ErrorCode};
use crate::estimates::{EstimateRound, EstimateView};
use crate::keys::{CreateKey, CreatedKey, KeyList, KeyRef};
use crate::models::{
    AddModel, DefaultPanel, DefaultPanelView, EditModel, ModelList, ModelRef, OfferedModels,
    RefreshModels, SetPrice,
};
use crate::providers::{AddProvider, ChangeAddress, ProviderList, ProviderRef, ReplaceKey};
use crate::recaps::{CascadeView, WriteRecap};
use crate::rounds::{AppendRound, RoundRef, StopSeat};
use crate::runs::{
    ListRuns, PlanRun, RunList, RunPage, RunPlan, RunRef, RunView, SetWake, StartRun,
};
use crate::search::{FoundPassages, SearchPassages};
use crate::secrets::{ChooseSecrets, SecretsView};
use crate::sessions::{
    Convene, EditSession, ExportSession, Exported, ListSessions, SessionAck, SessionList,
    SessionRef, SessionSummary, SessionView,
};
use crate::settings::{
    Backup, BackupView, Backups, DoctorReport, EditSettings, Erasing, LookAround, LookAtBackup,
    Nothing, RestoreBackup, Settings,
};
use crate::snapshot::Snapshot;
use crate::storage::StorageView;
use crate::tenants::{CreatedTenantToken, PutTenant, TenantList, TenantRef};
use crate::wallet::{
    AutoRefill, LedgerCheck, LedgerPage, ListLedger, MoneyBack, SetLimit, TopUp, WalletView,
};
use crate::wiring::{
    ClientList, RewireAgent, RewiredAgent, ShowWiring, UnwireAgent, UnwiredFile, WiringView,
    WriteWiring, WrittenWiring,
};

macro_rules! commands {
    ($($(#[$doc:meta])* $method:ident: $variant:ident($request:ty) -> $response:ty;)+) => {
        /// A command with its arguments: `{"command": "convene", "args": {…}}`.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(tag = "command", content = "args")]
        #[allow(clippy::large_enum_variant, reason = "a request lives for one call")]
        #[allow(non_camel_case_types, reason = "each variant is called what crosses the wire")]
        pub enum Request {
            $($(#[$doc])* $method($request),)+
        }

        impl Request {
            /// Each command's name on the wire, with the name of the type that marks it.
            pub const ALL: &[(&str, &str)] = &[$((stringify!($method), stringify!($variant)),)+];

            /// The command's name, for logs.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$method(_) => stringify!($method),)+ }
            }
        }

        $(
            #[doc = concat!("Marks `", stringify!($method), "` for typed callers.")]
            #[derive(Clone, Copy, Debug)]
            pub struct $variant;

            impl Command for $variant {
                type Request = $request;
                type Response = $response;

                fn request(arguments: Self::Request) -> Request {
                    Request::$method(arguments)
                }
            }
        )+

        /// What the console must be able to do, one method for each command.
        #[async_trait]
        pub trait Handlers<C: Sync>: Sync {
            $($(#[$doc])* async fn $method(&self, caller: &C, request: $request) -> Result<$response, Error>;)+
        }

        /// Hands a request to its handler; the response is its JSON.
        ///
        /// # Errors
        /// The handler's own error.
        pub async fn route<C: Sync, H: Handlers<C>>(
            handlers: &H,
            caller: &C,
            request: Request,
        ) -> Result<Box<RawValue>, Error> {
            match request {
                $(Request::$method(request) => encode(&handlers.$method(caller, request).await?),)+
            }
        }

        /// Writes the TypeScript of every request and response below the configured folder and
        /// returns the command map.
        ///
        /// # Errors
        /// When a file cannot be written.
        pub fn export_typescript(config: &ts_rs::Config) -> Result<String, ts_rs::ExportError> {
            use std::collections::BTreeSet;
            use std::fmt::Write as _;
            let mut imports = BTreeSet::new();
            let mut map = String::new();
            $(
                <$request as TS>::export_all(config)?;
                <$response as TS>::export_all(config)?;
                imports.insert(<$request as TS>::name(config));
                imports.insert(<$response as TS>::name(config));
                // Writing to a String cannot fail.
                writeln!(
                    map,
                    "  {}: {{ request: {}; response: {} }};",
                    stringify!($method),
                    <$request as TS>::name(config),
                    <$response as TS>::name(config),
                ).unwrap_or_default();
            )+
            let mut text = String::from("// Written by `UPDATE_BINDINGS=1 cargo test -p husting-wire`; do not edit.\n");
            for name in imports {
                writeln!(text, "import type {{ {name} }} from \"./{name}\";").unwrap_or_default();
            }
            text.push_str("\n/** Every command with its request and response. */\nexport interface Commands {\n");
            text.push_str(&map);
            text.push_str("}\n");
            Ok(text)
        }
    };
}

/// A command as a type, for callers in Rust.
pub trait Command {
    /// Its arguments.
    type Request: Serialize + Send;
    /// Its response.
    type Response: DeserializeOwned + Serialize;

    /// The request that crosses.
    fn request(arguments: Self::Request) -> Request;
}

commands! {
    /// The whole state to start from.
    snapshot: TakeSnapshot(Nothing) -> Snapshot;

    /// Opens a deliberation and starts its first round.
    convene: ConveneSession(Convene) -> SessionAck;
    /// Starts the next round.
    append_round: AppendToSession(AppendRound) -> SessionAck;
    /// Runs again what failed in the newest round: answers and lost reactions.
    retry_round: RetryRound(RoundRef) -> SessionAck;
    /// Ends one seat of the running round as `cancelled`, its partial text kept.
    stop_seat: StopOneSeat(StopSeat) -> Nothing;
    /// Stops the running round's calls; it ends with what it has and the session is ready.
    cancel_round: CancelRound(SessionRef) -> Nothing;
    /// Sessions, those that changed last first.
    list_sessions: FindSessions(ListSessions) -> SessionList;
    /// What was said in deliberations and holds the words, the best first.
    search_passages: FindPassages(SearchPassages) -> FoundPassages;
    /// A whole session.
    get_session: ReadSession(SessionRef) -> SessionView;
    /// Title, tags, archive.
    edit_session: ChangeSession(EditSession) -> SessionSummary;
    /// Deletes a session; the ledger keeps its bookings.
    delete_session: DeleteSession(SessionRef) -> Nothing;
    /// A transcript or record to save.
    export_session: WriteSession(ExportSession) -> Exported;
    /// What a round would cost.
    estimate: Estimate(EstimateRound) -> EstimateView;

    /// All models with availability and prices.
    list_models: FindModels(Nothing) -> ModelList;
    /// Puts a model on the list.
    add_model: PutModel(AddModel) -> ModelList;
    /// Switches a model on or off, sets its deadline.
    edit_model: ChangeModel(EditModel) -> ModelList;
    /// Takes a model off the list; its price and terms are kept.
    remove_model: DropModel(ModelRef) -> ModelList;
    /// Puts a model back on the list as it was.
    restore_model: PutModelBack(ModelRef) -> ModelList;
    /// The operator's own price, or the table's again.
    set_price: PriceModel(SetPrice) -> ModelList;
    /// Asks a provider which models it has.
    refresh_models: AskForModels(RefreshModels) -> OfferedModels;
    /// Changes the default panel.
    set_default_panel: ChangePanel(DefaultPanel) -> DefaultPanelView;

    /// Providers and offers.
    list_providers: FindProviders(Nothing) -> ProviderList;
    /// Adds a provider and keeps its key.
    add_provider: PutProvider(AddProvider) -> ProviderList;
    /// Replaces a key.
    replace_key: ReplaceProviderKey(ReplaceKey) -> ProviderList;
    /// Has a provider called elsewhere, with the same key and models.
    change_address: MoveProvider(ChangeAddress) -> ProviderList;
    /// Makes a free call with the key.
    test_provider: TestProvider(ProviderRef) -> ProviderList;
    /// Removes a provider, its key and its models.
    remove_provider: DropProvider(ProviderRef) -> ProviderList;
    /// Chooses or unlocks the key store.
    choose_secrets: OpenSecrets(ChooseSecrets) -> SecretsView;

    /// Buckets, spending, burn-down, books.
    wallet: ReadWallet(Nothing) -> WalletView;
    /// A page of the ledger.
    ledger: ReadLedger(ListLedger) -> LedgerPage;
    /// The whole ledger as CSV.
    export_ledger: WriteLedger(Nothing) -> Exported;
    /// Proves the books.
    check_ledger: CheckLedger(Nothing) -> LedgerCheck;
    /// Chooses the monthly limit.
    set_limit: ChangeLimit(SetLimit) -> WalletView;
    /// Adds money to the refill bucket.
    top_up: AddMoney(TopUp) -> WalletView;
    /// Takes back what was added and is neither spent nor held.
    take_back: TakeMoneyBack(MoneyBack) -> WalletView;
    /// Terms of auto-refill.
    set_auto_refill: ChangeAutoRefill(AutoRefill) -> WalletView;

    /// Keys to the deliberation contract.
    list_keys: FindKeys(Nothing) -> KeyList;
    /// Makes a key and shows it once.
    create_key: MakeKey(CreateKey) -> CreatedKey;
    /// Revokes a key; its waits end, its rounds finish.
    revoke_key: RevokeOneKey(KeyRef) -> KeyList;

    /// Writes a round's recap, or writes it again.
    write_recap: AskForRecap(WriteRecap) -> Nothing;
    /// Writes a session's synthesis and every recap that is missing before.
    write_synthesis: AskForSynthesis(SessionRef) -> Nothing;
    /// What writing a session's synthesis would take.
    estimate_synthesis: EstimateCascade(SessionRef) -> CascadeView;

    /// A page of agents, in the order they were made.
    list_agents: FindAgents(ListAgents) -> AgentList;
    /// The same of a tenant.
    list_tenant_agents: FindTenantAgents(ListTenantAgents) -> AgentList;
    /// An agent with all that its page shows.
    get_agent: ReadAgent(AgentRef) -> AgentPage;
    /// What agents cost today and this month.
    agent_spend: SumAgents(Nothing) -> AgentSpendList;
    /// What an agent remembers, or a squad of it.
    list_notes: FindNotes(ListNotes) -> NoteList;
    /// Mints an agent and shows its token once.
    mint_agent: MakeAgent(MintAgent) -> MintedAgent;
    /// Switches on an agent that Husting runs.
    activate_agent: RunAgent(ActivateAgent) -> OneAgent;
    /// Changes charter, model, end or all scopes; in force on its next call.
    edit_agent: ReviseAgent(EditAgent) -> OneAgent;
    /// Gives one scope, or takes it; in force on the agent's next call.
    set_scope: ChangeScope(SetScope) -> OneAgent;
    /// Suspends an agent; what it holds open ends.
    disable_agent: SuspendAgent(AgentRef) -> OneAgent;
    /// Takes a suspension back.
    enable_agent: ResumeAgent(AgentRef) -> OneAgent;
    /// Gives an agent a new token and shows it once.
    rotate_agent: ReplaceToken(RotateAgent) -> MintedAgent;
    /// Makes the agent of the bridge to Discord, or gives it a new token; shown once.
    connector_token: MakeConnectorToken(ConnectorToken) -> MintedAgent;
    /// Ends an agent for good, with a receipt.
    revoke_agent: EndAgent(AgentRef) -> RevokedAgent;
    /// Clients of MCP that are on this machine.
    list_clients: FindClients(Nothing) -> ClientList;
    /// What a client's file says, and how the file stands that it would go into; nothing is written.
    show_wiring: ReadWiring(ShowWiring) -> WiringView;
    /// Writes a client's file.
    write_wiring: PutWiring(WriteWiring) -> WrittenWiring;
    /// A new token, written into a client's file and tried before the old one ends.
    rewire_agent: WireAgain(RewireAgent) -> RewiredAgent;
    /// Takes an agent's entry out of a client's file.
    unwire_agent: TakeWiringOut(UnwireAgent) -> UnwiredFile;
    /// The command that would start an agent; nothing is started.
    plan_run: ThinkOfRun(PlanRun) -> RunPlan;
    /// Starts an agent's program.
    start_run: LaunchAgent(StartRun) -> RunView;
    /// Ends a program and all that it started; one that failed too often to be started again waits for nobody any more.
    stop_run: EndRun(RunRef) -> RunView;
    /// Runs, those that go on first.
    list_runs: FindRuns(ListRuns) -> RunList;
    /// A run with the end of what its program said.
    get_run: ReadRun(RunRef) -> RunPage;
    /// Changes when mail starts an agent.
    set_wake: ChangeWake(SetWake) -> AgentPage;
    /// Denials that wait for an answer.
    list_denials: FindDenials(Nothing) -> DenialList;
    /// Answers a denial.
    decide_denial: AnswerDenial(DecideDenial) -> DenialList;
    /// Pauses all agents, or lets them go on.
    set_pause: PauseAgents(SetPause) -> Nothing;
    /// Ends all rounds with what they have and suspends all agents; says what it stopped.
    stop_all: StopEverything(Nothing) -> StoppedAll;
    /// All tenants.
    list_tenants: FindTenants(Nothing) -> TenantList;
    /// Sets up a tenant or changes its tier.
    put_tenant: KeepTenant(PutTenant) -> TenantList;
    /// Makes a tenant's token and shows it once; the one before it opens nothing any more.
    create_tenant_token: MakeTenantToken(TenantRef) -> CreatedTenantToken;

    /// A page of messages, the newest first.
    list_messages: FindMessages(ListMessages) -> MessageList;
    /// How many messages were sent in each part of a stretch of time.
    message_histogram: DrawMessages(CountMessages) -> MessageHistogram;
    /// All that a message answers and that answers it.
    get_thread: ReadThread(MessageThread) -> MessageList;
    /// Writes as the operator.
    write_message: SendMessage(WriteMessage) -> WrittenMessage;
    /// Delivers again what rests.
    redeliver: DeliverAgain(MessageRef) -> Nothing;
    /// Takes a message back.
    withdraw: TakeBack(MessageRef) -> Nothing;
    /// Erases what a message says, in all mailboxes and for good; what is known about it stays.
    erase: EraseWords(EraseMessage) -> Nothing;
    /// The operator read a message that is for them.
    acknowledge: AcknowledgeMail(MessageRef) -> Nothing;
    /// Squads with their members.
    list_squads: FindSquads(Nothing) -> SquadList;
    /// Puts an agent into a squad.
    add_member: PutMember(AddMember) -> SquadList;
    /// Takes an agent out of a squad.
    remove_member: DropMember(RemoveMember) -> SquadList;

    /// A page of the audit log, the newest rows first.
    list_audit: FindAudit(ListAudit) -> AuditPage;
    /// Proves the audit logs of all tenants against their seals.
    verify_audit: CheckAudit(Nothing) -> AuditReport;
    /// Accepts logs that were put back to an older state, as by restoring a backup.
    accept_audit: AcceptAudit(Nothing) -> AuditReport;
    /// The audit log as a case file.
    export_audit: WriteAudit(ExportAudit) -> Exported;

    /// The Discord bridge: its state, its set-up, what waits for the operator.
    discord: ReadDiscord(Nothing) -> DiscordView;
    /// A page of what passed through the bridge, the newest first.
    list_traffic: FindTraffic(ListTraffic) -> TrafficPage;
    /// The life of one question.
    trace_question: FollowQuestion(TraceQuestion) -> QuestionTrace;
    /// What people have said in Discord for a session's next round.
    list_said: FindSaid(SessionRef) -> SaidList;
    /// Changes who is asked where, and how the bridge speaks.
    edit_discord: ChangeDiscord(EditDiscord) -> DiscordView;
    /// Asks Discord and the bus what they say of the set-up; a token that Discord takes is kept.
    test_discord: TestDiscord(TestBotToken) -> DiscordFindings;
    /// Stops the bridge and forgets the bot's token.
    forget_bot: ForgetBot(Nothing) -> DiscordView;
    /// Servers and channels that the bot sees.
    list_servers: FindServers(Nothing) -> DiscordServers;
    /// Lets the bridge run, now and whenever Husting does.
    start_bridge: StartBridge(Nothing) -> DiscordView;
    /// Ends the bridge; what people write meanwhile is read when it runs again.
    stop_bridge: StopBridge(Nothing) -> DiscordView;
    /// Holds the bridge, or lets it go on.
    pause_bridge: HoldBridge(PauseBridge) -> DiscordView;
    /// Gives an unplaced reply its place.
    place_reply: GivePlace(PlaceReply) -> DiscordView;
    /// Puts an unplaced or parked reply away.
    dismiss_reply: PutReplyAway(ReplyRef) -> DiscordView;
    /// Takes that back.
    restore_reply: TakeReplyBack(ReplyRef) -> DiscordView;
    /// Posts a reply that rests once more.
    retry_reply: PostAgain(ReplyRef) -> DiscordView;
    /// Asks a question that rests once more.
    retry_question: AskAgain(QuestionRef) -> DiscordView;
    /// Asks a question that was heard late, or lets one go that rests.
    release_question: LetGo(ReleaseQuestion) -> DiscordView;
    /// An agent's unplaceable replies go to no fixed place any more.
    forget_standing_place: ForgetPlace(AgentNamed) -> DiscordView;
    /// Tells an agent how it is answered in Discord.
    send_protocol: TellProtocol(AgentNamed) -> Nothing;

    /// Settings in force.
    settings: ReadSettings(Nothing) -> Settings;
    /// Changes some settings.
    edit_settings: ChangeSettings(EditSettings) -> Settings;
    /// A kept draft.
    draft: ReadDraft(DraftRef) -> DraftView;
    /// Keeps a draft, or answers what another console kept meanwhile.
    save_draft: KeepDraft(SaveDraft) -> KeptDraft;
    /// How much room each kind of what is kept takes.
    storage: MeasureStorage(Nothing) -> StorageView;
    /// Writes a backup.
    backup: WriteBackup(Backup) -> Exported;
    /// The backups in the data folder, the newest first.
    list_backups: FindBackups(Nothing) -> Backups;
    /// What a backup holds, or why it could not be restored; nothing is changed.
    look_at_backup: ExamineBackup(LookAtBackup) -> BackupView;
    /// Puts a backup in the store's place: Husting ends, begins anew, and opens it. The store before it
    /// is kept among the backups.
    restore_backup: PutBack(RestoreBackup) -> Nothing;
    /// Erases all data: Husting ends, erases what it wrote into the data folder and its keys in the keyring,
    /// and begins anew with nothing.
    erase_all: EraseEverything(Nothing) -> Erasing;
    /// Looks at everything that can be wrong, and asks each provider for its models, which is free.
    doctor: Examine(LookAround) -> DoctorReport;
    /// What somebody who helps needs to know, as one text without secrets and without anybody's words.
    diagnostics: WriteDiagnostics(Nothing) -> Exported;
}

fn encode<T: Serialize>(response: &T) -> Result<Box<RawValue>, Error> {
    serde_json::value::to_raw_value(response)
        .map_err(|error| Error::new(ErrorCode::Internal, error.to_string()))
}
