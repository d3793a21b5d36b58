//! The console behind the commands: each method hands its request to the use case of its noun.

use async_trait::async_trait;
use husting_domain::ids::TenantId;
use husting_wire::agents::{
    ActivateAgent, AgentList, AgentPage, AgentRef, AgentSpendList, ConnectorToken, DecideDenial,
    DenialList, EditAgent, ListAgents, ListNotes, ListTenantAgents, MintAgent, MintedAgent,
    NoteList, OneAgent, RevokedAgent, RotateAgent, SetPause, SetScope, StoppedAll,
};
use husting_wire::audit::{AuditPage, AuditReport, ExportAudit, ListAudit};
use husting_wire::bus::messages::{
    AddMember, CountMessages, EraseMessage, ListMessages, MessageHistogram, MessageList,
    MessageRef, MessageThread, RemoveMember, SquadList, WriteMessage, WrittenMessage,
};
use husting_wire::commands::Handlers;
use husting_wire::discord::{
    AgentNamed, DiscordFindings, DiscordServers, DiscordView, EditDiscord, ListTraffic,
    PauseBridge, PlaceReply, QuestionRef, QuestionTrace, ReleaseQuestion, ReplyRef, SaidList,
    TestBotToken, TraceQuestion, TrafficPage,
};
use husting_wire::drafts::{DraftRef, DraftView, KeptDraft, SaveDraft};
use husting_wire::errors::Error;
use husting_wire::estimates::{EstimateRound, EstimateView};
use husting_wire::keys::{CreateKey, CreatedKey, KeyList, KeyRef};
use husting_wire::models::{
    AddModel, DefaultPanel, DefaultPanelView, EditModel, ModelList, ModelRef, OfferedModels,
    RefreshModels, SetPrice,
};
use husting_wire::providers::{AddProvider, ChangeAddress, ProviderList, ProviderRef, ReplaceKey};
use husting_wire::recaps::{CascadeView, WriteRecap};
use husting_wire::rounds::{AppendRound, RoundRef, StopSeat};
use husting_wire::runs::{
    ListRuns, PlanRun, RunList, RunPage, RunPlan, RunRef, RunView, SetWake, StartRun,
};
use husting_wire::search::{FoundPassages, SearchPassages};
use husting_wire::secrets::{ChooseSecrets, SecretsView};
use husting_wire::sessions::{
    Convene, EditSession, ExportSession, Exported, ListSessions, SessionAck, SessionList,
    SessionRef, SessionSummary, SessionView,
};
use husting_wire::settings::{
    Backup, BackupView, Backups, DoctorReport, EditSettings, Erasing, LookAround, LookAtBackup,
    Nothing, RestoreBackup, Settings,
};
use husting_wire::snapshot::Snapshot;
use husting_wire::storage::StorageView;
use husting_wire::tenants::{CreatedTenantToken, PutTenant, TenantList, TenantRef};
use husting_wire::wallet::{
    AutoRefill, LedgerCheck, LedgerPage, ListLedger, MoneyBack, SetLimit, TopUp, WalletView,
};
use husting_wire::wiring::{
    ClientList, RewireAgent, RewiredAgent, ShowWiring, UnwireAgent, UnwiredFile, WiringView,
    WriteWiring, WrittenWiring,
};

use crate::Console;
use crate::agents::Manager;
use crate::caller::Caller;

#[async_trait]
impl Handlers<Caller> for Console {
    async fn snapshot(&self, caller: &Caller, _: Nothing) -> Result<Snapshot, Error> {
        self.0.snapshot(&caller.tenant()).await
    }

    async fn convene(&self, caller: &Caller, request: Convene) -> Result<SessionAck, Error> {
        self.0.convene(caller, request, None).await
    }

    async fn append_round(
        &self,
        caller: &Caller,
        request: AppendRound,
    ) -> Result<SessionAck, Error> {
        self.0.append_round(caller, request, None).await
    }

    async fn retry_round(&self, caller: &Caller, request: RoundRef) -> Result<SessionAck, Error> {
        self.0.retry_round(caller, request, None).await
    }

    async fn stop_seat(&self, caller: &Caller, request: StopSeat) -> Result<Nothing, Error> {
        self.0.stop_seat(caller, request).await.map(|()| Nothing {})
    }

