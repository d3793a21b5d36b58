//! A panel in one message: its seats while it works, then its claims in brief.

use husting_domain::discord_panels::{BEHIND, DiscordPanel, PanelStage, Steering};
use husting_domain::snippets::SnippetType;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{BrokenOff, PanelClaim, PanelLack, PanelPhase, PanelState, number, shown};
use crate::interactions::{Button, Verb, cut, named, plain_message, quoted};

/// Most of a message, in UTF-16 code units, with room for what follows the claims.
const MOST: usize = 1_200;
/// Most of the line that says whom a round went without.
const MOST_LACKS: usize = 400;
/// Most of one quote.
const QUOTE: usize = 300;
/// Most of a quote that is named on one line with others.
const NAMED_QUOTE: usize = 60;
/// Says what the buttons are for to whoever takes the thread for a place in which to write to the panel.
const ONLY_BUTTONS: &str =
    "\nThe buttons steer the next round; what is written here does not reach the panel.";

/// How the fault of a panel begins whose message Discord lets nobody change.
pub const UNCHANGED: &str = "Its message in Discord cannot be changed:";

/// Whether a fault is of the message itself, which shows something else than it should: it is for the operator alone.
#[must_use]
pub fn is_of_message(fault: &str) -> bool {
    fault == BEHIND || fault.starts_with(UNCHANGED)
}

/// The message's first line, which never changes: by it the message is found again.
#[must_use]
pub fn heading(panel: &DiscordPanel) -> String {
    let question = panel.question.replace('\n', " ");
    format!("**Panel**: {}", cut(&question, 150))
}

/// The whole message as it is posted or put in the place of the one before. Nobody is notified by it.
#[must_use]
pub fn brief(panel: &DiscordPanel, state: Option<&PanelState>) -> Value {
    let mut text = heading(panel);
    match state {
        None if panel.stage == PanelStage::Refused => text.push_str("\nNo panel was convened."),
        // Its session was deleted: the fault below says so.
        None if panel.stage == PanelStage::Ended => {}
        None => text.push_str("\nIt is being convened."),
        Some(state) => {
            text.push_str(&standing(panel, state));
            // What is about to begin lacks nobody yet.
            if panel.stage != PanelStage::Advancing && !state.lacks.is_empty() {
                text.push_str(&lacks(state));
            }
            // While a round runs, its seats are what is new.
            if panel.stage == PanelStage::Running {
                text.push_str(&seats(state));
            } else if !is_unasked(panel, state) {
                if state.claims_of != round(panel, state) && !state.claims.is_empty() {
                    text.push_str(&format!("\nClaims of round {}", state.claims_of));
                }
                add_claims(&mut text, state);
            }
        }
    }
    if let Some(why) = panel.fault.as_deref().filter(|why| !is_of_message(why)) {
        text.push_str(&format!("\n⚠️ {}", cut(why, 400)));
        text.push_str(way_on(panel, state));
    }
    text.push_str(&steering(panel, state));
    let mut message = plain_message(&text);
    message["components"] = buttons(panel, state);
    message
}

/// By what it is known again how the message of a panel at rest shows its session. What people say of its claims, and a next
/// round that was refused, are shown besides.
#[must_use]
pub fn mark(panel: &DiscordPanel, state: &PanelState) -> u32 {
    let rests = DiscordPanel {
        stage: PanelStage::Resting,
        fault: state.fault.clone(),
        steering: Vec::new(),
        ..panel.clone()
    };
    let mut digest = Sha256::new();
    digest.update(brief(&rests, Some(state)).to_string());
    number(digest)
}

/// Whether a round runs that nobody in Discord began.
fn runs_elsewhere(panel: &DiscordPanel, state: &PanelState) -> bool {
    panel.stage == PanelStage::Resting && state.is_at_work()
}

/// Whether it would be wrong to say that nobody took a stand: nobody was asked to.
fn is_unasked(panel: &DiscordPanel, state: &PanelState) -> bool {
    (state.phase == PanelPhase::Failed && state.claims.is_empty())
        || (runs_elsewhere(panel, state) && state.claims.is_empty())
}

