//! Providers of every kind: vendors known by their name, keys found, servers on this machine, and
//! prompts that begin alike from round to round.

use std::sync::Arc;

use husting_clock::{Clock, SystemClock};
use husting_console::{Caller, Console, DiscordEndpoints, Door, Keys, Setup};
use husting_domain::models::{PriceSource, UnavailableReason};
use husting_domain::money::Price;
use husting_domain::providers::{PRESETS, ProviderKind};
use husting_store::{SqliteStore, Unit, Write};
use husting_test_support::{
    Behaviour, FakeProvider, GatePoint, Outcome, Phase, Recorded, Script, Wire,
};
use husting_wire::commands::{
    AppendToSession, AskForModels, ChangeModel, ConveneSession, FindModels, FindProviders,
    MoveProvider, PutModel, PutProvider, TestProvider,
};
use husting_wire::errors::ErrorCode;
use husting_wire::models::{EditModel, ModelView, RefreshModels};
use husting_wire::providers::{AddProvider, ChangeAddress, ProviderRef, ProviderView};
use husting_wire::sessions::Convene;
use husting_wire::settings::{EditSettings, Nothing};
use serde_json::Value;

use crate::desk::{Desk, hand_clock, id};
use crate::fragile::Break;
use crate::panel::{Houses, KEY, Panel, asking, model_of, next, provider, set_price};

const GATE: &str = "gate";

/// A vendor's name and nothing else.
fn named(name: &str, kind: ProviderKind) -> AddProvider {
    AddProvider {
        base_url: None,
        ..provider(name, kind, "")
    }
}

async fn added(desk: &Desk, asked: AddProvider) -> ProviderView {
    let name = asked.name.clone();
    let list = desk.ask::<PutProvider>(asked).await;
    let mut providers = list.providers.into_iter();
    providers.find(|provider| provider.name == name).unwrap()
}

async fn model(desk: &Desk, name: &str) -> ModelView {
    let list = desk.ask::<FindModels>(Nothing {}).await.models;
    let mut models = list.into_iter();
    models.find(|model| model.id.as_str() == name).unwrap()
}

async fn reason(desk: &Desk, name: &str) -> Option<UnavailableReason> {
    model(desk, name).await.unavailable_reason
}

#[tokio::test]
async fn a_vendors_name_says_where_it_is_called_and_what_it_costs() {
    let desk = Desk::open().await;
    let groq = added(&desk, named("groq", ProviderKind::OpenaiCompatible)).await;
    assert_eq!(groq.base_url, "https://api.groq.com/openai/v1");
    // Under another name, the address still says whose it is.
    let address = "https://api.deepseek.com/";
    let work = provider("work", ProviderKind::OpenaiCompatible, address);
    assert_eq!(
        added(&desk, work).await.base_url,
        "https://api.deepseek.com"
    );
    desk.ask::<PutModel>(model_of("work", "deepseek-chat"))
        .await;
    let priced = model(&desk, "deepseek-chat").await;
    assert_eq!(priced.price_source, Some(PriceSource::Table));

    let gemini = added(&desk, named("gemini", ProviderKind::Gemini)).await;
    assert!(gemini.base_url.ends_with("/v1beta"), "{}", gemini.base_url);
    desk.ask::<PutModel>(model_of("gemini", "gemini-2.5-pro"))
        .await;
    let priced = model(&desk, "gemini-2.5-pro").await;
    assert_eq!(priced.price_source, Some(PriceSource::Table));
}

#[tokio::test]
async fn a_vendor_is_not_added_without_a_key() {
    let desk = Desk::open().await;
    for (name, kind) in [
        ("mistral", ProviderKind::OpenaiCompatible),
        ("gemini", ProviderKind::Gemini),
        ("openai", ProviderKind::Openai),
        ("anthropic", ProviderKind::Anthropic),
    ] {
        let bare = AddProvider {
            key: None,
            ..named(name, kind)
        };
        let refused = desk.refused::<PutProvider>(bare).await;
        assert_eq!(refused.message, format!("{name} needs a key."));
        // By which a door knows that a key is to be asked for, and nothing else is wrong.
        assert_eq!(refused.details.unwrap()["lacks"], "key");
    }
}

