//! Bodies that are no stream, read no further than anybody needs them.

/// Bytes read of an error's body.
const LONGEST_ERROR: usize = 64 * 1_024;

/// The beginning of an error's body: what could be read before the connection broke has to do.
pub(crate) async fn beginning(mut response: reqwest::Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() >= LONGEST_ERROR {
            break;
        }
    }
    body
}

/// The whole body; `None` when it is longer than `most` bytes.
pub(crate) async fn whole(
    mut response: reqwest::Response,
    most: usize,
) -> reqwest::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > most {
            return Ok(None);
        }
    }
    Ok(Some(body))
}
