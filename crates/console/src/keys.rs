//! Where provider keys are: the keyring, a sealed file, or this process's memory.
//!
//! Which of them is in force is a choice of the operator; there is no silent fallback.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use husting_domain::ids::TenantId;
use husting_domain::providers::Provider;
use husting_secrets::{KeyringStore, MemoryStore, SealedFile, SecretStore, SecretsError, Unlock};
use husting_store::hindrance;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Event;
use husting_wire::providers::{KeptIn, NO_TAIL};
use husting_wire::secrets::{ChooseSecrets, LeftKeys, Opener, SecretsView};
use secrecy::{ExposeSecret, SecretString};

use crate::Inner;
use crate::audit::SEAL_KEY;
use crate::errors::Outward;

/// Least characters of a new passphrase.
pub const LEAST_PASSPHRASE: usize = 12;

/// How a passphrase is given where nothing runs that would keep a file open.
pub const GIVEN_TO_ONE_COMMAND: &str = "Give it in HUSTING_PASSPHRASE; or start `husting serve`, through which commands then go, and give it there \
     with `husting secrets file --passphrase-stdin`.";

/// What the program was told to use.
#[derive(Clone)]
pub enum KeyChoice {
    /// The sealed file where there is one, else the keyring; without either the operator chooses.
    Found,
    /// The keyring.
    Keyring,
    /// The sealed file, unlocked by a passphrase; made when it is not there.
    Passphrase(SecretString),
    /// The sealed file, unlocked by a key file of mode 0600; made when it is not there.
    KeyFile(PathBuf),
    /// Nothing outlives the process.
    Memory,
}

enum State {
    Ready(Arc<dyn SecretStore>, KeptIn),
    Locked(Locked),
    /// Keys are to be in a sealed file, and what was given makes none: why, as a sentence.
    NoFile(String),
    /// A keyring answers and nobody has unlocked it: the system's words.
    KeyringLocked(String),
    /// A keyring was given up before it answered; keys may be in it.
    KeyringSilent(Duration),
    /// No keyring answers: the system's words.
    NeedsChoice(String),
}

/// A sealed file that is not open.
struct Locked {
    /// Why, as a sentence.
    why: String,
    /// What opens it.
    opener: Opener,
}

impl Locked {
    fn by(fault: &SecretsError) -> Self {
        let opener = match fault {
            SecretsError::WrongPassphrase | SecretsError::EmptyPassphrase => Opener::Passphrase,
            _ => Opener::Restart,
        };
        let why = format!("The sealed file cannot be opened: {}.", in_words(fault));
        Self { why, opener }
    }

    /// Nothing was given for it.
    fn for_want_of_passphrase() -> Self {
        Self {
            why: "The sealed file with your keys is locked and waits for its passphrase."
                .to_owned(),
            opener: Opener::Passphrase,
        }
    }

    /// A key file sealed it, and none was named. Where a passphrase was given as well, the key file counts.
    fn for_want_of_key_file() -> Self {
        Self {
            why: "The sealed file with your keys is locked, and a key file opens it: name it in \
                  HUSTING_SECRETS_KEY_FILE."
                .to_owned(),
            opener: Opener::Restart,
        }
    }

    /// A passphrase sealed it, and a key file was named, which counts before a passphrase that is set.
    fn despite_key_file() -> Self {
        Self {
            why: "HUSTING_SECRETS_KEY_FILE names a key file, and a passphrase sealed the file with your keys: unset \
                  it. The sealed file is locked and waits for its passphrase."
                .to_owned(),
            opener: Opener::Passphrase,
        }
    }
}

/// The key store in force.
pub struct Keys {
    home: PathBuf,
    state: RwLock<State>,
    /// The program leaves after one command: what unlocks its keys must be there when it begins.
    is_for_one_command: bool,
    /// Names that somebody looked for in the store in force, and did not find.
    absent: RwLock<BTreeSet<String>>,
    /// Where keys were kept before the operator chose another place.
    former: RwLock<Option<KeptIn>>,
    /// One look or change at a time: a key that is put while others are looked for must not count as absent
    /// afterwards.
    turn: tokio::sync::Mutex<Turn>,
}

