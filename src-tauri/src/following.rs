//! Follows the console and the desktop for the tray and the notices, from the window's start to the
//! program's end.

use std::time::Duration;

use futures::StreamExt;
use husting_console::Console;
use husting_wire::agents::SetPause;
use husting_wire::commands::Handlers;
use husting_wire::desktop::DesktopWord;
use husting_wire::discord::BridgeState;
use husting_wire::errors::Error;
use husting_wire::events::{Envelope, Event};
use husting_wire::runs::{ListRuns, RunView};
use husting_wire::settings::Nothing;
use husting_wire::snapshot::Snapshot;
use tauri::{AppHandle, Manager};
use tokio::sync::mpsc::{self, UnboundedSender};

use crate::commands::OPERATOR;
use crate::desktop::{self, Desktop};
use crate::notices::{self, Notice};
use crate::opening::Opening;
use crate::tray::standing::{self, Standing};
use crate::tray::{self, Choice};
use crate::{Drain, window};

/// How long a start at login waits for the desktop's tray before it shows the window.
const LOGIN_PATIENCE: Duration = Duration::from_secs(10);

/// Between two tries to take a snapshot.
const AGAIN: Duration = Duration::from_secs(5);

/// Most events that are taken before the tray is drawn again.
const AT_ONCE: usize = 1_024;

/// Starts what follows; `hidden` where the window is to stay behind the tray's icon.
pub(crate) fn begin(app: &AppHandle, hidden: bool) {
    let drain = app.state::<Drain>().inner();
    let stop = drain.stop();
    let (tell, told) = mpsc::unbounded_channel();
    let tasks = {
        let app = app.clone();
        async move {
            tokio::join!(
                follow_console(&app, tell),
                follow_desktop(&app, told),
                follow_host(&app),
                show_in_time(&app, hidden),
            );
        }
    };
    tauri::async_runtime::spawn(drain.track(async move {
        stop.run_until_cancelled(tasks).await;
    }));
}

/// Does what was chosen in the tray's menu.
pub(crate) fn act(app: &AppHandle, choice: Choice) {
    match choice {
        Choice::Open => window::raise(app),
        Choice::Session(id) => desktop::go(app, format!("#/deliberations/{id}")),
        Choice::Program { agent, run } => {
            desktop::go(app, format!("#/agents/{agent}/sessions/{run}"))
        }
        Choice::Stop => {
            window::raise(app);
            app.state::<Desktop>().tell(DesktopWord::AskStop {});
        }
        Choice::Quit => app.exit(0),
        Choice::Bridge | Choice::Pause => {
            let task = switch(app.clone(), choice);
            tauri::async_runtime::spawn(app.state::<Drain>().track(task));
        }
    }
}

async fn switch(app: AppHandle, choice: Choice) {
    let Some(console) = app.state::<Opening>().opened().await else {
        return;
    };
    let done = match choice {
        Choice::Bridge => switch_bridge(&console).await,
        _ => switch_pause(&app, &console).await,
    };
    let desktop = app.state::<Desktop>();
    desktop.anew.notify_one();
    if let Err(error) = done {
        tracing::warn!(%error, ?choice, "the tray's choice was refused");
        // What is wrong stands there.
        let place = if choice == Choice::Bridge {
            "discord"
        } else {
            "hall"
        };
        desktop::go(&app, format!("#/{place}"));
    }
}

async fn switch_bridge(console: &Console) -> Result<(), Error> {
    // What the tray knows may be a moment old, and a click soon after another one means what is true.
    let view = console.discord(&OPERATOR, Nothing {}).await?;
    let rests = matches!(
        view.stand.bridge,
        BridgeState::Off {} | BridgeState::Stopped { .. }
    );
    if !rests {
        console.stop_bridge(&OPERATOR, Nothing {}).await?;
    } else {
        console.start_bridge(&OPERATOR, Nothing {}).await?;
    }
    Ok(())
}

async fn switch_pause(app: &AppHandle, console: &Console) -> Result<(), Error> {
    let paused = app
        .state::<Desktop>()
        .with_standing(|standing| standing.as_ref().is_some_and(|standing| standing.paused));
    let request = SetPause { paused: !paused };
    console.set_pause(&OPERATOR, request).await?;
    Ok(())
}

async fn follow_console(app: &AppHandle, tell: UnboundedSender<Notice>) {
    let opening = app.state::<Opening>();
    let desktop = app.state::<Desktop>();
    let opened = tokio::select! {
        opened = opening.opened() => opened,
        () = tell_unopened(app, &opening, &desktop) => None,
    };
    let Some(console) = opened else {
        return;
    };
    loop {
        let mut events = console.watch().ready_chunks(AT_ONCE);
        let (snapshot, runs) = match looked_at(&console).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "the tray does not follow the console for now");
                tokio::time::sleep(AGAIN).await;
                continue;
            }
        };
        let seen = snapshot.seq;
        desktop.with_standing(|standing| {
            *standing = Some(Standing::of(snapshot, &runs, desktop.accepted()));
        });
        show(app, false);
        // A watcher that fell behind takes a snapshot and watches anew.
        loop {
            tokio::select! {
                () = desktop.anew.notified() => show(app, true),
                batch = events.next() => {
                    let Some(batch) = batch else { break };
                    for notice in taken(&desktop, seen, &batch) {
                        if tell.send(notice).is_err() {
                            tracing::debug!("nobody shows notices");
                        }
                    }
                    show(app, false);
                }
            }
        }
    }
}

