//! Between the domain's values and the columns of a row.

use husting_domain::addressees::Addressee;
use husting_domain::agents::Name;
use husting_domain::discord::{RequestId, Snowflake};
use husting_domain::ids::{
    AgentId, CallId, DenialId, HoldId, KeyId, MessageId, NoteId, RoundId, RunId, SessionId,
    TenantId, TokenId, TransactionId,
};
use husting_domain::keys::Principal;
use husting_domain::models::ModelId;
use husting_domain::money::{MicroUsd, Usage};
use husting_domain::recaps::{RecapStatus, Summary};
use husting_domain::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row, Sqlite, Type};
use std::sync::Arc;
use uuid::Uuid;

use super::words::Word;
use crate::errors::{Cause, StoreError};

/// A column that holds what its type cannot be.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a value of this column")]
struct OddValue(String);

/// Reads a row's columns by name into the domain's types.
pub struct Columns<'r>(pub &'r SqliteRow);

impl<'r> Columns<'r> {
    /// A column of a type that the engine knows.
    pub fn get<T: Decode<'r, Sqlite> + Type<Sqlite>>(
        &self,
        name: &'static str,
    ) -> Result<T, StoreError> {
        self.0
            .try_get(name)
            .map_err(|error| unreadable(name, error))
    }

    /// A 16-byte id.
    pub fn id<T: From16>(&self, name: &'static str) -> Result<T, StoreError> {
        self.get(name).map(T::from_uuid)
    }

    /// A 16-byte id or null.
    pub fn id_if<T: From16>(&self, name: &'static str) -> Result<Option<T>, StoreError> {
        Ok(self.get::<Option<Uuid>>(name)?.map(T::from_uuid))
    }

    /// An id of Discord's.
    pub fn snowflake(&self, name: &'static str) -> Result<Snowflake, StoreError> {
        Snowflake::new(self.number(name)?).map_err(|error| unreadable(name, error))
    }

    /// An id of Discord's or null.
    pub fn snowflake_if(&self, name: &'static str) -> Result<Option<Snowflake>, StoreError> {
        let id: Option<u64> = self.number_if(name)?;
        id.map(Snowflake::new)
            .transpose()
            .map_err(|error| unreadable(name, error))
    }

    /// A tenant's id.
    pub fn tenant(&self) -> Result<TenantId, StoreError> {
        let text: String = self.get("tenant_id")?;
        TenantId::parse(&text).ok_or_else(|| unreadable("tenant_id", OddValue(text)))
    }

    /// A model's id.
    pub fn model(&self, name: &'static str) -> Result<ModelId, StoreError> {
        let text: String = self.get(name)?;
        ModelId::parse(&text).ok_or_else(|| unreadable(name, OddValue(text)))
    }

    /// What an agent or a squad is called.
    pub fn name(&self, name: &'static str) -> Result<Name, StoreError> {
        Name::parse(self.get(name)?).map_err(|error| unreadable(name, error))
    }

    /// A name or null.
    pub fn name_if(&self, name: &'static str) -> Result<Option<Name>, StoreError> {
        let text: Option<&str> = self.get(name)?;
        text.map(Name::parse)
            .transpose()
            .map_err(|error| unreadable(name, error))
    }

    /// Whom a call was for, or null.
    pub fn addressee_if(&self, name: &'static str) -> Result<Option<Addressee>, StoreError> {
        let text: Option<String> = self.get(name)?;
        text.map(|text| Addressee::parse(&text).ok_or_else(|| unreadable(name, OddValue(text))))
            .transpose()
    }

    /// An enum.
    pub fn word<T: Word>(&self, name: &'static str) -> Result<T, StoreError> {
        let text: String = self.get(name)?;
        T::of_stored(&text).ok_or_else(|| unreadable(name, OddValue(text)))
    }

    /// An enum or null.
    pub fn word_if<T: Word>(&self, name: &'static str) -> Result<Option<T>, StoreError> {
        let text: Option<String> = self.get(name)?;
        text.map(|text| T::of_stored(&text).ok_or_else(|| unreadable(name, OddValue(text))))
            .transpose()
    }

    /// A JSON column.
    pub fn json<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, StoreError> {
        serde_json::from_str(self.get(name)?).map_err(|error| unreadable(name, error))
    }

    /// A JSON column or null.
    pub fn json_if<T: DeserializeOwned>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let text: Option<&str> = self.get(name)?;
        text.map(serde_json::from_str)
            .transpose()
            .map_err(|error| unreadable(name, error))
    }

    /// Whoever asked.
    pub fn principal(&self, name: &'static str) -> Result<Principal, StoreError> {
        let text: String = self.get(name)?;
        text.parse().map_err(|error| unreadable(name, error))
    }

    /// 32 bytes of SHA-256.
    pub fn digest(&self, name: &'static str) -> Result<[u8; 32], StoreError> {
        let bytes: Vec<u8> = self.get(name)?;
        <[u8; 32]>::try_from(bytes)
            .map_err(|bytes| unreadable(name, OddValue(format!("{} bytes", bytes.len()))))
    }

    /// 32 bytes of SHA-256 or null.
    pub fn digest_if(&self, name: &'static str) -> Result<Option<[u8; 32]>, StoreError> {
        if self.get::<Option<&[u8]>>(name)?.is_none() {
            return Ok(None);
        }
        self.digest(name).map(Some)
    }

    /// A recap or a synthesis; without a text before the first was asked for.
    pub fn summary<T: DeserializeOwned>(
        &self,
        name: &'static str,
    ) -> Result<Summary<T>, StoreError> {
        let text: Option<&str> = self.get(name)?;
        let Some(text) = text else {
            return Ok(Summary {
                status: RecapStatus::None,
                text: None,
                model: None,
                failure: None,
                failed: Vec::new(),
            });
        };
        serde_json::from_str(text).map_err(|error| unreadable(name, error))
    }

    /// A moment.
    pub fn time(&self, name: &'static str) -> Result<Timestamp, StoreError> {
        self.get(name).map(Timestamp::from_micros)
    }

    /// A moment or null.
    pub fn time_if(&self, name: &'static str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.get::<Option<i64>>(name)?.map(Timestamp::from_micros))
    }

    /// An amount.
    pub fn money(&self, name: &'static str) -> Result<MicroUsd, StoreError> {
        self.get(name).map(MicroUsd)
    }

    /// An amount or null.
    pub fn money_if(&self, name: &'static str) -> Result<Option<MicroUsd>, StoreError> {
        Ok(self.get::<Option<i64>>(name)?.map(MicroUsd))
    }

    /// A number that fits a narrower or unsigned type.
    pub fn number<T: TryFrom<i64>>(&self, name: &'static str) -> Result<T, StoreError> {
        let number: i64 = self.get(name)?;
        T::try_from(number).map_err(|_| unreadable(name, OddValue(number.to_string())))
    }

    /// A number or null.
    pub fn number_if<T: TryFrom<i64>>(&self, name: &'static str) -> Result<Option<T>, StoreError> {
        if self.get::<Option<i64>>(name)?.is_none() {
            return Ok(None);
        }
        self.number(name).map(Some)
    }

    /// The five columns of a call's tokens.
    pub fn usage(&self) -> Result<Usage, StoreError> {
        Ok(Usage {
            input: self.number("input")?,
            cache_read: self.number("cache_read")?,
            cache_write: self.number("cache_write")?,
            output: self.number("output")?,
            estimated: self.get("estimated")?,
        })
    }
}