    async fn cancel_round(&self, caller: &Caller, request: SessionRef) -> Result<Nothing, Error> {
        self.0
            .cancel_round(caller, request.session_id)
            .await
            .map(|()| Nothing {})
    }

    async fn list_sessions(
        &self,
        caller: &Caller,
        request: ListSessions,
    ) -> Result<SessionList, Error> {
        self.0.list_sessions(&caller.tenant(), request).await
    }

    async fn search_passages(
        &self,
        caller: &Caller,
        request: SearchPassages,
    ) -> Result<FoundPassages, Error> {
        self.0.search_passages(&caller.tenant(), request).await
    }

    async fn get_session(
        &self,
        caller: &Caller,
        request: SessionRef,
    ) -> Result<SessionView, Error> {
        self.0
            .get_session(&caller.tenant(), request.session_id)
            .await
    }

    async fn edit_session(
        &self,
        caller: &Caller,
        request: EditSession,
    ) -> Result<SessionSummary, Error> {
        self.0.edit_session(&caller.tenant(), request).await
    }

    async fn delete_session(&self, caller: &Caller, request: SessionRef) -> Result<Nothing, Error> {
        self.0
            .delete_session(&caller.tenant(), request.session_id)
            .await
            .map(|()| Nothing {})
    }

    async fn export_session(
        &self,
        caller: &Caller,
        request: ExportSession,
    ) -> Result<Exported, Error> {
        self.0
            .export_session(&caller.tenant(), request.session_id, request.format)
            .await
    }

    async fn estimate(
        &self,
        caller: &Caller,
        request: EstimateRound,
    ) -> Result<EstimateView, Error> {
        self.0.estimate(&caller.tenant(), request).await
    }

    async fn list_models(&self, caller: &Caller, _: Nothing) -> Result<ModelList, Error> {
        self.0.models(&caller.tenant()).await
    }

    async fn add_model(&self, caller: &Caller, request: AddModel) -> Result<ModelList, Error> {
        self.0.add_model(&caller.tenant(), request).await
    }

    async fn edit_model(&self, caller: &Caller, request: EditModel) -> Result<ModelList, Error> {
        self.0.edit_model(&caller.tenant(), request).await
    }

    async fn remove_model(&self, caller: &Caller, request: ModelRef) -> Result<ModelList, Error> {
        self.0.remove_model(&caller.tenant(), &request.id).await
    }

    async fn restore_model(&self, caller: &Caller, request: ModelRef) -> Result<ModelList, Error> {
        self.0.restore_model(&caller.tenant(), &request.id).await
    }

    async fn set_price(&self, caller: &Caller, request: SetPrice) -> Result<ModelList, Error> {
        self.0.set_price(&caller.tenant(), request).await
    }

    async fn refresh_models(
        &self,
        caller: &Caller,
        request: RefreshModels,
    ) -> Result<OfferedModels, Error> {
        self.0
            .offered_models(&caller.tenant(), &request.provider)
            .await
    }

    async fn set_default_panel(
        &self,
        caller: &Caller,
        request: DefaultPanel,
    ) -> Result<DefaultPanelView, Error> {
        self.0.set_default_panel(&caller.tenant(), request).await
    }

    async fn list_providers(&self, caller: &Caller, _: Nothing) -> Result<ProviderList, Error> {
        self.0.provider_list(&caller.tenant()).await
    }

    async fn add_provider(
        &self,
        caller: &Caller,
        request: AddProvider,
    ) -> Result<ProviderList, Error> {
        self.0.add_provider(&caller.tenant(), request).await
    }

    async fn replace_key(
        &self,
        caller: &Caller,
        request: ReplaceKey,
    ) -> Result<ProviderList, Error> {
        self.0.replace_key(&caller.tenant(), request).await
    }

    async fn change_address(
        &self,
        caller: &Caller,
        request: ChangeAddress,
    ) -> Result<ProviderList, Error> {
        self.0.change_address(&caller.tenant(), request).await
    }

    async fn test_provider(
        &self,
        caller: &Caller,
        request: ProviderRef,
    ) -> Result<ProviderList, Error> {
        self.0.test_provider(&caller.tenant(), &request.name).await
    }

