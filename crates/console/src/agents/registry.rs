//! All agents and tenants in memory, so that no call waits for the disk to be let in.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use husting_domain::agents::{Agent, AgentKind, AgentStatus, AgentToken, Name};
use husting_domain::ids::{AgentId, MessageId, RunId, TenantId, TokenId};
use husting_domain::scopes::Scope;
use husting_domain::tenants::{Tenant, Tier};
use husting_domain::time::Timestamp;
use husting_store::Tenanted;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Touched;
use super::connections::{Connections, Counts, Kept, Owner};

/// The picture of the store's agents.
pub(crate) struct LiveAgents {
    state: Mutex<State>,
    /// Who called, opened or closed something.
    pub touched: Touched,
}

#[derive(Default)]
struct State {
    agents: HashMap<AgentId, Live>,
    by_hash: HashMap<[u8; 32], (AgentId, TokenId)>,
    /// Those that are not revoked.
    by_name: HashMap<TenantId, BTreeMap<Name, AgentId>>,
    tenants: BTreeMap<TenantId, Tenant>,
}

struct Live {
    tenant: TenantId,
    agent: Arc<Agent>,
    tokens: Vec<LiveToken>,
    /// To the moment; the store knows it to the minute.
    last_call_at: Option<Timestamp>,
    /// Whoever made that call has stopped.
    stopped: bool,
    /// The epoch: whoever lists tools is told when it moves.
    changes: watch::Sender<u64>,
    connections: Connections,
    /// What was open when it was revoked, until its receipt is kept.
    closed: Counts,
    left: Option<Left>,
    given_up: Option<RunId>,
}

struct LiveToken {
    token: AgentToken,
    called_at: Option<Timestamp>,
    ended: CancellationToken,
}

/// What a token opens.
pub(super) enum Lookup {
    /// Nothing: nobody knows it.
    Unknown,
    /// Nothing any more.
    Shut(Arc<Agent>),
    /// The door.
    Open(Found),
}

/// An agent by its token.
pub(super) struct Found {
    pub tenant: TenantId,
    pub agent: Arc<Agent>,
    pub token: TokenId,
    pub ended: CancellationToken,
}

/// An agent with what is known of it in memory alone.
#[derive(Clone)]
pub(crate) struct Standing {
    /// Whose.
    pub tenant: TenantId,
    /// As stored.
    pub agent: Arc<Agent>,
    /// The token that opens, the newest where two do.
    pub token: Option<AgentToken>,
    /// When a call with that one was last taken in, since Husting was started.
    pub token_called_at: Option<Timestamp>,
    /// To the moment.
    pub last_call_at: Option<Timestamp>,
    /// Whoever made that call has stopped.
    pub stopped: bool,
    /// Streams and waits open now.
    pub connections: u32,
    /// The mail that an agent which Husting runs leaves for now.
    pub left: Option<Left>,
    /// The run in which its program failed too often to be started again by itself.
    pub given_up: Option<RunId>,
}

/// A message that an agent which Husting runs leaves unread for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    /// Which.
    pub message: MessageId,
    /// Why, as a sentence for the operator.
    pub why: String,
}

impl LiveAgents {
    pub fn load(
        touched: Touched,
        tenants: Vec<Tenant>,
        agents: Vec<Tenanted<Agent>>,
        tokens: Vec<Tenanted<AgentToken>>,
        now: Timestamp,
    ) -> Self {
        let registry = Self {
            state: Mutex::default(),
            touched: touched.clone(),
        };
        {
            let mut state = registry.lock();
            state.tenants = tenants
                .into_iter()
                .map(|tenant| (tenant.id.clone(), tenant))
                .collect();
            for found in agents {
                state.show(found.tenant, found.row);
            }
            for found in tokens {
                // Its overlap was over before this start: that is no news.
                state.add_token(ended_by(found.row, now));
            }
        }
        registry
    }

    /// Shows an agent as it was committed; what it holds open and may not any more ends.
    pub fn show(&self, tenant: &TenantId, agent: Agent) {
        self.lock().show(tenant.clone(), agent);
    }

    /// Shows a token that was committed.
    pub fn add_token(&self, token: AgentToken) {
        self.lock().add_token(token);
    }

    /// Shows tokens as the store has them; what was opened with one that has ended ends.
    pub(super) fn show_tokens(&self, tokens: impl Iterator<Item = AgentToken>, now: Timestamp) {
        let mut state = self.lock();
        for token in tokens {
            state.show_token(ended_by(token, now));
        }
    }