/// What whoever has the turn with the keys must know.
#[derive(Default)]
struct Turn {
    /// All data is to be erased: a key that is kept from now on might outlive it.
    takes_no_more: bool,
}

impl Turn {
    fn require_open(&self) -> Result<(), Error> {
        match self.takes_no_more {
            true => Err(Error::new(
                ErrorCode::ShuttingDown,
                "All data is being erased. No key is kept any more.",
            )),
            false => Ok(()),
        }
    }
}

impl Keys {
    /// Opens what was chosen. A store that is locked or absent is no failure: its state says so.
    pub async fn open(home: &Path, choice: KeyChoice) -> Self {
        Self::opened(home, choice, false).await
    }

    /// The same in a program that leaves after one command: a sealed file is made once there is something to keep.
    pub(crate) async fn open_for_one_command(home: &Path, choice: KeyChoice) -> Self {
        Self::opened(home, choice, true).await
    }

    async fn opened(home: &Path, choice: KeyChoice, is_for_one_command: bool) -> Self {
        let state = match choice {
            KeyChoice::Memory => ready(MemoryStore::default(), KeptIn::Memory),
            KeyChoice::Passphrase(passphrase) => {
                sealed_with(home, passphrase, is_for_one_command).await
            }
            KeyChoice::KeyFile(path) => {
                sealed(home, Unlock::KeyFile(path), is_for_one_command).await
            }
            KeyChoice::Found if has_sealed_file(home) => unasked(home).await,
            KeyChoice::Found | KeyChoice::Keyring => keyring(home).await,
        };
        Self {
            home: home.to_owned(),
            state: RwLock::new(state),
            is_for_one_command,
            absent: RwLock::default(),
            former: RwLock::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// Opens what is there and makes nothing, for whoever only looks.
    pub async fn look(home: &Path, choice: KeyChoice) -> Self {
        let would_make = matches!(choice, KeyChoice::Passphrase(_) | KeyChoice::KeyFile(_))
            && !has_sealed_file(home);
        let choice = if would_make {
            KeyChoice::Memory
        } else {
            choice
        };
        Self::opened(home, choice, true).await
    }

    /// Keys in memory alone, for tests.
    #[must_use]
    pub fn in_memory() -> Self {
        Self {
            home: PathBuf::new(),
            state: RwLock::new(ready(MemoryStore::default(), KeptIn::Memory)),
            is_for_one_command: false,
            absent: RwLock::default(),
            former: RwLock::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// Whether a sealed file is in force that the first secret makes.
    pub(crate) fn is_unmade(&self) -> bool {
        self.is_for_one_command
            && self.kept_in() == Some(KeptIn::SealedFile)
            && !has_sealed_file(&self.home)
    }

    /// Why keys cannot be read although they are kept, and how they are unlocked from here.
    pub(crate) fn locked(&self) -> Option<String> {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::NeedsChoice(_) => None,
            state => self.hindrance(state),
        }
    }

    /// What is to be done before a first key can be kept, where the keyring is its place and cannot take it now.
    pub(crate) fn placeless(&self) -> Option<String> {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Ready(..) | State::Locked(_) | State::NoFile(_) => None,
            state => self.hindrance(state),
        }
    }

    /// Why no key can be read, and what is to be done about it from here; none where they can.
    fn hindrance(&self, state: &State) -> Option<String> {
        Some(match state {
            State::Ready(..) => return None,
            State::Locked(locked) => self.told(locked),
            State::NoFile(why) => self.made_otherwise(why),
            State::KeyringLocked(words) => self.asked_again(&unlock_keyring(words)),
            State::KeyringSilent(limit) => self.asked_again(&wake_keyring(*limit)),
            State::NeedsChoice(_) => self.without_keyring().to_owned(),
        })
    }

    /// What is to be done where keys have no place yet. The system's words, which help nobody here, are told by
    /// `husting secrets`.
    const fn without_keyring(&self) -> &'static str {
        if self.is_for_one_command {
            "No keyring answers on this machine. Keep keys in a sealed file: make it with `husting secrets file --new`, \
             and put its passphrase into HUSTING_PASSPHRASE for the lines after it, or give it to a running `husting \
             serve`. Or name a key file in HUSTING_SECRETS_KEY_FILE."
        } else {
            "No keyring answers on this machine. Keep keys in a sealed file: make it with `husting secrets file --new`, \
             or in Settings, Providers. Or name a key file in HUSTING_SECRETS_KEY_FILE."
        }
    }

    /// What is to be done with a keyring, and how it is asked again from here.
    fn asked_again(&self, todo: &str) -> String {
        let way = if self.is_for_one_command {
            "and try again; or set HUSTING_SECRETS=file, with a key file named in HUSTING_SECRETS_KEY_FILE or a \
             passphrase in HUSTING_PASSPHRASE."
        } else {
            "and try again in Settings, Providers, or with `husting secrets keyring`; or keep keys in a sealed \
             file: `husting secrets file --new`."
        };
        format!("{todo} {way}")
    }

    fn told(&self, locked: &Locked) -> String {
        let way = match (locked.opener, self.is_for_one_command) {
            (Opener::Restart, true) => return locked.why.clone(),
            (Opener::Restart, false) => "Then start Husting again.",
            (Opener::Passphrase, false) => {
                "Give it in Settings, Providers, or with `husting secrets file --passphrase-stdin`."
            }
            (Opener::Passphrase, true) => GIVEN_TO_ONE_COMMAND,
        };
        format!("{} {way}", locked.why)
    }

    /// Why there is no sealed file, and how one is made all the same.
    fn made_otherwise(&self, why: &str) -> String {
        let way = if self.is_for_one_command {
            "Mend that, or make the file with `husting secrets file --new`."
        } else {
            "Mend that and start Husting again; or make the file with `husting secrets file --new`, or in Settings, \
             Providers."
        };
        format!("{why} {way}")
    }

    /// Whether keys can be read now.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(
            *self.state.read().unwrap_or_else(PoisonError::into_inner),
            State::Ready(..)
        )
    }

    /// Whether a provider can be called with its key, as far as it was looked for.
    pub(crate) fn hold(&self, provider: &Provider) -> bool {
        let absent = self.absent.read().unwrap_or_else(PoisonError::into_inner);
        provider.key_tail.is_none()
            || (self.is_ready() && !absent.contains(&key_name(&provider.name)))
    }

    /// Why a provider's key cannot be read, as a sentence; none where it can, or where it has none.
    pub(crate) fn lack(&self, provider: &Provider) -> Option<String> {
        if self.hold(provider) {
            return None;
        }
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        Some(self.hindrance(&state).unwrap_or_else(|| {
            format!(
                "The key of {0} is not where keys are kept now. Paste it again in Settings, or give it with \
                 `husting provider key {0}`.",
                provider.name
            )
        }))
    }

    /// Whether somebody looked for a key in the store in force, and did not find it.
    pub(crate) fn is_absent(&self, name: &str) -> bool {
        let absent = self.absent.read().unwrap_or_else(PoisonError::into_inner);
        self.is_ready() && absent.contains(name)
    }

    /// Looks which keys are there: a process that kept keys in memory takes them with it, and another
    /// store has its own.
    async fn look_for(&self, names: Vec<String>) {
        let _turn = self.turn.lock().await;
        let mut absent = BTreeSet::new();
        for name in names {
            if matches!(self.get(&name).await, Ok(None)) {
                absent.insert(name);
            }
        }
        *self.absent.write().unwrap_or_else(PoisonError::into_inner) = absent;
    }

    pub(crate) fn kept_in(&self) -> Option<KeptIn> {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Ready(_, kept_in) => Some(*kept_in),
            State::Locked(_)
            | State::NoFile(_)
            | State::KeyringLocked(_)
            | State::KeyringSilent(_)
            | State::NeedsChoice(_) => None,
        }
    }

    /// Keys that somebody looked for in the store in force and that are not there.
    fn left(&self, in_force: KeptIn) -> Option<LeftKeys> {
        let absent = self.absent.read().unwrap_or_else(PoisonError::into_inner);
        let count = u32::try_from(absent.len()).unwrap_or(u32::MAX);
        drop(absent);
        let former = *self.former.read().unwrap_or_else(PoisonError::into_inner);
        let sealed = has_sealed_file(&self.home).then_some(KeptIn::SealedFile);
        // What was kept in memory is gone with it.
        let kept_in = former
            .filter(|former| *former != KeptIn::Memory)
            .or(sealed)
            .filter(|place| *place != in_force);
        (count > 0).then_some(LeftKeys { count, kept_in })
    }

    pub(crate) fn view(&self) -> SecretsView {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Ready(_, kept_in) => SecretsView::Ready {
                kept_in: *kept_in,
                left: self.left(*kept_in),
            },
            State::Locked(locked) => SecretsView::Locked {
                message: locked.why.clone(),
                opener: locked.opener,
            },
            State::NoFile(why) => SecretsView::NoFile {
                message: why.clone(),
            },
            State::KeyringLocked(system_words) => SecretsView::KeyringLocked {
                system_words: system_words.clone(),
            },
            State::KeyringSilent(limit) => SecretsView::NeedsChoice {
                system_words: unanswered(*limit),
            },
            State::NeedsChoice(system_words) => SecretsView::NeedsChoice {
                system_words: system_words.clone(),
            },
        }
    }

    fn store(&self) -> Result<Arc<dyn SecretStore>, Error> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        if let State::Ready(store, _) = &*state {
            return Ok(store.clone());
        }
        if let State::NeedsChoice(words) = &*state {
            tracing::debug!(words, "no keyring answers");
        }
        Err(unavailable(self.hindrance(&state).unwrap_or_default()))
    }

    pub(crate) async fn get(&self, name: &str) -> Result<Option<SecretString>, Error> {
        self.store()?
            .get(name)
            .await
            .map_err(|fault| failed(&fault))
    }

    /// The same, and from then on it is known whether it is there.
    pub(crate) async fn find(&self, name: &str) -> Result<Option<SecretString>, Error> {
        let _turn = self.turn.lock().await;
        let found = self.get(name).await?;
        let mut absent = self.absent.write().unwrap_or_else(PoisonError::into_inner);
        match &found {
            Some(_) => absent.remove(name),
            None => absent.insert(name.to_owned()),
        };
        drop(absent);
        Ok(found)
    }

    pub(crate) async fn put(&self, name: &str, secret: &SecretString) -> Result<(), Error> {
        let turn = self.turn.lock().await;
        turn.require_open()?;
        self.store()?
            .put(name, secret)
            .await
            .map_err(|fault| failed(&fault))?;
        let mut absent = self.absent.write().unwrap_or_else(PoisonError::into_inner);
        absent.remove(name);
        Ok(())
    }

    pub(crate) async fn delete(&self, name: &str) -> Result<(), Error> {
        // One that is being moved would be there again afterwards.
        let _turn = self.turn.lock().await;
        self.store()?
            .delete(name)
            .await
            .map_err(|fault| failed(&fault))?;
        let mut absent = self.absent.write().unwrap_or_else(PoisonError::into_inner);
        absent.remove(name);
        Ok(())
    }

    /// Refuses to keep any more keys from now on, or keeps them again.
    pub(crate) async fn take_no_more(&self, no_more: bool) {
        self.turn.lock().await.takes_no_more = no_more;
    }

    /// Whether the keyring can be rid of this folder's keys. `has_kept` says that keys were kept somewhere.
    ///
    /// # Errors
    /// When it cannot, and keys may be in it.
    pub(crate) async fn keyring_answers(&self, has_kept: bool) -> Result<bool, Error> {
        let Err(fault) = KeyringStore::open(&namespace(&self.home)).await else {
            return Ok(true);
        };
        let may_hold_some = match (self.kept_in(), &fault) {
            (Some(KeptIn::SealedFile | KeptIn::Memory), _) => false,
            (Some(KeptIn::Keyring), _) | (None, SecretsError::KeyringLocked { .. }) => true,
            (None, _) => has_kept && !has_sealed_file(&self.home),
        };
        if may_hold_some {
            return Err(unavailable(self.unforgotten(&fault)));
        }
        Ok(false)
    }

    /// Why nothing is erased while keys may be in a keyring, and the line that erases all else where none are.
    fn unforgotten(&self, fault: &SecretsError) -> String {
        let why = match fault {
            SecretsError::NoKeyring { system_words } => {
                format!("none answers on this machine ({system_words}). Start one and erase again")
            }
            SecretsError::KeyringLocked { system_words } => {
                format!("it is locked ({system_words}). Unlock it and erase again")
            }
            SecretsError::KeyringSilent { limit } => {
                format!("{}. See that it runs, and erase again", unanswered(*limit))
            }
            fault => format!("{fault}. Then erase again"),
        };
        let without = if self.is_for_one_command {
            "`HUSTING_SECRETS=memory husting erase` erases all else"
        } else {
            "`husting secrets memory`, and `husting erase` after it, erase all else"
        };
        format!(
            "Nothing was erased: keys may be in the keyring, and {why}; where none are in it, or they may stay, {without}."
        )
    }

    /// Keeps keys in another place from now on. What is in memory moves there before that, over what has the same name:
    /// it was given later, and nothing else brings it back.
    async fn choose(&self, asked: ChooseSecrets) -> Result<(), Error> {
        let turn = self.turn.lock().await;
        turn.require_open()?;
        if asked.keep_in == KeptIn::Memory && self.kept_in() == Some(KeptIn::Memory) {
            return Ok(());
        }
        let asked_for = asked.keep_in;
        let state = match asked_for {
            KeptIn::Memory => ready(MemoryStore::default(), KeptIn::Memory),
            KeptIn::Keyring => keyring(&self.home).await,
            KeptIn::SealedFile => ready(self.sealed_by(asked).await?, KeptIn::SealedFile),
        };
        if let (State::Ready(place, _), Ok(before)) = (&state, self.store()) {
            for (name, secret) in before.fleeting() {
                let kept = place.put(&name, &secret).await;
                kept.map_err(|fault| failed(&fault))?;
            }
        }
        let refusal = match &state {
            State::Ready(..) => None,
            State::KeyringLocked(words) => {
                Some(format!("{} and try again.", unlock_keyring(words)))
            }
            State::KeyringSilent(limit) => Some(format!("{} and try again.", wake_keyring(*limit))),
            State::Locked(Locked { why, .. }) | State::NoFile(why) => Some(why.clone()),
            State::NeedsChoice(words) => {
                Some(format!("No keyring answers on this machine ({words})."))
            }
        };
        let mut in_force = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let is_outdated = match &*in_force {
            State::NoFile(_)
            | State::KeyringLocked(_)
            | State::KeyringSilent(_)
            | State::NeedsChoice(_) => true,
            State::Locked(_) => !has_sealed_file(&self.home),
            // The store that was in force stays in force.
            State::Ready(..) => false,
        };
        if refusal.is_none()
            && let State::Ready(_, before) = &*in_force
            && *before != asked_for
        {
            *self.former.write().unwrap_or_else(PoisonError::into_inner) = Some(*before);
        }
        if refusal.is_none() || is_outdated {
            *in_force = state;
        }
        refusal.map_or(Ok(()), |why| Err(unavailable(why)))
    }

    /// The sealed file that is there, or a new one where one was asked for: what was meant to unlock
    /// something must not become the passphrase of a file that nobody wanted.
    async fn sealed_by(&self, asked: ChooseSecrets) -> Result<SealedFile, Error> {
        let path = sealed_path(&self.home);
        let is_there = SealedFile::exists(&path);
        if !is_there && !asked.make {
            return Err(unavailable(
                "There is no sealed file to open. Unlock the keyring and try `husting secrets keyring`, or make a \
                 sealed file: in Settings, Providers, or with `husting secrets file --new`."
                    .to_owned(),
            ));
        }
        let passphrase = asked
            .passphrase
            .ok_or_else(|| Error::invalid("The sealed file needs a passphrase."))?;
        if !is_there && passphrase.chars().count() < LEAST_PASSPHRASE {
            return Err(Error::invalid(format!(
                "A new passphrase has at least {LEAST_PASSPHRASE} characters."
            )));
        }
        let unlock = Unlock::Passphrase(SecretString::from(passphrase));
        let opened = if is_there {
            SealedFile::open(&path, unlock).await
        } else {
            SealedFile::create(&path, unlock).await
        };
        opened.map_err(|fault| match fault {
            SecretsError::WrongPassphrase => Error::invalid(
                "This passphrase does not open the sealed file, and nothing was changed. Type the one it was sealed with.",
            ),
            SecretsError::OtherUnlock { .. } => unavailable(
                "A key file opens the sealed file, and no passphrase does; nothing was changed. Name the one it was \
                 sealed with in HUSTING_SECRETS_KEY_FILE, and start Husting again."
                    .to_owned(),
            ),
            fault => failed(&fault),
        })
    }
}