    async fn remove_provider(
        &self,
        caller: &Caller,
        request: ProviderRef,
    ) -> Result<ProviderList, Error> {
        self.0
            .remove_provider(&caller.tenant(), &request.name)
            .await
    }

    async fn choose_secrets(
        &self,
        caller: &Caller,
        request: ChooseSecrets,
    ) -> Result<SecretsView, Error> {
        let view = self.0.choose_secrets(request).await?;
        self.0.tell_models(&caller.tenant()).await?;
        Ok(view)
    }

    async fn wallet(&self, caller: &Caller, _: Nothing) -> Result<WalletView, Error> {
        self.0.wallet_view(&caller.tenant()).await
    }

    async fn ledger(&self, caller: &Caller, request: ListLedger) -> Result<LedgerPage, Error> {
        self.0.ledger(&caller.tenant(), request).await
    }

    async fn export_ledger(&self, caller: &Caller, _: Nothing) -> Result<Exported, Error> {
        self.0.export_ledger(&caller.tenant()).await
    }

    async fn check_ledger(&self, caller: &Caller, _: Nothing) -> Result<LedgerCheck, Error> {
        self.0.check_ledger(&caller.tenant()).await
    }

    async fn set_limit(&self, caller: &Caller, request: SetLimit) -> Result<WalletView, Error> {
        self.0.set_limit(&caller.tenant(), request).await
    }

    async fn top_up(&self, caller: &Caller, request: TopUp) -> Result<WalletView, Error> {
        self.0.top_up(&caller.tenant(), request).await
    }

    async fn take_back(&self, caller: &Caller, request: MoneyBack) -> Result<WalletView, Error> {
        self.0.take_money_back(&caller.tenant(), request).await
    }

    async fn set_auto_refill(
        &self,
        caller: &Caller,
        request: AutoRefill,
    ) -> Result<WalletView, Error> {
        self.0.set_auto_refill(&caller.tenant(), request).await
    }

    async fn list_keys(&self, _: &Caller, _: Nothing) -> Result<KeyList, Error> {
        self.0.key_list().await
    }

    async fn create_key(&self, _: &Caller, request: CreateKey) -> Result<CreatedKey, Error> {
        self.0.create_key(request).await
    }

    async fn revoke_key(&self, _: &Caller, request: KeyRef) -> Result<KeyList, Error> {
        self.0.revoke_key(request.key_id).await
    }

    async fn write_recap(&self, caller: &Caller, request: WriteRecap) -> Result<Nothing, Error> {
        self.0
            .write_recap(&caller.tenant(), request)
            .await
            .map(|()| Nothing {})
    }

    async fn write_synthesis(
        &self,
        caller: &Caller,
        request: SessionRef,
    ) -> Result<Nothing, Error> {
        self.0
            .write_synthesis(&caller.tenant(), request.session_id)
            .await
            .map(|()| Nothing {})
    }

    async fn estimate_synthesis(
        &self,
        caller: &Caller,
        request: SessionRef,
    ) -> Result<CascadeView, Error> {
        self.0
            .estimate_synthesis(&caller.tenant(), request.session_id)
            .await
    }

    async fn list_agents(&self, caller: &Caller, request: ListAgents) -> Result<AgentList, Error> {
        self.0.agents_of(&caller.tenant(), &request).await
    }

    async fn list_tenant_agents(
        &self,
        _: &Caller,
        request: ListTenantAgents,
    ) -> Result<AgentList, Error> {
        let ListTenantAgents { tenant_id, list } = request;
        if self.0.agents.tenant(&tenant_id).is_none() {
            return Err(Error::none_named(
                "tenant",
                tenant_id.as_str(),
                "husting tenant list",
            ));
        }
        self.0.agents_of(&tenant_id, &list).await
    }

    async fn get_agent(&self, _: &Caller, request: AgentRef) -> Result<AgentPage, Error> {
        self.0
            .agent_page(&self.0.operator_of(request.agent_id), request.agent_id)
            .await
    }

    async fn agent_spend(&self, caller: &Caller, _: Nothing) -> Result<AgentSpendList, Error> {
        self.0.agent_spend(&caller.tenant()).await
    }

