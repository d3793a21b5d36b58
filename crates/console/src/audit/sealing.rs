//! Sealing heads: what is sealed always follows from what was sealed before.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock, Weak};

use husting_clock::{Clock, SystemClock};
use husting_domain::audit::{Action, Entry, Head};
use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use husting_store::{Unit, Write};
use husting_wire::audit::{AuditReport, Sealing, UnsealedLog};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Event;
use husting_wire::providers::KeptIn;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::sync::Mutex;

use super::proof::Fault;
use super::signing::{PublicKey, SealKey, kept_key, key, machine_key};
use crate::Inner;
use crate::errors::Outward;

/// Between two seals, in milliseconds.
const BETWEEN_MILLIS: i64 = 1_000;
/// Links that are read at once.
pub(super) const PAGE: u32 = 500;
/// The public keys of all seals, in the store.
const KNOWN_KEYS: &str = "audit.keys";

/// What is sealed, and with what.
#[derive(Default)]
pub(crate) struct Seals {
    /// One seals at a time.
    sealed: Mutex<Sealed>,
    /// Of chains that are broken, as the console was told it last: nobody who looks waits for whoever seals.
    faults: RwLock<Vec<UnsealedLog>>,
}

#[derive(Default)]
struct Sealed {
    /// The key, and the key store that it is from.
    key: Option<(KeptIn, Arc<SealKey>)>,
    /// The newest head of each chain that this run sealed or found sealed.
    heads: HashMap<TenantId, Head>,
    /// What stands beside the key of each chain that this run sealed.
    marks: HashMap<TenantId, Mark>,
    /// What hindered the last try, as it was logged.
    hindrance: Option<String>,
    /// Chains that are not sealed any more, because they do not follow from what was sealed.
    broken: BTreeMap<TenantId, Broken>,
}

/// How far a chain is sealed, as it is kept beside the key: at the first seal of a run, of a day, and at
/// the end.
#[derive(Clone, Copy)]
struct Mark {
    link: u64,
    day: Timestamp,
}

/// Why nothing is sealed, where a key was lost or keys are looked for elsewhere.
const KEY_LOST: &str =
    "logs of this store were sealed before, and the key that did it is not where keys are kept now";

/// How a chain is not what was sealed before.
#[derive(Clone)]
struct Broken {
    why: String,
    /// By itself it may be whole: the operator may have brought it about, and can accept it.
    may_be_ours: bool,
}

impl Broken {
    fn by_operator(why: impl Into<String>) -> Unsealed {
        Unsealed::Broken(Self {
            why: why.into(),
            may_be_ours: true,
        })
    }

    fn told_of(&self, tenant: &TenantId) -> UnsealedLog {
        let what = format!("{} is sealed no further", whose(tenant));
        let todo = "If that was you: `husting audit accept`.";
        UnsealedLog {
            chain: tenant.clone(),
            fault: self.why.clone(),
            sentence: format!("{what}: {}.", self.why),
            what,
            todo: self.may_be_ours.then(|| todo.to_owned()),
        }
    }
}

/// With what a chain is sealed.
enum SealedBy {
    With(Arc<SealKey>),
    /// With a key that is made once somebody did something.
    NotYet,
    /// What sealed before is not there.
    Lost,
}

impl SealedBy {
    fn public(&self) -> Option<PublicKey> {
        match self {
            Self::With(key) => Some(key.public()),
            Self::NotYet | Self::Lost => None,
        }
    }
}

/// Why a chain is not sealed.
enum Unsealed {
    /// No key, or no store; another time.
    Now(Error),
    /// It is not what was sealed before.
    Broken(Broken),
}

impl From<Error> for Unsealed {
    fn from(error: Error) -> Self {
        Self::Now(error)
    }
}

impl From<Fault> for Unsealed {
    fn from(fault: Fault) -> Self {
        Self::Broken(Broken {
            why: fault.to_string(),
            may_be_ours: false,
        })
    }
}

