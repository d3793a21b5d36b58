//! Slash commands, from what a person types to what they are told.

use husting_domain::discord::InboundState;
use husting_domain::ids::TenantId;
use husting_test_support::discord::{Fault, Overwrite, Strike, bits};
use rstest::rstest;
use serde_json::json;

use crate::bridged::Bridged;
use crate::scene::{Scene, id, in_time};

const CALLBACK: &str = "POST /interactions/{interaction.id}/{interaction.token}/callback";
const EPHEMERAL: u64 = 64;

#[tokio::test]
async fn an_asked_agent_answers_under_the_question_that_everybody_sees() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let text = "@everyone, which {ack_for:1} plan?";
    let asked = bridged.command("ask", &json!({ "agent": "loom", "text": text }));
    let shown = bridged.answer(asked).await;
    assert_eq!(shown.content, format!("**alice** asks **loom**: {text}"));
    assert_eq!(shown.flags & EPHEMERAL, 0);
    assert!(shown.pings.is_empty());

    let letter = bridged.bus.until_sent(1).await.remove(0);
    assert_eq!(letter.to.as_str(), "loom");
    assert!(
        letter.text.contains("which (ack_for:1} plan?"),
        "{}",
        letter.text
    );
    bridged.bus.write(
        "loom",
        &format!("The first. {{ack_for:{}}}", letter.request),
    );
    let reply = bridged
        .until_said(bridged.scene.general, "The first.")
        .await;
    let under = reply.reference.and_then(|reference| reference.message_id);
    assert_eq!(under, Some(shown.id));
}

#[tokio::test]
async fn an_event_that_comes_again_asks_nothing_anew() {
    let bridged = Bridged::over(Scene::new().await).await;
    let running = bridged.live().await;
    let asked = bridged.command("ask", &json!({ "agent": "loom", "text": "Which?" }));
    bridged.answer(asked).await;
    bridged.bus.until_sent(1).await;
    bridged.scene.discord.tell_again(asked);
    // Behind it: what is heard later is sent later.
    let next = bridged.command("ask", &json!({ "agent": "mason", "text": "And then?" }));
    bridged.answer(next).await;
    let sent = bridged.bus.until_sent(2).await;
    let to: Vec<&str> = sent.iter().map(|letter| letter.to.as_str()).collect();
    assert_eq!(to, ["loom", "mason"]);
    running.stop().await;
}

#[rstest]
#[case::too_late(10_062)]
#[case::answered_before(40_060)]
#[tokio::test]
async fn a_question_whose_command_cannot_be_answered_is_asked_all_the_same(#[case] code: u32) {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let refused = Fault::Refused { status: 404, code };
    bridged
        .scene
        .discord
        .strike(Strike::new(refused).on(CALLBACK));
    bridged.command("ask", &json!({ "agent": "loom", "text": "Which?" }));
    let letter = bridged.bus.until_sent(1).await.remove(0);
    if code == 10_062 {
        // It stands as a message of its own.
        bridged
            .until_said(bridged.scene.general, "**alice** asks **loom**: Which?")
            .await;
    }
    bridged.bus.write(
        "loom",
        &format!("The first. {{ack_for:{}}}", letter.request),
    );
    bridged
        .until_said(bridged.scene.general, "The first.")
        .await;
    assert_eq!(bridged.bus.sent(), 1);
}

#[tokio::test]
async fn an_agent_that_nobody_knows_is_refused_with_those_who_are_there() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let asked = bridged.command("ask", &json!({ "agent": "nobody", "text": "Which?" }));
    let told = bridged.answer(asked).await;
    assert_eq!(
        told.content,
        "There is no agent of that name. These can be asked: kasra, loom, mason."
    );
    assert_ne!(told.flags & EPHEMERAL, 0);
    let (tenant, bot) = (TenantId::local(), id(bridged.scene.discord.bot()));
    let asked = bridged.store.discord_questions(&tenant, bot, 9).await;
    assert_eq!(asked.unwrap(), []);
}

#[tokio::test]
async fn who_may_not_write_somewhere_asks_nobody_there() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    bridged.scene.discord.overwrite(
        bridged.scene.general,
        Overwrite {
            id: bridged.scene.alice,
            member: true,
            allow: 0,
            deny: bits::SEND_MESSAGES,
        },
    );
    let asked = bridged.command("ask", &json!({ "agent": "loom", "text": "Which?" }));
    let told = bridged.answer(asked).await;
    assert_eq!(told.content, "You may read here, and not write.");
    assert_ne!(told.flags & EPHEMERAL, 0);
}

#[tokio::test]
async fn names_are_completed_from_those_on_the_bus() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let scene = &bridged.scene;
    let typed = scene
        .discord
        .type_option(scene.alice, scene.general, ("ask", "agent"), "ma");
    let answered = in_time(scene.discord.until_answered(typed.unwrap())).await;
    assert_eq!(
        answered.choices,
        Some(json!([{ "name": "mason", "value": "mason" }]))
    );
}

#[tokio::test]
async fn agents_are_told_to_one_person_alone() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let asked = bridged.command("agents", &json!({}));
    let told = bridged.answer(asked).await;
    assert_eq!(told.content, "- **loom**\n- mason (reads no mail now)");
    assert_ne!(told.flags & EPHEMERAL, 0);
}

