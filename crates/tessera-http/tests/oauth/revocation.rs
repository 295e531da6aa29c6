//! Revoking tokens (RFC 7009), and the signed revocation rules that verifiers fetch.

use std::time::Duration;

use rstest::rstest;
use serde_json::Value;
use tessera_jose::digest::sha256;
use tessera_jose::{MAX_DOCUMENT_LEN, base64url};
use tessera_model::{ClientKind, Digest, EventCode, RevocationKind, RevocationRule, Timestamp};
use tessera_testkit::inspect::refresh_number;
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, TestServer};
use tokio::task::JoinSet;

fn ids(rules: &Value) -> Vec<(String, String)> {
    let list = rules["rules"].as_array().unwrap().iter();
    list.map(|rule| (text(rule, "kind").to_owned(), text(rule, "id").to_owned())).collect()
}

fn hashed(id: &str) -> String {
    base64url::encode(sha256(id.as_bytes()))
}

#[rstest]
#[case::refresh_token("refresh_token", "refresh_token")]
#[case::refresh_token_wrong_hint("refresh_token", "access_token")]
#[case::refresh_token_unknown_hint("refresh_token", "saml")]
#[case::access_token("access_token", "")]
#[case::access_token_wrong_hint("access_token", "refresh_token")]
#[tokio::test]
async fn o69_protocol_83_revoking_either_token_of_a_person_ends_the_grant(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[case] which: &str,
    #[case] hint: &str,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Spa).await;
    let tokens = server.tokens(&client, "openid", "alice").await;
    let others = server.tokens(&client, "openid", "alice").await;
    let form = [("token", text(&tokens, which)), ("token_type_hint", hint)];
    let answer = server.post("/revoke", &client, &form).await;
    assert_eq!((answer.status, answer.body.as_str(), answer.header("cache-control")), (200, "", "no-store"));
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, 401);
    assert_eq!(server.refresh_with(&client, text(&tokens, "refresh_token")).await.error(), "invalid_grant");
    let (grant, _) = refresh_number(text(&tokens, "refresh_token"));
    assert_eq!(ids(&server.rules(0).await), [("grant".to_owned(), hashed(&grant.to_string()))]);
    // Revoked again: the answer is the same, and nothing changes.
    assert_eq!(server.post("/revoke", &client, &form).await.status, 200);
    assert_eq!(server.rules(0).await["seq"], server.rules(1).await["seq"]);
    assert_eq!(ids(&server.rules(0).await).len(), 1);
    let events = server.events(EventCode::TokenRevoked).await;
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].grant_id, &*events[0].actor), (Some(grant), &*format!("client:{}", client.id)));
    // Another grant of the same person to the same client is not affected.
    assert_eq!(server.userinfo(text(&others, "access_token")).await.status, 200);
}

#[tokio::test]
async fn o69_a_refresh_token_that_was_used_up_still_ends_its_grant() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let r1 = text(&server.tokens(&client, "openid", "alice").await, "refresh_token").to_owned();
    let next = server.refresh_with(&client, &r1).await.json();
    assert_eq!(server.post("/revoke", &client, &[("token", &r1)]).await.status, 200);
    assert_eq!(server.refresh_with(&client, text(&next, "refresh_token")).await.error(), "invalid_grant");
}

#[tokio::test]
async fn o69_foreign_and_unknown_tokens_are_answered_alike_and_left_alone() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let owner = server.add_client(ClientKind::Web).await;
    let thief = server.add_client(ClientKind::Web).await;
    let machine = server.add_client(ClientKind::Service).await;
    let tokens = server.tokens(&owner, "openid", "alice").await;
    let form = [("grant_type", "client_credentials")];
    let machines = server.post("/token", &machine, &form).await.json();
    let code = server.code(&owner, "openid", "alice").await;
    for foreign in [
        text(&tokens, "access_token"),
        text(&tokens, "refresh_token"),
        text(&tokens, "id_token"),
        text(&machines, "access_token"),
        &code,
        "unknown",
        "a.b.c",
        "tsr_rt_x",
        "ü",
    ] {
        let answer = server.post("/revoke", &thief, &[("token", foreign)]).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{foreign}");
    }
    assert!(ids(&server.rules(0).await).is_empty());
    assert!(server.events(EventCode::TokenRevoked).await.is_empty());
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, 200);
    assert_eq!(server.refresh_with(&owner, text(&tokens, "refresh_token")).await.status, 200);
    assert_eq!(server.redeem(&owner, &code).await.status, 200);
}