impl Inner {
    /// The key of a provider; `None` where it needs none.
    pub(crate) async fn key_of(&self, provider: &Provider) -> Result<Option<SecretString>, Error> {
        if provider.key_tail.is_none() {
            return Ok(None);
        }
        let key = self.keys.get(&key_name(&provider.name)).await?;
        key.map(Some).ok_or_else(|| {
            unavailable(format!(
                "The key of {} is not where keys are kept now. Paste it again.",
                provider.name
            ))
        })
    }

    /// Looks for the keys of all providers and for the bot's token, and tells everybody where some are
    /// missing.
    pub(crate) async fn look_for_keys(&self) -> Result<(), Error> {
        let tenant = TenantId::local();
        let providers = self.store.providers(&tenant).await.outward()?;
        let could = |keys: &Keys| -> Vec<bool> { providers.iter().map(|p| keys.hold(p)).collect() };
        let before = could(&self.keys);
        self.look_for_keys_of(&providers).await;
        if could(&self.keys) != before {
            self.changed_providers(&tenant).await?;
        }
        Ok(())
    }

    async fn look_for_keys_of(&self, providers: &[Provider]) {
        let keyed = providers.iter().filter(|known| known.key_tail.is_some());
        let mut names: Vec<_> = keyed.map(|provider| key_name(&provider.name)).collect();
        names.extend(self.bridge.token_name());
        self.keys.look_for(names).await;
        self.bridge.stands_otherwise();
    }

