//! Tenants, agents, tokens, mints and denials.

use std::sync::Arc;

use husting_domain::addressees::Addressee;
use husting_domain::agents::{
    AcceptedRequest, Agent, AgentKind, AgentStatus, AgentToken, Decision, KillReceipt, Name,
};
use husting_domain::ids::SessionId;
use husting_domain::scopes::{Grants, Scope};
use husting_domain::tenants::{Tenant, TenantToken, Tier};
use husting_store::{
    AgentRequire, AgentWrite, CommitError, Constraint, MintReplay, Require, Store, Unit, Write,
};

use crate::people::*;
use crate::values::*;

fn write(write: AgentWrite) -> Write {
    Write::Agent(write)
}

fn require(require: AgentRequire) -> Require {
    Require::Agent(require)
}

fn acme_tenant() -> Tenant {
    Tenant {
        id: acme(),
        tier: Tier::Growth,
        token: Some(TenantToken {
            hash: [7; 32],
            tail: "9QzPaB1x".to_owned(),
            created_at: at(5),
        }),
        created_at: at(4),
    }
}

pub async fn tenants_are_set_up_and_changed(store: Arc<dyn Store>) {
    let known = store.all_tenants().await.unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!((&known[0].id, known[0].tier), (&tenant(), Tier::Scale));

    let elsewhere = unit().write(write(AgentWrite::PutTenant(acme_tenant())));
    assert!(matches!(
        refusal(&*store, elsewhere).await,
        CommitError::Constraint(Constraint::OtherTenant("tenant"))
    ));
    let put = |tenant: Tenant| Unit::of(acme()).write(write(AgentWrite::PutTenant(tenant)));
    store.commit(put(acme_tenant())).await.unwrap();
    assert_eq!(store.all_tenants().await.unwrap()[0], acme_tenant());

    let holds_token = |tenant, hash| {
        let unit = Unit::of(tenant).require(require(AgentRequire::TenantToken(hash)));
        let store = store.clone();
        async move { store.commit(unit).await.is_ok() }
    };
    assert!(holds_token(acme(), [7; 32]).await);
    assert!(!holds_token(acme(), [8; 32]).await);
    assert!(!holds_token(tenant(), [7; 32]).await);

    let changed = Tenant {
        tier: Tier::Free,
        token: None,
        created_at: at(99),
        ..acme_tenant()
    };
    store.commit(put(changed.clone())).await.unwrap();
    let stored = store.all_tenants().await.unwrap().remove(0);
    assert_eq!(
        stored,
        Tenant {
            created_at: at(4),
            ..changed
        }
    );
    assert!(!holds_token(acme(), [7; 32]).await);
}

pub async fn an_agent_reads_back_as_written_and_changes(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    let all = store.all_agents().await.unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!((&all[0].tenant, &all[0].row), (&tenant(), &agent(1)));
    assert_eq!(all[1].row, agent(2));
    assert_eq!(
        store.agent(&tenant(), agent_id(1)).await.unwrap(),
        Some(agent(1))
    );
    assert_eq!(store.agent(&acme(), agent_id(1)).await.unwrap(), None);

    let called = |of, seconds| {
        write(AgentWrite::Called {
            agent: agent_id(of),
            at: at(seconds),
        })
    };
    keep(&*store, [called(1, 50), called(1, 40)]).await;
    let changed = Agent {
        name: name("another"),
        kind: AgentKind::Connector,
        model: None,
        charter: None,
        status: AgentStatus::Suspended,
        grants: Grants::lasting([Scope::Recall]),
        epoch: 4,
        created_at: at(77),
        expires_at: None,
        last_call_at: Some(at(45)),
        revoked_at: None,
        receipt: None,
        ..agent(1)
    };
    keep(&*store, [write(AgentWrite::Set(changed.clone()))]).await;
    let expected = Agent {
        name: agent(1).name,
        kind: agent(1).kind,
        created_at: agent(1).created_at,
        last_call_at: Some(at(50)),
        ..changed
    };
    let stored = store.agent(&tenant(), agent_id(1)).await.unwrap();
    assert_eq!(stored, Some(expected));

    for absent in [called(9, 1), write(AgentWrite::Set(agent(9)))] {
        assert!(matches!(
            refusal(&*store, unit().write(absent)).await,
            CommitError::Constraint(Constraint::Absent("agent"))
        ));
    }
}

