//! What an agent is told without asking: that mail came, and that its tools are others now.

use std::sync::Arc;

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
    subscription: Subscription,
) -> BoxStream<'static, News> {
    let bell = subscription.borrow().clone();
    let listener = Listener {
        tools: bus.tool_list(&holder),
        scopes: bus.scopes_of(&holder),
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
    /// As they were told last.
    scopes: Vec<Scope>,
    bell: Option<watch::Receiver<u64>>,
    subscription: Subscription,
}

impl Listener {
    async fn next(&mut self) -> News {
        loop {
            tokio::select! {
                () = changed(&mut self.tools) => if self.has_other_tools() {
                    return News::Tools;
                },
                () = rung(&mut self.bell) => if self.scopes.contains(&Scope::Inbox) {
                    return News::Mail;
                },
                bell = subscribed(&mut self.subscription) => self.bell = bell,
            }
        }
    }

    fn has_other_tools(&mut self) -> bool {
        let scopes = self.bus.scopes_of(&self.holder);
        let is_other = scopes != self.scopes;
        self.scopes = scopes;
        is_other
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
