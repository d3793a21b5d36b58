//! What waits for the operator, kept after the console's own snapshot and events: the rule of the hall
//! (`ui/src/features/hall/needs.ts`) for whoever has no page. `tests/fixtures/needs.json` holds both to it.

use std::collections::{HashMap, HashSet};

use husting_domain::agents::AgentStatus;
use husting_domain::ids::{AgentId, SessionId};
use husting_domain::models::{SeatKind, UnavailableReason};
use husting_domain::money::MicroUsd;
use husting_domain::scopes::Scope;
use husting_domain::sessions::SessionStatus;
use husting_wallet::preflight::sufficient_limit;
use husting_wire::agents::{AgentView, DenialList};
use husting_wire::bus::messages::BusCounts;
use husting_wire::discord::{BridgeStand, BridgeState};
use husting_wire::events::Event;
use husting_wire::models::{ModelList, ModelView};
use husting_wire::providers::ProviderList;
use husting_wire::secrets::SecretsView;
use husting_wire::sessions::SessionSummary;
use husting_wire::snapshot::Snapshot;
use husting_wire::wallet::WalletSummary;

/// What waits, the most blocking first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// The sealed file waits for its passphrase, or the keyring with a provider's key for its owner.
    Locked,
    /// Keys are kept nowhere until somebody says where.
    Choice,
    /// An audit log does not follow from what was sealed.
    Tampered,
    /// Too little money is left for any round that costs something.
    Exhausted,
    /// A provider's key is not where keys are kept.
    KeysGone,
    /// A provider refused its key.
    RefusedKey,
    /// A call lacked a scope, and nobody has answered.
    Denied,
    /// An agent that Husting runs leaves its mail.
    Hindered,
    /// An agent's program failed too often to be started again by itself.
    GivenUp,
    /// A letter to the operator.
    Letter,
    /// A message on the bus that is parked.
    Parked,
    /// A message that agents seem to answer without end.
    Held,
    /// The bridge has stopped by itself.
    BridgeStopped,
    /// A reply without a place in Discord.
    Unplaced,
    /// A question from Discord that was heard late.
    Late,
    /// A message to or from Discord that is parked.
    BridgeParked,
    /// A session in whose newest round nobody answered.
    Failed,
    /// A session whose newest round lacks a seat that nobody stopped.
    Degraded,
    /// A model that only lacks a price to be seated.
    Unpriced,
}

/// Sessions that the operator reads as they are, each with its rounds then: a new round asks again.
pub type Accepted = HashSet<(SessionId, u32)>;

/// Everything that can wait for the operator.
#[derive(Clone, Debug)]
pub struct Needs {
    secrets: SecretsView,
    has_keys: bool,
    gone_keys: u32,
    refused_keys: u32,
    tampered: u32,
    wallet: WalletSummary,
    /// What the cheapest round that costs anything sets aside.
    least_round: Option<MicroUsd>,
    unpriced: u32,
    denials: DenialList,
    hindered: HashSet<AgentId>,
    given_up: HashSet<AgentId>,
    bus: BusCounts,
    discord: BridgeStand,
    incomplete: HashMap<SessionId, (u32, Need)>,
    accepted: Option<Accepted>,
}

impl Needs {
    /// As a snapshot has it. Sessions wait only once it is known which of them are accepted.
    #[must_use]
    pub fn of(snapshot: &Snapshot, accepted: Option<Accepted>) -> Self {
        let mut needs = Self {
            secrets: snapshot.secrets.clone(),
            has_keys: false,
            gone_keys: 0,
            refused_keys: 0,
            tampered: count(snapshot.audit_faults.len()),
            wallet: snapshot.wallet.clone(),
            least_round: least_round(&snapshot.models),
            unpriced: unpriced(&snapshot.models),
            denials: snapshot.denials.clone(),
            hindered: HashSet::new(),
            given_up: HashSet::new(),
            bus: snapshot.bus.counts.clone(),
            discord: snapshot.discord.clone(),
            incomplete: HashMap::new(),
            accepted,
        };
        needs.take_providers(&snapshot.providers);
        snapshot.agents.iter().for_each(|one| needs.take_agent(one));
        snapshot
            .sessions
            .iter()
            .for_each(|one| needs.take_session(one));
        needs
    }