pub async fn a_name_is_free_again_after_a_revocation(store: Arc<dyn Store>) {
    crew(&*store, 1).await;
    let namesake = Agent {
        name: agent(1).name,
        ..agent(2)
    };
    let again = unit().write(insert(namesake.clone()));
    assert!(matches!(
        refusal(&*store, again.clone()).await,
        CommitError::Constraint(Constraint::Exists("agent"))
    ));
    // The refused unit left no mailbox either.
    let lost = unit().write(send(dispatch(1, 2)));
    assert!(matches!(
        refusal(&*store, lost).await,
        CommitError::Constraint(Constraint::Absent("mailbox"))
    ));
    let theirs = Unit::of(acme()).write(insert(namesake));
    store.commit(theirs).await.unwrap();

    let receipt = KillReceipt {
        last_accepted: Some(AcceptedRequest {
            tool: "send".to_owned(),
            at: at(30),
            row: 12,
        }),
        revoked_at: at(31),
        row: Some(14),
        token_tails: vec!["k8Lm".to_owned()],
        accepted_since: 0,
        streams_closed: 2,
        waits_cancelled: 1,
        left_after_micros: Some(912),
        process_ended: None,
        process_after_micros: None,
        messages_parked: 4,
        sessions_at_work: vec![SessionId(uuid::Uuid::from_u128(9))],
    };
    let gone = Agent {
        receipt: Some(receipt),
        ..revoked(agent(1), at(31))
    };
    keep(&*store, [write(AgentWrite::Set(gone.clone()))]).await;
    store.commit(again).await.unwrap();
    let stored = store.agent(&tenant(), agent_id(1)).await.unwrap();
    assert_eq!(stored, Some(gone));
    let back = unit().write(write(AgentWrite::Set(agent(1))));
    assert!(matches!(
        refusal(&*store, back).await,
        CommitError::Constraint(Constraint::Exists("agent"))
    ));
}

pub async fn tokens_end_once_and_never_later(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    let put = |token| write(AgentWrite::InsertToken(token));
    let writes = [put(token(1, 1)), put(token(2, 1)), put(token(3, 2))];
    keep(&*store, writes).await;
    let stored = async || {
        let all = store.all_agent_tokens().await.unwrap();
        all.into_iter().map(|one| one.row).collect::<Vec<_>>()
    };
    assert_eq!(stored().await, [token(1, 1), token(2, 1), token(3, 2)]);

    let twin = AgentToken {
        id: token_id(4),
        ..token(3, 1)
    };
    assert!(matches!(
        refusal(&*store, unit().write(put(twin))).await,
        CommitError::Constraint(Constraint::Exists("token"))
    ));
    assert!(matches!(
        refusal(&*store, unit().write(put(token(5, 9)))).await,
        CommitError::Constraint(Constraint::Reference("token"))
    ));

    let end_at = |n, seconds| {
        write(AgentWrite::EndTokenAt {
            token: token_id(n),
            at: at(seconds),
        })
    };
    keep(&*store, [end_at(1, 60), end_at(1, 80)]).await;
    let end_all = |seconds| {
        write(AgentWrite::EndTokens {
            agent: agent_id(1),
            at: at(seconds),
        })
    };
    keep(&*store, [end_all(70), end_all(75)]).await;
    let ended = [
        AgentToken {
            ends_at: Some(at(60)),
            ended_at: Some(at(60)),
            ..token(1, 1)
        },
        AgentToken {
            ended_at: Some(at(70)),
            ..token(2, 1)
        },
        token(3, 2),
    ];
    assert_eq!(stored().await, ended);
    assert!(matches!(
        refusal(&*store, unit().write(end_at(9, 1))).await,
        CommitError::Constraint(Constraint::Absent("token"))
    ));
}