/// The console's state, and the programs that run. Events between the two are taken twice, which changes nothing.
async fn looked_at(console: &Console) -> Result<(Snapshot, Vec<RunView>), Error> {
    let snapshot = console.snapshot(&OPERATOR, Nothing {}).await?;
    let open = ListRuns {
        open: true,
        ..ListRuns::default()
    };
    let runs = console.list_runs(&OPERATOR, open).await?.runs;
    Ok((snapshot, runs))
}

/// Takes what came after the snapshot; gives what the desktop is to be told.
fn taken(desktop: &Desktop, seen: u64, batch: &[Envelope]) -> Vec<Notice> {
    desktop.with_standing(|standing| {
        let Some(standing) = standing else {
            return Vec::new();
        };
        let new = batch.iter().filter(|envelope| {
            envelope.seq > seen && !matches!(envelope.event, Event::SeatText { .. })
        });
        new.flat_map(|envelope| {
            let before = standing.clone();
            standing.take(&envelope.event);
            notices::of(&before, &envelope.event, standing)
        })
        .collect()
    })
}

fn show(app: &AppHandle, anew: bool) {
    let desktop = app.state::<Desktop>();
    let Some(tray) = desktop.tray() else { return };
    let shown = desktop.with_standing(|standing| {
        let standing = standing.as_ref()?;
        Some((standing.glance(), standing.words(), standing.lines()))
    });
    let Some((glance, words, lines)) = shown else {
        return;
    };
    if let Err(error) = tray.show(app, glance, &words, lines, anew) {
        tracing::warn!(%error, "the tray is not up to date");
    }
}

/// Once an attempt has failed: the window says what is wrong, and it may be hidden. Does not return before the program
/// ends.
async fn tell_unopened(app: &AppHandle, opening: &Opening, desktop: &Desktop) {
    if opening.failed().await.is_none() {
        return;
    }
    desktop.set_behind_tray(false);
    window::raise(app);
    // The icon may come later.
    loop {
        show_unopened(app, desktop);
        desktop.anew.notified().await;
    }
}

fn show_unopened(app: &AppHandle, desktop: &Desktop) {
    let Some(tray) = desktop.tray() else { return };
    let (glance, words, lines) = standing::unopened();
    if let Err(error) = tray.show(app, glance, words, lines, false) {
        tracing::warn!(%error, "the tray is not up to date");
    }
}

/// The icon comes and goes with who shows it; a window that was hidden behind it comes back.
async fn follow_host(app: &AppHandle) {
    let desktop = app.state::<Desktop>();
    let mut there = desktop.host().subscribe();
    while there.changed().await.is_ok() {
        desktop::tell_standing(app);
        if !*there.borrow_and_update() && desktop.set_behind_tray(false) {
            window::raise(app);
        }
    }
}

async fn show_in_time(app: &AppHandle, hidden: bool) {
    if !hidden {
        return;
    }
    let desktop = app.state::<Desktop>();
    let mut there = desktop.host().subscribe();
    let come = async { desktop.tray().is_some() && there.wait_for(|there| *there).await.is_ok() };
    if tokio::time::timeout(LOGIN_PATIENCE, come).await == Ok(true) {
        desktop.set_behind_tray(true);
    } else {
        window::raise(app);
    }
}

#[cfg(target_os = "linux")]
async fn follow_desktop(app: &AppHandle, told: mpsc::UnboundedReceiver<Notice>) {
    let bus = match zbus::Connection::session().await {
        Ok(bus) => bus,
        Err(error) => {
            tracing::info!(%error, "without a session bus there are neither tray nor notices");
            return;
        }
    };
    let host = tray::host::follow(&bus, app.state::<Desktop>().inner().host());
    let posted = notices::bus::post(
        &bus,
        told,
        |fragment| window::shows(app, fragment),
        |fragment| desktop::go(app, fragment),
    );
    let (host, posted) = tokio::join!(host, posted);
    for error in [host.err(), posted.err()].into_iter().flatten() {
        tracing::warn!(%error, "the session bus is not heard");
    }
}

#[cfg(not(target_os = "linux"))]
async fn follow_desktop(_: &AppHandle, mut told: mpsc::UnboundedReceiver<Notice>) {
    // Only the session bus takes them.
    while told.recv().await.is_some() {}
}
