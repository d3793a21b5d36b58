//! What wins over what, and what is refused.

use super::*;

struct Case {
    file: &'static str,
    environment: &'static [(&'static str, &'static str)],
    flags: &'static [(&'static str, &'static str)],
}

fn gather(case: &Case) -> Result<Configured, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::find(Some(folder.path())).unwrap();
    std::fs::write(home.config_file(), case.file).unwrap();
    let flags = case
        .flags
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let variable = |name: &str| {
        case.environment
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    };
    Configured::gather(&home, &flags, variable)
}

#[test]
fn a_flag_beats_the_environment_and_the_environment_beats_the_file() {
    const FILE: &str = "[panel]\nmax_seats = 4\n";
    const ENVIRONMENT: &[(&str, &str)] = &[("HUSTING_PANEL_MAX_SEATS", "5")];
    const FLAGS: &[(&str, &str)] = &[("panel.max_seats", "6")];
    let table = [
        (FILE, ENVIRONMENT, FLAGS, 6, Source::Flag),
        ("", ENVIRONMENT, FLAGS, 6, Source::Flag),
        (FILE, &[], FLAGS, 6, Source::Flag),
        (FILE, ENVIRONMENT, &[], 5, Source::Environment),
        (
            FILE,
            &[("HUSTING_PANEL_MAX_SEATS", "")],
            &[],
            4,
            Source::File,
        ),
        (FILE, &[], &[], 4, Source::File),
    ];
    for (file, environment, flags, seats, source) in table {
        let configured = gather(&Case {
            file,
            environment,
            flags,
        })
        .unwrap();
        assert_eq!(configured.overrides.panel_max_seats, Some(seats));
        assert_eq!(configured.given("panel.max_seats").unwrap().source, source);
    }
}

#[test]
fn what_nobody_sets_is_left_to_the_console() {
    let configured = gather(&Case {
        file: "",
        environment: &[],
        flags: &[],
    })
    .unwrap();
    assert_eq!(configured.overrides, EditSettings::default());
    assert!(
        SETTINGS
            .iter()
            .all(|setting| configured.given(setting.name).is_none())
    );
    assert!(matches!(configured.keys, KeyChoice::Found));
}

#[test]
fn every_kind_of_value_reaches_the_console() {
    let file = "theme = \"dark\"\nsingle_keys = false\nzoom = 125\ndensity = \"comfortable\"\n\
                [rehearsal]\ntokens_per_second = 0\n[panel]\nmax_output_tokens = 4096\ndeadline_seconds = 60\nmax_seats = 3\n\
                [retention]\npartial_days = 7\nmessage_days = 90\nrecorder_days = 14\n[recap]\nmodel = \"alpha, beta\"\n\
                [limits]\nrounds_per_day = 9\ncalls_per_minute = 90\nburst = 12\nopen_waits = 4\n\
                [bus]\nlease_seconds = 30\n\
                [agents]\nturns_per_day = 5\ncents_per_day = 10\n\
                [notify]\nrounds = false\nneeds_you = false\nparked = false\n\
                [window]\nclose = \"keep\"\n";
    let overrides = gather(&Case {
        file,
        environment: &[],
        flags: &[],
    })
    .unwrap()
    .overrides;
    let said = serde_json::to_value(&overrides).unwrap();
    assert!(
        said.as_object()
            .unwrap()
            .values()
            .all(|value| !value.is_null()),
        "{said}"
    );
    assert_eq!(
        (
            overrides.single_keys,
            overrides.zoom,
            overrides.rehearsal_tokens_per_second
        ),
        (Some(false), Some(125), Some(0))
    );
}

#[test]
fn a_wrong_value_is_refused_with_its_place() {
    let refusal = |file, environment, flags| {
        gather(&Case {
            file,
            environment,
            flags,
        })
        .err()
        .unwrap()
        .to_string()
    };
    assert_eq!(
        refusal("", &[("HUSTING_PANEL_MAX_SEATS", "9")], &[]),
        "HUSTING_PANEL_MAX_SEATS is \"9\"; it must be a number from 3 to 8"
    );
    assert_eq!(
        refusal("", &[], &[("panel.deadline_seconds", "soon")]),
        "--panel-deadline-seconds is \"soon\"; it must be a number from 30 to 1800"
    );
    assert_eq!(
        refusal("", &[], &[("listen", "abc")]),
        "--listen is \"abc\"; it must be an address and a port, such as 127.0.0.1:6070"
    );
    assert_eq!(
        refusal("theme = 3", &[], &[]),
        "theme in config.toml is \"3\"; it must be system, dark, light"
    );
    assert!(
        refusal("[panel]\nseats = 3", &[], &[]).contains("sets panel.seats, which is no setting")
    );
    assert!(refusal("panel = [", &[], &[]).contains("config.toml cannot be read"));
}