#[tokio::test]
async fn a_key_is_one_line_without_spaces_and_no_longer_than_any_vendors() {
    let desk = Desk::open().await;
    let keyed = |key: String| AddProvider {
        key: Some(key),
        ..named("openai", ProviderKind::Openai)
    };
    let longest = "k".repeat(4_096);
    for key in [
        "",
        "  ",
        "two words",
        "two\nlines",
        "schlüssel",
        &format!("{longest}k"),
    ] {
        let refused = desk.refused::<PutProvider>(keyed(key.to_owned())).await;
        assert!(refused.message.contains("at most 4,096"), "{refused}");
    }
    let kept = added(&desk, keyed(format!(" {longest}\n"))).await;
    assert_eq!(kept.key_tail.as_deref(), Some("kkkk"));
}

#[tokio::test]
async fn keys_found_in_the_environment_are_offered_once_for_each_vendor() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let store = SqliteStore::open(home.path(), SystemClock.now())
        .await
        .unwrap();
    let variables = ["GROQ_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "HOME"];
    let setup = Setup {
        home: home.path().to_owned(),
        store: Arc::new(store),
        keys: Keys::in_memory(),
        clock: Arc::new(SystemClock),
        overrides: EditSettings::default(),
        found_keys: variables.map(|name| (name.to_owned(), KEY.into())).to_vec(),
        runs_agents: true,
        bot_locks: home.path().join("bots"),
        surroundings: husting_console::Surroundings::default(),
        discord: DiscordEndpoints::default(),
    };
    let desk = Desk {
        console: Console::open(setup).await.unwrap(),
        caller: Caller::Operator { door: Door::Window },
        home,
    };
    let list = desk.ask::<FindProviders>(Nothing {}).await;
    let offered: Vec<(&str, &str)> = list
        .offers
        .iter()
        .map(|offer| (offer.name.as_str(), offer.found.as_str()))
        .collect();
    assert_eq!(
        offered,
        [("gemini", "GEMINI_API_KEY"), ("groq", "GROQ_API_KEY")]
    );
    let tail = KEY.get(KEY.len() - 4..);
    assert!(
        list.offers
            .iter()
            .all(|offer| offer.key_tail.as_deref() == tail)
    );
    let taken = AddProvider {
        key: None,
        key_from_env: Some("GROQ_API_KEY".to_owned()),
        ..named("groq", ProviderKind::OpenaiCompatible)
    };
    let groq = added(&desk, taken).await;
    assert_eq!(groq.key_tail.as_deref(), tail);
    let list = desk.ask::<FindProviders>(Nothing {}).await;
    assert_eq!(list.offers.len(), 1);
    assert_eq!(list.presets.len(), PRESETS.len());
}

async fn moved(desk: &Desk, name: &str, base_url: &str) -> ProviderView {
    let asked = ChangeAddress {
        name: name.to_owned(),
        base_url: Some(base_url.to_owned()),
    };
    let list = desk.ask::<MoveProvider>(asked).await;
    let mut providers = list.providers.into_iter();
    providers.find(|provider| provider.name == name).unwrap()
}

#[tokio::test]
async fn a_provider_is_called_elsewhere_with_its_key_and_its_models() {
    let panel = Panel::open(Script::debate()).await;
    let by_name = || ProviderRef {
        name: "east".to_owned(),
    };
    panel.ask::<TestProvider>(by_name()).await;
    let elsewhere = FakeProvider::start(Wire::OpenAi, Script::debate())
        .await
        .unwrap();
    let before = panel.ask::<FindProviders>(Nothing {}).await.providers;
    let before = before.into_iter().find(|one| one.name == "east").unwrap();
    assert!(before.last_test.is_some());
    let after = moved(&panel, "east", &format!(" {}/ ", elsewhere.base_url())).await;
    let expected = ProviderView {
        base_url: elsewhere.base_url(),
        last_test: None,
        ..before
    };
    assert_eq!(after, expected);

    let session = panel.convene(&["alpha", "gamma"]).await.session_id;
    assert_eq!(panel.finished(session).await.summary.answered, 2);
    let asked = |house: &FakeProvider| -> Vec<Recorded> {
        let requests = house.requests().into_iter();
        requests.filter(|call| call.model.is_some()).collect()
    };
    assert_eq!(asked(&elsewhere).len(), 4, "two answers and two reactions");
    assert!(asked(&panel.houses.east).is_empty());
}