pub async fn agents_stand_while_nothing_of_theirs_changes(store: Arc<dyn Store>) {
    crew(&*store, 1).await;
    let standing = |epoch| require(AgentRequire::Standing(agent_id(1), epoch));
    let as_read = |epoch| require(AgentRequire::Epoch(agent_id(1), epoch));
    let receives = || require(AgentRequire::Receives(agent_id(1)));
    assert!(holds(&*store, standing(3)).await);
    assert!(!holds(&*store, standing(2)).await);
    assert!(holds(&*store, as_read(3)).await);
    assert!(!holds(&*store, as_read(4)).await);
    assert!(holds(&*store, receives()).await);
    for nobody in [
        AgentRequire::Standing(agent_id(9), 3),
        AgentRequire::Epoch(agent_id(9), 3),
        AgentRequire::Receives(agent_id(9)),
    ] {
        assert!(!holds(&*store, require(nobody)).await);
    }

    for status in [
        AgentStatus::Suspended,
        AgentStatus::Inactive,
        AgentStatus::Revoked,
    ] {
        let changed = Agent {
            status,
            revoked_at: (status == AgentStatus::Revoked).then_some(at(40)),
            ..agent(1)
        };
        keep(&*store, [write(AgentWrite::Set(changed))]).await;
        assert!(!holds(&*store, standing(3)).await, "{status:?}");
        assert!(!holds(&*store, receives()).await, "{status:?}");
        assert!(holds(&*store, as_read(3)).await, "{status:?}");
    }
}

/// The change and the call of the agent are handed in together, the change first.
pub async fn a_call_behind_a_change_is_refused(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    let narrowed = Agent {
        epoch: 4,
        ..agent(1)
    };
    let change = unit().write(write(AgentWrite::Set(narrowed)));
    let call = unit()
        .require(require(AgentRequire::Standing(agent_id(1), 3)))
        .write(send(dispatch(1, 2)));
    let (changed, called) = tokio::join!(store.commit(change), store.commit(call));
    changed.unwrap();
    assert!(matches!(called, Err(CommitError::Refused(_))), "{called:?}");
    let mail = store.mail(&tenant(), mailbox(2), None, 10).await.unwrap();
    assert!(mail.is_empty());
}

