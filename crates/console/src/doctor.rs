//! Looks at everything that can be wrong and says what to do.

use husting_domain::ids::TenantId;
use husting_store::Write;
use husting_wire::audit::Sealing;
use husting_wire::errors::Error;
use husting_wire::secrets::SecretsView;
use husting_wire::settings::{DoctorReport, Finding};

use crate::Inner;
use crate::errors::is_out_of_space;

/// The row that is written to see whether rows can be written.
const EXAMINED: &str = "doctor.examined";

impl Inner {
    pub(crate) async fn doctor(&self, tenant: &TenantId) -> Result<DoctorReport, Error> {
        let mut findings = vec![finding("home", true, self.home.display().to_string())];
        let check = self.check_ledger(tenant).await?;
        findings.push(self.examine_store(tenant).await);
        findings.push(if check.ok {
            finding(
                "wallet",
                true,
                match check.transactions {
                    1 => "1 transaction sums to zero".to_owned(),
                    count => format!("{count} transactions sum to zero"),
                },
            )
        } else {
            finding("wallet", false, check.faults.join(" "))
        });
        findings.push(match self.keys.view() {
            SecretsView::Ready { kept_in } => finding("keys", true, format!("kept in {}", word(kept_in))),
            SecretsView::Locked { message } => {
                finding("keys", false, self.keys.locked().unwrap_or(message))
            }
            SecretsView::KeyringLocked { system_words } => {
                finding("keys", false, self.keys.locked().unwrap_or(system_words))
            }
            SecretsView::NeedsChoice { system_words } => finding(
                "keys",
                false,
                format!("No keyring answers ({system_words}). Choose in Settings, Providers, where keys are kept, make a sealed file for them with `husting secrets file --new --passphrase-stdin`, or name a key file in HUSTING_SECRETS_KEY_FILE."),
            ),
        });
        findings.extend(self.examine_seals().await);
        for provider in self.provider_list(tenant).await?.providers {
            let subject = format!("provider {}", provider.name);
            findings.push(match provider.last_test {
                Some(test) if test.ok => finding(
                    &subject,
                    true,
                    format!("answered in {} ms at {}", test.millis, test.at),
                ),
                Some(test) => finding(
                    &subject,
                    false,
                    test.message.unwrap_or_else(|| "did not answer".to_owned()),
                ),
                None => Finding {
                    untested: true,
                    ..finding(
                        &subject,
                        true,
                        format!(
                            "not tested yet; `husting provider test {}` does",
                            provider.name
                        ),
                    )
                },
            });
        }
        let models = self.models(tenant).await?.models;
        let available = models.iter().filter(|model| model.available).count();
        findings.push(finding(
            "models",
            true,
            format!("{available} of {} can be seated now", models.len()),
        ));
        Ok(DoctorReport { findings })
    }
}

impl Inner {
    /// Whether each audit log follows from what was sealed, and is sealed. Where keys cannot be read at all, the
    /// finding about them says so.
    async fn examine_seals(&self) -> Vec<Finding> {
        const LOG: &str = "audit log";
        self.seal_heads().await;
        let broken = self.audit_faults();
        if !broken.is_empty() {
            let told = broken.into_iter().map(|why| finding(LOG, false, why));
            return told.collect();
        }
        let told = match (self.sealing().await, self.seal_hindrance().await) {
            (Sealing::Off { .. }, _) if !self.keys.is_ready() => return Vec::new(),
            (Sealing::Off { why }, _) => finding(LOG, false, why),
            (_, Some(why)) => finding(LOG, false, format!("cannot be sealed: {why}")),
            (Sealing::On { .. }, None) => finding(
                LOG,
                true,
                "is sealed; `husting audit verify` proves each row",
            ),
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

const fn word(kept_in: husting_wire::providers::KeptIn) -> &'static str {
    use husting_wire::providers::KeptIn;
    match kept_in {
        KeptIn::Keyring => "the system's keyring",
        KeptIn::SealedFile => "the sealed file",
        KeptIn::Memory => "memory, until Husting ends",
    }
}

fn finding(subject: &str, ok: bool, message: impl Into<String>) -> Finding {
    Finding {
        subject: subject.to_owned(),
        ok,
        untested: false,
        message: message.into(),
    }
}
