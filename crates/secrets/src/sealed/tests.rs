//! The sealed file against wrong keys, changed bytes, wide permissions and crashes. Argon2 is made
//! cheap here; `tests/contract.rs` pays its price.

use std::mem;
use std::os::unix::fs::{PermissionsExt, symlink};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::*;

const CHEAP: Cost = Cost {
    memory_kib: 8,
    passes: 1,
    lanes: 1,
};

/// A folder of one test, with what lies in it.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn sealed(&self) -> PathBuf {
        self.path("secrets.sealed")
    }

    async fn create(&self) -> SealedFile {
        self.create_with(passphrase("correct horse battery")).await
    }

    async fn create_with(&self, unlock: Unlock) -> SealedFile {
        SealedFile::create_at(&self.sealed(), unlock, CHEAP)
            .await
            .unwrap()
    }

    async fn open(&self) -> Result<SealedFile, SecretsError> {
        SealedFile::open(&self.sealed(), passphrase("correct horse battery")).await
    }

    fn key_file(&self, name: &str, bytes: &[u8], mode: u32) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        allow(&path, mode);
        path
    }

    fn names(&self) -> usize {
        fs::read_dir(self.0.path()).unwrap().count()
    }
}

fn passphrase(words: &str) -> Unlock {
    Unlock::Passphrase(SecretString::from(words))
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

async fn put(store: &SealedFile, name: &str, secret: &str) {
    store.put(name, &SecretString::from(secret)).await.unwrap();
}

async fn got(store: &SealedFile, name: &str) -> Option<String> {
    let found = store.get(name).await.unwrap();
    found.map(|secret| secret.expose_secret().to_owned())
}

#[tokio::test]
async fn secrets_outlive_the_handle() {
    let desk = Desk::new();
    put(&desk.create().await, "provider/a", "sk-kept").await;
    let again = desk.open().await.unwrap();
    assert_eq!(got(&again, "provider/a").await.as_deref(), Some("sk-kept"));
}

/// Written once by this program; a later one must still read it.
#[tokio::test]
async fn a_file_of_version_one_stays_readable() {
    let desk = Desk::new();
    desk.key_file("secrets.sealed", include_bytes!("version-1.sealed"), 0o600);
    let store = desk.open().await.unwrap();
    assert_eq!(
        got(&store, "provider/openrouter").await.as_deref(),
        Some("sk-or-v1-märz")
    );
}

#[tokio::test]
async fn what_the_operator_makes_is_dear_to_guess() {
    let desk = Desk::new();
    SealedFile::create(&desk.sealed(), passphrase("correct horse battery"))
        .await
        .unwrap();
    let text = fs::read_to_string(desk.sealed()).unwrap();
    let start = r#"{"version":1,"unlocked_by":"passphrase","kdf":{"name":"argon2id","memory_kib":65536,"passes":3,"lanes":1,"#;
    assert!(text.starts_with(start), "{text}");
}

#[tokio::test]
async fn one_that_is_made_later_is_made_by_the_first_secret() {
    let desk = Desk::new();
    let (file, phrase) = (desk.sealed(), || passphrase("correct horse battery"));
    let store = SealedFile::create_later(&file, phrase()).await.unwrap();
    assert_eq!(got(&store, "provider/a").await, None);
    store.delete("provider/a").await.unwrap();
    assert!(!SealedFile::exists(&file));
    let beside = SealedFile::create_later(&file, phrase()).await.unwrap();
    // No key was derived for that.
    assert!(matches!(*store.0.sealing(), Sealing::Later(_)));
    put(&store, "provider/a", "sk-first").await;
    put(&store, "provider/b", "sk-second").await;
    let opened = desk.open().await.unwrap();
    assert_eq!(
        got(&opened, "provider/a").await.as_deref(),
        Some("sk-first")
    );
    let again = SealedFile::create_later(&file, phrase()).await;
    assert!(matches!(again, Err(SecretsError::Exists)));
    // A handle from before it was made opens it.
    put(&beside, "provider/c", "sk-third").await;
    assert_eq!(got(&store, "provider/c").await.as_deref(), Some("sk-third"));
    // One that was there and is gone is not made anew without what it held.
    fs::remove_file(&file).unwrap();
    for handle in [opened, store, beside] {
        assert!(handle.get("provider/a").await.is_err());
        let anew = SecretString::from("sk-new");
        assert!(handle.put("provider/a", &anew).await.is_err());
    }
}

/// What is wrong with the key shows when the program starts, not with the first secret.
#[tokio::test]
async fn one_that_is_made_later_looks_at_its_key_now() {
    let desk = Desk::new();
    let short = Unlock::KeyFile(desk.key_file("key", b"short", 0o600));
    let made = SealedFile::create_later(&desk.sealed(), short).await;
    assert!(
        matches!(made, Err(SecretsError::ShortKeyFile { bytes: 5, .. })),
        "{made:?}"
    );
}

#[tokio::test]
async fn nothing_can_be_read_from_the_file() {
    let desk = Desk::new();
    let key = desk.key_file("key", b"a key file of more than 32 bytes.", 0o600);
    let store = desk.create_with(Unlock::KeyFile(key)).await;
    put(&store, "provider/openrouter", "sk-or-v1-in-clear").await;
    let text = fs::read_to_string(desk.sealed()).unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let sealed = STANDARD
        .decode(document["ciphertext"].as_str().unwrap())
        .unwrap();
    for hidden in ["sk-or-v1-in-clear", "openrouter", "a key file of"] {
        let found = |bytes: &[u8]| {
            bytes
                .windows(hidden.len())
                .any(|seen| seen == hidden.as_bytes())
        };
        assert!(!found(text.as_bytes()) && !found(&sealed), "{hidden}");
    }
    assert!(!format!("{store:?}").contains("sk-or"));
}

#[tokio::test]
async fn no_two_writings_are_alike() {
    let desk = Desk::new();
    let store = desk.create().await;
    put(&store, "provider/a", "the same").await;
    let first = fs::read(desk.sealed()).unwrap();
    put(&store, "provider/a", "the same").await;
    assert_ne!(fs::read(desk.sealed()).unwrap(), first);
}

#[tokio::test]
async fn only_what_sealed_it_opens_it() {
    let desk = Desk::new();
    desk.create().await;
    let fault = SealedFile::open(&desk.sealed(), passphrase("correct horse batterz")).await;
    assert!(
        matches!(fault, Err(SecretsError::WrongPassphrase)),
        "{fault:?}"
    );
    let key = desk.key_file("key", &[1; 32], 0o600);
    let fault = SealedFile::open(&desk.sealed(), Unlock::KeyFile(key))
        .await
        .unwrap_err();
    assert_eq!(
        fault.to_string(),
        "the sealed file is opened by a passphrase (HUSTING_PASSPHRASE)"
    );
}

#[tokio::test]
async fn only_the_key_file_that_sealed_it_opens_it() {
    let desk = Desk::new();
    let right = Unlock::KeyFile(desk.key_file("right", &[1; 32], 0o600));
    let wrong = Unlock::KeyFile(desk.key_file("wrong", &[2; 32], 0o600));
    desk.create_with(right.clone()).await;
    SealedFile::open(&desk.sealed(), right).await.unwrap();
    let fault = SealedFile::open(&desk.sealed(), wrong).await;
    assert!(
        matches!(fault, Err(SecretsError::WrongKeyFile { .. })),
        "{fault:?}"
    );
    let fault = desk.open().await;
    assert!(
        matches!(fault, Err(SecretsError::OtherUnlock { .. })),
        "{fault:?}"
    );
}

#[tokio::test]
async fn weak_unlocks_are_refused() {
    let desk = Desk::new();
    let short = desk.key_file("short", &[1; 31], 0o600);
    let refused = async |unlock| {
        SealedFile::create(&desk.sealed(), unlock)
            .await
            .unwrap_err()
    };
    assert!(matches!(
        refused(passphrase("")).await,
        SecretsError::EmptyPassphrase
    ));
    let fault = refused(Unlock::KeyFile(short)).await;
    assert!(
        matches!(fault, SecretsError::ShortKeyFile { bytes: 31, .. }),
        "{fault:?}"
    );
    let fault = refused(Unlock::KeyFile(desk.0.path().to_owned())).await;
    assert!(matches!(fault, SecretsError::KeyFile { .. }), "{fault:?}");
    assert!(!SealedFile::exists(&desk.sealed()), "nothing was made");
}

#[tokio::test]
async fn a_changed_byte_anywhere_is_noticed() {
    let desk = Desk::new();
    put(&desk.create().await, "provider/a", "sk-whole").await;
    let whole = fs::read(desk.sealed()).unwrap();
    for place in 0..whole.len() {
        for flip in [0x01, 0x02, 0x20, 0x80] {
            let mut changed = whole.clone();
            changed[place] ^= flip;
            assert_refused(&desk, &changed, &format!("byte {place} ^ {flip:#x}")).await;
        }
    }
}

#[tokio::test]
async fn a_file_cut_short_or_drawn_out_is_noticed() {
    let desk = Desk::new();
    put(&desk.create().await, "provider/a", "sk-whole").await;
    let whole = fs::read(desk.sealed()).unwrap();
    for length in 0..whole.len() {
        assert_refused(&desk, &whole[..length], &format!("{length} bytes")).await;
    }
    for tail in ["\n", " ", "{}", "\0"] {
        let longer = [&whole, tail.as_bytes()].concat();
        assert_refused(&desk, &longer, &format!("{tail:?} after it")).await;
    }
}

async fn assert_refused(desk: &Desk, bytes: &[u8], what: &str) {
    fs::write(desk.sealed(), bytes).unwrap();
    let opened = desk.open().await;
    assert!(
        matches!(
            opened,
            Err(SecretsError::Damaged { .. } | SecretsError::WrongPassphrase)
        ),
        "{what}: {opened:?}"
    );
}

#[tokio::test]
async fn work_that_no_file_of_ours_asks_for_is_refused() {
    let desk = Desk::new();
    desk.create().await;
    let text = fs::read_to_string(desk.sealed()).unwrap();
    for (from, to) in [
        (r#""memory_kib":8"#, r#""memory_kib":4000000000"#),
        (r#""passes":1"#, r#""passes":4000000000"#),
    ] {
        let asking = text.replace(from, to);
        assert_ne!(asking, text);
        assert_refused(&desk, asking.as_bytes(), to).await;
    }
}

#[tokio::test]
async fn a_later_version_is_named() {
    let desk = Desk::new();
    desk.key_file("secrets.sealed", br#"{"version":2,"else":true}"#, 0o600);
    let words = desk.open().await.unwrap_err().to_string();
    assert!(
        words.contains("it says version 2 and this program reads 1"),
        "{words}"
    );
}

#[tokio::test]
async fn a_file_others_may_read_is_refused_with_the_fix() {
    let desk = Desk::new();
    let store = desk.create().await;
    assert_eq!(mode(&desk.sealed()), 0o600);
    for wide in [0o640, 0o604, 0o620, 0o610, 0o666] {
        allow(&desk.sealed(), wide);
        let Err(SecretsError::WiderPermissions { mode, fix, .. }) = desk.open().await else {
            panic!("{wide:o} was taken");
        };
        assert_eq!(mode, wide);
        assert_eq!(fix, format!("chmod 600 '{}'", desk.sealed().display()));
        let put = store.put("provider/a", &SecretString::from("sk")).await;
        assert!(
            matches!(put, Err(SecretsError::WiderPermissions { .. })),
            "{put:?}"
        );
    }
    allow(&desk.sealed(), 0o400);
    desk.open().await.unwrap();
}

#[tokio::test]
async fn a_key_file_others_may_read_is_refused_with_the_fix() {
    let desk = Desk::new();
    let key = desk.key_file("it's a key", &[1; 32], 0o644);
    let fault = SealedFile::create(&desk.sealed(), Unlock::KeyFile(key))
        .await
        .unwrap_err();
    let words = fault.to_string();
    assert!(words.contains("has mode 0644"), "{words}");
    assert!(
        words.ends_with(r"it'\''s a key'"),
        "a shell takes it: {words}"
    );
}

#[tokio::test]
async fn a_crash_before_the_rename_keeps_the_old_file() {
    let desk = Desk::new();
    let store = desk.create().await;
    put(&store, "provider/a", "sk-old").await;
    // All that a write does before its rename; then the program is gone, and cleans up nothing.
    let mut entries = store.0.entries().unwrap();
    entries.insert("provider/a".to_owned(), SecretString::from("sk-new"));
    let bytes = store.0.seal().unwrap().unwrap().close(&entries).unwrap();
    mem::forget(disk::stage(&desk.sealed(), &bytes).unwrap());
    assert_eq!(desk.names(), 2, "the new file lies beside the old one");

    let again = desk.open().await.unwrap();
    assert_eq!(got(&again, "provider/a").await.as_deref(), Some("sk-old"));
    put(&again, "provider/a", "sk-newer").await;
    assert_eq!(got(&store, "provider/a").await.as_deref(), Some("sk-newer"));
}

#[tokio::test]
async fn a_write_leaves_one_file_of_mode_0600() {
    let desk = Desk::new();
    let store = desk.create().await;
    put(&store, "provider/a", "sk").await;
    store.delete("provider/a").await.unwrap();
    assert_eq!((desk.names(), mode(&desk.sealed())), (1, 0o600));
}

#[tokio::test]
async fn a_sealed_file_is_never_made_over_another() {
    let desk = Desk::new();
    put(&desk.create().await, "provider/a", "sk-first").await;
    let second = SealedFile::create(&desk.sealed(), passphrase("another passphrase")).await;
    assert!(matches!(second, Err(SecretsError::Exists)), "{second:?}");
    let again = desk.open().await.unwrap();
    assert_eq!(got(&again, "provider/a").await.as_deref(), Some("sk-first"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_make_the_file_at_once_one_does() {
    let desk = Desk::new();
    let mut makers = JoinSet::new();
    for number in 0..4 {
        let (path, unlock) = (desk.sealed(), passphrase(&format!("maker {number}")));
        makers.spawn(async move { SealedFile::create_at(&path, unlock, CHEAP).await.is_ok() });
    }
    let made = makers.join_all().await;
    assert_eq!(made.into_iter().filter(|made| *made).count(), 1);
    assert_eq!(desk.names(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_through_two_handles_lose_nothing() {
    let desk = Desk::new();
    let handles = [desk.create().await, desk.open().await.unwrap()];
    let mut writers = JoinSet::new();
    for number in 0..20 {
        let store = handles[number % 2].clone();
        writers
            .spawn(async move { put(&store, &format!("n/{number}"), &number.to_string()).await });
    }
    writers.join_all().await;
    for number in 0..20 {
        let found = got(&handles[number % 2], &format!("n/{number}")).await;
        assert_eq!(found, Some(number.to_string()));
    }
}

#[tokio::test]
async fn another_file_in_its_place_is_not_written_over() {
    let desk = Desk::new();
    let store = desk.create().await;
    fs::remove_file(desk.sealed()).unwrap();
    let put = store.put("provider/a", &SecretString::from("sk")).await;
    assert!(matches!(put, Err(SecretsError::Io { .. })), "{put:?}");
    assert!(
        !SealedFile::exists(&desk.sealed()),
        "what was removed stays so"
    );

    desk.create().await;
    let put = store.put("provider/a", &SecretString::from("sk")).await;
    assert!(matches!(put, Err(SecretsError::Replaced { .. })), "{put:?}");
}

#[tokio::test]
async fn a_link_still_points_to_the_file_after_a_write() {
    let (desk, elsewhere) = (Desk::new(), Desk::new());
    put(&elsewhere.create().await, "provider/a", "sk-old").await;
    symlink(elsewhere.sealed(), desk.sealed()).unwrap();
    put(&desk.open().await.unwrap(), "provider/a", "sk-new").await;
    assert!(fs::symlink_metadata(desk.sealed()).unwrap().is_symlink());
    let through = elsewhere.open().await.unwrap();
    assert_eq!(got(&through, "provider/a").await.as_deref(), Some("sk-new"));
}

#[test]
fn unlocks_do_not_show_what_they_hold() {
    let shown = format!("{:?}", passphrase("correct horse"));
    assert!(!shown.contains("horse"), "{shown}");
}

/// A file that costs nothing to open, for the homes of black-box tests, which start a program for each command.
#[tokio::test]
#[ignore = "makes tests/fixtures/light.sealed anew"]
async fn light() {
    let desk = Desk::new();
    let key = include_bytes!("../../../../tests/fixtures/light.key");
    let unlock = Unlock::KeyFile(desk.key_file("key", key, 0o600));
    desk.create_with(unlock).await;
    fs::copy(desk.sealed(), "../../tests/fixtures/light.sealed").unwrap();
}
