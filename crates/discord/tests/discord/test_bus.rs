//! A bus that keeps what it is given, and gives what the test says.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use husting_discord::bus::{Bus, BusError, Fate, Identity, Letter, Mail, Peer, Recent};
use husting_domain::time::Timestamp;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use crate::scene::in_time;

/// Mail of one look back.
const PAGE: usize = 10;

/// More than a test has in the quick clock.
const HOURS: Duration = Duration::from_secs(5 * 3_600);

/// A bus that keeps what it is given, and gives what the test says.
#[derive(Default)]
pub struct TestBus {
    letters: watch::Sender<Vec<Letter>>,
    mail: Mutex<Vec<Mail>>,
    /// Also what was given.
    all: Mutex<Vec<Mail>>,
    rung: Notify,
    /// Letters that stand at its door, and whether it is shut.
    at_door: watch::Sender<usize>,
    is_shut: watch::Sender<bool>,
    /// Whether it takes letters and does not say so.
    keeps_answers: watch::Sender<bool>,
    /// Whether nobody may acknowledge mail.
    holds_acks: watch::Sender<bool>,
    /// Agents whose inbox is full.
    full: Mutex<Vec<String>>,
    /// The words of letters at which it fails by itself, and how often yet.
    fails_at: Mutex<Option<(&'static str, usize)>>,
    /// Whether it holds everybody, and whom it turned away so far: letters, and who came for mail.
    holds: watch::Sender<bool>,
    turned_away: watch::Sender<(usize, usize)>,
    /// Whether it keeps to itself when it lets them go on.
    is_silent: AtomicBool,
    fates: Mutex<Vec<(String, Fate)>>,
    took: Notify,
    /// How often it was asked what became of letters.
    looks: watch::Sender<usize>,
    /// Whether it keeps its answer to those who take a letter back.
    holds_withdrawals: watch::Sender<bool>,
    withdrawn: watch::Sender<Vec<String>>,
}

impl TestBus {
    /// What was sent, once it is so much.
    pub async fn until_sent(&self, count: usize) -> Vec<Letter> {
        let mut letters = self.letters.subscribe();
        let sent = in_time(letters.wait_for(|letters| letters.len() >= count)).await;
        sent.unwrap().clone()
    }

    pub fn sent(&self) -> usize {
        self.letters.borrow().len()
    }

    /// While it is shut, letters stand at its door.
    pub fn shut(&self, is_shut: bool) {
        self.is_shut.send_replace(is_shut);
    }

    /// While it keeps its answers, it has a letter and nobody is told.
    pub fn keep_answers(&self, keeps: bool) {
        self.keeps_answers.send_replace(keeps);
    }

    /// While it holds them, acknowledgements of mail stand at its door.
    pub fn hold_acks(&self, holds: bool) {
        self.holds_acks.send_replace(holds);
    }

    /// Until a letter stands at its door.
    pub async fn until_at_door(&self) {
        let mut at_door = self.at_door.subscribe();
        in_time(at_door.wait_for(|count| *count > 0)).await.unwrap();
    }

    /// Holds everybody for hours, or lets them go on.
    pub fn hold(&self, holds: bool) {
        self.holds.send_replace(holds);
        self.rung.notify_one();
    }

    /// Until a letter was turned away, and somebody who came for mail.
    pub async fn until_turned_away(&self) {
        let mut turned_away = self.turned_away.subscribe();
        let both = turned_away.wait_for(|(letters, mail)| *letters > 0 && *mail > 0);
        in_time(both).await.unwrap();
    }

    /// The same, but it does not tell when it lets them go on.
    pub fn hold_silently(&self, holds: bool) {
        self.is_silent.store(true, Ordering::Relaxed);
        self.hold(holds);
    }

    fn held(&self, count: impl FnOnce(&mut (usize, usize))) -> Result<(), BusError> {
        if !*self.holds.borrow() {
            return Ok(());
        }
        self.turned_away.send_modify(count);
        Err(BusError::Held {
            why: "all are held".to_owned(),
            retry_after: Some(HOURS),
        })
    }

