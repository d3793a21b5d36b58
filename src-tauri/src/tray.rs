//! The icon in the desktop's tray and its menu. What they say is a rule of [`standing`]; here it is
//! drawn and what is chosen is done.

pub(crate) mod host;
mod library;
pub(crate) mod standing;

use std::sync::{Mutex, PoisonError};

use tauri::image::Image;
use tauri::menu::{CheckMenuItem, IsMenuItem, Menu, MenuItem, MenuItemKind, PredefinedMenuItem};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Result, Wry, include_image};

use standing::{Glance, Line};

const IDLE: Image<'_> = include_image!("icons/tray/idle.png");
const WORKING: Image<'_> = include_image!("icons/tray/working.png");
const NEEDS_YOU: Image<'_> = include_image!("icons/tray/needs-you.png");

/// Begins the id of a line that shows a round; its session follows.
const ROUND: &str = "round:";

/// Begins the id of a line that shows an agent's program; the agent and the run follow.
const PROGRAM: &str = "program:";

/// What was chosen in the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The window.
    Open,
    /// A session, by its id.
    Session(String),
    /// An agent's program, by the ids of both.
    Program { agent: String, run: String },
    /// The Discord bridge on, or off.
    Bridge,
    /// All agents held, or not.
    Pause,
    /// Everything stopped.
    Stop,
    /// The end.
    Quit,
}

/// The icon, where it could be made.
pub(crate) struct Tray {
    icon: TrayIcon,
    shown: Mutex<Shown>,
}

struct Shown {
    glance: Glance,
    lines: Vec<Line>,
    items: Vec<MenuItemKind<Wry>>,
}

impl Tray {
    /// Puts the icon where a desktop shows it; `None` where the library that draws it is missing.
    /// To be called on the main thread.
    ///
    /// # Errors
    /// The icon's file cannot be written.
    pub(crate) fn build(
        app: &AppHandle,
        on_choice: impl Fn(&AppHandle, Choice) + Send + Sync + 'static,
    ) -> Result<Option<Self>> {
        if cfg!(target_os = "linux") && !library::is_there() {
            return Ok(None);
        }
        let lines = standing::early();
        let (menu, items) = menu_of(app, &lines)?;
        let icon = TrayIconBuilder::with_id("husting")
            .icon(IDLE)
            .tooltip("Husting")
            .menu(&menu)
            .on_menu_event(move |app, event| {
                if let Some(choice) = Choice::of(event.id().as_ref()) {
                    on_choice(app, choice);
                }
            })
            .build(app)?;
        let shown = Mutex::new(Shown {
            glance: Glance::Idle,
            lines,
            items,
        });
        Ok(Some(Self { icon, shown }))
    }

    /// Shows this from now on. An open menu stays open unless lines come or go. With `anew` the checks
    /// are put as they are to be, whatever the desktop made of a click.
    ///
    /// # Errors
    /// The icon's file cannot be written, or the program is ending.
    pub(crate) fn show(
        &self,
        app: &AppHandle,
        glance: Glance,
        words: &str,
        lines: Vec<Line>,
        anew: bool,
    ) -> Result<()> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if !anew && shown.glance == glance && shown.lines == lines {
            return Ok(());
        }
        if shown.glance != glance {
            self.icon.set_icon(Some(image(glance)))?;
            shown.glance = glance;
        }
        if have_same_form(&shown.lines, &lines) {
            for (item, line) in shown.items.iter().zip(&lines) {
                renew(item, line)?;
            }
        } else {
            let (menu, items) = menu_of(app, &lines)?;
            self.icon.set_menu(Some(menu))?;
            shown.items = items;
        }
        if shown.lines != lines {
            // On Linux there is no such tip, and the menu's first line says it.
            self.icon.set_tooltip(Some(format!("Husting: {words}")))?;
        }
        shown.lines = lines;
        Ok(())
    }
}