    /// Shows that tokens ended; what was opened with them ends.
    pub fn end_tokens(&self, agent: AgentId, tokens: &[TokenId], at: Timestamp) {
        self.on_tokens(agent, tokens, |held| {
            held.token.ended_at = Some(at);
            held.ended.cancel();
        });
    }

    /// Shows that tokens will end by themselves.
    pub fn end_tokens_later(&self, agent: AgentId, tokens: &[TokenId], at: Timestamp) {
        self.on_tokens(agent, tokens, |held| {
            let sooner = held.token.ends_at.map_or(at, |ends_at| ends_at.min(at));
            held.token.ends_at = Some(sooner);
        });
    }

    /// Ends what was opened with any token of an agent. A token that opens again later opens it anew.
    pub(super) fn end_opened(&self, agent: AgentId) {
        let mut state = self.lock();
        let Some(live) = state.agents.get_mut(&agent) else {
            return;
        };
        for held in &mut live.tokens {
            held.ended.cancel();
            if held.token.ended_at.is_none() {
                held.ended = CancellationToken::new();
            }
        }
    }

    /// Counts what ended with an agent, for its receipt.
    pub(super) fn add_closed(&self, agent: AgentId, closed: Counts) {
        if let Some(live) = self.lock().agents.get_mut(&agent) {
            live.closed.streams += closed.streams;
            live.closed.waits += closed.waits;
        }
    }

    /// What ended with an agent in this run.
    pub(super) fn closed(&self, agent: AgentId) -> Counts {
        let state = self.lock();
        state
            .agents
            .get(&agent)
            .map(|live| live.closed)
            .unwrap_or_default()
    }

    fn on_tokens(&self, agent: AgentId, tokens: &[TokenId], change: impl Fn(&mut LiveToken)) {
        let mut state = self.lock();
        let Some(live) = state.agents.get_mut(&agent) else {
            return;
        };
        let meant = |held: &&mut LiveToken| tokens.contains(&held.token.id);
        live.tokens.iter_mut().filter(meant).for_each(change);
    }

    /// The agent that a token was made for, whether it opens anything or not.
    pub fn owner_of(&self, hash: &[u8; 32]) -> Option<AgentId> {
        let state = self.lock();
        state.by_hash.get(hash).map(|(agent, _)| *agent)
    }

    pub(super) fn by_token(&self, hash: &[u8; 32], now: Timestamp) -> Lookup {
        let state = self.lock();
        let Some((agent, token)) = state.by_hash.get(hash) else {
            return Lookup::Unknown;
        };
        let Some(live) = state.agents.get(agent) else {
            return Lookup::Unknown;
        };
        let held = live.tokens.iter().find(|held| held.token.id == *token);
        match held {
            Some(held) if live.agent.may_call(now) && held.token.opens(now) => {
                Lookup::Open(Found {
                    tenant: live.tenant.clone(),
                    agent: live.agent.clone(),
                    token: *token,
                    ended: held.ended.clone(),
                })
            }
            _ => Lookup::Shut(live.agent.clone()),
        }
    }

    /// An agent as it stands now.
    pub fn standing(&self, id: AgentId) -> Option<Standing> {
        self.lock().agents.get(&id).map(Live::standing)
    }

    /// An agent that is not revoked, by its name.
    pub fn by_name(&self, tenant: &TenantId, name: &Name) -> Option<Standing> {
        let state = self.lock();
        let id = state.by_name.get(tenant)?.get(name)?;
        state.agents.get(id).map(Live::standing)
    }

    /// All agents of a tenant, revoked ones too, in the order they were made.
    pub fn of_tenant(&self, tenant: &TenantId) -> Vec<Standing> {
        let state = self.lock();
        let mut agents: Vec<Standing> = state
            .agents
            .values()
            .filter(|live| live.tenant == *tenant)
            .map(Live::standing)
            .collect();
        agents.sort_by_key(|standing| standing.agent.id);
        agents
    }

    /// When the first agent of all tenants ends by itself, or a scope or a token of one.
    pub fn next_end(&self) -> Option<Timestamp> {
        self.lock().agents.values().filter_map(Live::next_end).min()
    }

    /// Agents to whom that happened by `now`.
    pub fn ended_by(&self, now: Timestamp) -> Vec<AgentId> {
        let state = self.lock();
        let due = |live: &&Live| live.next_end().is_some_and(|at| at <= now);
        let due = state.agents.values().filter(due);
        due.map(|live| live.agent.id).collect()
    }