#[rstest]
#[tokio::test]
async fn o69_a_machines_token_ends_alone(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let server = TestServer::start(backend).await;
    let client = server.add_client(ClientKind::Service).await;
    let form = [("grant_type", "client_credentials")];
    let token = text(&server.post("/token", &client, &form).await.json(), "access_token").to_owned();
    let jti = text(&server.verified(&token, "at+jwt").await.1, "jti").to_owned();
    assert_eq!(server.post("/revoke", &client, &[("token", &token)]).await.status, 200);
    let rules = server.rules(0).await;
    assert_eq!(ids(&rules), [("token".to_owned(), hashed(&jti))]);
    let rule = &rules["rules"][0];
    let exp = server.verified(&token, "at+jwt").await.1["exp"].as_i64();
    assert_eq!(
        rule["exp"].as_i64(),
        exp.map(|exp| exp + 60),
        "the rule outlives the token by the leeway: {rule}"
    );
    assert_eq!(rule["before"], server.verified(&token, "at+jwt").await.1["iat"]);
    for _ in 0..5 {
        assert_eq!(server.post("/revoke", &client, &[("token", &token)]).await.status, 200);
    }
    let again = server.rules(0).await;
    assert_eq!((&again["rules"], &again["seq"]), (&rules["rules"], &1.into()), "still the one rule");
    let events = server.events(EventCode::TokenRevoked).await;
    assert_eq!(events.len(), 1, "and one event: {events:?}");
    assert_eq!((events[0].grant_id, &*events[0].actor), (None, &*format!("client:{}", client.id)));
    server.advance(601);
    let late = server.post("/revoke", &client, &[("token", &token)]).await;
    assert_eq!(late.status, 200);
    assert_eq!(ids(&server.rules(0).await).len(), 1, "a token that has expired needs no rule");
}

#[rstest]
#[tokio::test]
async fn o69_revoked_at_the_same_moment_a_machines_token_gets_one_rule(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let client = server.add_client(ClientKind::Service).await;
    let form = [("grant_type", "client_credentials")];
    let token = text(&server.post("/token", &client, &form).await.json(), "access_token").to_owned();
    let mut racers = JoinSet::new();
    for _ in 0..16 {
        let request = server.http.post(server.url("/revoke")).basic_auth(&client.id, Some(&client.secret));
        let request = request.form(&[("token", &token)]);
        racers.spawn(async move { request.send().await.unwrap().status() });
    }
    assert!(racers.join_all().await.iter().all(|status| *status == 200));
    assert_eq!(server.rules(0).await["seq"], 1);
    assert_eq!(server.events(EventCode::TokenRevoked).await.len(), 1);
}

/// Userinfo asks first whether a token counts, and then what it may be told.
#[rstest]
#[case::revoked("revoked")]
#[case::client_disabled("client disabled")]
#[case::client_deleted("client deleted")]
#[tokio::test]
async fn o69_a_machines_token_that_was_taken_back_does_not_count(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[case] how: &str,
) {
    let server = TestServer::start(backend).await;
    let client = server.add_client(ClientKind::Service).await;
    let issue = async || {
        let answer = server.post("/token", &client, &[("grant_type", "client_credentials")]).await;
        text(&answer.json(), "access_token").to_owned()
    };
    let (token, other) = (issue().await, issue().await);
    let status = async |token: &str| server.userinfo(token).await.status;
    assert_eq!((status(&token).await, status(&other).await), (403, 403), "they count, without a person");
    let (cli, id) = (&server.cli(), &client.id.parse().unwrap());
    match how {
        "revoked" => assert_eq!(server.post("/revoke", &client, &[("token", &token)]).await.status, 200),
        "client disabled" => tessera_app::clients::disable(cli, id).await.map(drop).unwrap(),
        _ => tessera_app::clients::delete(cli, id).await.map(drop).unwrap(),
    }
    server.refresh().await;
    assert_eq!(status(&token).await, 401, "{how}");
    assert_eq!(status(&other).await, if how == "revoked" { 403 } else { 401 }, "{how}");
}