    /// What happened since.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::SecretsChanged { secrets } => self.secrets = secrets.clone(),
            Event::ProvidersChanged { providers } => self.take_providers(providers),
            Event::AuditChanged { faults } => self.tampered = count(faults.len()),
            Event::WalletChanged { wallet } => self.wallet = wallet.clone(),
            Event::ModelsChanged { models, .. } => {
                self.least_round = least_round(models);
                self.unpriced = unpriced(models);
            }
            Event::DenialsChanged { denials } => self.denials = denials.clone(),
            Event::AgentChanged { agent } => self.take_agent(agent),
            Event::BusMoved { bus } => self.bus = bus.counts.clone(),
            Event::DiscordMoved { discord } => self.discord = discord.clone(),
            Event::SessionChanged { session } => self.take_session(session),
            Event::SessionRemoved { session_id } => {
                self.incomplete.remove(session_id);
            }
            _ => {}
        }
    }

    /// Which sessions the operator reads as they are, from now on.
    pub fn accept(&mut self, accepted: Accepted) {
        self.accepted = Some(accepted);
    }

    /// What waits now and how much of each.
    #[must_use]
    pub fn counts(&self) -> Vec<(Need, u32)> {
        let discord = &self.discord;
        let secrets = match self.secrets {
            SecretsView::Locked { .. } => Some(Need::Locked),
            // Many a desktop's keyring is locked at first: without a key it keeps nobody waiting.
            _ if !self.has_keys => None,
            SecretsView::KeyringLocked { .. } => Some(Need::Locked),
            SecretsView::NoFile { .. } | SecretsView::NeedsChoice { .. } => Some(Need::Choice),
            SecretsView::Ready { .. } => None,
        };
        // Where they cannot be read at all, that is what is told of them.
        let is_open = matches!(self.secrets, SecretsView::Ready { .. });
        let gone = if is_open { self.gone_keys } else { 0 };
        // A bridge that waits for keys, which are told of already, begins with them.
        let is_told = discord.waits_for_keys && secrets.is_some();
        let stopped = matches!(discord.bridge, BridgeState::Stopped { .. }) && !is_told;
        let all = secrets.into_iter().map(|need| (need, 1)).chain([
            (Need::Tampered, self.tampered),
            (Need::Exhausted, u32::from(self.is_exhausted())),
            (Need::KeysGone, gone),
            (Need::RefusedKey, self.refused_keys),
            (Need::Denied, count(self.denials.denials.len())),
            (Need::Hindered, self.hindered()),
            (Need::GivenUp, count(self.given_up.len())),
            (Need::Letter, self.bus.unread),
            (Need::Parked, self.bus.parked),
            (Need::Held, self.bus.held),
            (Need::BridgeStopped, u32::from(stopped)),
            (Need::Unplaced, discord.unplaced),
            (Need::Late, discord.held),
            (Need::BridgeParked, discord.parked),
            (Need::Failed, self.incomplete(Need::Failed)),
            (Need::Degraded, self.incomplete(Need::Degraded)),
            (Need::Unpriced, self.unpriced),
        ]);
        all.filter(|(_, count)| *count > 0).collect()
    }

    fn take_providers(&mut self, list: &ProviderList) {
        // What was found with a key tells nothing once the key cannot be had.
        let (readable, unreadable): (Vec<_>, Vec<_>) =
            list.providers.iter().partition(|each| each.key_readable);
        let refused = readable.iter().filter(|each| each.refuses_key());
        self.refused_keys = count(refused.count());
        self.gone_keys = count(unreadable.len());
        self.has_keys = list.providers.iter().any(|each| each.key_tail.is_some());
    }

    fn take_agent(&mut self, agent: &AgentView) {
        // Whoever is gone for good asks for nothing any more.
        if agent.status == AgentStatus::Revoked {
            let denials = &mut self.denials.denials;
            denials.retain(|denial| denial.agent_id != agent.id);
        }
        if agent.hindrance.is_some() && agent.status != AgentStatus::Revoked {
            self.hindered.insert(agent.id);
        } else {
            self.hindered.remove(&agent.id);
        }
        // Nobody starts the program of an agent that may not call.
        if agent.given_up_run.is_some() && agent.status == AgentStatus::Active {
            self.given_up.insert(agent.id);
        } else {
            self.given_up.remove(&agent.id);
        }
    }

    fn take_session(&mut self, session: &SessionSummary) {
        let need = match session.status {
            SessionStatus::Processing | SessionStatus::Streaming => None,
            SessionStatus::Failed => Some(Need::Failed),
            _ => (!session.failures.is_empty()).then_some(Need::Degraded),
        };
        match need.filter(|_| !session.archived) {
            Some(need) => {
                let rounds = session.round_count;
                self.incomplete.insert(session.session_id, (rounds, need));
            }
            None => {
                self.incomplete.remove(&session.session_id);
            }
        }
    }

    // Whoever lacks the scope to answer has asked for it already.
    fn hindered(&self) -> u32 {
        let asked = |agent: &AgentId| {
            let denials = &self.denials.denials;
            denials
                .iter()
                .any(|each| each.agent_id == *agent && each.scope == Scope::Send)
        };
        count(self.hindered.iter().filter(|agent| !asked(agent)).count())
    }

    fn incomplete(&self, need: Need) -> u32 {
        let Some(accepted) = &self.accepted else {
            return 0;
        };
        let waiting = self.incomplete.iter().filter(|(session, (rounds, what))| {
            *what == need && !accepted.contains(&(**session, *rounds))
        });
        count(waiting.count())
    }

    fn is_exhausted(&self) -> bool {
        let (Some(_), Some(least)) = (self.wallet.monthly_limit, self.least_round) else {
            return false;
        };
        self.wallet.balance.0.saturating_sub(self.wallet.held.0) < least.0
    }
}

