//! Claims about a person (OIDC core section 5.3), and tokens that do not give access to them.

use rstest::rstest;
use tessera_model::ClientKind;
use tessera_testkit::browser::Answer;
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, TestServer};

#[rstest]
#[case::bare("openid", &["sub"])]
#[case::profile("openid profile", &["name", "preferred_username", "sub", "updated_at"])]
#[case::email("openid email", &["email", "email_verified", "sub"])]
#[case::all(
    "openid profile email",
    &["email", "email_verified", "name", "preferred_username", "sub", "updated_at"]
)]
#[tokio::test]
async fn protocol_44_scopes_decide_what_is_told(#[case] scope: &str, #[case] members: &[&str]) {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let tokens = server.tokens(&client, scope, "alice").await;
    let answer = server.userinfo(text(&tokens, "access_token")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.header("cache-control"), "no-store");
    let told = answer.json();
    assert_eq!(told.as_object().unwrap().keys().collect::<Vec<_>>(), members);
    assert_eq!(told["sub"], alice.id.to_string());
    for (name, value) in told.as_object().unwrap() {
        let right = match name.as_str() {
            "email_verified" => value == false,
            "updated_at" => value.as_i64() == Some(alice.updated_at.seconds()),
            "name" => value == "Alice Example",
            "preferred_username" => value == "alice",
            "email" => value == "alice@example.com",
            _ => value.is_string(),
        };
        assert!(right, "{name}: {value}");
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Sends a request with these `Authorization` headers, and a body of this type.
async fn present(server: &TestServer, path: &str, headers: &[&str], body: Option<(&str, &str)>) -> Answer {
    let mut request = server.http.post(server.url(path));
    for header in headers {
        request = request.header("authorization", *header);
    }
    if let Some((kind, body)) = body {
        request = request.header("content-type", kind).body(body.to_owned());
    }
    Answer::read(request.send().await.unwrap()).await
}

#[tokio::test]
async fn protocol_43_get_and_post_with_the_header_or_a_form() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let tokens = server.tokens(&client, "openid", "alice").await;
    let token = text(&tokens, "access_token");
    for header in [format!("Bearer {token}"), format!("bearer {token}"), format!("BEARER  {token}")] {
        for body in [
            None,
            Some((FORM, "")),
            Some((FORM, "a=1")),
            Some((FORM, "access_token=")),
            Some(("text/plain", "x")),
        ] {
            assert_eq!(
                present(&server, "/userinfo", &[&header], body).await.status,
                200,
                "{header} {body:?}"
            );
        }
    }
    let body = format!("access_token={token}");
    for kind in
        [FORM, "application/x-www-form-urlencoded; charset=ISO-8859-1", "application/x-www-form-urlencoded;"]
    {
        let answer = present(&server, "/userinfo", &[], Some((kind, &body))).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "*"), "{kind}");
        assert_eq!(answer.json().as_object().unwrap().keys().collect::<Vec<_>>(), ["sub"]);
    }
    assert_invalid(&present(&server, "/userinfo", &[], Some((FORM, "access_token=x"))).await);
}

#[tokio::test]
async fn protocol_43_a_token_in_the_query_or_in_another_body_is_none() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let tokens = server.tokens(&client, "openid", "alice").await;
    let token = text(&tokens, "access_token");
    let (in_query, in_form) = (format!("/userinfo?access_token={token}"), format!("access_token={token}"));
    let json = format!(r#"{{"access_token":"{token}"}}"#);
    let form_with_get =
        server.http.get(server.url("/userinfo")).header("content-type", FORM).body(in_form.clone());
    for answer in [
        server.get(&in_query).await,
        present(&server, &in_query, &[], None).await,
        present(&server, "/userinfo", &[], Some(("application/json", &json))).await,
        present(&server, "/userinfo", &[], Some(("text/plain", &in_form))).await,
        present(&server, "/userinfo", &[], Some((FORM, "access_token="))).await,
        Answer::read(form_with_get.send().await.unwrap()).await,
        server.get("/userinfo").await,
    ] {
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer realm=\"tessera\""));
        assert_eq!(answer.body, "");
    }
    for (body, status) in
        [("access_token=a&access_token=b", 400), ("a=%zz", 400), (&*"x".repeat(70_000), 413)]
    {
        let answer = present(&server, "/userinfo", &[], Some((FORM, body))).await;
        assert_eq!((answer.status, &*answer.error()), (status, "invalid_request"), "{body:.40}");
    }
}