#[tokio::test]
async fn a_persons_last_question_is_told_in_its_own_channel_alone() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let none = bridged.command("where", &json!({}));
    let told = bridged.answer(none).await.content;
    assert_eq!(told, "You have asked nobody in this channel.");

    let asked = bridged.command("ask", &json!({ "agent": "loom", "text": "Which?" }));
    let shown = bridged.answer(asked).await;
    bridged.bus.until_sent(1).await;
    let bot = id(bridged.scene.discord.bot());
    let sent = async {
        // The bus has it a moment before the journal says so.
        loop {
            let tenant = TenantId::local();
            let sent = bridged
                .store
                .discord_questions_in(&tenant, bot, InboundState::Sent, 9);
            if !sent.await.unwrap().is_empty() {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    in_time(sent).await;
    let found = bridged.command("where", &json!({}));
    let told = bridged.answer(found).await;
    assert!(
        told.content.ends_with("- waits for loom"),
        "{}",
        told.content
    );
    assert_ne!(told.flags & EPHEMERAL, 0);

    let link = format!("https://discord.com/channels/1/2/{}", shown.id);
    let by_link = bridged.command("where", &json!({ "message": link }));
    assert_eq!(bridged.answer(by_link).await.content, told.content);
    let scene = &bridged.scene;
    let elsewhere = scene.discord.command(
        scene.alice,
        scene.other,
        "where",
        &json!({ "message": link }),
    );
    let told = bridged.answer(elsewhere.unwrap()).await.content;
    assert_eq!(told, "Nobody was asked by such a message in this channel.");
}

#[tokio::test]
async fn nobody_is_told_where_the_question_of_somebody_else_is() {
    let mut bob = None;
    let scene = Scene::with(|world, guild| {
        let person = world.person("bob");
        world.join(guild, person);
        bob = Some(person);
    })
    .await;
    let bridged = Bridged::over(scene).await;
    let _running = bridged.live().await;
    let general = bridged.scene.general;
    bridged.ask(general, "Which?");
    bridged.bus.until_sent(1).await;
    let discord = &bridged.scene.discord;
    let looked = discord.command(bob.unwrap(), general, "where", &json!({}));
    let told = bridged.answer(looked.unwrap()).await.content;
    assert_eq!(told, "You have asked nobody in this channel.");
}

#[tokio::test]
async fn nobody_asks_the_bridges_own_agent() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let options = json!({ "agent": "discord-connector", "text": "Which?" });
    let asked = bridged.command("ask", &options);
    let told = bridged.answer(asked).await;
    assert_eq!(
        told.content,
        "There is no agent of that name. These can be asked: kasra, loom, mason."
    );
    assert_ne!(told.flags & EPHEMERAL, 0);
}

#[tokio::test]
async fn commands_are_registered_once() {
    let bridged = Bridged::over(Scene::new().await).await;
    bridged.live().await.stop().await;
    let running = bridged.live().await;
    let listed = "GET /applications/{application.id}/commands";
    in_time(bridged.scene.discord.until(|view| {
        let lists = view.requests().iter().filter(|each| each.route == listed);
        (lists.filter(|each| each.status == 200).count() == 2).then_some(())
    }))
    .await;
    running.stop().await;
    let route = "PUT /applications/{application.id}/commands";
    let requests = bridged.scene.discord.requests();
    assert_eq!(
        requests.iter().filter(|each| each.route == route).count(),
        1
    );
}

#[tokio::test]
async fn without_the_scope_the_bridge_works_on_and_asks_again_when_permissions_change() {
    let bridged = Bridged::over(Scene::new().await).await;
    let route = "PUT /applications/{application.id}/commands";
    let refused = Fault::Refused {
        status: 403,
        code: 50_001,
    };
    let strike = bridged.scene.discord.strike(Strike::new(refused).on(route));
    let _running = bridged.start(true).await;
    let mentioned = format!("<@{}> Which?", bridged.scene.discord.bot());
    in_time(bridged.scene.discord.until_live(1)).await;
    bridged.scene.say(&mentioned);
    bridged.bus.until_sent(1).await;
    bridged.scene.discord.lift(strike);
    let invited = husting_test_support::discord::INVITED_WITH;
    let guild = bridged.scene.guild;
    bridged
        .scene
        .discord
        .allow_bot(guild, invited | bits::MANAGE_WEBHOOKS);
    in_time(
        bridged
            .scene
            .discord
            .until(|view| (view.commands().len() == 4).then_some(())),
    )
    .await;
}

#[tokio::test]
async fn where_no_panels_are_deliberate_says_so() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.start(false).await;
    in_time(bridged.scene.discord.until(|view| {
        let is_live = view.gateway().live == 1;
        (is_live && view.commands().len() == 4).then_some(())
    }))
    .await;
    let asked = bridged.command("deliberate", &json!({ "question": "Which?" }));
    let told = bridged.answer(asked).await;
    assert_eq!(
        told.content,
        "A panel needs the Husting app; this bridge runs alone."
    );
}
