//! A store and the model beside it; every step is taken by both.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::Path;

use husting_domain::agents::{Agent, AgentKind, AgentStatus, Name};
use husting_domain::audit::{Action, Entry, Head};
use husting_domain::ids::{AgentId, MessageId, TenantId};
use husting_domain::messages::{
    AcknowledgedBy, MOST_UNREAD, Mailbox, Message, MessageState, Sender,
};
use husting_domain::scopes::Grants;
use husting_domain::time::Timestamp;
use husting_store::{
    AgentWrite, Arrival, AuditReads, BusReads, BusWrite, CommitError, Constraint, Dispatch,
    Earlier, Fetched, Kept, SqliteStore, Store, TakenBack, Unit, Write,
};
use proptest::sample::Index;
use tempfile::TempDir;
use uuid::Uuid;

use crate::model::{self, Back, Given, Mail, lease_end};
use crate::step::{AGENTS, FULL, How, Kind, Seen, Step};

/// Two of these fit into one answer, and no third.
const HEAVY: usize = 120_000;
/// Messages that the full mailbox still takes in at the beginning.
const FREE: u32 = 3;
/// Fetches of a mailbox whose answers may still be on their way.
const UNDERWAY: usize = 3;
/// Messages at each end of the full mailbox that are looked at after every step; all of it is at the end.
const ENDS: usize = 20;

pub struct World {
    home: TempDir,
    store: SqliteStore,
    model: Vec<model::Mailbox>,
    now: Timestamp,
    /// Ids given so far.
    ids: u128,
    commits: u64,
    /// What each mailbox was given lately, with its lease.
    underway: Vec<Vec<(Vec<MessageId>, Timestamp)>>,
    seen: Seen,
}

/// A data folder as every schedule begins with it, and the model of it.
pub struct Beginning {
    home: TempDir,
    model: Vec<model::Mailbox>,
    now: Timestamp,
    ids: u128,
}

fn tenant() -> TenantId {
    TenantId::local()
}

fn name(n: u8) -> Name {
    Name::parse(&format!("agent-{n}")).unwrap()
}

fn agent_id(n: u8) -> AgentId {
    AgentId(Uuid::from_u128(100 + u128::from(n)))
}

fn mailbox(n: u8) -> Mailbox {
    if n == AGENTS {
        Mailbox::Operator
    } else {
        Mailbox::Agent(agent_id(n))
    }
}

async fn open(home: &TempDir, now: Timestamp) -> SqliteStore {
    SqliteStore::open(home.path(), now).await.unwrap()
}

/// Everything in a folder whose store is closed.
fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

impl Beginning {
    /// Agents, a squad of the first two and the one whose mailbox is all but full.
    pub async fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let now = Timestamp::from_micros(1_795_161_861_000_000);
        let store = open(&home, now).await;
        let agents = (0..AGENTS).chain([FULL]);
        let agents = agents.map(|n| Write::Agent(AgentWrite::Insert(agent(n))));
        let members = [0, 1, FULL].map(|n| {
            Write::Bus(BusWrite::Join {
                squad: squad(),
                agent: agent_id(n),
                summary: None,
                at: now,
            })
        });
        let unit = Unit::of(tenant()).writes(agents).writes(members);
        store.commit(unit).await.unwrap();
        let mut model = vec![model::Mailbox::default(); usize::from(FULL) + 1];
        let mut unit = Unit::of(tenant());
        let ids = 1_000 + u128::from(MOST_UNREAD - FREE);
        for id in 1_000..ids {
            let id = MessageId(Uuid::from_u128(id));
            let letter = Letter {
                id,
                now,
                kind: Kind::Plain,
                how: How::Waiting,
                heavy: false,
            };
            let dispatch = letter.to(FULL);
            model[usize::from(FULL)].0.push(letter.mail());
            unit = unit.write(Write::Bus(BusWrite::Send(dispatch)));
        }
        store.commit(unit).await.unwrap();
        store.close().await;
        Self {
            home,
            model,
            now,
            ids,
        }
    }
}

/// A message as the store and the model are given it.
struct Letter {
    id: MessageId,
    now: Timestamp,
    kind: Kind,
    how: How,
    heavy: bool,
}