/// A model's id from its text.
pub fn model_of(text: &str) -> Result<ModelId, StoreError> {
    ModelId::parse(text).ok_or_else(|| unreadable("model", OddValue(text.to_owned())))
}

/// An enum from its stored word.
pub fn word_of<T: Word>(text: &str) -> Result<T, StoreError> {
    T::of_stored(text).ok_or_else(|| unreadable("a call's words", OddValue(text.to_owned())))
}

/// An id over 16 bytes.
pub trait From16 {
    /// Wraps them.
    fn from_uuid(uuid: Uuid) -> Self;
}

macro_rules! ids {
    ($($name:ident),+) => {$(impl From16 for $name { fn from_uuid(uuid: Uuid) -> Self { Self(uuid) } })+};
}

ids!(
    SessionId,
    RoundId,
    CallId,
    HoldId,
    TransactionId,
    KeyId,
    AgentId,
    TokenId,
    MessageId,
    RunId,
    DenialId,
    NoteId,
    RequestId
);

pub fn unreadable(
    what: &'static str,
    error: impl std::error::Error + Send + Sync + 'static,
) -> StoreError {
    StoreError::Unreadable {
        what,
        source: Arc::new(error) as Cause,
    }
}

/// The JSON text of a value.
pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Failed {
        doing: "encoding a value",
        source: Arc::new(error),
    })
}

/// An unsigned number as the engine stores it; no figure here comes near the end of the range.
pub fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Ids as a JSON array of hexadecimal words, for `unhex` over `json_each`.
pub fn hex_list(ids: impl IntoIterator<Item = Uuid>) -> String {
    let words: Vec<String> = ids
        .into_iter()
        .map(|id| format!("\"{}\"", id.simple()))
        .collect();
    format!("[{}]", words.join(","))
}

/// Bytes as the engine's `hex` writes them, in lower case.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

/// The words of a search in lower case, as a JSON array.
pub fn search_words(query: Option<&str>) -> Result<String, StoreError> {
    let words: Vec<String> = query
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_lowercase)
        .collect();
    json(&words)
}

/// The status and the JSON of a recap or a synthesis; no JSON before the first was asked for.
pub fn stored_summary<T: Serialize>(
    summary: &Summary<T>,
) -> Result<(&'static str, Option<String>), StoreError> {
    let text = match summary.status {
        RecapStatus::None => None,
        RecapStatus::Pending | RecapStatus::Complete | RecapStatus::Failed => Some(json(summary)?),
    };
    Ok((summary.status.stored(), text))
}