    async fn list_notes(&self, _: &Caller, request: ListNotes) -> Result<NoteList, Error> {
        self.0.note_list(request).await
    }

    async fn mint_agent(&self, _: &Caller, request: MintAgent) -> Result<MintedAgent, Error> {
        self.0
            .mint(&Manager::Operator(TenantId::local()), request, None)
            .await
    }

    async fn activate_agent(&self, _: &Caller, request: ActivateAgent) -> Result<OneAgent, Error> {
        self.0
            .activate_agent(&Manager::Operator(TenantId::local()), request)
            .await
    }

    async fn edit_agent(&self, _: &Caller, request: EditAgent) -> Result<OneAgent, Error> {
        self.0
            .change_agent(
                &self.0.operator_of(request.agent_id),
                request.agent_id,
                request.change,
            )
            .await
    }

    async fn set_scope(&self, _: &Caller, request: SetScope) -> Result<OneAgent, Error> {
        let manager = self.0.operator_of(request.agent_id);
        self.0.set_scope(&manager, request).await
    }

    async fn disable_agent(&self, _: &Caller, request: AgentRef) -> Result<OneAgent, Error> {
        self.0
            .disable_agent(&self.0.operator_of(request.agent_id), request.agent_id)
            .await
    }

    async fn enable_agent(&self, _: &Caller, request: AgentRef) -> Result<OneAgent, Error> {
        self.0
            .enable_agent(&self.0.operator_of(request.agent_id), request.agent_id)
            .await
    }

    async fn rotate_agent(&self, _: &Caller, request: RotateAgent) -> Result<MintedAgent, Error> {
        let RotateAgent {
            agent_id,
            overlap_seconds,
        } = request;
        self.0
            .rotate_agent(&self.0.operator_of(agent_id), agent_id, overlap_seconds)
            .await
    }

    async fn connector_token(
        &self,
        _: &Caller,
        request: ConnectorToken,
    ) -> Result<MintedAgent, Error> {
        self.0
            .connector_token(&Manager::Operator(TenantId::local()), request)
            .await
    }

    async fn revoke_agent(&self, _: &Caller, request: AgentRef) -> Result<RevokedAgent, Error> {
        self.0
            .revoke_agent(&self.0.operator_of(request.agent_id), request.agent_id)
            .await
    }

    async fn list_clients(&self, _: &Caller, _: Nothing) -> Result<ClientList, Error> {
        Ok(self.0.clients())
    }

    async fn show_wiring(&self, _: &Caller, request: ShowWiring) -> Result<WiringView, Error> {
        self.0.show_wiring(request).await
    }

    async fn write_wiring(&self, _: &Caller, request: WriteWiring) -> Result<WrittenWiring, Error> {
        self.0.write_wiring(request).await
    }

    async fn rewire_agent(&self, _: &Caller, request: RewireAgent) -> Result<RewiredAgent, Error> {
        self.0.rewire_agent(request).await
    }

    async fn unwire_agent(&self, _: &Caller, request: UnwireAgent) -> Result<UnwiredFile, Error> {
        self.0.unwire_agent(request).await
    }

    async fn plan_run(&self, _: &Caller, request: PlanRun) -> Result<RunPlan, Error> {
        self.0.plan_run(request).await
    }

    async fn start_run(&self, _: &Caller, request: StartRun) -> Result<RunView, Error> {
        self.0.start_run(request).await
    }

    async fn stop_run(&self, _: &Caller, request: RunRef) -> Result<RunView, Error> {
        self.0.stop_run(request).await
    }

    async fn list_runs(&self, caller: &Caller, request: ListRuns) -> Result<RunList, Error> {
        self.0.list_runs(&caller.tenant(), request).await
    }

    async fn get_run(&self, _: &Caller, request: RunRef) -> Result<RunPage, Error> {
        self.0.get_run(request).await
    }

    async fn set_wake(&self, _: &Caller, request: SetWake) -> Result<AgentPage, Error> {
        self.0.set_wake(request).await
    }

    async fn list_denials(&self, _: &Caller, _: Nothing) -> Result<DenialList, Error> {
        self.0.open_denials().await
    }

    async fn decide_denial(&self, _: &Caller, request: DecideDenial) -> Result<DenialList, Error> {
        self.0.decide_denial(request).await
    }