    /// Whether a key was ever kept, as far as the store knows.
    pub(crate) async fn has_kept_keys(&self) -> Result<bool, Error> {
        let providers = self.store.providers(&TenantId::local()).await.outward()?;
        Ok(providers.iter().any(|provider| provider.key_tail.is_some())
            || self.bridge.token_name().is_some()
            || !self.known_keys().await?.is_empty())
    }

    pub(crate) async fn choose_secrets(&self, asked: ChooseSecrets) -> Result<SecretsView, Error> {
        // What sealed the audit log so far must go on to seal it.
        let seal_key = self.keys.get(SEAL_KEY).await.ok().flatten();
        let marks = self.kept_marks().await.unwrap_or_default();
        let outcome = self.keys.choose(asked).await;
        if outcome.is_ok() {
            if let Some(key) = seal_key {
                self.keys.put(SEAL_KEY, &key).await?;
            }
            self.mark_anew().await?;
            self.keep_marks(marks).await?;
            self.look_again_at_seals().await;
            self.store.wake();
            let tenant = TenantId::local();
            let providers = self.store.providers(&tenant).await.outward()?;
            self.look_for_keys_of(&providers).await;
            // Each says where its key is kept, and its models whether it can be read.
            self.changed_providers(&tenant).await?;
        }
        self.bridge.keys_moved();
        let secrets = self.keys.view();
        self.tell(Event::SecretsChanged {
            secrets: secrets.clone(),
        });
        outcome.map(|()| secrets)
    }
}