impl Letter {
    fn text(&self) -> String {
        if self.heavy {
            "x".repeat(HEAVY)
        } else {
            self.id.to_string()
        }
    }

    fn to(&self, to: u8) -> Dispatch {
        Dispatch {
            id: self.id,
            mailbox: mailbox(to),
            from: Sender::Operator,
            to: name(to),
            text: self.text(),
            at: self.now,
            request_id: (self.kind == Kind::Request).then(|| format!("r{}", self.id)),
            in_reply_to: None,
            hops: 0,
            arrival: match self.how {
                How::Waiting => Arrival::Waiting,
                How::Given => Arrival::Given(lease_end(self.now)),
                How::Held => Arrival::Held,
            },
        }
    }

    fn mail(&self) -> Mail {
        Mail::new(self.id, self.kind, self.text().len(), self.how, self.now)
    }
}

impl World {
    pub async fn run(beginning: &Beginning, steps: &[Step]) -> Seen {
        let mut world = Self::new(beginning).await;
        for step in steps {
            world.take(step).await;
            world.assert_same(step.touches()).await;
        }
        world.assert_same(0..=FULL).await;
        assert_eq!(
            world.mail(FULL, 0, u64::MAX).await,
            world.model[usize::from(FULL)].0
        );
        world.assert_audited().await;
        world.store.close().await;
        world.seen
    }

    async fn new(beginning: &Beginning) -> Self {
        let home = tempfile::tempdir().unwrap();
        copy(beginning.home.path(), home.path());
        Self {
            store: open(&home, beginning.now).await,
            home,
            model: beginning.model.clone(),
            now: beginning.now,
            ids: beginning.ids,
            commits: 0,
            underway: vec![Vec::new(); usize::from(FULL) + 1],
            seen: Seen::default(),
        }
    }

    fn id(&mut self) -> MessageId {
        self.ids += 1;
        MessageId(Uuid::from_u128(self.ids))
    }