/// What a round with a paid seat sets aside at least, as the window has it: two seats are the
/// fewest, and the other one may cost nothing. `None` where no model costs anything.
#[must_use]
pub fn least_round(list: &ModelList) -> Option<MicroUsd> {
    let seats = list.models.iter().filter(|model| lacks_money_alone(model));
    let mut minimums: Vec<MicroUsd> = seats.map(|model| model.minimum).collect();
    minimums.sort_unstable_by_key(|minimum| minimum.0);
    let call = *minimums.iter().find(|minimum| minimum.0 > 0)?;
    let two: MicroUsd = minimums.into_iter().take(2).sum();
    Some(MicroUsd(two.0.max(call.0)))
}

/// The lowest monthly limit under which what sets aside `least` is paid, as the window has it (`neededLimit`): both are
/// held to `tests/fixtures/needed-limit.json`. Zero where top-ups pay it.
#[must_use]
pub fn needed_limit(wallet: &WalletSummary, least: MicroUsd) -> MicroUsd {
    let used = wallet.limit_used;
    let limit = wallet.monthly_limit.unwrap_or(used);
    sufficient_limit(limit, used, wallet.balance - wallet.held, least)
}

/// Whether nothing but money keeps the model from a seat. A rehearsal is no seat of a round that is paid.
fn lacks_money_alone(model: &ModelView) -> bool {
    let hindrance = model.unavailable_reason;
    model.kind != SeatKind::Rehearsal
        && hindrance.is_none_or(|reason| reason == UnavailableReason::CreditExhausted)
}

fn unpriced(list: &ModelList) -> u32 {
    let lacks_price = Some(UnavailableReason::NoPrice);
    let models = list.models.iter();
    let unpriced = models.filter(|model| model.unavailable_reason == lacks_price);
    count(unpriced.count())
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
