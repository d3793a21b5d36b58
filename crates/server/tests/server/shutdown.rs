//! The end: what is open closes in order, and nothing new comes in.

use futures::StreamExt;
use reqwest::Method;

use crate::fixture::{PATIENCE, started};

#[tokio::test]
async fn streams_end_and_the_port_is_free_again() {
    let server = started().await;
    let stream = server
        .as_operator(Method::GET, "/console/events")
        .send()
        .await
        .unwrap();
    // A connection that is kept alive must not hold up the end.
    server.request(Method::GET, "/health").send().await.unwrap();
    server.shutdown.cancel();
    tokio::time::timeout(PATIENCE, server.running)
        .await
        .unwrap()
        .unwrap();
    let pieces: Vec<_> = stream.bytes_stream().collect().await;
    assert!(pieces.iter().all(Result::is_ok), "the stream ends in order");
    assert!(std::net::TcpListener::bind(("127.0.0.1", server.port)).is_ok());
}