/// Under which name a provider's key is kept.
pub(crate) fn key_name(provider: &str) -> String {
    format!("provider/{provider}")
}

/// The last four characters, shown where a key must be told apart; short keys show none.
pub(crate) fn tail_of(key: &SecretString) -> String {
    let characters: Vec<char> = key.expose_secret().chars().collect();
    if characters.len() < 12 {
        NO_TAIL.to_owned()
    } else {
        characters[characters.len() - 4..].iter().collect()
    }
}

fn ready(store: impl SecretStore, kept_in: KeptIn) -> State {
    State::Ready(Arc::new(store), kept_in)
}

/// Whether a data folder has a sealed file with keys.
#[must_use]
pub fn has_sealed_file(home: &Path) -> bool {
    SealedFile::exists(&sealed_path(home))
}

fn sealed_path(home: &Path) -> PathBuf {
    home.join("secrets.sealed")
}

/// The sealed file, opened by what was given, or made where there is none.
async fn sealed(home: &Path, unlock: Unlock, is_later: bool) -> State {
    let path = sealed_path(home);
    let names_key_file = matches!(unlock, Unlock::KeyFile(_));
    let opened = if SealedFile::exists(&path) {
        SealedFile::open(&path, unlock).await
    } else if is_later {
        SealedFile::create_later(&path, unlock).await
    } else {
        SealedFile::create(&path, unlock).await
    };
    match opened {
        Ok(store) => ready(store, KeptIn::SealedFile),
        Err(fault) if !SealedFile::exists(&path) => State::NoFile(unmade(&in_words(&fault))),
        Err(SecretsError::OtherUnlock { .. }) if names_key_file => {
            State::Locked(Locked::despite_key_file())
        }
        Err(SecretsError::OtherUnlock { .. }) => State::Locked(Locked::for_want_of_key_file()),
        Err(fault) => State::Locked(Locked::by(&fault)),
    }
}

