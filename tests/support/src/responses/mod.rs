//! OpenAI's newer wire, after these pages; keys, headers, models and errors are those of its older
//! one, in [`crate::openai`]:
//!
//! - "Create a model response" and "Streaming events":
//!   <https://platform.openai.com/docs/api-reference/responses/create>,
//!   <https://platform.openai.com/docs/api-reference/responses-streaming>
//! - "Structured model outputs": <https://platform.openai.com/docs/guides/structured-outputs>
//! - "Prompt caching": <https://platform.openai.com/docs/guides/prompt-caching>
//! - "Reasoning models": <https://platform.openai.com/docs/guides/reasoning>

mod events;
mod request;

pub(crate) use events::Events;
pub(crate) use request::read;