    /// An agent's inbox takes nothing more, or again.
    pub fn fill(&self, agent: &str, is_full: bool) {
        let mut full = self.full.lock().unwrap();
        full.retain(|each| each != agent);
        full.extend(is_full.then(|| agent.to_owned()));
    }

    /// From now on it fails at letters with these words.
    pub fn fail_at(&self, words: &'static str) {
        self.fail_times(words, usize::MAX);
    }

    /// It fails so often at letters with these words, and then takes them.
    pub fn fail_times(&self, words: &'static str, times: usize) {
        *self.fails_at.lock().unwrap() = Some((words, times));
    }

    fn stumbles_at(&self, letter: &Letter) -> bool {
        let mut fails_at = self.fails_at.lock().unwrap();
        match fails_at.as_mut() {
            Some((words, times)) if *times > 0 && letter.text.contains(*words) => {
                *times -= 1;
                true
            }
            _ => false,
        }
    }

    /// The agent takes a letter.
    pub fn take(&self, letter: &Letter) {
        let at = Timestamp::from_micros(1_000_000);
        self.befall(letter, Fate::Taken(at));
    }

    /// The bus gives a letter to nobody any more.
    pub fn park(&self, letter: &Letter, why: &str) {
        self.befall(letter, Fate::Parked(why.to_owned()));
    }

    fn befall(&self, letter: &Letter, fate: Fate) {
        let befallen = (letter.key.clone(), fate);
        self.fates.lock().unwrap().push(befallen);
        self.took.notify_one();
    }

    /// While it holds them, it has done what was asked of it and told what became of the letter, and whoever
    /// took it back is not answered.
    pub fn hold_withdrawals(&self, holds: bool) {
        self.holds_withdrawals.send_replace(holds);
    }

    /// Until it was asked twice more what became of letters: the second time from its beginning.
    pub async fn until_looked_at(&self) {
        let mut looks = self.looks.subscribe();
        let before = *looks.borrow();
        for more in 1..=2 {
            self.took.notify_one();
            in_time(looks.wait_for(|looks| *looks >= before + more))
                .await
                .unwrap();
        }
    }

    /// The letters that were taken back, once there are so many.
    pub async fn until_withdrawn(&self, count: usize) -> Vec<String> {
        let mut withdrawn = self.withdrawn.subscribe();
        let all = in_time(withdrawn.wait_for(|all| all.len() >= count)).await;
        all.unwrap().clone()
    }

    pub fn withdrawn(&self) -> usize {
        self.withdrawn.borrow().len()
    }

    /// An agent writes to the bridge.
    pub fn write(&self, from: &str, text: &str) {
        self.bring(letter_of(from, text));
    }

    /// The same, as an answer to a message of the bridge's.
    pub fn answer(&self, from: &str, asked: &Letter, text: &str) {
        self.bring(Mail {
            answers: Some(asked.key.clone()),
            ..letter_of(from, text)
        });
    }

    /// Somebody writes to everybody.
    pub fn broadcast(&self, from: &str, text: &str) {
        self.bring(Mail {
            is_broadcast: true,
            ..letter_of(from, text)
        });
    }

    /// An agent wrote to the bridge, and a process that died was given it.
    pub fn give(&self, from: &str, text: &str) -> Mail {
        let mail = letter_of(from, text);
        self.all.lock().unwrap().push(mail.clone());
        mail
    }

    fn bring(&self, mail: Mail) {
        self.all.lock().unwrap().push(mail.clone());
        self.mail.lock().unwrap().push(mail);
        self.rung.notify_one();
    }
}

fn letter_of(from: &str, text: &str) -> Mail {
    Mail {
        id: Uuid::now_v7().to_string(),
        from: from.to_owned(),
        text: text.to_owned(),
        answers: None,
        is_broadcast: false,
    }
}

#[async_trait]
impl Bus for TestBus {
    async fn whoami(&self) -> Result<Identity, BusError> {
        Ok(Identity {
            name: "discord-connector".to_owned(),
            is_proved: true,
        })
    }