fn standing(panel: &DiscordPanel, state: &PanelState) -> String {
    if runs_elsewhere(panel, state) {
        // Its seats and its cost change all the time; this stays until it is over.
        return format!("\nRound {}: runs in Husting\n", state.round);
    }
    let doing = match (panel.stage, state.phase) {
        (PanelStage::Advancing, _) => "about to begin",
        (_, PanelPhase::Respond) => "the seats answer",
        (_, PanelPhase::React) => "they react to each other",
        (_, PanelPhase::Map) => "the claim map is drawn",
        (_, PanelPhase::Complete) if state.broken_off == Some(BrokenOff::Interrupted) => {
            "over, interrupted"
        }
        (_, PanelPhase::Complete) if !state.lacks.is_empty() => "over, incomplete",
        (_, PanelPhase::Complete) => "over",
        (_, PanelPhase::Failed) => match state.broken_off {
            Some(BrokenOff::Interrupted) => "interrupted",
            Some(BrokenOff::Cancelled) => "cancelled",
            None => "failed",
        },
    };
    let round = round(panel, state);
    // It is the session's.
    let so_far = if state.round > 1 { " so far" } else { "" };
    format!("\nRound {round}: {doing} · {}{so_far}\n", state.cost)
}

/// The round that is shown. Rounds may also be begun in the app.
fn round(panel: &DiscordPanel, state: &PanelState) -> u32 {
    match panel.stage {
        PanelStage::Advancing => panel.round,
        _ => state.round,
    }
}

/// What can be done about a round that came to nothing. What is wrong besides, such as a next round that was refused, says
/// so itself.
fn way_on(panel: &DiscordPanel, state: Option<&PanelState>) -> &'static str {
    let has_failed =
        |state: &&PanelState| state.phase == PanelPhase::Failed && state.fault == panel.fault;
    match (state.filter(has_failed), panel.stage) {
        (Some(state), PanelStage::Resting) if state.came_to_nothing() => {
            "\n`/deliberate` asks anew. The operator can also have the round tried again in Husting; what comes of \
             that is shown here."
        }
        (Some(_), PanelStage::Resting) => "\n**Next round** goes on from here.",
        _ => "",
    }
}

fn seats(state: &PanelState) -> String {
    let line = |seat: &super::PanelSeat| {
        let (name, standing) = (named(&seat.name), &seat.standing);
        format!("\n- {name}: {standing}, {} tokens", seat.tokens)
    };
    state.seats.iter().map(line).collect()
}

/// Whom a round went without, and why. Names there is no room for are counted.
fn lacks(state: &PanelState) -> String {
    let (lacking, of) = (state.lacks.len(), state.seats.len());
    let because = state.lacks_because.iter().map(|why| format!(" {why}"));
    let because = cut(&because.collect::<String>(), MOST_LACKS / 4);
    let mut text = format!("⚠️ {lacking} of {of} seats are incomplete: ");
    for (at, PanelLack { name, what }) in state.lacks.iter().enumerate() {
        let between = if at == 0 { "" } else { ", " };
        let lack = format!("{between}{} {what}", named(name));
        // Room for the last words, too.
        if at > 0 && units(&text) + units(&lack) + units(&because) > MOST_LACKS - 20 {
            text.push_str(&format!(" and {} more", lacking - at));
            break;
        }
        text.push_str(&lack);
    }
    format!("{text}.{because}\n")
}

/// As many as there is room for, in their order; what is left out is counted.
fn add_claims(text: &mut String, state: &PanelState) {
    let claims = &state.claims;
    for (at, claim) in claims.iter().enumerate() {
        let claim = claim_lines(claim);
        if units(text) + units(&claim) > MOST {
            let rest = claims.len() - at;
            text.push_str(&format!("\n{rest} more in Husting."));
            return;
        }
        text.push_str(&claim);
    }
    if claims.is_empty() {
        let why = state.no_claims_because.as_deref();
        let why = why.unwrap_or("Nobody took a stand on anybody's words.");
        text.push_str(&format!("\n{}", cut(why, QUOTE)));
    }
}

