//! Nothing that is said about a bus has its token in it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use husting_discord::bus::{Bus, RemoteBus};
use husting_test_support::PlainBus;
use rstest::rstest;
use tracing_subscriber::fmt::MakeWriter;

use crate::{TOKEN, letter, options, remote};

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[rstest]
#[case("mcp")]
#[case("sse")]
#[tokio::test]
async fn the_token_is_in_no_log_and_no_error(#[case] door: &str) {
    let log = Log::default();
    let everything = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    // The runtime of this test has this thread alone.
    let heard = tracing::subscriber::set_default(everything);
    let plain = PlainBus::start(TOKEN).await.unwrap();
    let bus = remote(&plain, door);
    let shown = format!("{bus:?} {:?}", options(&plain, door, TOKEN));
    bus.send(&letter("kasra", "Hello.")).await.unwrap();
    let other = PlainBus::start("another").await.unwrap();
    let unknown = remote(&other, door).whoami().await.unwrap_err();
    let options = options(&other, door, TOKEN);
    drop(other);
    let gone = RemoteBus::new(options).unwrap().whoami().await.unwrap_err();
    drop(heard);
    let told = format!("{shown} {unknown:?} {unknown} {gone:?} {gone}");
    assert!(!told.contains("nobody-may-see"), "{told}");
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("the bus is connected"), "the log is read");
    let with_token = log.lines().find(|line| line.contains("nobody-may-see"));
    assert_eq!(with_token, None);
}
