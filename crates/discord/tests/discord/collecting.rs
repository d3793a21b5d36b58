//! Mail that a process had in hand when it died is found again, however much came since.

use crate::bridged::Bridged;
use crate::scene::Scene;

/// More than two looks back give.
const MANY: usize = 25;

#[tokio::test]
async fn mail_that_nobody_kept_is_looked_for_behind_all_that_came_since() {
    let bridged = Bridged::over(Scene::new().await).await;
    let running = bridged.live().await;
    let general = bridged.scene.general;
    bridged.ask(general, "one");
    let asked = bridged.bus.until_sent(1).await.remove(0);
    bridged.reply(&asked, "Kept.");
    bridged.until_said(general, "Kept.").await;
    running.die().await;
    for number in 1..=3 {
        let text = format!("In hand {number}. {{ack_for:{}}}", asked.request);
        bridged.bus.give("kasra", &text);
    }
    for _ in 0..MANY {
        bridged.bus.write("mason", "I name no question.");
    }

    let _running = bridged.start(true).await;
    bridged.until_said(general, "In hand 3.").await;
    let said = ["Kept.", "In hand 1.", "In hand 2.", "In hand 3."];
    assert_eq!(bridged.said(general), said);
}