#[tokio::test]
async fn o32_an_access_token_in_two_places_is_a_broken_request() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let tokens = server.tokens(&client, "openid", "alice").await;
    let token = text(&tokens, "access_token");
    let bearer = &*format!("Bearer {token}");
    let body = &*format!("access_token={token}");
    for (query, headers, body) in [
        ("", &[bearer, bearer][..], None),
        ("", &[bearer, "Basic eDp5"], None),
        ("", &[bearer], Some(body)),
        ("", &[bearer], Some("access_token=other")),
        ("", &["Basic eDp5"], Some(body)),
        ("?access_token=x", &[bearer], None),
        ("?access_token", &[bearer], None),
        ("?access%5Ftoken=x&access_token=y", &[bearer], None),
        ("?a=%zz&access_token=x", &[bearer], None),
        ("?access_token=x", &[], Some(body)),
        ("?access_token=x", &[bearer], Some(body)),
    ] {
        let path = format!("/userinfo{query}");
        let answer = present(&server, &path, headers, body.map(|body| (FORM, body))).await;
        assert_eq!((answer.status, &*answer.body), (400, ""), "{path} {headers:?} {body:?}");
        assert_eq!(
            answer.header("www-authenticate"),
            "Bearer error=\"invalid_request\"",
            "{path} {headers:?} {body:?}"
        );
    }
    let with_get = server.http.get(server.url("/userinfo?access_token=x")).bearer_auth(token);
    assert_eq!(Answer::read(with_get.send().await.unwrap()).await.status, 400);
}

fn assert_invalid(answer: &Answer) {
    assert_eq!((answer.status, answer.body.as_str()), (401, ""));
    assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"", "no reason is given");
}

#[tokio::test]
async fn o70_other_kinds_of_token_are_not_access_tokens() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let tokens = server.tokens(&client, "openid", "alice").await;
    let feed = server.get("/revocation/rules").await.body;
    let access_token = text(&tokens, "access_token");
    let (signed, signature) = access_token.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let none = tessera_jose::base64url::encode(br#"{"alg":"none","typ":"at+jwt"}"#);
    for wrong in [
        text(&tokens, "id_token"),
        text(&tokens, "refresh_token"),
        &feed,
        "garbage",
        "..",
        signed,
        &format!("{signed}."),
        &format!("{none}.{claims}."),
        &format!("{header}.e30.{signature}"),
        &format!("{access_token}A"),
        &format!("{access_token}, {access_token}"),
        &"a".repeat(9000),
    ] {
        assert_invalid(&server.userinfo(wrong).await);
    }
    let other_scheme = server.post_as("/userinfo", &format!("DPoP {access_token}"), &[]).await;
    assert_invalid(&other_scheme);
}

#[tokio::test]
async fn o70_a_token_without_openid_is_insufficient_scope() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client_with(ClientKind::Web, |new| new.client_credentials = true).await;
    let machine = server.post("/token", &client, &[("grant_type", "client_credentials")]).await.json();
    let person = server.tokens(&client, "orders.read", "alice").await;
    for tokens in [machine, person] {
        let answer = server.userinfo(text(&tokens, "access_token")).await;
        assert_eq!(answer.status, 403);
        let challenge = "Bearer error=\"insufficient_scope\", scope=\"openid\"";
        assert_eq!(answer.header("www-authenticate"), challenge);
    }
}

#[tokio::test]
async fn j24_o70_a_token_is_good_until_its_last_second_and_ten_more() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let tokens = server.tokens(&client, "openid", "alice").await;
    for _ in 0..2 {
        server.advance(305);
        assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, 200);
    }
    server.advance(1);
    assert_invalid(&server.userinfo(text(&tokens, "access_token")).await);
}

