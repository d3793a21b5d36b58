//! What a look at everything finds, in words that say no more than is known.

use husting_test_support::Script;
use husting_wire::commands::{Examine, OpenSecrets, PutModel, WriteDiagnostics};
use husting_wire::models::AddModel;
use husting_wire::providers::KeptIn;
use husting_wire::secrets::{ChooseSecrets, SecretsView};
use husting_wire::settings::{Finding, LookAround, Nothing};

use crate::agents::{mint, minted, token};
use crate::desk::Desk;
use crate::panel::Panel;

pub async fn finding(desk: &Desk, subject: &str) -> Finding {
    let report = desk.ask::<Examine>(LookAround::default()).await;
    let mut findings = report.findings.into_iter();
    findings.find(|found| found.subject == subject).unwrap()
}

#[tokio::test]
async fn each_provider_is_asked_when_somebody_looks() {
    let panel = Panel::open(Script::debate()).await;
    let east = finding(&panel, "provider east").await;
    assert!(east.ok && !east.untested, "{east:?}");
    assert!(east.message.starts_with("answered in "), "{east:?}");
    for provider in [&panel.houses.east, &panel.houses.west] {
        provider.refuse_connections().await.unwrap();
    }
    let report = panel.ask::<Examine>(LookAround::default()).await;
    let found = report.findings.iter();
    let providers: Vec<_> = found
        .filter(|found| found.subject.starts_with("provider "))
        .collect();
    assert_eq!(providers.len(), 2);
    for gone in providers {
        assert!(!gone.ok && gone.message.contains("not reached"), "{gone:?}");
    }
    let nobody = LookAround { ask_nobody: true };
    let report = panel.ask::<Examine>(nobody).await;
    let mut found = report.findings.iter();
    let east = found.find(|found| found.subject == "provider east");
    assert!(east.is_some_and(|east| east.untested));
}

#[tokio::test]
async fn whatever_is_looked_at_has_its_own_name_in_the_window() {
    let window = include_str!("../../../../ui/src/features/settings/examined.ts");
    let panel = Panel::open(Script::debate()).await;
    for desk in [&*panel, &Desk::open().await] {
        let report = desk.ask::<Examine>(LookAround::default()).await;
        for Finding { subject, .. } in report.findings {
            let [plain, quoted] = [
                format!("\n  {subject}: {{"),
                format!("\n  \"{subject}\": {{"),
            ];
            let is_named = subject.starts_with("provider ")
                || window.contains(&plain)
                || window.contains(&quoted);
            assert!(is_named, "{subject}");
        }
    }
}