    /// Commits one write with a row of the audit log.
    async fn commit(&mut self, write: BusWrite) -> Result<Kept, CommitError> {
        let entry = Entry {
            at: self.now,
            action: Action::Send,
            actor: "operator".to_owned(),
            agent: None,
            subject: None,
            body: None,
            detail: "{}".to_owned(),
        };
        let unit = Unit::of(tenant())
            .write(Write::Bus(write))
            .write(Write::Audit(entry));
        let outcome = self.store.commit(unit).await;
        if let Ok(kept) = &outcome {
            self.commits += 1;
            assert_eq!(kept.rows, Some(self.commits..=self.commits));
        }
        outcome
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Step::Send {
                to,
                kind,
                arrival,
                heavy,
            } => self.send(*to, *kind, *arrival, *heavy).await,
            Step::Broadcast {
                kind,
                squad,
                except,
            } => self.broadcast(*kind, *squad, *except).await,
            Step::Fetch { of, earlier, limit } => self.fetch(*of, *earlier, *limit).await,
            Step::PutBack { of, which } => self.put_back(*of, which).await,
            Step::Acknowledge { of, which } => self.acknowledge(*of, which).await,
            Step::Answer { of, which } => self.answer(*of, which).await,
            Step::Wait(seconds) => self.now = self.now.plus_millis(seconds * 1_000),
            Step::Sweep => self.sweep().await,
            Step::Redeliver { of, which } => self.redeliver(*of, which).await,
            Step::Withdraw { of, which } => self.withdraw(*of, which).await,
            Step::Park { of } => self.park(*of).await,
            Step::Restart => self.restart().await,
        }
    }

    fn letter(&mut self, kind: Kind, how: How, heavy: bool) -> Letter {
        Letter {
            id: self.id(),
            now: self.now,
            kind,
            how,
            heavy,
        }
    }

    async fn send(&mut self, to: u8, kind: Kind, arrival: How, heavy: bool) {
        let letter = self.letter(kind, arrival, heavy);
        let outcome = self.commit(BusWrite::Send(letter.to(to))).await;
        let list = &mut self.model[usize::from(to)];
        if list.is_full() {
            assert!(is_full_of(&outcome, to), "{outcome:?}");
            self.seen.refused += 1;
            return;
        }
        list.0.push(letter.mail());
        assert_eq!(outcome.unwrap().sent().unwrap().seq, list.0.len() as u64);
        if arrival == How::Given {
            let given = (vec![letter.id], lease_end(self.now));
            self.underway[usize::from(to)].push(given);
        }
    }

    async fn broadcast(&mut self, kind: Kind, to_squad: bool, except: u8) {
        let letter = self.letter(kind, How::Waiting, false);
        let write = BusWrite::Broadcast {
            dispatch: letter.to(0),
            squad: to_squad.then(squad),
            except: Some(agent_id(except)),
        };
        let cast = self.commit(write).await.unwrap().cast().unwrap();
        let audience = if to_squad { 0..2 } else { 0..AGENTS };
        let (mut reached, mut full) = (Vec::new(), Vec::new());
        for n in audience.chain([FULL]).filter(|n| *n != except) {
            let list = &mut self.model[usize::from(n)];
            if list.is_full() {
                full.push(agent_id(n));
                continue;
            }
            list.0.push(letter.mail());
            reached.push((agent_id(n), list.0.len() as u64));
        }
        self.seen.passed_by += u32::try_from(full.len()).unwrap();
        assert_eq!((cast.reached, cast.full), (reached, full));
        self.seen.broadcast += 1;
    }

    async fn fetch(&mut self, of: u8, earlier: Earlier, limit: u32) {
        if earlier == Earlier::Stays {
            let in_work = self.model[usize::from(of)].in_work(self.now).count();
            self.seen.left_leased += u32::try_from(in_work).unwrap();
        }
        let write = BusWrite::Fetch {
            mailbox: mailbox(of),
            earlier,
            at: self.now,
            lease_until: lease_end(self.now),
            limit,
        };
        let fetched = self.commit(write).await.unwrap().fetched().unwrap();
        let given = self.model[usize::from(of)].fetch(earlier, limit, self.now);
        let told = Given {
            messages: fetched.messages.iter().map(|one| one.id).collect(),
            ended: fetched.ended.clone(),
            back: back_of(&fetched.taken_back, mailbox(of)),
            left: fetched.left,
        };
        assert_eq!(told, given);
        if !given.messages.is_empty() {
            let given = (given.messages, lease_end(self.now));
            self.underway[usize::from(of)].push(given);
        }
        self.note(&fetched, limit);
    }

    async fn put_back(&mut self, of: u8, which: &Index) {
        let underway = &mut self.underway[usize::from(of)];
        underway.drain(..underway.len().saturating_sub(UNDERWAY));
        if underway.is_empty() {
            return;
        }
        let (messages, leased_until) = underway.remove(which.index(underway.len()));
        let write = BusWrite::PutBack {
            mailbox: mailbox(of),
            messages: messages.clone(),
            leased_until,
        };
        self.commit(write).await.unwrap();
        let put = self.model[usize::from(of)].put_back(&messages, leased_until);
        self.seen.put_back += put.leased;
        self.seen.put_back_ended += put.ended;
        self.seen.not_put_back += put.left;
    }

    fn note(&mut self, fetched: &Fetched, limit: u32) {
        self.seen.given += u32::try_from(fetched.messages.len()).unwrap();
        let is_cut = fetched.left > 0 && fetched.messages.len() < limit as usize;
        self.seen.cut_by_size += u32::from(is_cut);
        self.seen.ended_by_next_fetch += u32::try_from(fetched.ended.len()).unwrap();
        self.note_back(&fetched.taken_back);
    }

    fn note_back(&mut self, back: &TakenBack) {
        self.seen.returned += u32::try_from(back.waiting.len()).unwrap();
        self.seen.rested += u32::try_from(back.resting.len()).unwrap();
        self.seen.parked += u32::try_from(back.parked.len()).unwrap();
    }

    /// A place in a mailbox that holds something.
    fn pick(&self, of: u8, which: &Index) -> Option<(usize, MessageId)> {
        let list = &self.model[usize::from(of)].0;
        let at = (!list.is_empty()).then(|| which.index(list.len()))?;
        Some((at, list[at].id))
    }

    async fn acknowledge(&mut self, of: u8, which: &[Index]) {
        let picked = which.iter().filter_map(|which| self.pick(of, which));
        let messages: Vec<_> = picked.map(|(_, id)| id).collect();
        let late = |world: &Self| {
            let list = world.model[usize::from(of)].0.iter();
            let rests = |mail: &&Mail| {
                matches!(
                    mail.state,
                    MessageState::Parked | MessageState::Unacknowledged
                )
            };
            list.filter(rests).count()
        };
        let before = late(self);
        let write = BusWrite::Acknowledge {
            mailbox: mailbox(of),
            messages: messages.clone(),
            by: AcknowledgedBy::Ack,
            at: self.now,
        };
        let told = self.commit(write).await.unwrap().acknowledged();
        let ended = self.model[usize::from(of)].acknowledge(&messages, self.now);
        assert_eq!(told, ended);
        self.seen.acknowledged += u32::try_from(ended.len()).unwrap();
        self.seen.acknowledged_late += u32::try_from(before - late(self)).unwrap();
    }

    async fn answer(&mut self, of: u8, which: &Index) {
        let Some((at, message)) = self.pick(of, which) else {
            return;
        };
        let by = self.id();
        let write = BusWrite::Answer {
            mailbox: mailbox(of),
            message,
            by,
            at: self.now,
        };
        self.commit(write).await.unwrap();
        self.model[usize::from(of)].answer(at, by, self.now);
        self.seen.answered += 1;
    }

    async fn sweep(&mut self) {
        let swept = self.commit(BusWrite::Sweep { at: self.now }).await.unwrap();
        let swept = swept.taken_back().unwrap();
        for n in 0..=FULL {
            let back = self.model[usize::from(n)].sweep(self.now);
            assert_eq!(back_of(&swept, mailbox(n)), back);
        }
        self.note_back(&swept);
    }

    async fn redeliver(&mut self, of: u8, which: &Index) {
        let Some((at, message)) = self.pick(of, which) else {
            return;
        };
        let write = BusWrite::Redeliver {
            mailbox: mailbox(of),
            message,
        };
        let outcome = self.commit(write).await;
        let may = self.model[usize::from(of)].redeliver(at);
        assert_done_or_absent(&outcome, may);
        self.seen.redelivered += u32::from(may);
    }

    async fn withdraw(&mut self, of: u8, which: &Index) {
        let Some((at, message)) = self.pick(of, which) else {
            return;
        };
        let write = BusWrite::Withdraw {
            mailbox: mailbox(of),
            message,
            only_unseen: false,
            at: self.now,
        };
        let outcome = self.commit(write).await;
        let may = self.model[usize::from(of)].withdraw(at, self.now);
        assert_done_or_absent(&outcome, may);
        self.seen.withdrawn += u32::from(may);
    }

    async fn park(&mut self, of: u8) {
        let write = BusWrite::ParkAll {
            mailbox: mailbox(of),
            at: self.now,
        };
        let parked = self.commit(write).await.unwrap().parked();
        assert_eq!(parked, self.model[usize::from(of)].park_all(self.now));
    }

    async fn restart(&mut self) {
        self.store.close().await;
        self.store = open(&self.home, self.now).await;
        self.seen.restarts += 1;
    }

    /// Every message of these mailboxes, what is unread and what rests in all, and when the next lease
    /// ends.
    async fn assert_same(&self, mailboxes: RangeInclusive<u8>) {
        let mut unread = Vec::new();
        for n in 0..=FULL {
            let model = &self.model[usize::from(n)];
            if mailboxes.contains(&n) {
                self.assert_same_mail(n, &model.0).await;
            }
            if model.unread() > 0 {
                unread.push((mailbox(n), model.unread()));
            }
        }
        let mut told = self.store.unread(&tenant()).await.unwrap();
        told.sort_unstable();
        unread.sort_unstable();
        assert_eq!(told, unread);
        let ids = self.model.iter().flat_map(|list| &list.0);
        let ids: BTreeSet<_> = ids.map(|mail| mail.id).collect();
        let total = self.store.message_total(&tenant()).await.unwrap();
        assert_eq!(total, ids.len() as u64, "a broadcast is one");
        let resting = self.store.resting(&tenant()).await.unwrap();
        for state in [
            MessageState::Unacknowledged,
            MessageState::Parked,
            MessageState::Held,
            MessageState::Withdrawn,
        ] {
            let told = resting.iter().find(|(of, _)| *of == state);
            let all = self.model.iter().flat_map(|list| &list.0);
            let count = all.filter(|mail| mail.state == state).count();
            assert_eq!(told.map_or(0, |(_, count)| *count as usize), count);
        }
        let leases = self.model.iter().flat_map(|list| &list.0);
        let next = leases.filter_map(|mail| mail.leased_until).min();
        assert_eq!(self.store.next_lease_end().await.unwrap(), next);
    }

    /// All of a mailbox, and of the full one both ends.
    async fn assert_same_mail(&self, of: u8, model: &[Mail]) {
        if of != FULL {
            assert_eq!(self.mail(of, 0, u64::MAX).await, model);
            return;
        }
        let behind = model.len() - ENDS;
        assert_eq!(self.mail(of, 0, ENDS as u64).await, model[..ENDS]);
        let last = self.mail(of, behind as u64, u64::MAX).await;
        assert_eq!(last, model[behind..]);
    }

    /// What stands behind the number `after`, up to the number `to`.
    async fn mail(&self, of: u8, after: u64, to: u64) -> Vec<Mail> {
        let mut mail = Vec::new();
        loop {
            let last = after + mail.len() as u64;
            let limit = u32::try_from((to - last).min(100)).unwrap();
            if limit == 0 {
                return mail;
            }
            let tenant = tenant();
            let page = self.store.mail(&tenant, mailbox(of), Some(last), limit);
            let page = page.await.unwrap();
            if page.is_empty() {
                return mail;
            }
            for (seq, message) in (last + 1..).zip(page) {
                assert_eq!(message.seq, seq);
                mail.push(as_mail(&message));
            }
        }
    }

    async fn assert_audited(&self) {
        let mut head = Head::default();
        for (link, rows) in self.store.audit_links(&tenant(), 1, 10_000).await.unwrap() {
            head.follow(tenant().as_str(), &rows, &link).unwrap();
        }
        assert_eq!(head.row, self.commits);
    }
}