/// A locked person may come back; what a client has given up does not.
#[tokio::test]
async fn o69_a_grant_can_be_revoked_while_its_person_is_locked() {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let tokens = server.tokens(&client, "openid", "alice").await;
    tessera_app::users::lock(&server.cli(), alice.id).await.unwrap();
    let form = [("token", text(&tokens, "access_token"))];
    assert_eq!(server.post("/revoke", &client, &form).await.status, 200);
    tessera_app::users::unlock(&server.cli(), alice.id).await.unwrap();
    assert_eq!(server.refresh_with(&client, text(&tokens, "refresh_token")).await.error(), "invalid_grant");
}

#[tokio::test]
async fn o69_protocol_83_a_request_without_token_or_client_is_an_error() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.add_client(ClientKind::Service).await;
    for form in [&[][..], &[("token", "")], &[("token_type_hint", "access_token")]] {
        let answer = server.post("/revoke", &client, form).await;
        assert_eq!((answer.status, &*answer.error()), (400, "invalid_request"), "{form:?}");
    }
    assert_eq!(server.post_form("/revoke", &[("token", "x")]).await.error(), "invalid_client");
    let get = server.get("/revoke?token=x").await;
    assert_eq!((get.status, get.header("allow")), (405, "POST"));
}

#[rstest]
#[tokio::test]
async fn the_feed_is_complete_ordered_and_forgets_what_has_expired(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let client = server.add_client(ClientKind::Service).await;
    let empty = server.rules(0).await;
    assert_eq!((&empty["seq"], &empty["complete"], ids(&empty).len()), (&0.into(), &true.into(), 0));
    let mut jtis = Vec::new();
    for _ in 0..5 {
        let form = [("grant_type", "client_credentials")];
        let token = text(&server.post("/token", &client, &form).await.json(), "access_token").to_owned();
        jtis.push(hashed(text(&server.verified(&token, "at+jwt").await.1, "jti")));
        server.post("/revoke", &client, &[("token", &token)]).await;
    }
    let all = server.rules(0).await;
    assert_eq!(
        (text(&all, "iss"), &all["seq"], &all["complete"]),
        (&*server.issuer, &5.into(), &true.into())
    );
    assert_eq!(ids(&all).into_iter().map(|(_, id)| id).collect::<Vec<_>>(), jtis, "in the order of the acts");
    let rest = server.rules(3).await;
    assert_eq!((&all["after"], &rest["after"]), (&0.into(), &3.into()), "each answer names its question");
    assert_eq!(ids(&rest).into_iter().map(|(_, id)| id).collect::<Vec<_>>(), jtis[3..]);
    assert_eq!(server.rules(5).await["seq"], 5);
    server.advance(2 * 86_400);
    let later = server.rules(0).await;
    assert_eq!((ids(&later).len(), &later["seq"]), (0, &5.into()), "dead rules go, their numbers stay");
    server.run_jobs().await;
    assert_eq!(server.rules(5).await["seq"], 5, "a number never comes again");
    for bad in ["-1", "x", "1.5", "9223372036854775808"] {
        let answer = server.get(&format!("/revocation/rules?after={bad}")).await;
        assert_eq!((answer.status, &*answer.error()), (400, "invalid_request"), "{bad}");
    }
}