#[tokio::test]
async fn a_provider_whose_key_stayed_elsewhere_is_wrong_and_so_are_the_keys() {
    let panel = Panel::open(Script::debate()).await;
    let file = ChooseSecrets {
        keep_in: KeptIn::SealedFile,
        passphrase: Some("correct horse battery".to_owned()),
        make: true,
    };
    panel.ask::<OpenSecrets>(file).await;
    assert!(finding(&panel, "keys").await.ok);
    // From a file nothing moves.
    let memory = ChooseSecrets {
        keep_in: KeptIn::Memory,
        passphrase: None,
        make: false,
    };
    let SecretsView::Ready { left, .. } = panel.ask::<OpenSecrets>(memory).await else {
        panic!("memory is always there");
    };
    assert_eq!(left.map(|left| left.count), Some(2));
    let keys = finding(&panel, "keys").await;
    let words = "2 keys stay in the sealed file and cannot be read from here";
    assert!(!keys.ok && keys.message.contains(words), "{keys:?}");
    assert!(!finding(&panel, "provider east").await.ok);
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_or_store_that_others_may_get_at_is_wrong_and_no_other_file_is() {
    use std::os::unix::fs::PermissionsExt;

    let desk = Desk::open().await;
    let home = desk.home.path();
    let set = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set(home, 0o700);
    let config = home.join("config.toml");
    std::fs::write(&config, "").unwrap();
    set(&config, 0o644);
    assert!(finding(&desk, "home").await.ok);
    let sealed = home.join("it's sealed");
    std::fs::write(&sealed, "").unwrap();
    assert!(finding(&desk, "home").await.ok, "not Husting's");
    let sealed = home.join("secrets.sealed");
    std::fs::write(&sealed, "").unwrap();
    set(&sealed, 0o640);
    let found = finding(&desk, "home").await;
    let line = format!("`chmod 600 '{}'` mends it", sealed.display());
    assert!(!found.ok && found.message.contains(&line), "{found:?}");
    set(home, 0o711);
    let found = finding(&desk, "home").await;
    let line = format!("`chmod 700 '{}' && chmod 600 '", home.display());
    assert!(!found.ok && found.message.contains(&line), "{found:?}");
}

#[tokio::test]
async fn what_holds_of_the_wallet_is_its_balances() {
    let desk = Desk::open().await;
    let books = finding(&desk, "wallet").await;
    assert_eq!(books.message, "balances equal the sum of entries");
}

#[tokio::test]
async fn a_secret_that_came_into_the_log_is_not_told_to_a_helper() {
    let desk = Desk::open().await;
    let ana = mint(&desk, minted("ana")).await;
    let foreign = format!("sk-ant-api03-{}", "k3Y".repeat(20));
    let logs = desk.home.path().join("logs");
    std::fs::create_dir_all(&logs).unwrap();
    let line = |said: &str| format!("{{\"level\":\"WARN\",\"said\":\"refused: {said}\"}}\n");
    let lines = [token(&ana), &foreign].map(line).concat();
    std::fs::write(logs.join("husting.2026-11-20.log"), lines).unwrap();
    let told = desk.ask::<WriteDiagnostics>(Nothing {}).await.text;
    assert_eq!(told.matches("refused: ").count(), 2, "{told}");
    for secret in [token(&ana), &foreign] {
        assert!(!told.contains(&secret[14..]), "{told}");
    }
}

#[tokio::test]
async fn a_model_whose_key_is_refused_or_that_has_no_price_is_named_with_what_it_lacks() {
    let panel = Panel::open(Script::debate()).await;
    let well = finding(&panel, "models").await;
    let all = "6 of 6 have all that a seat needs";
    assert_eq!(
        (well.ok, well.waits, well.message.as_str()),
        (true, false, all)
    );
    panel.houses.east.swap(Script::debate().key("another"));
    let unpriced = AddModel {
        provider: "west".to_owned(),
        provider_model: "spruce-70b".to_owned(),
        id: None,
        display_name: None,
        context_window: None,
        max_output_tokens: None,
    };
    panel.ask::<PutModel>(unpriced).await;
    let told = finding(&panel, "models").await;
    assert!(told.ok && told.waits, "{told:?}");
    let lacks = "4 of 7 have all that a seat needs; alpha, gamma: the key of east was refused; spruce-70b has no price";
    assert_eq!(told.message, lacks);
    let east = finding(&panel, "provider east").await;
    let replace = ". Its key was refused: replace it.";
    assert!(!east.ok && east.message.ends_with(replace), "{east:?}");
    let command = east.command.unwrap_or_default();
    assert!(command.contains("`husting provider key east"), "{command}");
    panel.houses.west.swap(Script::debate().key("another"));
    let told = finding(&panel, "models").await;
    let left = " seat needs, all of them rehearsal seats, which follow rules and think nothing; ";
    assert!(told.waits && told.message.contains(left), "{told:?}");
}

#[tokio::test]
async fn a_sentence_that_the_window_shows_as_well_names_no_command() {
    let panel = Panel::open(Script::debate()).await;
    let nobody = LookAround { ask_nobody: true };
    let report = panel.ask::<Examine>(nobody).await;
    let mut findings = report.findings.iter();
    let east = findings.find(|it| it.subject == "provider east").unwrap();
    assert_eq!(east.message, "was not asked");
    let command = east.command.as_deref();
    assert_eq!(command, Some("`husting provider test east` asks it"));
    let mut sentences = report.findings.iter().map(|found| &found.message);
    assert!(sentences.all(|said| !said.contains("`husting ")));
}