#[tokio::test]
async fn a_provider_is_only_moved_to_where_it_could_be_added() {
    let desk = Desk::open().await;
    let away = provider("groq", ProviderKind::OpenaiCompatible, "http://127.0.0.1:9");
    added(&desk, away).await;
    let bare = AddProvider {
        key: None,
        ..provider(
            "rack",
            ProviderKind::OpenaiCompatible,
            "http://rack.test/v1",
        )
    };
    added(&desk, bare).await;
    let home = moved(&desk, "groq", "").await;
    assert_eq!(home.base_url, "https://api.groq.com/openai/v1");
    assert!(home.key_tail.is_some());

    for (name, base_url, why) in [
        ("groq", "http://rack.test/v1", "plain http"),
        ("groq", "https://me:pw@rack.test/v1", "no user, password"),
        ("groq", "rack.test/v1", "Write it whole"),
        ("rack", "https://api.groq.com/openai/v1/", "needs a key"),
        ("rack", " ", "needs a base URL"),
    ] {
        let refused = desk
            .refused::<MoveProvider>(ChangeAddress {
                name: name.to_owned(),
                base_url: Some(base_url.to_owned()),
            })
            .await;
        assert_eq!(refused.code, ErrorCode::InvalidRequest, "{name} {base_url}");
        assert!(refused.message.contains(why), "{refused}");
    }
    let nobody = ChangeAddress {
        name: "nobody".to_owned(),
        base_url: None,
    };
    let refused = desk.refused::<MoveProvider>(nobody).await;
    assert_eq!(refused.code, ErrorCode::NotFound);
    let stay = desk.ask::<FindProviders>(Nothing {}).await.providers;
    let addresses: Vec<&str> = stay.iter().map(|one| one.base_url.as_str()).collect();
    assert_eq!(
        addresses,
        ["https://api.groq.com/openai/v1", "http://rack.test/v1"]
    );
}

#[tokio::test]
async fn what_a_test_finds_at_the_old_address_is_not_told_of_the_new_one() {
    let desk = Desk::open().await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let before = format!("http://{}/v1", silent.local_addr().unwrap());
    let rack = provider("rack", ProviderKind::OpenaiCompatible, &before);
    added(&desk, rack).await;
    let name = "rack".to_owned();
    let moving = async {
        let (asked, _) = silent.accept().await.unwrap();
        moved(&desk, "rack", "http://127.0.0.1:9/v1").await;
        // Nobody answers there any more.
        drop((asked, silent));
    };
    let (list, ()) = tokio::join!(desk.ask::<TestProvider>(ProviderRef { name }), moving);
    assert_eq!(list.providers[0].base_url, "http://127.0.0.1:9/v1");
    assert_eq!(list.providers[0].last_test, None);
}

#[tokio::test]
async fn an_address_that_answers_and_is_no_providers_is_told_from_one_where_nobody_answers() {
    let panel = Panel::open(Script::debate()).await;
    let well = panel.houses.east.base_url();
    let mut found = Vec::new();
    for base_url in [&format!("{well}/nowhere"), "http://127.0.0.1:9/v1", &well] {
        assert!(!moved(&panel, "east", base_url).await.misaddressed);
        let name = "east".to_owned();
        let list = panel.ask::<TestProvider>(ProviderRef { name }).await;
        let east = list.providers.into_iter().find(|one| one.name == "east");
        found.push(east.is_some_and(|one| one.misaddressed));
    }
    assert_eq!(found, [true, false, false]);
}

/// What its last test said, as the operator sees it.
async fn last_ok(desk: &Desk, name: &str) -> Option<bool> {
    let list = desk.ask::<FindProviders>(Nothing {}).await.providers;
    let mut providers = list.into_iter().filter(|one| one.name == name);
    Some(providers.next()?.last_test?.ok)
}