/// Opens by the passphrase that stands in the environment. A new file wants one as long as anywhere else: a mistyped
/// one must not seal it unnoticed.
async fn sealed_with(home: &Path, passphrase: SecretString, is_later: bool) -> State {
    let is_short = passphrase.expose_secret().chars().count() < LEAST_PASSPHRASE;
    if is_short && !has_sealed_file(home) {
        return State::NoFile(unmade(&format!(
            "the passphrase in HUSTING_PASSPHRASE is too short, and a new one has at least {LEAST_PASSPHRASE} \
             characters"
        )));
    }
    sealed(home, Unlock::Passphrase(passphrase), is_later).await
}

/// A sealed file that nothing was given for. No passphrase opens one that a key file sealed.
async fn unasked(home: &Path) -> State {
    // It says what it wants, and what is wrong with it, before it looks at what it is given.
    let nothing = Unlock::Passphrase(SecretString::default());
    match SealedFile::open(&sealed_path(home), nothing).await {
        Ok(store) => ready(store, KeptIn::SealedFile),
        Err(SecretsError::EmptyPassphrase) => State::Locked(Locked::for_want_of_passphrase()),
        Err(SecretsError::OtherUnlock { .. }) => State::Locked(Locked::for_want_of_key_file()),
        Err(fault) => State::Locked(Locked::by(&fault)),
    }
}

