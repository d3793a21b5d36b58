//! Settings: defaults, what the operator changed, what file, environment or flag force.

use std::sync::PoisonError;

use husting_domain::ids::TenantId;
use husting_domain::models::ModelId;
use husting_domain::sessions::SessionSource;
use husting_store::{Store, Write};
use husting_wire::errors::Error;
use husting_wire::events::Event;
use husting_wire::ranges;
use husting_wire::settings::{AUTO, EditSettings, Settings};

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
        retention_partial_days,
        retention_message_days,
        retention_recorder_days,
        limits_rounds_per_day,
        limits_calls_per_minute,
        limits_burst,
        limits_open_waits,
        bus_lease_seconds,
        agents_turns_per_day,
        agents_cents_per_day,
        notify_rounds,
        notify_needs_you,
        notify_parked,
        window_close,
    );
    if let Some(models) = &edit.recap_model {
        settings.recap_model.clone_from(models);
    }
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
        retention_partial_days: Some(settings.retention_partial_days),
        retention_message_days: Some(settings.retention_message_days),
        retention_recorder_days: Some(settings.retention_recorder_days),
        recap_model: Some(settings.recap_model.clone()),
        limits_rounds_per_day: Some(settings.limits_rounds_per_day),
        limits_calls_per_minute: Some(settings.limits_calls_per_minute),
        limits_burst: Some(settings.limits_burst),
        limits_open_waits: Some(settings.limits_open_waits),
        bus_lease_seconds: Some(settings.bus_lease_seconds),
        agents_turns_per_day: Some(settings.agents_turns_per_day),
        agents_cents_per_day: Some(settings.agents_cents_per_day),
        notify_rounds: Some(settings.notify_rounds),
        notify_needs_you: Some(settings.notify_needs_you),
        notify_parked: Some(settings.notify_parked),
        window_close: Some(settings.window_close),
    }
}

fn check(settings: &Settings) -> Result<(), Error> {
    let numbers = [
        ("zoom", ranges::ZOOM, settings.zoom.into()),
        (
            "panel.max_seats",
            ranges::MAX_SEATS,
            settings.panel_max_seats.into(),
        ),
        (
            "panel.max_output_tokens",
            ranges::MAX_OUTPUT_TOKENS,
            settings.panel_max_output_tokens,
        ),
        (
            "panel.deadline_seconds",
            ranges::DEADLINE_SECONDS,
            settings.panel_deadline_seconds.into(),
        ),
        (
            "rehearsal.tokens_per_second",
            ranges::TOKENS_PER_SECOND,
            settings.rehearsal_tokens_per_second.into(),
        ),
        (
            "retention.partial_days",
            ranges::PARTIAL_DAYS,
            settings.retention_partial_days.into(),
        ),
        (
            "retention.message_days",
            ranges::MESSAGE_DAYS,
            settings.retention_message_days.into(),
        ),
        (
            "retention.recorder_days",
            ranges::RECORDER_DAYS,
            settings.retention_recorder_days.into(),
        ),
        (
            "limits.rounds_per_day",
            ranges::ROUNDS_PER_DAY,
            settings.limits_rounds_per_day.into(),
        ),
        (
            "limits.calls_per_minute",
            ranges::CALLS_PER_MINUTE,
            settings.limits_calls_per_minute.into(),
        ),
        ("limits.burst", ranges::BURST, settings.limits_burst.into()),
        (
            "limits.open_waits",
            ranges::OPEN_WAITS,
            settings.limits_open_waits.into(),
        ),
        (
            "bus.lease_seconds",
            ranges::LEASE_SECONDS,
            settings.bus_lease_seconds.into(),
        ),
        (
            "agents.turns_per_day",
            ranges::TURNS_PER_DAY,
            settings.agents_turns_per_day.into(),
        ),
        (
            "agents.cents_per_day",
            ranges::CENTS_PER_DAY,
            settings.agents_cents_per_day.into(),
        ),
    ];
    check_recap_model(&settings.recap_model)?;
    numbers
        .iter()
        .try_for_each(|(name, range, value)| range.check(name, *value))
}

/// `auto`, or ids with commas between.
fn check_recap_model(text: &str) -> Result<(), Error> {
    let is_id = |part: &str| ModelId::parse(part.trim()).is_some();
    if text == AUTO || text.split(',').all(is_id) {
        return Ok(());
    }
    Err(Error::invalid(
        "recap.model is `auto`, or ids of models with commas between.",
    ))
}

impl Inner {
    /// Tokens a second of rehearsal seats in a session that came in by `source`; `None` is no pause.
    pub(crate) fn rehearsal_pace(&self, source: SessionSource) -> Option<u32> {
        let pace = self.settings().rehearsal_tokens_per_second;
        let is_chosen = self.overrides.rehearsal_tokens_per_second.is_some()
            || pace != Settings::default().rehearsal_tokens_per_second;
        match source {
            SessionSource::Console | SessionSource::Discord => Some(pace),
            // Scripts are not made to wait for a pace that only eyes want, unless somebody wants it.
            SessionSource::Cli | SessionSource::Rest | SessionSource::Mcp => {
                is_chosen.then_some(pace)
            }
        }
    }

    pub(crate) async fn change_settings(&self, edit: &EditSettings) -> Result<Settings, Error> {
        let kept = overlaid(stored(self.store.as_ref()).await?, edit);
        check(&kept)?;
        if let Some(models) = edit.recap_model.as_deref().filter(|text| *text != AUTO) {
            self.check_writers(models).await?;
        }
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
        self.means_moved();
        self.tell(Event::SettingsChanged {
            settings: in_force.clone(),
        });
        Ok(in_force)
    }

    /// A model that is named must be on the list; one that is taken from it later is passed over.
    async fn check_writers(&self, models: &str) -> Result<(), Error> {
        let catalog = self.catalog(&TenantId::local()).await?;
        let is_unknown =
            |id: &&str| ModelId::parse(id).is_none_or(|id| catalog.entry(&id).is_none());
        match models.split(',').map(str::trim).find(is_unknown) {
            None => Ok(()),
            Some(id) => Err(Error::invalid(format!(
                "{id} is not on the list of models. See `husting models`, or name the model there first."
            ))),
        }
    }
}