fn squad() -> Name {
    Name::parse("sales").unwrap()
}

fn agent(n: u8) -> Agent {
    Agent {
        id: agent_id(n),
        name: name(n),
        kind: AgentKind::Custom,
        model: None,
        charter: None,
        status: AgentStatus::Active,
        grants: Grants::full(),
        epoch: 0,
        created_at: Timestamp::from_micros(0),
        expires_at: None,
        last_call_at: None,
        revoked_at: None,
        receipt: None,
    }
}

fn as_mail(message: &Message) -> Mail {
    Mail {
        id: message.id,
        kind: if message.request_id.is_some() {
            Kind::Request
        } else {
            Kind::Plain
        },
        bytes: message.text.len(),
        state: message.state,
        deliveries: message.deliveries,
        fetched_at: message.fetched_at,
        leased_until: message.leased_until,
        acknowledged: message.acknowledged,
        answered: message.answered,
        ended_at: message.ended_at,
    }
}

/// What came back into one mailbox.
fn back_of(back: &TakenBack, of: Mailbox) -> Back {
    let own = |list: &[(TenantId, Mailbox, MessageId)]| {
        let own = list.iter().filter(|(_, mailbox, _)| *mailbox == of);
        own.map(|(_, _, message)| *message).collect()
    };
    Back {
        waiting: back.waiting.contains(&(tenant(), of)),
        parked: own(&back.parked),
        resting: own(&back.resting),
    }
}

fn assert_done_or_absent(outcome: &Result<Kept, CommitError>, may: bool) {
    match outcome {
        Ok(_) => assert!(may),
        Err(CommitError::Constraint(Constraint::Absent("message"))) => assert!(!may),
        Err(other) => panic!("{other}"),
    }
}

fn is_full_of(outcome: &Result<Kept, CommitError>, of: u8) -> bool {
    matches!(
        outcome,
        Err(CommitError::Constraint(Constraint::Full(full))) if *full == mailbox(of)
    )
}