/// Why there is no sealed file, as a sentence.
fn unmade(why: &str) -> String {
    format!("There is no sealed file yet, and none could be made: {why}.")
}

/// Two data folders of one person must not share keys.
pub(crate) fn namespace(home: &Path) -> String {
    crate::chance::nonce("home", &[&home.to_string_lossy()])
}

async fn keyring(home: &Path) -> State {
    match KeyringStore::open(&namespace(home)).await {
        Ok(store) => ready(store, KeptIn::Keyring),
        Err(SecretsError::KeyringLocked { system_words }) => State::KeyringLocked(system_words),
        Err(SecretsError::KeyringSilent { limit }) => State::KeyringSilent(limit),
        Err(SecretsError::NoKeyring { system_words }) => State::NeedsChoice(system_words),
        Err(fault) => State::NeedsChoice(fault.to_string()),
    }
}

/// The beginning of a sentence.
fn unlock_keyring(system_words: &str) -> String {
    format!(
        "Your keyring is locked ({system_words}). Unlock it in your desktop's own dialog or its password manager"
    )
}

/// The beginning of a sentence.
fn wake_keyring(limit: Duration) -> String {
    format!(
        "The keyring did not answer within {} seconds. See that it runs in this session, or log in anew,",
        limit.as_secs()
    )
}