    async fn send(&self, letter: &Letter) -> Result<String, BusError> {
        self.held(|(letters, _)| *letters += 1)?;
        let id = letter.key.clone();
        self.at_door.send_modify(|count| *count += 1);
        let mut is_shut = self.is_shut.subscribe();
        is_shut.wait_for(|is_shut| !is_shut).await.unwrap();
        self.at_door.send_modify(|count| *count -= 1);
        if self
            .full
            .lock()
            .unwrap()
            .iter()
            .any(|full| full == letter.to.as_str())
        {
            return Err(BusError::InboxFull("its inbox is full".to_owned()));
        }
        if self.stumbles_at(letter) {
            return Err(BusError::Failed("it stumbled".to_owned()));
        }
        let mut is_as_before = true;
        self.letters.send_if_modified(|letters| {
            let before = letters.iter().find(|sent| sent.key == letter.key);
            let is_new = before.is_none();
            is_as_before = before.is_none_or(|before| before.text == letter.text);
            if is_new {
                letters.push(letter.clone());
            }
            is_new
        });
        let mut keeps_answers = self.keeps_answers.subscribe();
        keeps_answers.wait_for(|keeps| !keeps).await.unwrap();
        match is_as_before {
            true => Ok(id),
            false => Err(BusError::SentBefore),
        }
    }

    async fn mail(&self, _: Duration) -> Result<Vec<Mail>, BusError> {
        loop {
            let rung = self.rung.notified();
            self.held(|(_, mail)| *mail += 1)?;
            let mail = self.mail.lock().unwrap().clone();
            if !mail.is_empty() {
                return Ok(mail);
            }
            rung.await;
        }
    }

    async fn recent(&self, before: Option<u64>) -> Result<Recent, BusError> {
        self.held(|(_, mail)| *mail += 1)?;
        let all = self.all.lock().unwrap();
        let end = before.map_or(all.len(), |before| usize::try_from(before).unwrap());
        let begin = end.saturating_sub(PAGE);
        Ok(Recent {
            mail: all[begin..end].to_vec(),
            older: (begin > 0).then_some(begin as u64),
        })
    }

    async fn ack(&self, ids: &[String]) -> Result<(), BusError> {
        let mut holds_acks = self.holds_acks.subscribe();
        holds_acks.wait_for(|holds| !holds).await.unwrap();
        let mut mail = self.mail.lock().unwrap();
        mail.retain(|each| !ids.contains(&each.id));
        Ok(())
    }

    async fn peers(&self) -> Result<Vec<Peer>, BusError> {
        let peer = |name: &str, active| Peer {
            name: name.to_owned(),
            active,
        };
        let connector = peer("discord-connector", true);
        Ok(vec![connector, peer("loom", true), peer("mason", false)])
    }

    async fn fates(&self, ids: &[String]) -> Result<Vec<(String, Fate)>, BusError> {
        let told = {
            let fates = self.fates.lock().unwrap();
            let asked = fates.iter().filter(|(id, _)| ids.contains(id));
            asked.cloned().collect()
        };
        self.looks.send_modify(|looks| *looks += 1);
        Ok(told)
    }

    async fn withdraw(&self, id: &str) -> Result<bool, BusError> {
        let is_taken = self
            .fates
            .lock()
            .unwrap()
            .iter()
            .any(|(each, _)| each == id);
        if !is_taken {
            let back = (id.to_owned(), Fate::Parked("taken back".to_owned()));
            self.fates.lock().unwrap().push(back);
            let id = id.to_owned();
            self.withdrawn.send_modify(|withdrawn| withdrawn.push(id));
            self.took.notify_one();
        }
        let mut holds = self.holds_withdrawals.subscribe();
        holds.wait_for(|holds| !holds).await.unwrap();
        Ok(!is_taken)
    }

    async fn let_go(&self) {
        if self.is_silent.load(Ordering::Relaxed) {
            return std::future::pending().await;
        }
        let mut holds = self.holds.subscribe();
        holds.wait_for(|holds| !holds).await.unwrap();
    }

    async fn moved(&self) {
        self.took.notified().await;
    }
}
