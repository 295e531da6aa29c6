//! Groups of people: every verb, what it leaves in the audit trail, and what it refuses.

use std::collections::BTreeSet;

use rstest::rstest;
use tessera_app::groups::{self, GroupError, NewGroup};
use tessera_app::problem::{Field, Problem, ProblemKind};
use tessera_app::users::{self, UserError};
use tessera_model::group::MAX_GROUPS_OF_PERSON;
use tessera_model::{ClientKind, EventCode, GroupName, User, UserId};
use tessera_store::StoreError;
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, TestServer};
use tokio::task::JoinSet;

pub(crate) fn name(text: &str) -> GroupName {
    text.parse().unwrap()
}

pub(crate) fn group(text: &str) -> NewGroup {
    NewGroup { name: name(text), description: None }
}

async fn details(server: &TestServer, code: EventCode) -> Vec<(Option<UserId>, String)> {
    let events = server.events(code).await.into_iter();
    events.map(|event| (event.user_id, event.detail.unwrap())).collect()
}

async fn members(server: &TestServer, group: &str) -> Vec<String> {
    let found = groups::members(&server.cli(), &name(group), None, 100).await.unwrap();
    found.iter().map(ToString::to_string).collect()
}

#[rstest]
#[tokio::test]
async fn a_group_is_made_described_and_removed(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let cx = &server.cli();
    let described = NewGroup { description: Some("On call".to_owned()), ..group("ops") };
    let made = groups::add(cx, described).await.unwrap();
    assert_eq!((made.name.as_str(), made.description.as_deref()), ("ops", Some("On call")));
    assert!(matches!(groups::add(cx, group("ops")).await, Err(GroupError::Taken)));
    groups::add(cx, group("admins")).await.unwrap();
    let user = server.add_user("alice").await.id;
    groups::add_members(cx, &name("ops"), &[user].into()).await.unwrap();
    let listed = groups::list(cx).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|(group, members)| (group.name.as_str(), *members)).collect();
    assert_eq!(listed, [("admins", 0), ("ops", 1)]);

    let same = groups::describe(cx, &name("ops"), Some("On call")).await.unwrap();
    assert_eq!(same, made);
    let bare = groups::describe(cx, &name("ops"), None).await.unwrap();
    assert_eq!(groups::find(cx, &name("ops")).await.unwrap(), bare);
    assert_eq!(bare.description, None);

    groups::delete(cx, &name("ops")).await.unwrap();
    assert!(matches!(groups::find(cx, &name("ops")).await, Err(GroupError::NotFound)));
    assert_eq!(groups::of_user(cx, user).await.unwrap(), []);
    for gone in [
        groups::describe(cx, &name("ops"), None).await.map(drop),
        groups::delete(cx, &name("ops")).await,
        groups::add_members(cx, &name("ops"), &[user].into()).await.map(drop),
        groups::remove_members(cx, &name("ops"), &[user].into()).await.map(drop),
    ] {
        assert!(matches!(gone, Err(GroupError::NotFound)), "{gone:?}");
    }
    let of_ops = || vec![(None, "ops".to_owned())];
    assert_eq!(details(&server, EventCode::GroupUpdated).await, of_ops(), "once");
    assert_eq!(details(&server, EventCode::GroupDeleted).await, of_ops());
    let made: BTreeSet<_> =
        details(&server, EventCode::GroupCreated).await.into_iter().map(|event| event.1).collect();
    assert_eq!(made, BTreeSet::from(["admins".to_owned(), "ops".to_owned()]));
}