/// What a keyring did that was given up.
fn unanswered(limit: Duration) -> String {
    format!("it did not answer within {} seconds", limit.as_secs())
}

fn unavailable(message: String) -> Error {
    Error::new(ErrorCode::SecretsUnavailable, message)
}

fn failed(fault: &SecretsError) -> Error {
    tracing::warn!(%fault, "the key store failed");
    unavailable(format!("The key store failed: {}.", in_words(fault)))
}

/// What is wrong with a store of keys. Of a file that cannot be used it says what mends it, and not the system's number.
fn in_words(fault: &SecretsError) -> String {
    let (doing, source, gone, other) = match fault {
        SecretsError::KeyFile { path, source } => (
            format!("read {}", path.display()),
            source,
            "put it back, or name the right one in HUSTING_SECRETS_KEY_FILE",
            "name the right one in HUSTING_SECRETS_KEY_FILE",
        ),
        SecretsError::Io { doing, source } => (
            doing.clone(),
            source,
            "put it back",
            "put the sealed file in its place",
        ),
        _ => return fault.to_string(),
    };
    let why = match source.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => format!("it is not there; {gone}"),
        // What we found ourselves has our own words.
        ErrorKind::InvalidInput if source.raw_os_error().is_none() => format!("{source}; {other}"),
        _ if source.raw_os_error().is_none() => source.to_string(),
        _ => hindrance(source),
    };
    format!("cannot {doing}: {why}")
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_file_of_keys_that_cannot_be_used_is_told_with_what_mends_it_and_without_a_number() {
        let system = io::Error::from_raw_os_error;
        let found = || io::Error::new(ErrorKind::InvalidInput, "it is not a regular file");
        let sealed = |source| SecretsError::Io {
            doing: "read secrets.sealed".to_owned(),
            source,
        };
        let key_file = |source| SecretsError::KeyFile {
            path: "a.key".into(),
            source,
        };
        let back = "it is not there; put it back";
        let named = "name the right one in HUSTING_SECRETS_KEY_FILE";
        let (back_or_named, other) = (
            format!("{back}, or {named}"),
            format!("it is not a regular file; {named}"),
        );
        let mine = "the system does not let you; make it yours";
        let own = sealed(io::Error::other("no room for the seal"));
        for (fault, told) in [
            (sealed(system(13)), mine),
            (sealed(system(2)), back),
            (sealed(system(20)), back),
            (
                sealed(system(5)),
                "the system says “Input/output error”; mend that",
            ),
            (
                sealed(found()),
                "it is not a regular file; put the sealed file in its place",
            ),
            (own, "no room for the seal"),
        ] {
            assert_eq!(
                in_words(&fault),
                format!("cannot read secrets.sealed: {told}")
            );
        }
        for (fault, told) in [
            (key_file(system(13)), mine),
            (key_file(system(2)), back_or_named.as_str()),
            (key_file(found()), &other),
        ] {
            assert_eq!(in_words(&fault), format!("cannot read a.key: {told}"));
        }
    }
}