pub async fn of_fifty_mints_at_once_five_are_kept(store: Arc<dyn Store>) {
    // None of these counts: revoked, and not custom.
    let managed = Agent {
        kind: AgentKind::Managed,
        ..agent(101)
    };
    keep(
        &*store,
        [insert(revoked(agent(100), at(200))), insert(managed)],
    )
    .await;
    let mints: Vec<_> = (1..=50)
        .map(|n| {
            let store = store.clone();
            let unit = unit()
                .require(require(AgentRequire::FewerAgents(5)))
                .writes([
                    insert(agent(n)),
                    write(AgentWrite::InsertToken(token(n, n))),
                ]);
            tokio::spawn(async move { store.commit(unit).await })
        })
        .collect();
    let mut kept = 0;
    for mint in mints {
        match mint.await.unwrap() {
            Ok(_) => kept += 1,
            Err(CommitError::Refused(Require::Agent(AgentRequire::FewerAgents(5)))) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(kept, 5);
    assert_eq!(store.all_agents().await.unwrap().len(), 7);
    assert_eq!(store.all_agent_tokens().await.unwrap().len(), 5);
    // A suspended one counts on; another tenant has a limit of its own.
    let all = store.all_agents().await.unwrap();
    let minted = all
        .into_iter()
        .find(|one| one.row.status == AgentStatus::Active);
    let suspended = Agent {
        status: AgentStatus::Suspended,
        ..minted.unwrap().row
    };
    keep(&*store, [write(AgentWrite::Set(suspended))]).await;
    assert!(!holds(&*store, require(AgentRequire::FewerAgents(5))).await);
    let theirs = Unit::of(acme()).require(require(AgentRequire::FewerAgents(1)));
    store.commit(theirs).await.unwrap();
}

pub async fn a_mint_stands_under_its_key_until_it_is_forgotten(store: Arc<dyn Store>) {
    let mint = MintReplay {
        key: "k 1".to_owned(),
        fingerprint: [9; 32],
        agent: agent_id(1),
        at: at(10),
    };
    let none = || require(AgentRequire::NoMint("k 1".to_owned()));
    assert!(holds(&*store, none()).await);
    keep(&*store, [write(AgentWrite::PutMint(mint.clone()))]).await;
    assert!(!holds(&*store, none()).await);
    assert_eq!(store.mint(&acme(), "k 1").await.unwrap(), None);
    assert!(matches!(
        refusal(
            &*store,
            unit().write(write(AgentWrite::PutMint(mint.clone())))
        )
        .await,
        CommitError::Constraint(Constraint::Exists("mint"))
    ));
    keep(&*store, [Write::ForgetAcknowledgements { before: at(10) }]).await;
    assert_eq!(store.mint(&tenant(), "k 1").await.unwrap(), Some(mint));
    keep(&*store, [Write::ForgetAcknowledgements { before: at(11) }]).await;
    assert_eq!(store.mint(&tenant(), "k 1").await.unwrap(), None);
}

pub async fn a_denial_is_one_question_until_it_is_answered(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    let ask = |denial| write(AgentWrite::Deny(denial));
    let mut later = denial(2, 1);
    (later.tool, later.last_at) = ("shout".to_owned(), at(20));
    later.to = Some(Addressee::Squad(Name::parse("sales").unwrap()));
    let other = husting_domain::agents::Denial {
        scope: Scope::Recall,
        last_at: at(15),
        ..denial(3, 1)
    };
    let of_another = denial(4, 2);
    keep(
        &*store,
        [ask(denial(1, 1)), ask(later), ask(other), ask(of_another)],
    )
    .await;
    let asked = async |agent, open| {
        let found = store.denials(&tenant(), agent, open, 10).await.unwrap();
        found
            .into_iter()
            .map(|one| (one.id, one.calls))
            .collect::<Vec<_>>()
    };
    let of_one = Some(agent_id(1));
    let first_three = [(denial_id(1), 2), (denial_id(3), 1), (denial_id(4), 1)];
    assert_eq!(asked(None, true).await, first_three);
    assert_eq!(asked(of_one, true).await, first_three[..2]);
    let found = store.denials(&tenant(), None, true, 1).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].tool.as_str(), found[0].first_at, found[0].last_at),
        ("shout", at(10), at(20))
    );
    assert_eq!(found[0].to.as_ref().unwrap().to_string(), "#sales");

    let decide = |n| {
        write(AgentWrite::Decide {
            denial: denial_id(n),
            decision: Decision::TenMinutes,
            at: at(30),
        })
    };
    keep(&*store, [decide(1)]).await;
    assert!(matches!(
        refusal(&*store, unit().write(decide(1))).await,
        CommitError::Constraint(Constraint::Absent("denial"))
    ));
    // Answered, the same is a new question.
    keep(&*store, [ask(denial(5, 1))]).await;
    assert_eq!(
        asked(of_one, true).await,
        [(denial_id(3), 1), (denial_id(5), 1)]
    );
    let all = store.denials(&tenant(), of_one, false, 10).await.unwrap();
    assert_eq!(all[0].decided, Some((Decision::TenMinutes, at(30))));
    assert_eq!(all.len(), 3);
    assert!(
        store
            .denials(&acme(), None, false, 10)
            .await
            .unwrap()
            .is_empty()
    );
}
