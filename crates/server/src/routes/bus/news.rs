//! What an agent is told without asking: that mail came, and that its tools are others now.

use std::sync::{Arc, Mutex, PoisonError};

use futures::stream::{self, BoxStream, StreamExt};
use husting_console::{AgentHolder, ToolList};
use husting_domain::scopes::Scope;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::bus::Bus;

/// Something that an agent is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// Its list of tools changed.
    Tools,
    /// Mail came to its inbox.
    Mail,
}

/// Hears mail, once somebody subscribed to it.
pub(super) type Subscription = watch::Receiver<Option<watch::Receiver<u64>>>;

/// The scopes whose tools a client knows of: a change while it had no stream is told on the next.
#[derive(Clone)]
pub(super) struct Known(Arc<Mutex<Vec<Scope>>>);

impl Known {
    pub(super) fn new(scopes: Vec<Scope>) -> Self {
        Self(Arc::new(Mutex::new(scopes)))
    }

    /// Notes what is told now; whether it is another than before.
    fn note(&self, scopes: Vec<Scope>) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_other = *known != scopes;
        *known = scopes;
        is_other
    }
}

impl News {
    /// As a notification of the protocol.
    pub(super) fn message(self, inbox: &str) -> Value {
        match self {
            Self::Tools => {
                json!({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"})
            }
            Self::Mail => json!({
                "jsonrpc": "2.0", "method": "notifications/resources/updated", "params": {"uri": inbox},
            }),
        }
    }
}

/// News from now on, without an end of their own.
pub(super) fn news(
    bus: Arc<dyn Bus>,
    holder: AgentHolder,
    known: Known,
    subscription: Subscription,
) -> BoxStream<'static, News> {
    let bell = subscription.borrow().clone();
    let listener = Listener {
        tools: bus.tool_list(&holder),
        is_new: true,
        known,
        bell,
        subscription,
        bus,
        holder,
    };
    stream::unfold(listener, async |mut listener| {
        let news = listener.next().await;
        Some((news, listener))
    })
    .boxed()
}

struct Listener {
    bus: Arc<dyn Bus>,
    holder: AgentHolder,
    tools: Option<ToolList>,
    /// Nothing was looked at yet.
    is_new: bool,
    known: Known,
    bell: Option<watch::Receiver<u64>>,
    subscription: Subscription,
}

impl Listener {
    async fn next(&mut self) -> News {
        if std::mem::take(&mut self.is_new) && self.has_other_tools() {
            return News::Tools;
        }
        loop {
            tokio::select! {
                () = changed(&mut self.tools) => if self.has_other_tools() {
                    return News::Tools;
                },
                () = rung(&mut self.bell) => if self.reads_mail() {
                    return News::Mail;
                },
                bell = subscribed(&mut self.subscription) => self.bell = bell,
            }
        }
    }

    fn has_other_tools(&self) -> bool {
        self.known.note(self.bus.scopes_of(&self.holder))
    }

    /// A subscription needs its scope for as long as it lasts.
    fn reads_mail(&self) -> bool {
        self.bus.scopes_of(&self.holder).contains(&Scope::Inbox)
    }
}

async fn changed(tools: &mut Option<ToolList>) {
    match tools {
        Some(tools) => tools.changed().await,
        None => std::future::pending().await,
    }
}

async fn rung(bell: &mut Option<watch::Receiver<u64>>) {
    let is_kept = match bell {
        Some(bell) => bell.changed().await.is_ok(),
        None => false,
    };
    if !is_kept {
        std::future::pending().await
    }
}

async fn subscribed(subscription: &mut Subscription) -> Option<watch::Receiver<u64>> {
    if subscription.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
    subscription.borrow_and_update().clone()
}
