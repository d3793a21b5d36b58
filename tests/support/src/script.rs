//! What a fake provider does: rules tried in order, and a behaviour for every request no rule takes.
//! Everything but closures can also be written as JSON.

use std::{collections::HashMap, fmt, sync::Arc};

use serde::Deserialize;

use crate::{
    asked::{Asked, Phase},
    debate::Debate,
    fault::Fault,
    gates::GatePoint,
    slices::Slicing,
    sse::LineEnd,
};

type Condition = Arc<dyn Fn(&Asked) -> bool + Send + Sync>;
type Words = Arc<dyn Fn(&Asked) -> String + Send + Sync>;

/// A provider's part.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    /// Which keys are let in.
    pub auth: Auth,
    /// The models listed and served; where empty, any model is served and `fake-model` listed.
    pub models: Vec<String>,
    /// Start with the port shut, so that connections are refused.
    pub refuse_connections: bool,
    /// Tried in order; the first that takes a request decides.
    pub rules: Vec<Rule>,
    /// For every other request.
    pub otherwise: Behaviour,
}

/// Which keys a provider lets in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// Any key, but one there must be.
    #[default]
    AnyKey,
    /// This key alone.
    Key(String),
    /// No key needed, as with a local server.
    Open,
}

/// A behaviour and the requests it is for: those that meet every condition given.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// The model's id.
    pub model: Option<String>,
    /// Respond or react.
    pub phase: Option<Phase>,
    /// Words the prompt must hold somewhere.
    pub says: Option<String>,
    /// Any other condition.
    #[serde(skip)]
    pub when: Option<Condition>,
    /// Which of a model's requests that meet the conditions above.
    pub calls: Option<Calls>,
    /// What then happens.
    pub behaviour: Behaviour,
}

/// A range of calls, counted from 1 for each model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calls {
    /// The first.
    pub from: u32,
    /// The last; `None` is every later one.
    #[serde(default)]
    pub to: Option<u32>,
}

/// What happens to one request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// The text.
    pub answer: Answer,
    /// How fast it comes.
    pub pace: Pace,
    /// Where it waits for the test.
    pub gates: Vec<GateStop>,
    /// What goes wrong.
    pub fault: Option<Fault>,
    /// How it looks on the wire.
    pub options: Options,
}

/// Where an answer's text comes from.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// These words.
    Text(String),
    /// What a panelist makes of the prompt.
    Debate(Debate),
    /// Whatever the closure makes of the request.
    #[serde(skip)]
    Words(Words),
}

/// A gate and its place in the call. `{model}` in its name stands for the model's id.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateStop {
    /// The gate's name.
    pub name: String,
    /// Its place.
    pub at: GatePoint,
}

/// Time, for demos and benches; a test that needs an order uses gates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pace {
    /// Milliseconds before the first byte of the response.
    pub first_byte_ms: u64,
    /// Pieces of text a second; at once where absent.
    pub tokens_per_second: Option<u32>,
}

/// How an answer looks on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Line ends of the event stream.
    pub line_end: LineEnd,
    /// Where the stream is cut into pieces for the socket.
    pub slicing: Slicing,
    /// Sizes in bytes of the pieces of text, used in turn; 4 where empty.
    pub token_sizes: Vec<usize>,
    /// A ping at the beginning and after every so many pieces of text.
    pub pings_every: Option<u32>,
    /// OpenAI's wires: the comment that is the ping.
    pub ping_comment: String,
    /// Reasoning that comes before the text.
    pub reasoning: String,
    /// OpenAI wire: the member that carries it, `reasoning_content` (DeepSeek) or `reasoning` (OpenRouter).
    pub reasoning_field: String,
    /// Report no usage, asked for or not.
    pub omit_usage: bool,
    /// Leave out `[DONE]` or `message_stop`, after a proper finish reason; the other wires have no
    /// such mark.
    pub omit_done: bool,
    /// Tokens of the prompt reported as read from the cache.
    pub cached_tokens: u64,
    /// Anthropic wire: tokens of the prompt reported as written to the cache.
    pub cache_write_tokens: u64,
    /// Report this many output tokens instead of those sent.
    pub output_tokens: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            line_end: LineEnd::Lf,
            slicing: Slicing::Events,
            token_sizes: Vec::new(),
            pings_every: None,
            ping_comment: "OPENROUTER PROCESSING".to_owned(),
            reasoning: String::new(),
            reasoning_field: "reasoning_content".to_owned(),
            omit_usage: false,
            omit_done: false,
            cached_tokens: 0,
            cache_write_tokens: 0,
            output_tokens: None,
        }
    }
}

impl Script {
    /// Answers every request with these words.
    pub fn answering(text: impl Into<String>) -> Self {
        Script::new(Behaviour::answering(text))
    }

    /// Answers every request as a panelist would.
    pub fn debate() -> Self {
        Script::new(Behaviour::debating())
    }

    /// Treats every request alike.
    pub fn new(otherwise: Behaviour) -> Self {
        Script {
            otherwise,
            ..Script::default()
        }
    }

    /// Adds a rule, after those that are there.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Adds a rule for every call of one model.
    pub fn for_model(self, model: impl Into<String>, behaviour: Behaviour) -> Self {
        self.rule(Rule {
            model: Some(model.into()),
            behaviour,
            ..Rule::default()
        })
    }

    /// Adds a rule for one model in one phase.
    pub fn for_phase(self, model: impl Into<String>, phase: Phase, behaviour: Behaviour) -> Self {
        self.rule(Rule {
            model: Some(model.into()),
            phase: Some(phase),
            behaviour,
            ..Rule::default()
        })
    }

