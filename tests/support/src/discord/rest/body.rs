//! Bodies: JSON, forms and files:
//! <https://docs.discord.com/developers/reference#uploading-files>.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Multipart, Request},
    http::{HeaderMap, header},
};
use serde_json::{Map, Value};

use super::{Call, routes::Found, text};
use crate::discord::{posts::Upload, refusal::Refusal};

/// Reads a body; what is wrong with it comes with the call it would have been, for the record.
pub(crate) async fn read(
    headers: &HeaderMap,
    bytes: Bytes,
    found: &Found,
    query: Vec<(String, String)>,
) -> Result<Call, (Call, Refusal)> {
    let mut call = Call {
        params: found.params.clone(),
        query,
        fields: Map::new(),
        list: Vec::new(),
        files: Vec::new(),
    };
    if bytes.is_empty() {
        return Ok(call);
    }
    let kind = text(headers, header::CONTENT_TYPE);
    let read = match kind.split(';').next().unwrap_or_default().trim() {
        "application/json" => json(&mut call, &bytes),
        "multipart/form-data" => multipart(&mut call, headers, bytes).await,
        "application/x-www-form-urlencoded" => urlencoded(&mut call, bytes).await,
        _ => Err(content_type()),
    };
    match read {
        Ok(()) => Ok(call),
        Err(refusal) => Err((call, refusal)),
    }
}

fn json(call: &mut Call, bytes: &[u8]) -> Result<(), Refusal> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => call.fields = fields,
        Ok(Value::Array(list)) => call.list = list,
        Ok(_) => {
            let message = "Only dictionaries may be used in a ModelType";
            return Err(Refusal::field(&[], "MODEL_TYPE_CONVERT", message));
        }
        Err(_) => return Err(Refusal::of(50109)),
    }
    Ok(())
}

async fn urlencoded(call: &mut Call, bytes: Bytes) -> Result<(), Refusal> {
    let request = with_type("application/x-www-form-urlencoded", bytes)?;
    let form = axum::Form::<Vec<(String, String)>>::from_request(request, &()).await;
    let axum::Form(pairs) = form.map_err(|_| Refusal::of(50109))?;
    call.fields = pairs
        .into_iter()
        .map(|(name, value)| (name, Value::String(value)))
        .collect();
    Ok(())
}

async fn multipart(call: &mut Call, headers: &HeaderMap, bytes: Bytes) -> Result<(), Refusal> {
    let request = with_type(text(headers, header::CONTENT_TYPE), bytes)?;
    let parts = Multipart::from_request(request, &()).await;
    let mut parts = parts.map_err(|_| content_type())?;
    loop {
        let part = match parts.next_field().await {
            Ok(Some(part)) => part,
            Ok(None) => return Ok(()),
            Err(_) => return Err(content_type()),
        };
        let name = part.name().unwrap_or_default().to_owned();
        let filename = part.file_name().map(str::to_owned);
        let content_type = part.content_type().map(str::to_owned);
        let bytes = part.bytes().await.map_err(|_| self::content_type())?;
        if name == "payload_json" {
            json(call, &bytes)?;
        } else if let Some(number) = number_of(&name) {
            let Some(filename) = filename else {
                return Err(Refusal::of(50046));
            };
            let upload = Upload {
                filename,
                description: None,
                content_type,
                bytes,
            };
            call.files.push((number, upload));
        } else {
            let value = String::from_utf8_lossy(&bytes).into_owned();
            let value = match value.as_str() {
                "true" => true.into(),
                "false" => false.into(),
                _ => value.into(),
            };
            call.fields.insert(name, value);
        }
    }
}

/// The `n` of `files[n]`.
fn number_of(name: &str) -> Option<u64> {
    name.strip_prefix("files[")?.strip_suffix(']')?.parse().ok()
}

fn with_type(kind: &str, bytes: Bytes) -> Result<Request, Refusal> {
    Request::builder()
        .method("POST")
        .header(header::CONTENT_TYPE, kind)
        .body(Body::from(bytes))
        .map_err(|_| content_type())
}

fn content_type() -> Refusal {
    let message = "Expected \"Content-Type\" header to be one of {'application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'}.";
    Refusal::field(&[], "CONTENT_TYPE_INVALID", message)
}