/// A rule of the greatest length, about nothing that exists.
fn any_rule(n: u32) -> RevocationRule {
    let time = Timestamp::from_seconds(99_999_999_999);
    let id = Digest::new(sha256(&n.to_be_bytes()));
    let (subject, client) = (Some(Digest::new([1; 32])), Some(Digest::new([2; 32])));
    RevocationRule {
        kind: RevocationKind::Session,
        id,
        issued_before: time,
        expires_at: time,
        subject,
        client,
    }
}

async fn write_rules(server: &TestServer, count: u32) {
    let rules = &(0..count).map(any_rule).collect::<Vec<_>>();
    let store = server.store().await;
    let written = store.write(|tx| async move {
        for rule in rules {
            tx.revocations().append(rule).await?;
        }
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
    });
    written.await.unwrap();
}

#[tokio::test]
async fn f34_many_rules_come_in_pages_and_a_follower_learns_that_the_database_went_back() {
    let server = TestServer::start(Backend::Sqlite).await;
    write_rules(&server, 600).await;
    let (mut after, mut heard, mut pages) = (0, Vec::new(), 0);
    loop {
        let answer = server.get(&format!("/revocation/rules?after={after}")).await;
        assert!(answer.body.len() < MAX_DOCUMENT_LEN / 6, "{} bytes", answer.body.len());
        let page = server.rules(after).await;
        heard.extend(ids(&page));
        (after, pages) = (u32::try_from(page["seq"].as_u64().unwrap()).unwrap(), pages + 1);
        if page["complete"] == true {
            break;
        }
        assert_eq!(page["rules"].as_array().unwrap().len(), 150);
    }
    heard.dedup();
    assert_eq!((after, heard.len(), pages), (600, 600, 5));
    assert_eq!(server.rules(9_000).await["seq"], 600, "lower than asked for: the follower starts over");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i08_a_flood_of_questions_does_not_hold_up_what_the_server_itself_must_hear_of(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let client = server.add_client(ClientKind::Service).await;
    write_rules(&server, 600).await;
    let question = server.url("/revocation/rules?after=0");
    let mut flood = JoinSet::new();
    for _ in 0..16 {
        let (http, question) = (server.http.clone(), question.clone());
        flood.spawn(async move { while http.get(&question).send().await.unwrap().status() == 200 {} });
    }
    for _ in 0..5 {
        assert_eq!(server.http.get(&question).send().await.unwrap().status(), 200, "the flood is on");
    }
    tessera_app::clients::disable(&server.cli(), &client.id.parse().unwrap()).await.unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(1), server.refresh()).await;
    assert!(heard.is_ok(), "a change counts within a second");
    let news = tokio::time::timeout(Duration::from_secs(1), server.rules(600)).await.unwrap();
    assert_eq!(ids(&news), [("client".to_owned(), hashed(&client.id))], "verifiers hear of it too");
    assert!(flood.try_join_next().is_none(), "the flood was answered all the time");
}

#[tokio::test]
async fn each_answer_repeats_the_nonce_it_was_asked_with() {
    let server = TestServer::start(Backend::Sqlite).await;
    let asked = async |query: &str| server.get(&format!("/revocation/rules?after=0{query}")).await;
    let answer = asked("&nonce=Az0-_").await;
    assert_eq!(server.verified(&answer.body, "revocation-rules+jwt").await.1["nonce"], "Az0-_");
    assert!(server.rules(0).await.get("nonce").is_none(), "without one there is none");
    let long = format!("&nonce={}", "x".repeat(65));
    for bad in ["&nonce=a%20b", "&nonce=%22", "&nonce=%C3%A4", "&nonce=a&nonce=b", &long] {
        let answer = asked(bad).await;
        assert_eq!((answer.status, &*answer.error()), (400, "invalid_request"), "{bad}");
    }
}

#[tokio::test]
async fn the_feed_may_be_read_by_everybody_and_kept_by_nobody() {
    let server = TestServer::start(Backend::Sqlite).await;
    let answer = server.get("/revocation/rules").await;
    assert_eq!(answer.header("content-type"), "application/revocation-rules+jwt");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin");
}