    /// Tokens of an agent that open something, or did until their overlap was over.
    pub fn tokens(&self, agent: AgentId) -> Vec<AgentToken> {
        let state = self.lock();
        let live = state.agents.get(&agent);
        let tokens = live.map_or(&[][..], |live| &live.tokens).iter();
        let tokens = tokens.filter(|held| held.token.ended_at.is_none());
        tokens.map(|held| held.token.clone()).collect()
    }

    /// Notes a call, and by which `token` unless it came from inside; whether the last noted one is longer ago than
    /// `every` milliseconds.
    pub fn called(&self, id: AgentId, token: Option<TokenId>, at: Timestamp, every: i64) -> bool {
        let mut state = self.lock();
        let Some(live) = state.agents.get_mut(&id) else {
            return false;
        };
        live.last_call_at = Some(at);
        live.stopped = false;
        let by = |held: &&mut LiveToken| Some(held.token.id) == token;
        if let Some(held) = live.tokens.iter_mut().find(by) {
            held.called_at = Some(at);
        }
        let noted = live.agent.last_call_at;
        let is_news = noted.is_none_or(|noted| at.millis_since(noted) >= every);
        if is_news {
            Arc::make_mut(&mut live.agent).last_call_at = Some(at);
        }
        is_news
    }

    /// Notes that whoever called for an agent has stopped; whether that is news.
    pub fn stopped(&self, id: AgentId) -> bool {
        let mut state = self.lock();
        let live = state.agents.get_mut(&id);
        live.is_some_and(|live| !std::mem::replace(&mut live.stopped, true))
    }

    /// Notes the mail that an agent leaves, or that it leaves none; whether that is news.
    pub fn leave(&self, id: AgentId, left: Option<Left>) -> bool {
        let mut state = self.lock();
        let Some(live) = state.agents.get_mut(&id) else {
            return false;
        };
        let is_news = live.left != left;
        live.left = left;
        is_news
    }

    /// Notes that an agent's program failed too often to be started again by itself, or that it runs anew;
    /// whether that is news.
    pub fn give_up(&self, id: AgentId, run: Option<RunId>) -> bool {
        let mut state = self.lock();
        let live = state.agents.get_mut(&id);
        live.is_some_and(|live| std::mem::replace(&mut live.given_up, run) != run)
    }

    /// The epoch of an agent, from now on.
    pub fn changes(&self, id: AgentId) -> Option<watch::Receiver<u64>> {
        Some(self.lock().agents.get(&id)?.changes.subscribe())
    }

    /// Counts something that an agent holds open; `None` when it may hold nothing open any more.
    pub(super) fn connect(
        &self,
        id: AgentId,
        token: Option<TokenId>,
        kept: Kept,
        needs: Option<Scope>,
        now: Timestamp,
    ) -> Option<super::Connection> {
        let state = self.lock();
        let live = state.agents.get(&id)?;
        let has_scope = needs.is_none_or(|scope| live.agent.grants.in_force(scope, now).is_some());
        if !live.agent.may_call(now) || !has_scope {
            return None;
        }
        let ended = match token {
            None => CancellationToken::new(),
            Some(token) => {
                let held = live.tokens.iter().find(|held| held.token.id == token)?;
                if !held.token.opens(now) {
                    return None;
                }
                held.ended.child_token()
            }
        };
        let owner = Owner {
            agent: id,
            touched: self.touched.clone(),
        };
        Some(live.connections.open(owner, kept, needs, ended))
    }

    /// What an agent holds open, to be ended.
    pub(super) fn connections(&self, id: AgentId) -> Option<Connections> {
        Some(self.lock().agents.get(&id)?.connections.clone())
    }

    /// A tenant, whether it was set up or not.
    pub fn tier(&self, tenant: &TenantId) -> Tier {
        let state = self.lock();
        state
            .tenants
            .get(tenant)
            .map_or_else(|| Tier::of(tenant), |tenant| tenant.tier)
    }

    /// A tenant that was set up.
    pub fn tenant(&self, id: &TenantId) -> Option<Tenant> {
        self.lock().tenants.get(id).cloned()
    }

    /// All that were set up.
    pub fn tenants(&self) -> Vec<Tenant> {
        self.lock().tenants.values().cloned().collect()
    }

