//! The tray's menu as a desktop reads it, and a click on one of its lines (`com.canonical.dbusmenu`).

use std::collections::HashMap;

use anyhow::{Context, bail};
use serde::Serialize;
use zbus::zvariant::{Array, Dict, OwnedObjectPath, OwnedValue, Structure, Value};
use zbus::{Connection, Proxy};

use super::watcher::Item;

/// Reads a menu to its depth.
const WHOLE: i32 = -1;

/// A line of a menu.
#[derive(Debug, Serialize)]
pub struct MenuLine {
    #[serde(skip)]
    id: i32,
    /// What it says; empty where it only sets apart.
    pub label: String,
    /// It can be chosen.
    pub enabled: bool,
    /// It is a check, and whether it is set.
    pub checked: Option<bool>,
}

type Properties = HashMap<String, OwnedValue>;
type Layout = (u32, (i32, Properties, Vec<OwnedValue>));

async fn proxy(bus: &Connection, item: &Item) -> anyhow::Result<Proxy<'static>> {
    let path: OwnedObjectPath = item.proxy(bus).await?.get_property("Menu").await?;
    let menu = Proxy::new(bus, item.service.clone(), path, "com.canonical.dbusmenu");
    Ok(menu.await?)
}

/// All lines from the top.
pub(super) async fn read(bus: &Connection, item: &Item) -> anyhow::Result<Vec<MenuLine>> {
    let menu = proxy(bus, item).await?;
    let none: &[&str] = &[];
    let (_, (_, _, children)): Layout = menu.call("GetLayout", &(0, WHOLE, none)).await?;
    children.iter().map(line).collect()
}

/// Chooses the line whose label begins so.
pub(super) async fn click(bus: &Connection, item: &Item, label: &str) -> anyhow::Result<()> {
    let lines = read(bus, item).await?;
    let found = lines.iter().find(|line| line.label.starts_with(label));
    let Some(line) = found else {
        bail!("no line of {lines:?} begins with {label:?}");
    };
    let clicked = (line.id, "clicked", Value::from(0_i32), 0_u32);
    // A program that ends by it does not answer.
    proxy(bus, item)
        .await?
        .call_noreply("Event", &clicked)
        .await?;
    Ok(())
}

fn line(child: &OwnedValue) -> anyhow::Result<MenuLine> {
    let child: &Structure<'_> = child.downcast_ref::<&Structure<'_>>()?;
    let [
        Value::I32(id),
        Value::Dict(properties),
        Value::Array(children),
    ] = child.fields()
    else {
        bail!("a line has another form: {child:?}");
    };
    line_of(*id, properties, children)
}

fn line_of(id: i32, properties: &Dict<'_, '_>, below: &Array<'_>) -> anyhow::Result<MenuLine> {
    if !below.is_empty() {
        bail!("there are no menus below a line");
    }
    let text = |name: &str| -> anyhow::Result<Option<String>> {
        properties
            .get::<_, String>(&name)
            .with_context(|| name.to_owned())
    };
    let label = text("label")?.unwrap_or_default();
    let toggles = text("toggle-type")?.is_some_and(|kind| kind == "checkmark");
    let state: Option<i32> = properties.get(&"toggle-state")?;
    let enabled: Option<bool> = properties.get(&"enabled")?;
    Ok(MenuLine {
        id,
        label,
        enabled: enabled.unwrap_or(true),
        checked: toggles.then_some(state == Some(1)),
    })
}