/// Seals what is new at most once a second, and tries it no oftener, as long as the console lives.
pub(crate) async fn keep_seals(inner: Weak<Inner>) {
    loop {
        let Some(console) = inner.upgrade() else {
            return;
        };
        let is_to_rest = console.seal_heads().await;
        let (shutdown, written) = (console.shutdown.clone(), console.store.written());
        drop(console);
        // By the machine's time, whatever the console goes by: this spares the disk and decides nothing.
        let next = SystemClock.now().plus_millis(BETWEEN_MILLIS);
        tokio::select! {
            () = written.notified() => {}
            () = shutdown.cancelled() => return,
        }
        if !is_to_rest {
            continue;
        }
        tokio::select! {
            () = SystemClock.sleep_until(next) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

impl Sealed {
    /// Keeps what hindered a try, and logs it where that is another thing than before.
    fn hindered(&mut self, now: Option<String>) {
        if self.hindrance == now {
            return;
        }
        match &now {
            Some(fault) => tracing::info!(fault, "the audit log is not sealed"),
            None => tracing::info!("the audit log is sealed again"),
        }
        self.hindrance = now;
    }
}

impl Inner {
    /// Seals the heads of all chains, where there is a key; what hinders it is logged when it begins
    /// and when it ends. Whether any was new, or could not be sealed.
    pub(crate) async fn seal_heads(&self) -> bool {
        let tenants = self.store.all_tenants().await;
        let mut sealed = self.seals.sealed.lock().await;
        let tenants = match tenants {
            Ok(tenants) => tenants,
            Err(fault) => {
                sealed.hindered(Some(fault.to_string()));
                return true;
            }
        };
        let (mut has_sealed, mut hindrance) = (false, None);
        for tenant in tenants.into_iter().map(|tenant| tenant.id) {
            if sealed.broken.contains_key(&tenant) {
                continue;
            }
            match self.seal_head(&mut sealed, &tenant).await {
                Ok(is_new) => has_sealed |= is_new,
                Err(Unsealed::Now(fault)) => {
                    tracing::debug!(%fault, %tenant, "a chain is not sealed now");
                    hindrance.get_or_insert(fault.to_string());
                }
                Err(Unsealed::Broken(broken)) => {
                    let why = &broken.why;
                    tracing::error!(%tenant, why, "the audit log is not what was sealed, and is sealed no further");
                    sealed.broken.insert(tenant, broken);
                }
            }
        }
        let is_hindered = hindrance.is_some();
        sealed.hindered(hindrance);
        self.tell_broken(&sealed.broken);
        has_sealed || is_hindered
    }

    async fn seal_head(&self, sealed: &mut Sealed, tenant: &TenantId) -> Result<bool, Unsealed> {
        let head = self.store.audit_head(tenant).await.outward()?;
        let last = sealed.heads.get(tenant).copied();
        if last == Some(head) {
            return Ok(false);
        }
        if head.link == 0 {
            // Nothing is there: either nothing ever was, or all of it was taken away.
            if self.keys.get(&mark_of(tenant)).await?.is_some() {
                return Err(Broken::by_operator("all its rows were removed"));
            }
            sealed.heads.insert(tenant.clone(), head);
            return Ok(false);
        }
        let key = self.seal_key(sealed).await?;
        let last = match last {
            Some(last) => last,
            None => self.sealed_before(tenant, key.public()).await?,
        };
        let head = self.followed(tenant, last).await?;
        let key = match key {
            SealedBy::With(key) => key,
            SealedBy::NotYet => return Ok(false),
            SealedBy::Lost => {
                return Err(Broken::by_operator(KEY_LOST));
            }
        };
        let is_new = head.link > last.link;
        if is_new {
            let now = self.now();
            let seal = key.seal(tenant.as_str(), &head, now);
            self.keep(tenant, [Write::Seal(seal)]).await?;
            let day = now.day_start();
            if sealed.marks.get(tenant).is_none_or(|mark| mark.day != day) {
                let link = head.link;
                self.mark(sealed, tenant, Mark { link, day }).await?;
            }
        }
        sealed.heads.insert(tenant.clone(), head);
        Ok(is_new)
    }

    /// The key in the store in force. One is made where nothing was sealed before: in the place of another it would
    /// stand in the way of that, once keys are looked for where they were.
    async fn seal_key(&self, sealed: &mut Sealed) -> Result<SealedBy, Error> {
        let kept_in = self.keys.kept_in();
        if let Some((of, key)) = &sealed.key
            && kept_in == Some(*of)
        {
            return Ok(SealedBy::With(key.clone()));
        }
        // A command that only reads makes no file.
        if self.keys.is_unmade() && !self.store.has_acts() {
            return Ok(SealedBy::NotYet);
        }
        if self.is_key_lost().await? {
            return Ok(SealedBy::Lost);
        }
        self.made_key(sealed).await.map(SealedBy::With)
    }

    /// Something was sealed before, and the key that did it is not where keys are kept. Memory has a new one each time.
    async fn is_key_lost(&self) -> Result<bool, Error> {
        Ok(self.keys.kept_in() != Some(KeptIn::Memory)
            && kept_key(&self.keys).await?.is_none()
            && !self.known_keys().await?.is_empty())
    }

    /// The key in the store in force, made where there is none.
    async fn made_key(&self, sealed: &mut Sealed) -> Result<Arc<SealKey>, Error> {
        let kept_in = self.keys.kept_in();
        let key = Arc::new(key(&self.keys).await?);
        self.remember(key.public()).await?;
        sealed.key = kept_in.map(|kept_in| (kept_in, key.clone()));
        Ok(key)
    }

    /// How far each chain was sealed, as it is marked beside the key: that goes with it into another store.
    pub(crate) async fn kept_marks(&self) -> Result<Vec<(TenantId, SecretString)>, Error> {
        let mut marks = Vec::new();
        for tenant in self.store.all_tenants().await.outward()? {
            if let Some(mark) = self.keys.get(&mark_of(&tenant.id)).await? {
                marks.push((tenant.id, mark));
            }
        }
        Ok(marks)
    }

    /// Keeps marks that another store had where this one has none.
    pub(crate) async fn keep_marks(
        &self,
        marks: Vec<(TenantId, SecretString)>,
    ) -> Result<(), Error> {
        for (tenant, mark) in marks {
            let name = mark_of(&tenant);
            if self.keys.get(&name).await?.is_none() {
                self.keys.put(&name, &mark).await?;
            }
        }
        Ok(())
    }

    /// Keys are looked for elsewhere from now on: what was found wrong may be right there.
    pub(crate) async fn look_again_at_seals(&self) {
        let mut sealed = self.seals.sealed.lock().await;
        sealed.key = None;
        sealed.broken.clear();
    }

    /// Keeps beside the key how far a chain is sealed: whoever deletes seals in the store cannot make
    /// it as if there had been none.
    async fn mark(&self, sealed: &mut Sealed, tenant: &TenantId, mark: Mark) -> Result<(), Error> {
        let link = SecretString::from(mark.link.to_string());
        self.keys.put(&mark_of(tenant), &link).await?;
        sealed.marks.insert(tenant.clone(), mark);
        Ok(())
    }

    /// Marks how far each chain is sealed beside the key, which was put into another store.
    pub(crate) async fn mark_anew(&self) -> Result<(), Error> {
        let mut sealed = self.seals.sealed.lock().await;
        let day = self.now().day_start();
        let heads = sealed.heads.iter().filter(|(_, head)| head.link > 0);
        let marks: Vec<_> = heads
            .map(|(tenant, head)| {
                let link = head.link;
                (tenant.clone(), Mark { link, day })
            })
            .collect();
        for (tenant, mark) in marks {
            self.mark(&mut sealed, &tenant, mark).await?;
        }
        Ok(())
    }

    /// Seals what is new, and marks how far each chain is sealed: nothing of this run can be taken
    /// away unnoticed after it.
    pub(crate) async fn seal_for_good(&self) {
        self.seal_heads().await;
        let mut sealed = self.seals.sealed.lock().await;
        let ends: Vec<_> = sealed
            .marks
            .iter()
            .filter_map(|(tenant, mark)| {
                let link = sealed.heads.get(tenant)?.link;
                (link > mark.link).then(|| (tenant.clone(), Mark { link, ..*mark }))
            })
            .collect();
        for (tenant, mark) in ends {
            if let Err(fault) = self.mark(&mut sealed, &tenant, mark).await {
                tracing::info!(%fault, %tenant, "how far the audit log is sealed was not marked");
            }
        }
    }

    /// Where the newest seal is, which must be on the chain and genuine, and no older than what is
    /// marked beside the key.
    async fn sealed_before(
        &self,
        tenant: &TenantId,
        ours: Option<PublicKey>,
    ) -> Result<Head, Unsealed> {
        let seals = self.store.audit_seals(tenant).await.outward()?;
        let mark = self.keys.get(&mark_of(tenant)).await?;
        let Some(seal) = seals.into_iter().max_by_key(|seal| seal.link) else {
            return match mark {
                None => Ok(Head::default()),
                Some(_) => Err(Broken::by_operator("all its seals were removed")),
            };
        };
        let chain = tenant.as_str();
        let is_ours = ours.is_some_and(|key| key.made(chain, &seal));
        // The key that is kept must have made the newest seal, also where it was made just now: the list of former
        // keys is in the store, where whoever makes a log anew can put one of their own. Memory has a new one each time.
        let mut faults = Vec::new();
        if !is_ours && self.keys.kept_in() != Some(KeptIn::Memory) {
            faults.push(
                "the newest seal was made with another key than the one in the key store, so it cannot be checked that \
                 the log is the one that was sealed: keys were kept in another place before (choose that again), the \
                 store was restored beside other keys, the key was lost, as one in memory is with each end, or \
                 somebody exchanged either"
                    .to_owned(),
            );
        }
        let marked = mark.and_then(|mark| mark.expose_secret().parse::<u64>().ok());
        if let Some(marked) = marked
            && seal.link < marked
        {
            faults.push(format!(
                "it was sealed up to link {marked}, and the newest seal that is left is of link {}: \
                 seals were removed, or the store was put back to an older state",
                seal.link
            ));
        }
        if !faults.is_empty() {
            return Err(Broken::by_operator(faults.join("; and ")));
        }
        let known = self.known_keys().await?;
        if !is_ours && !known.iter().any(|known| known.made(chain, &seal)) {
            return Err(Fault::Seal(seal.link).into());
        }
        let found = self
            .store
            .audit_links(tenant, seal.link, 1)
            .await
            .outward()?;
        match found.first() {
            Some((link, _)) if link.number == seal.link && link.hash == seal.hash => Ok(Head {
                link: link.number,
                row: link.last,
                hash: link.hash,
            }),
            Some((link, _)) if link.number == seal.link => Err(Fault::Remade(seal.link).into()),
            _ => {
                let last = self.store.audit_head(tenant).await.outward()?.link;
                Err(Fault::CutOff {
                    sealed: seal.link,
                    last,
                }
                .into())
            }
        }
    }

    /// Accepts broken chains that are whole by themselves, as after a backup was restored, whichever key sealed
    /// them: they are sealed on from what is there with the key that is there, and each of these logs says so in a
    /// row of its own. What is broken otherwise stays so.
    ///
    /// # Errors
    /// `invalid_state` where there is nothing to accept, or nothing that can be; nothing was written then.
    pub(crate) async fn accept_audit(&self) -> Result<AuditReport, Error> {
        // Without the key nobody knows how far they were sealed.
        let machine = machine_key(&self.keys).await?;
        // What is wrong may be something else by now.
        self.seals.sealed.lock().await.broken.clear();
        self.seal_heads().await;
        let mut keys = self.known_keys().await?;
        keys.extend(machine);
        let mut sealed = self.seals.sealed.lock().await;
        if sealed.broken.is_empty() {
            return Err(Error::new(
                ErrorCode::InvalidState,
                "No log waits to be accepted. Rows that were changed, which `husting audit verify` finds, cannot be.",
            ));
        }
        let (mut accepted, mut refusals) = (false, Vec::new());
        for (tenant, broken) in sealed.broken.clone() {
            match self.unacceptable(&tenant, &broken, &keys).await? {
                Some(fault) => refusals.push(format!("{}: {fault}.", whose(&tenant))),
                None => {
                    self.accept_chain(&mut sealed, &tenant, &broken).await?;
                    accepted = true;
                }
            }
        }
        drop(sealed);
        if !accepted {
            return Err(Error::new(
                ErrorCode::InvalidState,
                format!(
                    "Nothing was accepted. {} No restore brings that about: keep a copy of the data folder.",
                    refusals.join(" ")
                ),
            ));
        }
        self.verify_audit().await
    }

    /// Why a broken chain cannot be accepted: it is not whole, whoever sealed it.
    async fn unacceptable(
        &self,
        tenant: &TenantId,
        broken: &Broken,
        keys: &[PublicKey],
    ) -> Result<Option<String>, Error> {
        if !broken.may_be_ours {
            return Ok(Some(broken.why.clone()));
        }
        let fault = self.chain_fault(tenant, keys).await?;
        Ok(fault.map(|fault| fault.to_string()))
    }

    /// Writes that a chain is accepted, so that the next seal is on that row and of the key that is there.
    async fn accept_chain(
        &self,
        sealed: &mut Sealed,
        tenant: &TenantId,
        broken: &Broken,
    ) -> Result<(), Error> {
        let before = self.store.audit_head(tenant).await.outward()?;
        self.made_key(sealed).await?;
        self.keep(tenant, [accepted(self.now(), &broken.why)])
            .await?;
        sealed.heads.insert(tenant.clone(), before);
        // How far it was sealed before is written over with the next seal.
        sealed.marks.remove(tenant);
        sealed.broken.remove(tenant);
        self.tell_broken(&sealed.broken);
        Ok(())
    }

    /// Goes from one head to the newest.
    async fn followed(&self, tenant: &TenantId, from: Head) -> Result<Head, Unsealed> {
        let mut head = from;
        loop {
            let links = self
                .store
                .audit_links(tenant, head.link + 1, PAGE)
                .await
                .outward()?;
            for (link, rows) in &links {
                head.follow(tenant.as_str(), rows, link)
                    .map_err(Fault::from)?;
            }
            if links.len() < PAGE as usize {
                return Ok(head);
            }
        }
    }

    /// Keeps a public key, so that its seals are known when the private half is gone.
    async fn remember(&self, key: PublicKey) -> Result<(), Error> {
        let mut known = self.known_keys().await?;
        if known.contains(&key) {
            return Ok(());
        }
        known.push(key);
        let known: Vec<String> = known.iter().map(ToString::to_string).collect();
        let value = serde_json::to_string(&known)
            .map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))?;
        let write = Write::PutSetting {
            key: KNOWN_KEYS.to_owned(),
            value,
        };
        let unit = Unit::of(TenantId::local()).write(write);
        self.store.commit(unit).await.outward()?;
        Ok(())
    }

    /// Public keys under which this store's seals were made; what is unreadable is none.
    pub(crate) async fn known_keys(&self) -> Result<Vec<PublicKey>, Error> {
        let stored = self
            .store
            .setting(&TenantId::local(), KNOWN_KEYS)
            .await
            .outward()?;
        let known: Vec<String> = stored
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        Ok(known.iter().filter_map(|key| key.parse().ok()).collect())
    }

    /// Why a chain is sealed no further, where it does not follow from what was sealed.
    pub(super) async fn broken_chain(&self, tenant: &TenantId) -> Option<String> {
        let sealed = self.seals.sealed.lock().await;
        sealed.broken.get(tenant).map(|broken| broken.why.clone())
    }

    /// Why logs are sealed no further although there is a key: they do not follow from what was sealed.
    pub(crate) fn audit_faults(&self) -> Vec<UnsealedLog> {
        let faults = self.seals.faults.read();
        faults.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells the console of chains that are broken, where they are others than before.
    fn tell_broken(&self, broken: &BTreeMap<TenantId, Broken>) {
        let now: Vec<UnsealedLog> = broken
            .iter()
            .map(|(tenant, broken)| broken.told_of(tenant))
            .collect();
        let faults = self.seals.faults.write();
        let mut told = faults.unwrap_or_else(PoisonError::into_inner);
        if *told == now {
            return;
        }
        told.clone_from(&now);
        drop(told);
        let faults = now.into_iter().map(|log| log.sentence).collect();
        self.tell(Event::AuditChanged { faults });
    }

    /// What hindered the last try to seal all that is not broken.
    pub(crate) async fn seal_hindrance(&self) -> Option<String> {
        self.seals.sealed.lock().await.hindrance.clone()
    }

    /// Whether heads are sealed.
    pub(crate) async fn sealing(&self) -> Sealing {
        let logs = self.audit_faults();
        if !logs.is_empty() {
            let why: Vec<_> = logs.iter().map(with_todo).collect();
            return Sealing::Off {
                why: why.join(" "),
                logs,
            };
        }
        match machine_key(&self.keys).await {
            Ok(Some(key)) => Sealing::On {
                public_key: key.to_string(),
                in_memory: self.keys.kept_in() == Some(KeptIn::Memory),
            },
            Ok(None) => Sealing::NotYet,
            Err(fault) => Sealing::Off {
                why: fault.message,
                logs: Vec::new(),
            },
        }
    }
}

/// What a log's fault is and what to do about it, for whoever reads it where no button stands beside.
fn with_todo(log: &UnsealedLog) -> String {
    match &log.todo {
        Some(todo) => format!("{} {todo}", log.sentence),
        None => log.sentence.clone(),
    }
}

/// A tenant's log, as it begins a sentence.
fn whose(tenant: &TenantId) -> String {
    match *tenant == TenantId::local() {
        true => "The log".to_owned(),
        false => format!("The log of {tenant}"),
    }
}

fn accepted(at: Timestamp, fault: &str) -> Write {
    Write::Audit(Entry {
        at,
        action: Action::Accept,
        actor: "operator".to_owned(),
        agent: None,
        subject: None,
        body: None,
        detail: json!({ "fault": fault }).to_string(),
    })
}

/// Under which name it is kept among the secrets how far a chain is sealed.
pub(crate) fn mark_of(tenant: &TenantId) -> String {
    format!("audit/sealed/{tenant}")
}
