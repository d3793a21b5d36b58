//! Where Discord is asked and heard.

pub use husting_discord::settings::Endpoints as DiscordEndpoints;
use husting_discord::settings::Variables;
use husting_wire::errors::Error;

const VARIABLES: [&str; 2] = ["DISCORD_API_BASE", "DISCORD_GATEWAY_URL"];

/// As the two variables of this process say, which lead to this machine alone. The env file is not read:
/// it is of the bridge that runs alone.
///
/// # Errors
/// `invalid_request` with variable and rule.
pub(crate) fn from_environment() -> Result<DiscordEndpoints, Error> {
    let named = VARIABLES.iter().filter_map(|name| {
        let value = std::env::var_os(name)?;
        Some((name.into(), value))
    });
    let variables = Variables::of(named).map_err(|fault| Error::invalid(format!("{fault}.")))?;
    DiscordEndpoints::read(&variables).map_err(|faults| {
        let words: Vec<_> = faults.iter().map(ToString::to_string).collect();
        Error::invalid(format!("{}.", words.join(". ")))
    })
}