impl Choice {
    fn of(id: &str) -> Option<Self> {
        Some(match id {
            "open" => Self::Open,
            "bridge" => Self::Bridge,
            "pause" => Self::Pause,
            "stop" => Self::Stop,
            "quit" => Self::Quit,
            other => match other.strip_prefix(PROGRAM) {
                Some(ids) => {
                    let (agent, run) = ids.split_once('/')?;
                    let [agent, run] = [agent, run].map(str::to_owned);
                    Self::Program { agent, run }
                }
                None => Self::Session(other.strip_prefix(ROUND)?.to_owned()),
            },
        })
    }
}

fn image(glance: Glance) -> Image<'static> {
    match glance {
        Glance::Idle => IDLE,
        Glance::Working => WORKING,
        Glance::NeedsYou => NEEDS_YOU,
    }
}

fn have_same_form(before: &[Line], after: &[Line]) -> bool {
    before.len() == after.len()
        && before
            .iter()
            .zip(after)
            .all(|(before, after)| id_of(before) == id_of(after))
}

fn id_of(line: &Line) -> String {
    match line {
        Line::Words(_) => "words".to_owned(),
        Line::Open => "open".to_owned(),
        Line::Round { session, .. } => format!("{ROUND}{session}"),
        Line::Program { agent, run, .. } => format!("{PROGRAM}{agent}/{run}"),
        Line::Bridge { .. } => "bridge".to_owned(),
        Line::Pause { .. } => "pause".to_owned(),
        Line::Stop => "stop".to_owned(),
        Line::Quit => "quit".to_owned(),
        Line::Rule => "rule".to_owned(),
    }
}

fn text_of(line: &Line) -> String {
    match line {
        // A single ampersand would mark the letter behind it as the line's key.
        Line::Words(words) => words.replace('&', "&&"),
        Line::Round { label, .. } | Line::Program { label, .. } | Line::Bridge { label, .. } => {
            label.replace('&', "&&")
        }
        Line::Open => "Open Husting".to_owned(),
        Line::Pause { .. } => "Pause all agents".to_owned(),
        Line::Stop => "Stop everything…".to_owned(),
        Line::Quit => "Quit".to_owned(),
        Line::Rule => String::new(),
    }
}

fn menu_of(app: &AppHandle, lines: &[Line]) -> Result<(Menu<Wry>, Vec<MenuItemKind<Wry>>)> {
    let items = lines
        .iter()
        .map(|line| item_of(app, line))
        .collect::<Result<Vec<_>>>()?;
    let shown: Vec<&dyn IsMenuItem<Wry>> = items.iter().map(as_item).collect();
    Ok((Menu::with_items(app, &shown)?, items))
}

fn as_item(item: &MenuItemKind<Wry>) -> &dyn IsMenuItem<Wry> {
    item
}

fn item_of(app: &AppHandle, line: &Line) -> Result<MenuItemKind<Wry>> {
    let (id, text) = (id_of(line), text_of(line));
    Ok(match line {
        Line::Rule => MenuItemKind::Predefined(PredefinedMenuItem::separator(app)?),
        Line::Bridge { on, .. } | Line::Pause { on } => MenuItemKind::Check(
            CheckMenuItem::with_id(app, id, text, true, *on, None::<&str>)?,
        ),
        Line::Words(_) => {
            MenuItemKind::MenuItem(MenuItem::with_id(app, id, text, false, None::<&str>)?)
        }
        _ => MenuItemKind::MenuItem(MenuItem::with_id(app, id, text, true, None::<&str>)?),
    })
}

fn renew(item: &MenuItemKind<Wry>, line: &Line) -> Result<()> {
    match (item, line) {
        (MenuItemKind::Check(item), Line::Bridge { on, .. } | Line::Pause { on }) => {
            item.set_text(text_of(line))?;
            item.set_checked(*on)
        }
        (MenuItemKind::MenuItem(item), _) => item.set_text(text_of(line)),
        _ => Ok(()),
    }
}