#[tokio::test]
async fn a_test_that_failed_is_forgotten_once_its_provider_answers_in_a_round() {
    let panel = Panel::open(Script::debate()).await;
    for house in [&panel.houses.east, &panel.houses.west] {
        house.refuse_connections().await.unwrap();
    }
    for name in ["east", "west"] {
        let name = name.to_owned();
        panel.ask::<TestProvider>(ProviderRef { name }).await;
    }
    panel.houses.east.accept_connections().unwrap();
    let session = panel.convene(&["alpha", "gamma"]).await.session_id;
    assert_eq!(panel.finished(session).await.summary.answered, 2);
    assert_eq!(last_ok(&panel, "east").await, None);
    assert_eq!(
        last_ok(&panel, "west").await,
        Some(false),
        "nobody asked it"
    );

    let name = "east".to_owned();
    panel.ask::<TestProvider>(ProviderRef { name }).await;
    let again = panel.convene(&["alpha", "gamma"]).await.session_id;
    panel.finished(again).await;
    assert_eq!(last_ok(&panel, "east").await, Some(true), "it did not fail");
}

/// Whoever finds a round over finds no provider failing that answered in it: that is noted before the end is kept.
#[tokio::test]
async fn who_answered_is_noted_before_their_round_is_kept_as_over() {
    let (desk, store) = Desk::fragile(Arc::new(SystemClock)).await;
    let panel = Panel::furnished(desk, Houses::open(Script::debate()).await).await;
    panel.houses.east.refuse_connections().await.unwrap();
    let name = "east".to_owned();
    panel.ask::<TestProvider>(ProviderRef { name }).await;
    panel.houses.east.accept_connections().unwrap();
    let ends = |unit: &Unit| {
        let mut writes = unit.writes.iter();
        writes.any(|write| matches!(write, Write::FinishRound { .. }))
    };
    store.weaken(ends, Break::Held, 1);
    let session = panel.convene(&["alpha", "gamma"]).await.session_id;
    store.until_broken(1).await;
    assert_eq!(last_ok(&panel, "east").await, None);
    store.let_go();
    panel.finished(session).await;
}

async fn ollama(script: Script) -> FakeProvider {
    FakeProvider::start(Wire::Ollama, script).await.unwrap()
}

async fn seat_locally(desk: &Desk, house: &FakeProvider, models: &[&str]) {
    let local = AddProvider {
        key: None,
        ..provider("ollama", ProviderKind::Ollama, &house.origin())
    };
    desk.ask::<PutProvider>(local).await;
    for name in models {
        desk.ask::<PutModel>(model_of("ollama", name)).await;
    }
}

#[tokio::test]
async fn what_a_local_server_lacks_is_known_once_it_was_asked_and_not_before() {
    let desk = Desk::open().await;
    let house = ollama(Script::debate().models(["llama:latest", "qwen:7b"])).await;
    seat_locally(&desk, &house, &["llama", "ghost"]).await;
    assert_eq!(reason(&desk, "llama").await, None);
    assert_eq!(reason(&desk, "ghost").await, None, "nobody has asked yet");

    let by_name = || ProviderRef {
        name: "ollama".to_owned(),
    };
    desk.ask::<TestProvider>(by_name()).await;
    assert_eq!(reason(&desk, "llama").await, None);
    let missing = Some(UnavailableReason::NotInstalled);
    assert_eq!(reason(&desk, "ghost").await, missing);

    house.refuse_connections().await.unwrap();
    desk.ask::<TestProvider>(by_name()).await;
    let gone = Some(UnavailableReason::Unreachable);
    assert_eq!(reason(&desk, "llama").await, gone);

    house.accept_connections().unwrap();
    let provider = "ollama".to_owned();
    let offered = desk.ask::<AskForModels>(RefreshModels { provider }).await;
    assert_eq!(offered.offered.len(), 2);
    assert_eq!(reason(&desk, "llama").await, None);
    assert_eq!(reason(&desk, "ghost").await, missing);
}