    /// Lists and serves these models only.
    pub fn models<T: Into<String>>(mut self, models: impl IntoIterator<Item = T>) -> Self {
        self.models = models.into_iter().map(Into::into).collect();
        self
    }

    /// Lets this key in and no other.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.auth = Auth::Key(key.into());
        self
    }

    /// Gives every behaviour without a pace of its own this many pieces of text a second.
    pub fn paced(mut self, tokens_per_second: u32) -> Self {
        let behaviours = self
            .rules
            .iter_mut()
            .map(|rule| &mut rule.behaviour)
            .chain([&mut self.otherwise]);
        for behaviour in behaviours {
            behaviour
                .pace
                .tokens_per_second
                .get_or_insert(tokens_per_second);
        }
        self
    }

    pub(crate) fn listed(&self) -> Vec<String> {
        if self.models.is_empty() {
            vec!["fake-model".to_owned()]
        } else {
            self.models.clone()
        }
    }

    pub(crate) fn serves(&self, model: &str) -> bool {
        self.models.is_empty() || self.models.iter().any(|known| known == model)
    }
}

impl Rule {
    fn meets(&self, asked: &Asked) -> bool {
        self.model
            .as_deref()
            .is_none_or(|model| model == asked.model())
            && self.phase.is_none_or(|phase| phase == asked.phase)
            && self.says.as_deref().is_none_or(|words| asked.says(words))
            && self.when.as_ref().is_none_or(|when| when(asked))
    }
}

impl Calls {
    /// The n-th call alone.
    pub fn only(n: u32) -> Self {
        Calls {
            from: n,
            to: Some(n),
        }
    }

    fn hold(&self, n: u32) -> bool {
        n >= self.from && self.to.is_none_or(|to| n <= to)
    }
}

impl Behaviour {
    /// Answers with these words.
    pub fn answering(text: impl Into<String>) -> Self {
        Behaviour {
            answer: Answer::Text(text.into()),
            ..Behaviour::default()
        }
    }

    /// Answers as a panelist would.
    pub fn debating() -> Self {
        Behaviour::debating_as(Debate::default())
    }

    /// Answers as such a panelist would.
    pub fn debating_as(debate: Debate) -> Self {
        Behaviour {
            answer: Answer::Debate(debate),
            ..Behaviour::default()
        }
    }

    /// Answers with what the closure makes of the request.
    pub fn with_words(words: impl Fn(&Asked) -> String + Send + Sync + 'static) -> Self {
        Behaviour {
            answer: Answer::Words(Arc::new(words)),
            ..Behaviour::default()
        }
    }

    /// Goes wrong in this way.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Waits at a gate, once at each place.
    pub fn gate(mut self, name: impl Into<String>, at: GatePoint) -> Self {
        self.gates.push(GateStop {
            name: name.into(),
            at,
        });
        self
    }

    /// Looks like this on the wire.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Sends so many pieces of text a second.
    pub fn tokens_per_second(mut self, rate: u32) -> Self {
        self.pace.tokens_per_second = Some(rate);
        self
    }
}

impl Answer {
    pub(crate) fn words(&self, asked: &Asked) -> String {
        match self {
            Answer::Text(text) => text.clone(),
            Answer::Debate(debate) => debate.words(asked),
            Answer::Words(words) => words(asked),
        }
    }
}

impl Default for Answer {
    fn default() -> Self {
        Answer::Text("This is the answer of a fake provider.".to_owned())
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Text(text) => f.debug_tuple("Text").field(text).finish(),
            Answer::Debate(debate) => f.debug_tuple("Debate").field(debate).finish(),
            Answer::Words(_) => f.write_str("Words(…)"),
        }
    }
}

/// Which call is whose: the script and the counts its rules go by.
#[derive(Default)]
pub(crate) struct Casting {
    script: Script,
    /// Calls by model, over all scripts.
    calls: HashMap<String, u32>,
    /// Calls that met a rule's conditions, by rule and model.
    met: HashMap<(usize, String), u32>,
    /// Calls a rule's fault has struck, by rule and model.
    struck: HashMap<(usize, String), u32>,
}

impl Casting {
    pub(crate) fn new(script: Script) -> Self {
        Casting {
            script,
            ..Casting::default()
        }
    }

    pub(crate) fn script(&self) -> &Script {
        &self.script
    }

    /// Puts another script on; calls it counts start anew, those of a model go on.
    pub(crate) fn swap(&mut self, script: Script) {
        let calls = std::mem::take(&mut self.calls);
        *self = Casting {
            calls,
            ..Casting::new(script)
        };
    }

    pub(crate) fn number(&mut self, model: &str) -> u32 {
        count(&mut self.calls, model.to_owned())
    }

    /// What shall happen to this request; a fault that has struck often enough is left out.
    pub(crate) fn choose(&mut self, asked: &Asked) -> Behaviour {
        let (index, mut behaviour) = self.find(asked);
        let key = (index, asked.model().to_owned());
        if let Some(times) = behaviour.fault.as_ref().and_then(Fault::times)
            && count(&mut self.struck, key) > times
        {
            behaviour.fault = None;
        }
        behaviour
    }

    fn find(&mut self, asked: &Asked) -> (usize, Behaviour) {
        for (index, rule) in self.script.rules.iter().enumerate() {
            if !rule.meets(asked) {
                continue;
            }
            let nth = count(&mut self.met, (index, asked.model().to_owned()));
            if rule.calls.is_none_or(|calls| calls.hold(nth)) {
                return (index, rule.behaviour.clone());
            }
        }
        (self.script.rules.len(), self.script.otherwise.clone())
    }
}

fn count<K: Eq + std::hash::Hash>(counts: &mut HashMap<K, u32>, key: K) -> u32 {
    let count = counts.entry(key).or_default();
    *count += 1;
    *count
}
