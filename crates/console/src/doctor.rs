//! Looks at everything that can be wrong and says what to do.

mod discord;
mod folder;
mod models;
mod providers;
mod unopened;

use futures::future::join_all;
use husting_domain::agents::AgentKind;
use husting_domain::ids::TenantId;
use husting_domain::providers::Provider;
use husting_domain::system_words::without_os_numbers;
use husting_store::Write;
use husting_wire::audit::Sealing;
use husting_wire::discord::BridgeState;
use husting_wire::errors::Error;
use husting_wire::secrets::SecretsView;
use husting_wire::settings::{DoctorReport, Finding, LookAround};

pub(crate) use self::folder::examined as examined_folder;
pub use self::unopened::Unopened;
use crate::Inner;
use crate::errors::{Outward, is_out_of_space};
use crate::keys::Keys;

/// The finding about keys.
const KEYS: &str = "keys";
/// The row that is written to see whether rows can be written.
const EXAMINED: &str = "doctor.examined";

impl Inner {
    pub(crate) async fn doctor(&self, tenant: &TenantId, asked: LookAround) -> DoctorReport {
        let check = self.check_ledger(tenant).await;
        let mut findings = vec![
            folder::examined(&self.home).await,
            self.examine_store(tenant).await,
        ];
        // What cannot be read hinders no look at the rest.
        findings.push(match check {
            Ok(check) if check.ok => finding("wallet", true, "balances equal the sum of entries"),
            Ok(check) => finding("wallet", false, check.faults.join(" ")),
            Err(fault) => finding("wallet", false, fault.message),
        });
        findings.push(self.examine_kept_keys(tenant).await);
        findings.extend(self.examine_seals().await);
        match self.examine_providers(tenant, asked).await {
            Ok(providers) => findings.extend(providers),
            Err(fault) => findings.push(finding("providers", false, fault.message)),
        }
        findings.push(self.examine_models(tenant).await);
        findings.extend(self.examine_discord(tenant, asked).await);
        DoctorReport { findings }
    }
}

impl Inner {
    /// Whether keys can be read that were kept. Before the first key, and before anybody was minted whose acts a seal would
    /// vouch for, nothing is wrong: what both will need is told.
    async fn examine_kept_keys(&self, tenant: &TenantId) -> Finding {
        let found = examine_keys(&self.keys);
        let Some(todo) = self.keys.placeless() else {
            return found;
        };
        let mut agents = self.agents.of_tenant(tenant).into_iter();
        if agents.any(|standing| standing.agent.kind == AgentKind::Custom) {
            return found;
        }
        match self.has_kept_keys().await {
            Ok(false) => finding(
                KEYS,
                true,
                format!(
                    "none is stored yet; the first one needs a place, and so does the seal of the audit log. {todo}"
                ),
            ),
            // Where the store does not say, some may be lost.
            Ok(true) | Err(_) => found,
        }
    }

    /// Asks all providers at the same time for their models, and says what came of it now: what an earlier test found
    /// may be long over.
    async fn examine_providers(
        &self,
        tenant: &TenantId,
        asked: LookAround,
    ) -> Result<Vec<Finding>, Error> {
        let providers = self.store.providers(tenant).await.outward()?;
        if asked.ask_nobody {
            return Ok(providers.iter().map(not_asked).collect());
        }
        let looks = providers.iter().map(async |it| {
            // What hinders all of them is said once, of the keys.
            if it.key_tail.is_some() && !self.keys.is_ready() {
                return None;
            }
            Some(self.look_at(tenant, it).await)
        });
        let looked = join_all(looks).await;
        if providers.is_empty() {
            return Ok(Vec::new());
        }
        let list = self.changed_providers(tenant).await?.providers;
        let found = providers.iter().zip(looked);
        Ok(found
            .map(|(provider, looked)| {
                match looked {
                    None => return without_key(provider),
                    Some(Err(fault)) => {
                        return finding(&subject(&provider.name), false, fault.message);
                    }
                    Some(Ok(_)) => {}
                }
                let mut now = list.iter().filter(|it| it.name == provider.name);
                let found = now.next().and_then(providers::examined);
                // Its key or its address was changed while it was asked.
                found.unwrap_or_else(|| not_asked(provider))
            })
            .collect())
    }

    /// Which models can be seated, after their providers were asked.
    async fn examine_models(&self, tenant: &TenantId) -> Finding {
        let models = self.models(tenant).await;
        let providers = self.provider_list(tenant).await;
        match (models, providers) {
            (Ok(models), Ok(providers)) => models::examined(&models.models, &providers.providers),
            (Err(fault), _) | (_, Err(fault)) => finding(models::MODELS, false, fault.message),
        }
    }

    /// How the bridge stands, which is the first tenant's, and whether it may do what it needs now.
    async fn examine_discord(&self, tenant: &TenantId, asked: LookAround) -> Option<Finding> {
        if *tenant != TenantId::local() {
            return None;
        }
        match self.bridge_stand().await {
            Ok(stand) if stand.waits_for_keys && !self.keys.is_ready() => Some(finding(
                discord::DISCORD,
                false,
                "does not run: it waits for the keys, which cannot be read now",
            )),
            Ok(stand) => {
                let hears = self
                    .bridge_health()
                    .is_none_or(|health| health.content_granted);
                if !asked.ask_nobody && matches!(stand.bridge, BridgeState::Delivering {}) {
                    self.look_anew().await;
                }
                let known = discord::Known {
                    is_on: self.bridge.setup().runs,
                    hears,
                    lacking: self.channels_lacking(),
                };
                discord::examined(&stand, known)
            }
            Err(fault) => Some(finding(discord::DISCORD, false, fault.message)),
        }
    }