#[tokio::test]
async fn local_seats_take_turns_while_others_speak() {
    let desk = Desk::open().await;
    desk.limit(20).await;
    let halted = Behaviour::debating().gate(GATE, GatePoint::BeforeToken(1));
    let house = ollama(Script::new(halted)).await;
    seat_locally(&desk, &house, &["llama", "qwen"]).await;
    let vendor = FakeProvider::start(Wire::Responses, Script::debate())
        .await
        .unwrap();
    let openai = provider("openai", ProviderKind::Openai, &vendor.base_url());
    desk.ask::<PutProvider>(openai).await;
    desk.ask::<PutModel>(model_of("openai", "alpha")).await;
    set_price(&desk, "alpha", Price::FREE).await;

    let panel = asking(&["llama", "qwen", "alpha"]);
    let session = desk.ask::<ConveneSession>(panel).await.session_id;
    house.until_waiting(GATE, 1).await;
    desk.until_said(session, "alpha", 1).await;
    assert_eq!(
        house.calls_started(),
        1,
        "one local seat waits for the other"
    );
    house.open(GATE);
    let round = desk.finished(session).await;
    assert_eq!(round.summary.answered, 3);
    let mut calls = house.requests();
    calls.retain(|call| call.outcome == Outcome::Finished);
    assert_eq!(calls.len(), 4, "two answers and two reactions");
    for pair in calls.windows(2) {
        assert!(pair[0].ended_at.unwrap() <= pair[1].at, "two at once");
    }
}

/// Ollama with `llama`, another server beside it with `qwen`, and a vendor with `alpha`.
async fn two_local_servers(desk: &Desk, script: Script) -> [FakeProvider; 3] {
    let houses = [
        FakeProvider::start(Wire::Ollama, script.clone()),
        FakeProvider::start(Wire::OpenAi, script),
        FakeProvider::start(Wire::Responses, Script::debate()),
    ];
    let houses = futures::future::try_join_all(houses).await.unwrap();
    let houses: [FakeProvider; 3] = houses.try_into().ok().unwrap();
    seat_locally(desk, &houses[0], &["llama"]).await;
    for (name, kind, house, model) in [
        ("llamacpp", ProviderKind::OpenaiLocal, &houses[1], "qwen"),
        ("openai", ProviderKind::Openai, &houses[2], "alpha"),
    ] {
        desk.ask::<PutProvider>(provider(name, kind, &house.base_url()))
            .await;
        desk.ask::<PutModel>(model_of(name, model)).await;
    }
    set_price(desk, "alpha", Price::FREE).await;
    houses
}

#[tokio::test]
async fn two_servers_of_one_machine_share_one_queue() {
    let desk = Desk::open().await;
    desk.limit(20).await;
    let halted = Behaviour::debating().gate(GATE, GatePoint::BeforeToken(1));
    let [ollama, beside, _vendor] = two_local_servers(&desk, Script::new(halted)).await;
    let panel = asking(&["llama", "qwen", "alpha"]);
    let session = desk.ask::<ConveneSession>(panel).await.session_id;
    tokio::select! {
        () = ollama.until_waiting(GATE, 1) => {}
        () = beside.until_waiting(GATE, 1) => {}
    }
    desk.until_said(session, "alpha", 1).await;
    assert_eq!(ollama.calls_started() + beside.calls_started(), 1);
    ollama.open(GATE);
    beside.open(GATE);
    assert_eq!(desk.finished(session).await.summary.answered, 3);
    let mut calls = [ollama.requests(), beside.requests()].concat();
    calls.retain(|call| call.outcome == Outcome::Finished);
    calls.sort_by_key(|call| call.at);
    assert_eq!(calls.len(), 4, "two answers and two reactions");
    for pair in calls.windows(2) {
        assert!(pair[0].ended_at.unwrap() <= pair[1].at, "two at once");
    }
}

