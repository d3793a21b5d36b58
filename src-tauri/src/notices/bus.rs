//! Notices on the session bus (freedesktop.org, *Desktop Notifications* 1.2), and the clicks on them.

use std::collections::HashMap;
use std::time::Duration;

use futures::StreamExt;
use tokio::sync::mpsc::UnboundedReceiver;
use zbus::zvariant::Value;
use zbus::{Connection, Result};

use super::{Kind, Notice, together};

/// For how long is waited for more that can be told in the same notice.
const TOGETHER: Duration = Duration::from_millis(700);

/// The desktop decides how long a notice stays.
const AS_USUAL: i32 = -1;

/// The action of a click on the notice itself.
const CLICK: &str = "default";

#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications"
)]
trait Notifications {
    #[allow(clippy::too_many_arguments, reason = "so the specification has it")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expire_timeout: i32,
    ) -> Result<u32>;

    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action_key: String) -> Result<()>;
}

/// Shows what comes, unless `is_seen` says that the operator looks at it; `on_click` gets the place of
/// a notice that was clicked. Ends when nothing can come any more.
///
/// # Errors
/// The bus cannot be reached.
pub(crate) async fn post(
    bus: &Connection,
    mut notices: UnboundedReceiver<Notice>,
    is_seen: impl Fn(&str) -> bool,
    on_click: impl Fn(String),
) -> Result<()> {
    let desktop = NotificationsProxy::new(bus).await?;
    let mut clicks = desktop.receive_action_invoked().await?;
    let mut shown: HashMap<Kind, (u32, String)> = HashMap::new();
    loop {
        tokio::select! {
            first = notices.recv() => {
                let Some(first) = first else { return Ok(()) };
                let waiting = gathered(first, &mut notices).await;
                for notice in together(waiting) {
                    if is_seen(&notice.fragment) {
                        continue;
                    }
                    let before = shown.get(&notice.kind).map_or(0, |(id, _)| *id);
                    match show(&desktop, &notice, before).await {
                        Ok(id) => {
                            shown.insert(notice.kind, (id, notice.fragment));
                        }
                        // A desktop without notices is none the worse for it.
                        Err(error) => tracing::debug!(%error, "a notice was not shown"),
                    }
                }
            }
            click = clicks.next() => {
                let Some(click) = click else { return Ok(()) };
                let Ok(click) = click.args() else { continue };
                let place = shown.values().find(|(id, _)| *id == click.id);
                if let Some((_, place)) = place.filter(|_| click.action_key == CLICK) {
                    on_click(place.clone());
                }
            }
        }
    }
}

/// What comes within the time in which it is told together.
async fn gathered(first: Notice, notices: &mut UnboundedReceiver<Notice>) -> Vec<Notice> {
    let mut waiting = vec![first];
    let more = async {
        while let Some(notice) = notices.recv().await {
            waiting.push(notice);
        }
    };
    // Running out of time is how it usually ends.
    tokio::time::timeout(TOGETHER, more).await.ok();
    waiting
}

async fn show(desktop: &NotificationsProxy<'_>, notice: &Notice, before: u32) -> Result<u32> {
    let hints = HashMap::from([("desktop-entry", Value::from("Husting"))]);
    let actions = [CLICK, "Open"];
    let body = escaped(&notice.body);
    desktop
        .notify(
            "Husting",
            before,
            "husting-desktop",
            &notice.title,
            &body,
            &actions,
            hints,
            AS_USUAL,
        )
        .await
}

/// A body is read as markup; what people and agents wrote is none.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_is_no_markup() {
        assert_eq!(escaped("<b>R&D</b>"), "&lt;b&gt;R&amp;D&lt;/b&gt;");
    }
}