    /// The tenant whose token has this hash.
    pub fn tenant_by_token(&self, hash: &[u8; 32]) -> Option<TenantId> {
        let state = self.lock();
        let is_theirs = |tenant: &&Tenant| {
            tenant
                .token
                .as_ref()
                .is_some_and(|token| token.hash == *hash)
        };
        let tenant = state.tenants.values().find(is_theirs)?;
        Some(tenant.id.clone())
    }

    /// Shows a tenant as it was committed.
    pub fn put_tenant(&self, tenant: Tenant) {
        self.lock().tenants.insert(tenant.id.clone(), tenant);
    }

    /// Custom agents that are not revoked.
    pub fn counted(&self, tenant: &TenantId) -> u32 {
        let state = self.lock();
        let counts = |live: &&Live| {
            live.tenant == *tenant
                && live.agent.kind == AgentKind::Custom
                && live.agent.status != AgentStatus::Revoked
        };
        u32::try_from(state.agents.values().filter(counts).count()).unwrap_or(u32::MAX)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn show(&mut self, tenant: TenantId, agent: Agent) {
        let names = self.by_name.entry(tenant.clone()).or_default();
        if agent.status == AgentStatus::Revoked {
            if names.get(&agent.name) == Some(&agent.id) {
                names.remove(&agent.name);
            }
        } else {
            names.insert(agent.name.clone(), agent.id);
        }
        match self.agents.get_mut(&agent.id) {
            Some(live) => live.show(agent),
            None => {
                self.agents.insert(agent.id, Live::of(tenant, agent));
            }
        }
    }

    fn show_token(&mut self, token: AgentToken) {
        let known = self.agents.get_mut(&token.agent).and_then(|live| {
            let is_it = |held: &&mut LiveToken| held.token.id == token.id;
            live.tokens.iter_mut().find(is_it)
        });
        let Some(held) = known else {
            return self.add_token(token);
        };
        if token.ended_at.is_some() {
            held.ended.cancel();
        }
        held.token = token;
    }

    fn add_token(&mut self, token: AgentToken) {
        self.by_hash.insert(token.hash, (token.agent, token.id));
        if let Some(live) = self.agents.get_mut(&token.agent) {
            let ended = CancellationToken::new();
            if token.ended_at.is_some() {
                ended.cancel();
            }
            live.tokens.push(LiveToken {
                token,
                called_at: None,
                ended,
            });
        }
    }
}

/// One whose time is over has ended then.
fn ended_by(mut token: AgentToken, now: Timestamp) -> AgentToken {
    let over = token.ends_at.filter(|ends_at| *ends_at <= now);
    token.ended_at = token.ended_at.or(over);
    token
}

impl Live {
    fn of(tenant: TenantId, agent: Agent) -> Self {
        Self {
            tenant,
            last_call_at: agent.last_call_at,
            changes: watch::Sender::new(agent.epoch),
            // What a bridge called before Husting was started says nothing of one that runs now.
            stopped: agent.kind == AgentKind::Connector,
            agent: Arc::new(agent),
            tokens: Vec::new(),
            connections: Connections::default(),
            closed: Counts::default(),
            left: None,
            given_up: None,
        }
    }

    fn show(&mut self, agent: Agent) {
        let epoch = agent.epoch;
        self.agent = Arc::new(agent);
        self.changes.send_replace(epoch);
    }

    fn standing(&self) -> Standing {
        let opening = |held: &&LiveToken| held.token.ended_at.is_none();
        let newest = self.tokens.iter().rfind(opening);
        Standing {
            tenant: self.tenant.clone(),
            agent: self.agent.clone(),
            token: newest.map(|held| held.token.clone()),
            token_called_at: newest.and_then(|held| held.called_at),
            last_call_at: self.last_call_at,
            connections: self.connections.count(),
            stopped: self.stopped,
            left: self.left.clone(),
            given_up: self.given_up,
        }
    }

    /// The first moment at which it, a scope or a token ends by itself.
    fn next_end(&self) -> Option<Timestamp> {
        if self.agent.status == AgentStatus::Revoked {
            return None;
        }
        let tokens = self
            .tokens
            .iter()
            .filter(|held| held.token.ended_at.is_none());
        let is_active = self.agent.status == AgentStatus::Active;
        tokens
            .filter_map(|held| held.token.ends_at)
            .chain(self.agent.expires_at.filter(|_| is_active))
            .chain(self.agent.grants.next_end())
            .min()
    }
}