#[tokio::test]
async fn who_waits_for_a_local_seat_has_its_time_too() {
    let clock = hand_clock();
    let desk = Desk::open_by(Arc::new(clock)).await;
    desk.limit(20).await;
    let halted = Behaviour::debating().gate(GATE, GatePoint::BeforeResponse);
    let _houses = two_local_servers(&desk, Script::new(halted)).await;
    let seconds = async |asked: Convene| {
        let session = desk.ask::<ConveneSession>(asked).await.session_id;
        // Nobody local answers, so that the phase stays.
        let round = desk.round(session).await;
        round.deadline_at.millis_since(round.phase_started_at) / 1_000
    };
    assert_eq!(seconds(asking(&["llama", "alpha"])).await, 600);
    let all = || asking(&["llama", "qwen", "alpha"]);
    assert_eq!(seconds(all()).await, 1_200);
    let limited = Convene {
        deadline_seconds: Some(90),
        ..all()
    };
    assert_eq!(seconds(limited).await, 90, "the session's own comes first");
    for name in ["llama", "qwen"] {
        let own = EditModel {
            id: id(name),
            enabled: None,
            deadline_seconds: Some(300),
        };
        desk.ask::<ChangeModel>(own).await;
    }
    assert_eq!(seconds(all()).await, 300, "then the model's");
}

/// A provider caches what a prompt begins with: the words of the round before must come again byte
/// for byte, before anything new.
#[tokio::test]
async fn the_next_rounds_prompt_begins_with_this_rounds() {
    for wire in Wire::ALL {
        two_rounds_over(wire).await;
    }
}

async fn two_rounds_over(wire: Wire) {
    let desk = Desk::open().await;
    desk.limit(20).await;
    let house = FakeProvider::start(wire, Script::debate()).await.unwrap();
    let (kind, base_url) = match wire {
        Wire::OpenAi => (ProviderKind::OpenaiCompatible, house.base_url()),
        Wire::Responses => (ProviderKind::Openai, house.base_url()),
        Wire::Anthropic => (ProviderKind::Anthropic, house.origin()),
        Wire::Gemini => (ProviderKind::Gemini, house.base_url()),
        Wire::Ollama => (ProviderKind::Ollama, house.origin()),
    };
    desk.ask::<PutProvider>(provider("house", kind, &base_url))
        .await;
    for name in ["alpha", "beta"] {
        desk.ask::<PutModel>(model_of("house", name)).await;
        if kind != ProviderKind::Ollama {
            set_price(&desk, name, Price::FREE).await;
        }
    }
    let session = asking(&["alpha", "beta"]);
    let session = desk.ask::<ConveneSession>(session).await.session_id;
    desk.finished(session).await;
    let more = next(session, "And what does it cost?", Vec::new());
    desk.ask::<AppendToSession>(more).await;
    desk.finished(session).await;

    let calls = house.requests();
    for seat in ["alpha", "beta"] {
        let of_seat = |call: &&Recorded| {
            call.model.as_deref() == Some(seat) && call.phase == Some(Phase::Respond)
        };
        let [first, second] = &calls.iter().filter(of_seat).collect::<Vec<_>>()[..] else {
            panic!("{seat} was asked other than twice");
        };
        let (first, second) = (&first.body, &second.body);
        assert_eq!(standing(first), standing(second));
        let (before, after) = (words(first), words(second));
        assert!(after.len() > before.len());
        assert_eq!(after[..before.len()], before[..], "{seat} over {wire}");
    }
}

/// What stands before the conversation, and what helps to find it again.
fn standing(body: &Value) -> Vec<&Value> {
    let names = [
        "system",
        "instructions",
        "systemInstruction",
        "tools",
        "prompt_cache_key",
    ];
    names.iter().filter_map(|name| body.get(*name)).collect()
}

/// The conversation as bytes, message by message; the marks of what to cache are no words of it.
fn words(body: &Value) -> Vec<String> {
    let names = ["messages", "input", "contents"];
    let list = names.iter().find_map(|name| body[*name].as_array());
    let mut messages = list.unwrap().clone();
    for block in messages
        .iter_mut()
        .filter_map(|message| message["content"].as_array_mut())
        .flatten()
    {
        block.as_object_mut().unwrap().remove("cache_control");
    }
    messages.iter().map(Value::to_string).collect()
}