#[tokio::test]
async fn a_description_that_cannot_be_is_told() {
    let server = TestServer::start(Backend::Sqlite).await;
    let cx = &server.cli();
    groups::add(cx, group("ops")).await.unwrap();
    for bad in ["d".repeat(201), "a\nb".to_owned()] {
        let told =
            [Problem { field: Field::Description, entry: None, kind: ProblemKind::Description { max: 200 } }];
        for outcome in [
            groups::add(cx, NewGroup { description: Some(bad.clone()), ..group("sales") }).await,
            groups::describe(cx, &name("ops"), Some(&bad)).await,
        ] {
            assert!(
                matches!(&outcome, Err(GroupError::Invalid(problems)) if *problems == told),
                "{outcome:?}"
            );
        }
    }
    assert_eq!(groups::list(cx).await.unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn people_come_and_go_all_of_them_or_nobody(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let cx = &server.cli();
    groups::add(cx, group("ops")).await.unwrap();
    let (alice, bob) = (server.add_user("alice").await.id, server.add_user("bob").await.id);
    let carol = server.add_user("carol").await.id;
    let ops = &name("ops");
    assert_eq!(groups::add_members(cx, ops, &[bob].into()).await.unwrap(), [bob]);
    let added = groups::add_members(cx, ops, &[alice, bob].into()).await.unwrap();
    assert_eq!(added, [alice], "who was in it is not told again");
    assert_eq!(members(&server, "ops").await, ["alice", "bob"]);
    let page = groups::members(cx, ops, Some(&"alice".parse().unwrap()), 1).await.unwrap();
    assert_eq!(page, ["bob".parse().unwrap()]);

    users::disable(cx, carol).await.unwrap();
    let dave = server.add_user("dave").await.id;
    let refused = groups::add_members(cx, ops, &[carol, dave].into()).await;
    assert!(matches!(refused, Err(GroupError::NoSuchUser(id)) if id == carol), "{refused:?}");
    assert_eq!(members(&server, "ops").await, ["alice", "bob"], "nobody");

    assert_eq!(groups::remove_members(cx, ops, &[alice, dave].into()).await.unwrap(), [alice]);
    assert_eq!(members(&server, "ops").await, ["bob"]);
    assert_eq!(details(&server, EventCode::MemberRemoved).await, [(Some(alice), "ops".to_owned())]);
    assert_eq!(server.count("group.member_added").await, 2);
    users::delete(cx, bob).await.unwrap();
    assert_eq!(members(&server, "ops").await, [""; 0]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_in_more_groups_than_a_token_can_name(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let user = server.add_user("alice").await.id;
    // The longest names there are.
    let called = |number: u64| format!("{number:040}");
    for number in 0..MAX_GROUPS_OF_PERSON + 8 {
        groups::add(&server.cli(), group(&called(number))).await.unwrap();
    }
    for number in 0..MAX_GROUPS_OF_PERSON - 1 {
        groups::add_members(&server.cli(), &name(&called(number)), &[user].into()).await.unwrap();
    }
    // One more has room. Eight want it at the same time.
    let mut racers = JoinSet::new();
    for number in 0..8 {
        let (cx, group) = (server.cli(), name(&called(MAX_GROUPS_OF_PERSON + number)));
        racers.spawn(async move {
            loop {
                match groups::add_members(&cx, &group, &[user].into()).await {
                    // A machine under load has no time for so many connections at once.
                    Err(GroupError::Store(starved)) if starved.is_unavailable() => {
                        println!("again: {starved}");
                    }
                    outcome => return outcome,
                }
            }
        });
    }
    let outcomes = racers.join_all().await;
    let refused =
        outcomes.iter().filter(|outcome| matches!(outcome, Err(GroupError::InTooMany(id)) if *id == user));
    assert_eq!((refused.count(), outcomes.iter().flatten().count()), (7, 1), "{outcomes:?}");
    let client = server
        .add_client_with(ClientKind::Web, |new| {
            (new.scopes, new.id_token_claims) = ("openid profile email groups".parse().unwrap(), true);
        })
        .await;
    let tokens = server.tokens(&client, "openid profile email groups", "alice").await;
    let named = server.verified(text(&tokens, "id_token"), "JWT").await.1["groups"].as_array().unwrap().len();
    assert_eq!(named as u64, MAX_GROUPS_OF_PERSON, "{tokens}");
}

#[rstest]
#[tokio::test]
async fn a_large_group_is_removed_in_steps(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let server = TestServer::start(backend).await;
    let cx = &server.cli();
    groups::add(cx, group("staff")).await.unwrap();
    let (alice, staff, now) = (&server.add_user("alice").await, &name("staff"), cx.now);
    let planted: Result<(), StoreError> = server
        .store()
        .await
        .write(|tx| async move {
            for number in 0..1_200_u32 {
                let mut bytes = [7; 16];
                bytes[..4].copy_from_slice(&number.to_be_bytes());
                let username = format!("user-{number}").parse().unwrap();
                let user = User { id: UserId::from_random(bytes), username, ..alice.clone() };
                tx.users().insert(&user).await?;
                tx.groups().add_member(staff, user.id, now).await?;
            }
            Ok(())
        })
        .await;
    planted.unwrap();
    groups::delete(cx, staff).await.unwrap();
    assert_eq!(groups::list(cx).await.unwrap(), []);
    assert_eq!(details(&server, EventCode::GroupDeleted).await, [(None, "staff".to_owned())]);
}

#[tokio::test]
async fn one_act_changes_a_hundred_people_at_most() {
    let server = TestServer::start(Backend::Sqlite).await;
    groups::add(&server.cli(), group("ops")).await.unwrap();
    let people: BTreeSet<_> = (0..=100).map(|number| UserId::from_random([number; 16])).collect();
    for outcome in [
        groups::add_members(&server.cli(), &name("ops"), &people).await,
        groups::remove_members(&server.cli(), &name("ops"), &people).await,
    ] {
        assert!(matches!(outcome, Err(GroupError::TooManyAtOnce)), "{outcome:?}");
    }
}

/// The people of a large group are erased while it is removed.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_is_gone_however_its_members_go(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    groups::add(&server.cli(), group("staff")).await.unwrap();
    let mut people = Vec::new();
    for number in 0..12 {
        people.push(server.add_user(&format!("user-{number}")).await.id);
    }
    let all = people.iter().copied().collect();
    groups::add_members(&server.cli(), &name("staff"), &all).await.unwrap();
    let mut racers = JoinSet::new();
    for user in people {
        let cx = server.cli();
        racers.spawn(async move {
            while let Err(error) = users::delete(&cx, user).await {
                assert!(matches!(&error, UserError::Store(starved) if starved.is_unavailable()), "{error:?}");
            }
        });
    }
    let cx = server.cli();
    racers.spawn(async move {
        while let Err(error) = groups::delete(&cx, &name("staff")).await {
            assert!(matches!(&error, GroupError::Store(starved) if starved.is_unavailable()), "{error:?}");
        }
    });
    racers.join_all().await;
    assert_eq!(groups::list(&server.cli()).await.unwrap(), []);
    groups::add(&server.cli(), group("staff")).await.unwrap();
    assert_eq!(members(&server, "staff").await, [""; 0]);
    assert_eq!(server.count("group.deleted").await, 1);
}