/// The words exactly as they were said, as far as they are shown; each line is quoted.
fn claim_lines(claim: &PanelClaim) -> String {
    let mark = if claim.is_contested {
        " · contested"
    } else {
        ""
    };
    let quote = cut(&claim.quote, QUOTE);
    let quote: Vec<String> = quote.lines().map(|line| format!("> {line}")).collect();
    let stances: Vec<String> = claim
        .stances
        .iter()
        .map(|(who, stance)| format!("{} {}", named(who), stance.word()))
        .collect();
    format!(
        "\n**{}** {}{mark}\n{}\n{}",
        claim.key,
        named(&claim.by),
        quote.join("\n"),
        cut(&stances.join(", "), 200)
    )
}

fn steering(panel: &DiscordPanel, state: Option<&PanelState>) -> String {
    // A round that runs has it.
    if panel.stage == PanelStage::Running {
        return String::new();
    }
    if panel.steering.is_empty() {
        // Whatever else is written there is answered by an agent, or by nobody.
        let can_be_said = |state: &PanelState| {
            can_be_steered(panel, state) && !state.claims.is_empty() && panel.fault.is_none()
        };
        return if state.is_some_and(can_be_said) {
            ONLY_BUTTONS
        } else {
            ""
        }
        .to_owned();
    }
    let said = panel.steering.iter().map(|each| {
        let verb = match each.steering.kind {
            SnippetType::Challenge => "challenges",
            _ => "keeps",
        };
        let claim = claim_meant(&each.steering, state);
        format!("{} {verb} {claim}", named(&each.by.name))
    });
    let said: Vec<String> = said.collect();
    format!("\nFor the next round: {}", cut(&said.join(", "), 300))
}

/// The claim's number among those that are shown, which may have other numbers than when it was named; its words, where
/// it is not among them.
fn claim_meant(said: &Steering, state: Option<&PanelState>) -> String {
    // Of what was kept without its words, whatever has the number goes with the round.
    let Some(meant) = &said.quoted else {
        return said.claim.clone();
    };
    let mut claims = state.iter().flat_map(|state| &state.claims);
    let found = claims.find(|claim| claim.quote == meant.quote && claim.model == meant.model);
    match found {
        Some(claim) => claim.key.clone(),
        None => format!("“{}”", quoted(&meant.quote, NAMED_QUOTE)),
    }
}

fn can_be_steered(panel: &DiscordPanel, state: &PanelState) -> bool {
    panel.stage == PanelStage::Resting && !state.is_at_work() && !state.came_to_nothing()
}