    /// Whether each audit log follows from what was sealed, and is sealed. Where keys cannot be read at all nobody
    /// can tell, and the finding about them says why.
    async fn examine_seals(&self) -> Vec<Finding> {
        const LOG: &str = "audit log";
        self.seal_heads().await;
        let broken = self.audit_faults();
        if !broken.is_empty() {
            let told = broken.iter().map(|log| Finding {
                command: log
                    .todo
                    .as_ref()
                    .map(|_| "`husting audit accept` accepts it, if that was you".to_owned()),
                ..finding(LOG, false, log.sentence.clone())
            });
            return told.collect();
        }
        let told = match (self.sealing().await, self.seal_hindrance().await) {
            (Sealing::Off { .. }, _) if !self.keys.is_ready() => {
                untested(LOG, "was not looked at: keys cannot be read now")
            }
            (Sealing::Off { why, .. }, _) => finding(LOG, false, why),
            (_, Some(why)) => finding(LOG, false, format!("cannot be sealed: {why}")),
            (
                Sealing::On {
                    in_memory: true, ..
                },
                None,
            ) => finding(
                LOG,
                true,
                "is sealed with a key in memory, which vouches for what is written until Husting ends, and for nothing before",
            ),
            (Sealing::On { .. }, None) => Finding {
                command: Some("`husting audit verify` proves each row".to_owned()),
                ..finding(LOG, true, "is sealed")
            },
            (Sealing::NotYet, None) => finding(LOG, true, "is sealed as soon as it has a row"),
        };
        vec![told]
    }

    /// Writes and reads a row, which is what everything else rests on.
    async fn examine_store(&self, tenant: &TenantId) -> Finding {
        let now = self.now().to_string();
        let value = format!("\"{now}\"");
        let written = self
            .keep(
                tenant,
                [Write::PutSetting {
                    key: EXAMINED.to_owned(),
                    value: value.clone(),
                }],
            )
            .await;
        let read = self.store.setting(tenant, EXAMINED).await;
        match (written, read) {
            (Ok(()), Ok(Some(read))) if read == value => {
                finding("store", true, "writes to disk and reads back")
            }
            (Err(fault), _) if is_out_of_space(&fault) => finding(
                "store",
                false,
                "the disk is full: nothing new can be kept; free some space",
            ),
            (Err(fault), _) => finding("store", false, fault.message),
            (_, Err(fault)) => finding("store", false, fault.to_string()),
            (Ok(()), Ok(_)) => finding(
                "store",
                false,
                "does not read back what was written; restore a backup",
            ),
        }
    }
}

/// Whether keys can be read from where they are kept.
fn examine_keys(keys: &Keys) -> Finding {
    match keys.view() {
        SecretsView::Ready {
            kept_in,
            left: None,
        } => finding(KEYS, true, format!("kept in {}", word(kept_in))),
        SecretsView::Ready {
            kept_in,
            left: Some(left),
        } => finding(KEYS, false, format!("kept in {}. {left}", word(kept_in))),
        SecretsView::Locked { message, .. } | SecretsView::NoFile { message } => {
            finding(KEYS, false, keys.locked().unwrap_or(message))
        }
        SecretsView::KeyringLocked { system_words } => {
            finding(KEYS, false, keys.locked().unwrap_or(system_words))
        }
        SecretsView::NeedsChoice { system_words } => {
            let choose = format!(
                "No keyring answers ({system_words}). Choose in Settings, Providers, where keys are kept."
            );
            let make = "`husting secrets file --new` makes a sealed file for them, and HUSTING_SECRETS_KEY_FILE names a key file";
            Finding {
                command: Some(make.to_owned()),
                ..finding(KEYS, false, choose)
            }
        }
    }
}

const fn word(kept_in: husting_wire::providers::KeptIn) -> &'static str {
    use husting_wire::providers::KeptIn;
    match kept_in {
        KeptIn::Keyring => "the system's keyring",
        KeptIn::SealedFile => "the sealed file",
        KeptIn::Memory => "memory, until Husting ends",
    }
}

fn subject(provider: &str) -> String {
    format!("provider {provider}")
}

fn not_asked(provider: &Provider) -> Finding {
    let asks = format!("`husting provider test {}` asks it", provider.name);
    Finding {
        command: Some(asks),
        ..untested(&subject(&provider.name), "was not asked")
    }
}

/// Its key cannot be read, and no other can: the finding about keys says why.
fn without_key(provider: &Provider) -> Finding {
    untested(
        &subject(&provider.name),
        "was not asked: keys cannot be read now",
    )
}

fn untested(subject: &str, message: impl Into<String>) -> Finding {
    Finding {
        untested: true,
        ..finding(subject, true, message)
    }
}

/// What was found, as every shell shows it: without the system's numbers.
#[must_use]
pub fn finding(subject: &str, ok: bool, message: impl Into<String>) -> Finding {
    Finding {
        subject: subject.to_owned(),
        ok,
        untested: false,
        waits: false,
        message: without_os_numbers(&message.into()),
        command: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_a_number_of_the_systems() {
        let refused = "127.0.0.1:80 cannot be listened on: Permission denied (os error 13)";
        let shown = "127.0.0.1:80 cannot be listened on: Permission denied";
        assert_eq!(finding("port", false, refused).message, shown);
    }
}
