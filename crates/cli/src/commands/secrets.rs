//! Where providers' keys are kept.

use std::io::{self, IsTerminal};
use std::path::Path;

use clap::{Args, ValueEnum};
use husting_console::{GIVEN_TO_ONE_COMMAND, LEAST_PASSPHRASE, has_sealed_file};
use husting_wire::commands::{OpenSecrets, TakeSnapshot};
use husting_wire::providers::KeptIn;
use husting_wire::secrets::{ChooseSecrets, Opener, SecretsView};
use husting_wire::settings::Nothing;

use super::{through, typed};
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;

/// Where providers' keys are kept
#[derive(Debug, Args)]
pub struct Secrets {
    /// Keep them there from now on, or unlock what is kept there [default: print where they are]
    #[arg(value_enum)]
    place: Option<Place>,
    /// Read the file's passphrase from standard input; at a terminal it is asked for anyway, and not shown
    #[arg(long, requires = "place")]
    passphrase_stdin: bool,
    /// Make the file where there is none, with a passphrase of 12 characters or more, for which a terminal is asked;
    /// without it the file that is there is unlocked, keys are kept in it from now on, and none is made
    #[arg(long, requires = "place")]
    new: bool,
}

/// What becomes of an unlocking that nothing keeps.
const FOR_THIS_COMMAND: &str = "The passphrase is right, and unlocked the sealed file for this command alone. HUSTING_PASSPHRASE unlocks it \
     for each; or start `husting serve`, and give it there.";

/// A place for keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Place {
    /// The system's keyring
    Keyring,
    /// A sealed file in the data folder, opened by a passphrase
    File,
    /// The running instance, until it ends
    Memory,
}

impl From<Place> for KeptIn {
    fn from(place: Place) -> Self {
        match place {
            Place::Keyring => Self::Keyring,
            Place::File => Self::SealedFile,
            Place::Memory => Self::Memory,
        }
    }
}

impl Secrets {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let passphrase = match (self.passphrase_stdin, self.new) {
            (false, false) if self.place == Some(Place::File) => {
                if !io::stdin().is_terminal() {
                    return Err(Failure::Usage(
                        "the sealed file takes its passphrase from standard input: say --passphrase-stdin"
                            .to_owned(),
                    ));
                }
                Some(typed::secret("the passphrase")?)
            }
            (false, false) => None,
            (true, false) => Some(typed::secret("the passphrase")?),
            (false, true) if !io::stdin().is_terminal() => {
                return Err(Failure::Usage(
                    "a new file takes its passphrase from standard input: say --passphrase-stdin"
                        .to_owned(),
                ));
            }
            (_, true) => Some(typed::new_secret("the new passphrase", LEAST_PASSPHRASE)?),
        };
        // `--new` makes none over one that is there.
        let unlocks = self.place == Some(Place::File) && has_sealed_file(invocation.home.path());
        let (before, view, outlives_us) = through(invocation, async |door| {
            let before = match unlocks {
                true => Some(standing(door).await?),
                false => None,
            };
            let view = self.placed(door, passphrase).await?;
            Ok((before, view, door.outlives_us()))
        })
        .await?;
        if invocation.json {
            output::json(&view)?;
        } else if let Some(before) = before {
            output::line(&unlocked(&before, &view, outlives_us))?;
        } else {
            output::line(&text(&view, outlives_us, invocation.home.path()))?;
        }
        Ok(Exit::Done)
    }

    /// Asks for the place that was named, or where keys are.
    async fn placed(
        &self,
        door: &dyn Door,
        passphrase: Option<String>,
    ) -> Result<SecretsView, Failure> {
        match self.place {
            None => standing(door).await,
            Some(Place::Memory) if !door.outlives_us() => Err(Failure::Usage(
                "what is kept in memory would be gone when this command ends; say it while `husting serve` or the \
                 window runs"
                    .to_owned(),
            )),
            Some(place) => {
                let asked = ChooseSecrets {
                    keep_in: place.into(),
                    passphrase,
                    make: self.new,
                };
                ask::<OpenSecrets>(door, asked).await
            }
        }
    }
}

/// Where keys are now.
async fn standing(door: &dyn Door) -> Result<SecretsView, Failure> {
    Ok(ask::<TakeSnapshot>(door, Nothing {}).await?.secrets)
}

/// A file that was there is open now. Whoever kept keys elsewhere `before` is told that they do not any more.
fn unlocked(before: &SecretsView, view: &SecretsView, outlives_us: bool) -> String {
    let former = match before {
        SecretsView::Ready { kept_in, .. } => Some(*kept_in),
        SecretsView::KeyringLocked { .. } => Some(KeptIn::Keyring),
        _ => None,
    };
    let told = match former {
        _ if !outlives_us => FOR_THIS_COMMAND.to_owned(),
        Some(former) if former != KeptIn::SealedFile => format!(
            "The sealed file is unlocked. Keys are kept in it from now on, and no longer {}.",
            within(former)
        ),
        _ => "The sealed file is unlocked, and keys are kept in it.".to_owned(),
    };
    match view {
        SecretsView::Ready {
            left: Some(left), ..
        } => format!("{told} {left}"),
        _ => told,
    }
}

const fn within(place: KeptIn) -> &'static str {
    match place {
        KeptIn::Keyring => "in the system's keyring",
        KeptIn::SealedFile => "in the sealed file",
        KeptIn::Memory => "in memory",
    }
}

/// How the place of the keys stands, with what to do next, which is another thing where no process `outlives_us` that
/// would keep a file open.
pub(super) fn text(view: &SecretsView, outlives_us: bool, home: &Path) -> String {
    match view {
        SecretsView::Ready {
            kept_in: KeptIn::SealedFile,
            left: None,
        } if !has_sealed_file(home) => {
            "Keys are kept in a sealed file, which is made once there is something to keep."
                .to_owned()
        }
        SecretsView::Ready { kept_in, left } => {
            let place = within(*kept_in);
            let until = match kept_in {
                KeptIn::Memory => ", until Husting ends",
                KeptIn::Keyring | KeptIn::SealedFile => "",
            };
            let left = left.map(|left| format!(" {left}")).unwrap_or_default();
            format!("Keys are kept {place}{until}.{left}")
        }
        SecretsView::Locked {
            message,
            opener: Opener::Passphrase,
        } if outlives_us => {
            format!("{message} `husting secrets file --passphrase-stdin` unlocks it.")
        }
        SecretsView::Locked {
            message,
            opener: Opener::Passphrase,
        } => format!("{message} {GIVEN_TO_ONE_COMMAND}"),
        SecretsView::Locked {
            message,
            opener: Opener::Restart,
        } => format!("{message} Then start Husting again, if it runs."),
        SecretsView::NoFile { message } => format!(
            "{message} Mend that, and start Husting again if it runs; or make the file with `husting secrets file \
             --new`."
        ),
        SecretsView::KeyringLocked { system_words } => format!(
            "Your keyring is locked. Unlock it in your desktop's own dialog or its password manager, then \
             `husting secrets keyring`; or keep keys in a sealed file: `husting secrets file --new`.\n\
             The system said: {system_words}"
        ),
        SecretsView::NeedsChoice { system_words } => format!(
            "No keyring answers. `husting secrets file --new` keeps keys in a sealed file.\n\
             The system said: {system_words}"
        ),
    }
}