/// None while a round runs, nor of a panel whose first round came to nothing.
fn buttons(panel: &DiscordPanel, state: Option<&PanelState>) -> Value {
    let Some(state) = state.filter(|state| can_be_steered(panel, state)) else {
        return json!([]);
    };
    let has_claims = !state.claims.is_empty();
    let verbs = Verb::ALL.into_iter();
    let verbs = verbs.filter(|verb| *verb != Verb::TakeBack || !panel.steering.is_empty());
    let shown = verbs.map(|verb| {
        let (label, style) = match verb {
            Verb::Challenge => ("Challenge", 2),
            Verb::Keep => ("Keep", 2),
            Verb::TakeBack => ("Take back", 2),
            Verb::Next => ("Next round", 1),
        };
        let button = Button {
            verb,
            panel: panel.id,
            round: panel.round,
            claims: Some(shown(&state.claims)),
        };
        json!({
            "type": 2, "style": style, "label": label, "custom_id": button.to_string(),
            "disabled": matches!(verb, Verb::Challenge | Verb::Keep) && !has_claims,
        })
    });
    let shown: Vec<Value> = shown.collect();
    json!([{ "type": 1, "components": shown }])
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use husting_domain::discord::{Author, Place, Snowflake};
    use husting_domain::discord_panels::{KeptSteering, Quoted, Steering};
    use husting_domain::models::ModelId;
    use husting_domain::money::MicroUsd;
    use husting_domain::time::Timestamp;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::panels::PanelSeat;

    fn id(n: u64) -> Snowflake {
        Snowflake::new(n).unwrap()
    }

    fn panel(stage: PanelStage) -> DiscordPanel {
        let by = Author {
            id: id(400),
            name: "Ana".to_owned(),
        };
        let place = Place {
            guild: Some(id(200)),
            channel: id(300),
            thread: None,
        };
        let (asked, question) = ((Uuid::from_u128(1), id(20)), "Which plan?\nNow?".to_owned());
        DiscordPanel {
            stage,
            ..DiscordPanel::asked(
                asked,
                id(10),
                place,
                by,
                question,
                Timestamp::from_micros(0),
            )
        }
    }

    fn claim(key: &str, quote: &str, is_contested: bool) -> PanelClaim {
        PanelClaim {
            key: key.to_owned(),
            quote: quote.to_owned(),
            by: "Alpha".to_owned(),
            model: ModelId::parse("alpha").unwrap(),
            stances: vec![("Beta".to_owned(), SnippetType::Challenge)],
            is_contested,
        }
    }

    fn state(claims: Vec<PanelClaim>) -> PanelState {
        PanelState {
            version: 1,
            question: "Which plan?".to_owned(),
            round: 1,
            phase: PanelPhase::Complete,
            broken_off: None,
            asked: String::new(),
            heard: Vec::new(),
            seats: vec![PanelSeat {
                name: "Alpha".to_owned(),
                standing: "done".to_owned(),
                tokens: 12,
            }],
            lacks: Vec::new(),
            lacks_because: None,
            claims,
            claims_of: 1,
            no_claims_because: None,
            cost: MicroUsd(12_300),
            fault: None,
        }
    }

    fn kept_by(by: &Author) -> KeptSteering {
        KeptSteering {
            interaction: id(30),
            by: by.clone(),
            steering: Steering {
                claim: "1".to_owned(),
                kind: SnippetType::Keep,
                comment: String::new(),
                quoted: None,
                given_back_by: None,
            },
        }
    }

    /// Said of Alpha's words when they were claim 1.
    fn kept_of(by: &Author, quote: &str) -> KeptSteering {
        let mut kept = kept_by(by);
        kept.steering.quoted = Some(Quoted {
            quote: quote.to_owned(),
            model: ModelId::parse("alpha").unwrap(),
        });
        kept
    }

    fn text(message: &Value) -> &str {
        message["content"].as_str().unwrap()
    }

    #[test]
    fn claims_are_quoted_word_for_word_with_the_buttons_below() {
        let mut resting = panel(PanelStage::Resting);
        resting.steering = vec![kept_by(&resting.by)];
        let claims = vec![claim("1", "The *first* @everyone\nis cheaper.", true)];
        let message = brief(&resting, Some(&state(claims)));
        assert_eq!(
            text(&message),
            "**Panel**: Which plan? Now?\nRound 1: over · $0.0123\n\
             \n**1** Alpha · contested\n> The *first* @everyone\n> is cheaper.\nBeta CHALLENGE\
             \nFor the next round: Ana keeps 1"
        );
        assert_eq!(message["allowed_mentions"], json!({ "parse": [] }));
        let row = &message["components"][0]["components"];
        let pressed =
            [0, 1, 2, 3].map(|at| row[at]["custom_id"].as_str().unwrap().parse::<Button>());
        assert_eq!(pressed.map(|button| button.unwrap().verb), Verb::ALL);
    }

    #[test]
    fn where_nothing_was_said_there_is_nothing_to_take_back() {
        let claims = vec![claim("1", "The first.", false)];
        let message = brief(&panel(PanelStage::Resting), Some(&state(claims)));
        let row = message["components"][0]["components"].as_array().unwrap();
        let labels: Vec<&str> = row
            .iter()
            .map(|button| button["label"].as_str().unwrap())
            .collect();
        assert_eq!(labels, ["Challenge", "Keep", "Next round"]);
    }

    #[test]
    fn who_may_press_a_button_reads_that_what_is_written_there_goes_nowhere() {
        let told =
            |stage, claims| brief(&panel(stage), Some(&state(claims)))["content"].to_string();
        let claims = || vec![claim("1", "The first.", false)];
        assert!(told(PanelStage::Resting, claims()).contains(ONLY_BUTTONS.trim_start()));
        for message in [
            told(PanelStage::Resting, Vec::new()),
            told(PanelStage::Ended, claims()),
        ] {
            assert!(!message.contains(ONLY_BUTTONS.trim_start()), "{message}");
        }
    }

    #[test]
    fn a_round_at_work_shows_its_seats_and_no_buttons() {
        let mut running = state(Vec::new());
        running.phase = PanelPhase::Respond;
        let message = brief(&panel(PanelStage::Running), Some(&running));
        assert!(text(&message).contains("Round 1: the seats answer · $0.0123"));
        assert!(text(&message).ends_with("- Alpha: done, 12 tokens"));
        assert_eq!(message["components"], json!([]));
    }

    #[test]
    fn without_claims_there_is_nothing_to_challenge_or_keep() {
        let message = brief(&panel(PanelStage::Resting), Some(&state(Vec::new())));
        let row = &message["components"][0]["components"];
        let disabled: Vec<bool> = (0..3).map(|at| row[at]["disabled"] == true).collect();
        assert_eq!(disabled, [true, true, false]);
    }

    #[test]
    fn a_round_that_came_to_nothing_says_what_can_be_done() {
        let told = |stage, claims, refused: Option<&str>| {
            let mut failed = state(claims);
            failed.phase = PanelPhase::Failed;
            failed.fault = Some("Husting was closed while the panel was at work.".to_owned());
            let fault = refused.map(str::to_owned).or(failed.fault.clone());
            let panel = DiscordPanel {
                fault,
                ..panel(stage)
            };
            text(&brief(&panel, Some(&failed))).to_owned()
        };
        let first = told(PanelStage::Resting, Vec::new(), None);
        assert!(
            first.contains(
                "⚠️ Husting was closed while the panel was at work.\n`/deliberate` asks anew. The operator can also"
            ),
            "{first}"
        );
        assert!(
            !first.contains("took a stand"),
            "nobody was asked to: {first}"
        );
        let before = || vec![claim("1", "The first.", false)];
        let mut second = state(Vec::new());
        (second.round, second.phase, second.heard) = (2, PanelPhase::Failed, vec![1]);
        second.fault = Some("It broke off.".to_owned());
        let rests = DiscordPanel {
            fault: second.fault.clone(),
            ..panel(PanelStage::Resting)
        };
        let message = brief(&rests, Some(&second));
        assert!(
            text(&message).ends_with("⚠️ It broke off.\n**Next round** goes on from here."),
            "an earlier one came to something: {message}"
        );
        assert_eq!(message["components"][0]["components"][2]["disabled"], false);
        let rests = told(PanelStage::Resting, before(), None);
        assert!(
            rests.ends_with("\n**Next round** goes on from here."),
            "{rests}"
        );
        assert!(rests.contains("> The first."), "{rests}");
        assert!(!rests.contains("Claims of"), "{rests}");
        let refused = told(PanelStage::Resting, before(), Some("Try again later."));
        assert!(refused.ends_with("⚠️ Try again later."), "{refused}");
    }

    #[test]
    fn a_round_that_no_seat_broke_off_is_called_as_in_the_window() {
        use BrokenOff::{Cancelled, Interrupted};
        for (phase, broken_off, so) in [
            (PanelPhase::Complete, Some(Interrupted), "over, interrupted"),
            (PanelPhase::Complete, None, "over"),
            (PanelPhase::Failed, Some(Interrupted), "interrupted"),
            (PanelPhase::Failed, Some(Cancelled), "cancelled"),
            (PanelPhase::Failed, None, "failed"),
        ] {
            let mut over = state(vec![claim("1", "The first.", false)]);
            (over.phase, over.broken_off) = (phase, broken_off);
            let told = text(&brief(&panel(PanelStage::Resting), Some(&over))).to_owned();
            assert!(told.contains(&format!("Round 1: {so} · ")), "{told}");
        }
    }

    #[test]
    fn claims_of_a_round_before_the_one_that_is_told_say_of_which() {
        let mut failed = state(vec![claim("1", "The first.", false)]);
        (failed.round, failed.phase) = (2, PanelPhase::Failed);
        let told = brief(&panel(PanelStage::Resting), Some(&failed));
        let told = text(&told);
        assert!(
            told.contains("Round 2: failed · $0.0123 so far\n\nClaims of round 1\n**1** Alpha"),
            "{told}"
        );
    }

    #[test]
    fn what_a_round_that_runs_has_taken_along_is_not_for_the_next() {
        let mut running = panel(PanelStage::Running);
        running.steering = vec![kept_by(&running.by)];
        let told = |panel: &DiscordPanel| text(&brief(panel, Some(&state(Vec::new())))).to_owned();
        assert!(!told(&running).contains("For the next round"));
        running.stage = PanelStage::Resting;
        assert!(told(&running).ends_with("For the next round: Ana keeps 1"));
    }

    #[test]
    fn what_was_said_of_a_claim_names_it_by_its_number_of_now_or_by_its_words() {
        let mut resting = panel(PanelStage::Resting);
        resting.steering = vec![
            kept_of(&resting.by, "The first."),
            kept_of(&resting.by, "I *give*\nground: [it](x) is …"),
        ];
        let told = |claims| text(&brief(&resting, Some(&state(claims)))).to_owned();
        let renumbered = told(vec![
            claim("1", "Another.", true),
            claim("2", "The first.", true),
        ]);
        assert!(
            renumbered.ends_with(
                "\nFor the next round: Ana keeps 2, Ana keeps “I \\*give\\* ground: \\[it\\](x) is …”"
            ),
            "{renumbered}"
        );
        let mut others = claim("2", "The first.", true);
        others.model = ModelId::parse("beta").unwrap();
        let told_of = told(vec![others]);
        assert!(told_of.contains("Ana keeps “The first.”,"), "{told_of}");

        resting.steering = vec![kept_of(&resting.by, &"word ".repeat(40))];
        let long = text(&brief(&resting, Some(&state(Vec::new())))).to_owned();
        assert!(long.ends_with(" word word word…”"), "{long}");
    }

    #[test]
    fn a_round_that_runs_in_husting_shows_neither_buttons_nor_what_changes_all_the_time() {
        let resting = panel(PanelStage::Resting);
        let mut running = state(vec![claim("1", "The first.", false)]);
        (running.round, running.phase) = (2, PanelPhase::Respond);
        let told = brief(&resting, Some(&running));
        assert_eq!(
            text(&told),
            "**Panel**: Which plan? Now?\nRound 2: runs in Husting\n\nClaims of round 1\n**1** Alpha\n> The first.\n\
             Beta CHALLENGE"
        );
        assert_eq!(told["components"], json!([]));
        let before = mark(&resting, &running);
        (running.phase, running.cost, running.version) = (PanelPhase::React, MicroUsd(99), 7);
        assert_eq!(mark(&resting, &running), before);
        running.claims = Vec::new();
        let told = brief(&resting, Some(&running));
        assert!(text(&told).ends_with("runs in Husting\n"), "{told}");
        running.phase = PanelPhase::Complete;
        assert_ne!(mark(&resting, &running), before);
    }

    fn lack(name: &str, what: &str) -> PanelLack {
        PanelLack {
            name: name.to_owned(),
            what: what.to_owned(),
        }
    }

    #[test]
    fn a_round_that_is_over_in_part_says_whom_it_lacks() {
        let mut partial = state(vec![claim("1", "The first.", false)]);
        partial.seats = vec![partial.seats[0].clone(); 3];
        partial.lacks = vec![
            lack("Good", "did not answer"),
            lack("Bro_ken", "gave no reaction"),
        ];
        partial.lacks_because = Some("Husting was closed while the panel was at work.".to_owned());
        let told = |stage| text(&brief(&panel(stage), Some(&partial))).to_owned();
        let rests = told(PanelStage::Resting);
        assert!(
            rests.contains(
                "\nRound 1: over, incomplete · $0.0123\n⚠️ 2 of 3 seats are incomplete: Good did not answer, \
                 Bro\\_ken gave no reaction. Husting was closed while the panel was at work.\n\n**1** Alpha"
            ),
            "{rests}"
        );
        let next = told(PanelStage::Advancing);
        assert!(
            !next.contains("are incomplete"),
            "it is of the round before: {next}"
        );
    }

    #[test]
    fn seats_that_there_is_no_room_for_are_counted_and_none_is_cut() {
        let mut partial = state(Vec::new());
        partial.seats = vec![partial.seats[0].clone(); 8];
        let names = ('A'..='H').map(|each| each.to_string().repeat(60));
        partial.lacks = names.map(|name| lack(&name, "did not answer")).collect();
        let because = "Husting was closed while the panel was at work.";
        partial.lacks_because = Some(because.to_owned());
        let told = lacks(&partial);
        let named = told.matches(" did not answer").count();
        assert!((1..8).contains(&named), "{told}");
        let rest = format!(
            " did not answer and {} more. {because}\n",
            partial.lacks.len() - named
        );
        assert!(told.ends_with(&rest), "{told}");
        // Where all have room, nobody is counted.
        partial.lacks.truncate(named);
        assert!(!lacks(&partial).contains(" more"));
    }

    #[test]
    fn an_empty_map_says_why_it_is_empty() {
        let mut empty = state(Vec::new());
        let told =
            |state: &PanelState| text(&brief(&panel(PanelStage::Resting), Some(state))).to_owned();
        assert!(told(&empty).ends_with("\nNobody took a stand on anybody's words."));
        let why = "Only one seat answered, so nobody could react.";
        empty.no_claims_because = Some(why.to_owned());
        let told = told(&empty);
        assert!(
            told.ends_with(why) && !told.contains("took a stand"),
            "{told}"
        );
    }

    #[test]
    fn a_panel_whose_session_was_deleted_is_not_being_convened() {
        let gone = DiscordPanel {
            fault: Some("This panel is not there any more.".to_owned()),
            ..panel(PanelStage::Ended)
        };
        let told = brief(&gone, None);
        assert!(
            text(&told).ends_with("\n⚠️ This panel is not there any more."),
            "{told}"
        );
        assert!(!text(&told).contains("being convened"), "{told}");
        assert!(
            text(&brief(&panel(PanelStage::Convening), None)).contains("It is being convened.")
        );
    }

    proptest! {
        #[test]
        fn discord_takes_it_whatever_was_said(
            quotes in prop::collection::vec(".{0,400}", 0..40),
            question in ".{0,2000}",
            fault in prop::option::of(".{0,900}"),
            lacking in prop::collection::vec((".{0,200}", ".{0,60}"), 0..8),
            because in prop::option::of(".{0,500}"),
            said in prop::collection::vec(".{0,200}", 0..8),
        ) {
            let mut resting = panel(PanelStage::Resting);
            resting.question = question;
            resting.fault = fault.clone();
            resting.steering = said.iter().map(|quote| kept_of(&resting.by, quote)).collect();
            let claims = quotes.iter().enumerate();
            let claims = claims.map(|(at, quote)| claim(&(at + 1).to_string(), quote, at < 3)).collect();
            let mut shown = state(claims);
            shown.lacks = lacking.iter().map(|(name, what)| lack(name, what)).collect();
            (shown.lacks_because, shown.no_claims_because) = (because.clone(), because);
            prop_assert!(units(&lacks(&shown)) <= MOST_LACKS);
            let complete = brief(&resting, Some(&shown));
            (shown.phase, shown.fault) = (PanelPhase::Failed, fault);
            for message in [complete, brief(&resting, Some(&shown))] {
                prop_assert!(units(text(&message)) <= 2_000);
                prop_assert!(text(&message).starts_with(&heading(&resting)));
            }
        }
    }
}
