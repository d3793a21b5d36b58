//! Settings: defaults, what the operator changed, what file, environment or flag force.

use std::sync::PoisonError;

use husting_domain::ids::TenantId;
use husting_store::{Store, Write};
use husting_wire::errors::Error;
use husting_wire::events::Event;
use husting_wire::settings::{EditSettings, Settings};

use crate::Inner;
use crate::errors::Outward;

const KEY: &str = "console";

/// What the operator changed, over the defaults. Unreadable settings are the defaults: none of
/// them is worth refusing a start.
pub async fn stored(store: &dyn Store) -> Result<Settings, Error> {
    let kept = store.setting(&TenantId::local(), KEY).await.outward()?;
    let read = |text: String| {
        serde_json::from_str::<EditSettings>(&text)
            .inspect_err(|fault| tracing::warn!(%fault, "stored settings cannot be read; the defaults are in force"))
            .ok()
    };
    Ok(overlaid(
        Settings::default(),
        &kept.and_then(read).unwrap_or_default(),
    ))
}

/// `settings` with what `edit` changes.
#[must_use]
pub fn overlaid(mut settings: Settings, edit: &EditSettings) -> Settings {
    macro_rules! take {
        ($($field:ident),+ $(,)?) => {$( if let Some(value) = edit.$field { settings.$field = value; } )+};
    }
    take!(
        theme,
        density,
        single_keys,
        zoom,
        panel_max_seats,
        panel_max_output_tokens,
        panel_deadline_seconds,
        rehearsal_tokens_per_second,
    );
    settings
}

fn as_edit(settings: &Settings) -> EditSettings {
    EditSettings {
        theme: Some(settings.theme),
        density: Some(settings.density),
        single_keys: Some(settings.single_keys),
        zoom: Some(settings.zoom),
        panel_max_seats: Some(settings.panel_max_seats),
        panel_max_output_tokens: Some(settings.panel_max_output_tokens),
        panel_deadline_seconds: Some(settings.panel_deadline_seconds),
        rehearsal_tokens_per_second: Some(settings.rehearsal_tokens_per_second),
    }
}

fn check(settings: &Settings) -> Result<(), Error> {
    let within = [
        ("zoom", u64::from(settings.zoom), 80, 200),
        ("panel.max_seats", u64::from(settings.panel_max_seats), 3, 8),
        (
            "panel.max_output_tokens",
            settings.panel_max_output_tokens,
            512,
            200_000,
        ),
        (
            "panel.deadline_seconds",
            u64::from(settings.panel_deadline_seconds),
            30,
            1_800,
        ),
        (
            "rehearsal.tokens_per_second",
            u64::from(settings.rehearsal_tokens_per_second),
            0,
            10_000,
        ),
    ];
    match within
        .iter()
        .find(|(_, value, least, most)| !(least..=most).contains(&value))
    {
        Some((name, value, least, most)) => Err(Error::invalid(format!(
            "{name} must lie between {least} and {most}; {value} does not."
        ))),
        None => Ok(()),
    }
}

impl Inner {
    pub(crate) async fn change_settings(&self, edit: &EditSettings) -> Result<Settings, Error> {
        let kept = overlaid(stored(self.store.as_ref()).await?, edit);
        check(&kept)?;
        let value = serde_json::to_string(&as_edit(&kept))
            .map_err(|fault| Error::invalid(fault.to_string()))?;
        self.keep(
            &TenantId::local(),
            [Write::PutSetting {
                key: KEY.to_owned(),
                value,
            }],
        )
        .await?;
        let in_force = overlaid(kept, &self.overrides);
        *self
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner) = in_force.clone();
        self.tell(Event::SettingsChanged {
            settings: in_force.clone(),
        });
        Ok(in_force)
    }
}
