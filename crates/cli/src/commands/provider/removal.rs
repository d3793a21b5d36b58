//! Taking a provider away, with its key and its models.

use husting_wire::commands::{DropProvider, FindProviders};
use husting_wire::errors::Error;
use husting_wire::providers::{ProviderRef, ProviderView};
use husting_wire::settings::Nothing;

use super::text::shown;
use crate::commands::confirm::Confirm;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::words::count;

/// Says what goes with the provider and asks, where something does.
pub(super) async fn run(
    door: &dyn Door,
    invocation: &Invocation,
    name: String,
    yes: bool,
) -> Result<Exit, Failure> {
    let list = ask::<FindProviders>(door, Nothing {}).await?;
    let provider = list.providers.iter().find(|known| known.name == name);
    let none = || Error::none_named("provider", &name, "husting provider list");
    let with_it = belongings(provider.ok_or_else(none)?);
    if let Some(with_it) = with_it.as_ref().filter(|_| !yes) {
        let asking = Confirm {
            question: &format!("Remove {name}, {with_it}?"),
            word: &name,
            refusal: Some(&format!("{name} would be removed, {with_it}")),
        };
        asking.ask(invocation)?;
    }
    let gone = ProviderRef { name: name.clone() };
    let list = ask::<DropProvider>(door, gone).await?;
    let with_it = with_it.map(|with_it| format!(", {with_it}"));
    output::answer(
        &list,
        invocation.json,
        &format!("Removed: {name}{}.\n", with_it.unwrap_or_default()),
    )
}

/// `with its key …8f46 and 2 models`; nothing where it stands alone.
fn belongings(provider: &ProviderView) -> Option<String> {
    let key = provider.key_tail.as_ref();
    let key = key.map(|tail| format!("its key {}", shown(tail)));
    let models = Some(provider.models).filter(|number| *number > 0);
    let models = models.map(|number| count(number.into(), "model"));
    let both: Vec<String> = key.into_iter().chain(models).collect();
    (!both.is_empty()).then(|| format!("with {}", both.join(" and ")))
}