/// What may happen to a person or a client during the life of a token.
#[derive(Clone, Copy, Debug)]
enum Ends {
    UserLocked,
    UserDisabled,
    UserDeleted,
    LoggedOut,
    ClientDisabled,
    ClientDeleted,
}

#[rstest]
#[tokio::test]
async fn o70_a_token_whose_person_session_or_client_is_gone_is_dead(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(
        Ends::UserLocked,
        Ends::UserDisabled,
        Ends::UserDeleted,
        Ends::LoggedOut,
        Ends::ClientDisabled,
        Ends::ClientDeleted
    )]
    ends: Ends,
) {
    let server = TestServer::start(backend).await;
    let alice = server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let tokens = server.tokens(&client, "openid profile", "alice").await;
    let (cli, id) = (&server.cli(), &client.id.parse().unwrap());
    match ends {
        Ends::UserLocked => drop(tessera_app::users::lock(cli, alice.id).await.unwrap()),
        Ends::UserDisabled => drop(tessera_app::users::disable(cli, alice.id).await.unwrap()),
        Ends::UserDeleted => drop(tessera_app::users::delete(cli, alice.id).await.unwrap()),
        Ends::LoggedOut => server.log_out_everywhere(alice.id).await,
        Ends::ClientDisabled => drop(tessera_app::clients::disable(cli, id).await.unwrap()),
        Ends::ClientDeleted => drop(tessera_app::clients::delete(cli, id).await.unwrap()),
    }
    assert_invalid(&server.userinfo(text(&tokens, "access_token")).await);
}

#[rstest]
#[tokio::test]
async fn i04_what_a_lock_took_back_stays_dead_after_the_unlock(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let (alice, bob) = (server.add_user("alice").await, server.add_user("bob").await);
    let client = server.add_client(ClientKind::Web).await;
    let mut before = server.tokens(&client, "openid", "alice").await;
    let of_bob = server.tokens(&client, "openid", "bob").await;
    let userinfo = async |tokens: &serde_json::Value| server.userinfo(text(tokens, "access_token")).await;
    for _ in 0..2 {
        tessera_app::users::lock(&server.cli(), alice.id).await.unwrap();
        server.advance(5);
        tessera_app::users::unlock(&server.cli(), alice.id).await.unwrap();
        assert_invalid(&userinfo(&before).await);
        // After the time that the rule covers. It covers a little more than now, because clocks of several issuers may differ.
        server.advance(10);
        let refreshed = server.refresh_with(&client, text(&before, "refresh_token")).await.json();
        assert_eq!(userinfo(&refreshed).await.status, 200, "what is issued since is good");
        assert_invalid(&userinfo(&before).await);
        before = refreshed;
    }
    assert_eq!(userinfo(&of_bob).await.json()["sub"], bob.id.to_string(), "nobody else is affected");
}

#[tokio::test]
async fn i04_a_new_password_a_revoked_grant_and_a_client_of_the_same_name_bring_nothing_back() {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let new_client =
        async || server.add_client_with(ClientKind::Web, |new| new.id = Some("shop".parse().unwrap())).await;
    let shop = new_client().await;
    let [first, second] =
        [server.tokens(&client, "openid", "alice").await, server.tokens(&shop, "openid", "alice").await];
    let revoked = server.tokens(&client, "openid", "alice").await;
    server.post("/revoke", &client, &[("token", text(&revoked, "refresh_token"))]).await;
    tessera_app::clients::delete(&server.cli(), &"shop".parse().unwrap()).await.unwrap();
    new_client().await;
    let userinfo = async |tokens: &serde_json::Value| server.userinfo(text(tokens, "access_token")).await;
    assert_invalid(&userinfo(&revoked).await);
    assert_invalid(&userinfo(&second).await);
    assert_eq!(userinfo(&first).await.status, 200);
    let password = tessera_model::PlainPassword::to_set("another good password".to_owned()).unwrap();
    tessera_app::users::set_password(&server.cli(), alice.id, password).await.unwrap();
    assert_invalid(&userinfo(&first).await);
}
