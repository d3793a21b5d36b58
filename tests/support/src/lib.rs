//! Model providers that are not there: five wires (OpenAI's two, Anthropic's, Gemini's and
//! Ollama's) on real loopback sockets, following a script. Written from the vendors' own pages (each dialect cites them) and
//! from no client, so that a client tested against them is tested against the contract. Requests are
//! checked as strictly as the vendors check them; what the script asks for, faults included, goes
//! over the socket byte for byte, one HTTP chunk for each piece.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use husting_test_support::{Behaviour, Fault, FakeProvider, GatePoint, Script, Wire};
//!
//! let script = Script::debate()
//!     .for_model("slow", Behaviour::answering("Later.").gate("slow", GatePoint::BeforeResponse))
//!     .for_model("broken", Behaviour::debating().fault(Fault::Cut { after_tokens: 5 }));
//! let provider = FakeProvider::start(Wire::OpenAi, script).await?;
//! println!("{}", provider.base_url());
//! provider.until_waiting("slow", 1).await;
//! provider.open("slow");
//! # Ok(())
//! # }
//! ```

mod anthropic;
mod asked;
mod checks;
mod control;
mod debate;
pub mod desktop;
pub mod discord;
mod door;
mod fault;
mod fences;
mod gates;
mod gemini;
pub mod guide;
mod ollama;
mod openai;
mod plain_bus;
mod playback;
mod provider;
mod record;
mod refusal;
mod responses;
mod routes;
pub mod sandbox;
mod script;
mod slices;
mod speech;
mod sse;
mod tokens;
mod wire;

pub use asked::{Asked, Phase, Role, Turn};
pub use debate::{Debate, Dress, Mischief};
pub use fault::{Fault, Junk, RetryAfter};
pub use gates::GatePoint;
pub use plain_bus::{PlainBus, Trouble};
pub use provider::FakeProvider;
pub use record::{Outcome, Recorded, Tally, fingerprint};
pub use script::{Answer, Auth, Behaviour, Calls, GateStop, Options, Pace, Rule, Script};
pub use slices::Slicing;
pub use sse::LineEnd;
pub use tokens::{Usage, estimate};
pub use wire::Wire;