    async fn set_pause(&self, _: &Caller, request: SetPause) -> Result<Nothing, Error> {
        self.0.set_pause(request.paused).await.map(|()| Nothing {})
    }

    async fn stop_all(&self, _: &Caller, _: Nothing) -> Result<StoppedAll, Error> {
        self.0.stop_all().await
    }

    async fn list_tenants(&self, _: &Caller, _: Nothing) -> Result<TenantList, Error> {
        Ok(self.0.tenant_list())
    }

    async fn put_tenant(&self, _: &Caller, request: PutTenant) -> Result<TenantList, Error> {
        self.0.put_tenant(request).await
    }

    async fn create_tenant_token(
        &self,
        _: &Caller,
        request: TenantRef,
    ) -> Result<CreatedTenantToken, Error> {
        self.0.tenant_token(&request.tenant_id).await
    }

    async fn list_messages(&self, _: &Caller, request: ListMessages) -> Result<MessageList, Error> {
        self.0.message_list(request).await
    }

    async fn message_histogram(
        &self,
        _: &Caller,
        request: CountMessages,
    ) -> Result<MessageHistogram, Error> {
        self.0.message_histogram(request).await
    }

    async fn get_thread(&self, _: &Caller, request: MessageThread) -> Result<MessageList, Error> {
        self.0.thread(request.message_id).await
    }

    async fn write_message(
        &self,
        _: &Caller,
        request: WriteMessage,
    ) -> Result<WrittenMessage, Error> {
        self.0.write_message(request).await
    }

    async fn redeliver(&self, _: &Caller, request: MessageRef) -> Result<Nothing, Error> {
        self.0.redeliver(request).await.map(|()| Nothing {})
    }

    async fn withdraw(&self, _: &Caller, request: MessageRef) -> Result<Nothing, Error> {
        self.0.withdraw(request).await.map(|()| Nothing {})
    }

    async fn erase(&self, _: &Caller, request: EraseMessage) -> Result<Nothing, Error> {
        self.0.erase(request).await.map(|()| Nothing {})
    }

    async fn acknowledge(&self, _: &Caller, request: MessageRef) -> Result<Nothing, Error> {
        self.0.acknowledge(request).await.map(|()| Nothing {})
    }

    async fn list_squads(&self, caller: &Caller, _: Nothing) -> Result<SquadList, Error> {
        self.0.squad_list(&caller.tenant()).await
    }

    async fn add_member(&self, _: &Caller, request: AddMember) -> Result<SquadList, Error> {
        self.0.add_member(request).await
    }

    async fn remove_member(&self, _: &Caller, request: RemoveMember) -> Result<SquadList, Error> {
        self.0.remove_member(request).await
    }

    async fn list_audit(&self, caller: &Caller, request: ListAudit) -> Result<AuditPage, Error> {
        self.0.audit_page(&caller.tenant(), request).await
    }

    async fn verify_audit(&self, _: &Caller, _: Nothing) -> Result<AuditReport, Error> {
        self.0.verify_audit().await
    }

    async fn accept_audit(&self, _: &Caller, _: Nothing) -> Result<AuditReport, Error> {
        self.0.accept_audit().await
    }

    async fn export_audit(&self, caller: &Caller, request: ExportAudit) -> Result<Exported, Error> {
        self.0.export_audit(&caller.tenant(), request).await
    }

    async fn discord(&self, _: &Caller, _: Nothing) -> Result<DiscordView, Error> {
        self.0.discord_view().await
    }

    async fn list_traffic(&self, _: &Caller, request: ListTraffic) -> Result<TrafficPage, Error> {
        self.0.traffic(request).await
    }

    async fn trace_question(
        &self,
        _: &Caller,
        request: TraceQuestion,
    ) -> Result<QuestionTrace, Error> {
        self.0.trace_question(request).await
    }

    async fn list_said(&self, caller: &Caller, request: SessionRef) -> Result<SaidList, Error> {
        let (tenant, session) = (caller.tenant(), request.session_id);
        self.0.said_in_discord(&tenant, session).await
    }

    async fn edit_discord(&self, _: &Caller, request: EditDiscord) -> Result<DiscordView, Error> {
        self.0.edit_discord(request).await
    }