#[cfg(unix)]
#[test]
fn what_stands_in_the_files_place_and_cannot_be_read_is_not_passed_over() {
    type Put = fn(&Path) -> io::Result<()>;
    let folder: Put = |path| fs::create_dir(path);
    let own: Put = |path| std::os::unix::fs::symlink("config.toml", path);
    let foreign: Put = |path| fs::write(path, [0xff, 0xfe]);
    for (put, why) in [
        (folder, "Is a directory"),
        (own, "Too many levels of symbolic links"),
        (foreign, "stream did not contain valid UTF-8"),
    ] {
        let beside = tempfile::tempdir().unwrap();
        let home = Home::find(Some(beside.path())).unwrap();
        put(&home.config_file()).unwrap();
        let gathered = Configured::gather(&home, &BTreeMap::new(), |_| None);
        let told = gathered.err().unwrap().to_string();
        let found = told.contains("config.toml cannot be read: ") && told.contains(why);
        assert!(found, "{told}");
        // With the rest of the folder it can be erased all the same.
        assert!(Configured::to_erase(&home, &BTreeMap::new(), |_| None).is_ok());
    }
    let marked = gather(&Case {
        file: "\u{feff}theme = \"dark\"",
        environment: &[],
        flags: &[],
    });
    assert!(marked.unwrap().given("theme").is_some());
}

#[test]
fn keys_are_kept_where_the_operator_said() {
    let keys = |environment| {
        gather(&Case {
            file: "",
            environment,
            flags: &[],
        })
        .map(|configured| configured.keys)
    };
    assert!(matches!(
        keys(&[("HUSTING_SECRETS", "keyring")]),
        Ok(KeyChoice::Keyring)
    ));
    assert!(matches!(
        keys(&[("HUSTING_SECRETS", "memory")]),
        Ok(KeyChoice::Memory)
    ));
    assert!(matches!(
        keys(&[("HUSTING_SECRETS", "file")]),
        Err(ConfigError::NoUnlock)
    ));
    assert!(matches!(
        keys(&[("HUSTING_PASSPHRASE", "long enough words")]),
        Ok(KeyChoice::Passphrase(_))
    ));
    let both = keys(&[
        ("HUSTING_SECRETS_KEY_FILE", "/k"),
        ("HUSTING_PASSPHRASE", "long enough words"),
    ]);
    assert!(matches!(both, Ok(KeyChoice::KeyFile(path)) if path == Path::new("/k")));
    assert!(matches!(
        keys(&[("HUSTING_SECRETS", "vault")]),
        Err(ConfigError::Value { .. })
    ));
}

#[test]
fn where_something_was_set_is_said_and_of_what_was_not_nothing() {
    const FILE: &str = "listen = \"127.0.0.1:1\"";
    const ENVIRONMENT: &[(&str, &str)] = &[("HUSTING_LISTEN", "127.0.0.1:2")];
    const FLAGS: &[(&str, &str)] = &[("listen", "127.0.0.1:3")];
    let table = [
        (FILE, ENVIRONMENT, FLAGS, Some("--listen")),
        (FILE, ENVIRONMENT, &[], Some("HUSTING_LISTEN")),
        (FILE, &[], &[], Some("listen in config.toml")),
        ("", &[], &[], None),
    ];
    for (file, environment, flags, place) in table {
        let configured = gather(&Case {
            file,
            environment,
            flags,
        });
        assert_eq!(configured.unwrap().place_of("listen").as_deref(), place);
    }
}

#[test]
fn what_cannot_be_used_hinders_neither_erasing_nor_whoever_looks_why() {
    let (folder, none) = (tempfile::tempdir().unwrap(), BTreeMap::new());
    let home = Home::find(Some(folder.path())).unwrap();
    let file = |name: &str| (name == "HUSTING_SECRETS").then(|| "file".to_owned());
    let unopened = Configured::to_erase(&home, &none, file).unwrap();
    assert!(matches!(unopened.keys, KeyChoice::Memory));
    let looked = Configured::without_file(&none, file);
    assert!(matches!(looked, Err(ConfigError::NoUnlock)));

    std::fs::write(home.config_file(), "[panel\n").unwrap();
    let memory = |name: &str| (name == "HUSTING_SECRETS").then(|| "memory".to_owned());
    for configured in [
        Configured::to_erase(&home, &none, memory),
        Configured::without_file(&none, memory),
    ] {
        assert!(matches!(configured.unwrap().keys, KeyChoice::Memory));
    }
    let wrong = |name: &str| (name == "HUSTING_SECRETS").then(|| "vault".to_owned());
    let refused = Configured::to_erase(&home, &none, wrong);
    assert!(matches!(refused, Err(ConfigError::Value { .. })));
}

#[test]
fn a_passphrase_has_no_place_in_the_file() {
    let refused = gather(&Case {
        file: "passphrase = \"x\"",
        environment: &[],
        flags: &[],
    });
    assert!(matches!(refused, Err(ConfigError::Unknown { .. })));
}

#[test]
fn a_folder_that_is_being_erased_has_no_settings_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::find(Some(folder.path())).unwrap();
    // What cannot be read must not be in the way either.
    std::fs::write(home.config_file(), "[panel\n").unwrap();
    let gathered = || Configured::gather(&home, &BTreeMap::new(), |_| None);
    assert!(matches!(gathered(), Err(ConfigError::File { .. })));
    std::fs::write(folder.path().join("husting.erasing"), "{}").unwrap();
    assert!(gathered().is_ok());
}