    async fn test_discord(
        &self,
        _: &Caller,
        request: TestBotToken,
    ) -> Result<DiscordFindings, Error> {
        self.0.test_discord(request).await
    }

    async fn forget_bot(&self, _: &Caller, _: Nothing) -> Result<DiscordView, Error> {
        self.0.forget_bot().await
    }

    async fn list_servers(&self, _: &Caller, _: Nothing) -> Result<DiscordServers, Error> {
        self.0.list_servers().await
    }

    async fn start_bridge(&self, _: &Caller, _: Nothing) -> Result<DiscordView, Error> {
        self.0.start_bridge().await
    }

    async fn stop_bridge(&self, _: &Caller, _: Nothing) -> Result<DiscordView, Error> {
        self.0.stop_bridge().await
    }

    async fn pause_bridge(&self, _: &Caller, request: PauseBridge) -> Result<DiscordView, Error> {
        self.0.pause_bridge(request).await
    }

    async fn place_reply(&self, _: &Caller, request: PlaceReply) -> Result<DiscordView, Error> {
        self.0.place_reply(request).await
    }

    async fn dismiss_reply(&self, _: &Caller, request: ReplyRef) -> Result<DiscordView, Error> {
        self.0.dismiss_reply(request).await
    }

    async fn restore_reply(&self, _: &Caller, request: ReplyRef) -> Result<DiscordView, Error> {
        self.0.restore_reply(request).await
    }

    async fn retry_reply(&self, _: &Caller, request: ReplyRef) -> Result<DiscordView, Error> {
        self.0.retry_reply(request).await
    }

    async fn retry_question(&self, _: &Caller, request: QuestionRef) -> Result<DiscordView, Error> {
        self.0.retry_question(request).await
    }

    async fn release_question(
        &self,
        _: &Caller,
        request: ReleaseQuestion,
    ) -> Result<DiscordView, Error> {
        self.0.release_question(request).await
    }

    async fn forget_standing_place(
        &self,
        _: &Caller,
        request: AgentNamed,
    ) -> Result<DiscordView, Error> {
        self.0.forget_standing_place(request).await
    }

    async fn send_protocol(&self, _: &Caller, request: AgentNamed) -> Result<Nothing, Error> {
        self.0.send_protocol(request).await.map(|()| Nothing {})
    }

    async fn settings(&self, _: &Caller, _: Nothing) -> Result<Settings, Error> {
        Ok(self.0.settings())
    }

    async fn edit_settings(&self, _: &Caller, request: EditSettings) -> Result<Settings, Error> {
        self.0.change_settings(&request).await
    }

    async fn draft(&self, caller: &Caller, request: DraftRef) -> Result<DraftView, Error> {
        self.0.draft(&caller.tenant(), &request.key).await
    }

    async fn save_draft(&self, caller: &Caller, request: SaveDraft) -> Result<KeptDraft, Error> {
        self.0.save_draft(&caller.tenant(), request).await
    }

    async fn storage(&self, _: &Caller, _: Nothing) -> Result<StorageView, Error> {
        self.0.storage().await
    }

    async fn backup(&self, _: &Caller, request: Backup) -> Result<Exported, Error> {
        self.0.backup(request).await
    }

    async fn list_backups(&self, _: &Caller, _: Nothing) -> Result<Backups, Error> {
        self.0.list_backups().await
    }

    async fn look_at_backup(&self, _: &Caller, request: LookAtBackup) -> Result<BackupView, Error> {
        self.0.look_at_backup(&request).await
    }

    async fn restore_backup(&self, _: &Caller, request: RestoreBackup) -> Result<Nothing, Error> {
        self.0.restore_backup(&request).await.map(|()| Nothing {})
    }

    async fn erase_all(&self, _: &Caller, _: Nothing) -> Result<Erasing, Error> {
        self.0.erase_all().await
    }

    async fn doctor(&self, caller: &Caller, request: LookAround) -> Result<DoctorReport, Error> {
        Ok(self.0.doctor(&caller.tenant(), request).await)
    }

    async fn diagnostics(&self, caller: &Caller, _: Nothing) -> Result<Exported, Error> {
        self.0.diagnostics(&caller.tenant()).await
    }
}
