//! The scopes of requests, grants and answers (RFC 6749 section 3.3, OIDC core sections 3.1.2.1 and 5.4).

use rstest::rstest;
use serde_json::{Value, json};
use tessera_app::groups::{self, NewGroup};
use tessera_app::users::{self, UserChanges};
use tessera_model::{ClientKind, EventCode};
use tessera_oauth::claims::{Address, ProfileClaims};
use tessera_oauth::scope::ScopeSet;
use tessera_testkit::browser::query;
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{API, Backend, TestServer};

use crate::error_in;

#[tokio::test]
async fn protocol_89_scopes_that_are_unknown_or_not_this_clients_are_left_out_at_authorize() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server
        .add_client_with(ClientKind::Web, |new| {
            new.scopes = "openid email offline_access orders.read".parse().unwrap();
        })
        .await;
    for (asked, granted) in [
        ("openid groups", "openid"),
        ("  openid   email  ", "openid email"),
        ("openid profile orders.read orders.write", "openid orders.read"),
        ("offline_access openid", "offline_access openid"),
        ("", "openid email orders.read"),
    ] {
        let tokens = server.tokens(&client, asked, "alice").await;
        assert_eq!(text(&tokens, "scope"), granted, "{asked:?}");
    }
    for none in ["groups", "profile orders.write", "offline_access"] {
        let answer = server.get(&server.authorize_path(&client, none, &[])).await;
        assert_eq!(error_in(&server, &answer, Some("s t&te")), "invalid_scope", "{none}");
    }
}

#[tokio::test]
async fn a_refresh_and_a_machine_are_told_which_scope_is_too_much() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let web = server.add_client(ClientKind::Web).await;
    let tokens = server.tokens(&web, "openid orders.read", "alice").await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&tokens, "refresh_token")),
        ("scope", "openid  orders.write"),
    ];
    let refused = server.post("/token", &web, &form).await;
    assert_eq!((refused.status, &*refused.error()), (400, "invalid_scope"));
    assert!(text(&refused.json(), "error_description").ends_with("orders.write"), "{}", refused.body);
    let kept = server.refresh_with(&web, text(&tokens, "refresh_token")).await.json();
    assert_eq!(text(&kept, "scope"), "openid orders.read", "a refresh without scope keeps the grant's");
    let service = server.add_client(ClientKind::Service).await;
    let form = [("grant_type", "client_credentials"), ("scope", "orders.read orders.delete")];
    let refused = server.post("/token", &service, &form).await;
    assert_eq!((refused.status, &*refused.error()), (400, "invalid_scope"));
    assert!(text(&refused.json(), "error_description").ends_with("orders.delete"), "{}", refused.body);
}

#[tokio::test]
async fn a_machine_that_names_no_api_gets_the_first_and_audience_means_resource() {
    const OTHER: &str = "https://other.example";
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_api(OTHER, &["other.only"]).await;
    let service = server
        .add_client_with(ClientKind::Service, |new| {
            new.audiences = vec![OTHER.to_owned(), API.to_owned()];
            new.scopes = "orders.read other.only".parse().unwrap();
        })
        .await;
    for (more, audience, scope) in [
        (&[][..], OTHER, "other.only"),
        (&[("scope", "orders.read")], API, "orders.read"),
        (&[("audience", API)], API, "orders.read"),
        (&[("resource", API)], API, "orders.read"),
    ] {
        let form = [&[("grant_type", "client_credentials")][..], more].concat();
        let tokens = server.post("/token", &service, &form).await.json();
        let claims = server.verified(text(&tokens, "access_token"), "at+jwt").await.1;
        assert_eq!((text(&claims, "aud"), text(&tokens, "scope")), (audience, scope), "{more:?} {tokens}");
    }
    server.add_user("alice").await;
    let web = server.add_client(ClientKind::Web).await;
    let path = server.authorize_path(&web, "openid orders.read", &[("audience", API)]);
    let end = server.authorize(&mut server.browser(), &path, "alice").await;
    assert!(query(&end, "code").is_some(), "{end}");
    let answer = server.get(&server.authorize_path(&web, "openid", &[("audience", OTHER)])).await;
    assert_eq!(error_in(&server, &answer, Some("s t&te")), "invalid_target");
}

/// Its API may decide by the client that calls it.
#[tokio::test]
async fn a_machine_without_scopes_gets_a_token_without_scope() {
    let server = TestServer::start(Backend::Sqlite).await;
    let service = server.add_client_with(ClientKind::Service, |new| new.scopes = ScopeSet::default()).await;
    let tokens = server.post("/token", &service, &[("grant_type", "client_credentials")]).await.json();
    assert_eq!(tokens.get("scope"), None, "{tokens}");
    let claims = server.verified(text(&tokens, "access_token"), "at+jwt").await.1;
    assert_eq!((text(&claims, "aud"), claims.get("scope")), (API, None), "{claims}");
}

#[tokio::test]
async fn profile_and_email_serve_clients_that_do_not_speak_openid_connect() {
    let server = TestServer::start(Backend::Sqlite).await;
    let user = server.add_user("alice").await;
    let client = server.add_client(ClientKind::Native).await;
    let tokens = server.tokens(&client, "profile", "alice").await;
    assert!(tokens.get("id_token").is_none(), "{tokens}");
    let answer = server.userinfo(text(&tokens, "access_token")).await;
    let told = answer.json();
    assert_eq!((answer.status, text(&told, "sub")), (200, &*user.id.to_string()));
    assert_eq!((text(&told, "preferred_username"), told.get("email")), ("alice", None));
}

#[tokio::test]
async fn protocol_44_every_claim_is_released_by_its_scope_in_its_type() {
    let server = TestServer::start(Backend::Sqlite).await;
    let user = server.add_user("alice").await;
    let some = |text: &str| Some(text.to_owned());
    let claims = ProfileClaims {
        given_name: some("Alice"),
        family_name: some("Example"),
        middle_name: some("B."),
        nickname: some("Al"),
        profile: some("https://example.com/alice"),
        picture: some("https://example.com/alice.png"),
        website: some("https://alice.example"),
        gender: some("female"),
        birthdate: some("1984-02-29"),
        zoneinfo: some("Europe/Paris"),
        locale: some("fr-FR"),
        phone_number: some("+33 1 23 45 67 89"),
        phone_number_verified: Some(true),
        address: Some(Address { locality: some("Paris"), country: some("FR"), ..Address::default() }),
    };
    let changes = UserChanges { email_verified: Some(true), claims, ..UserChanges::default() };
    users::update(&server.cli(), user.id, &changes).await.unwrap();
    let client = server
        .add_client_with(ClientKind::Web, |new| {
            new.scopes = "openid profile email phone address".parse().unwrap();
        })
        .await;
    let document = server.get("/.well-known/openid-configuration").await.json();
    let announced = document["claims_supported"].as_array().unwrap();
    let mut by_scope = std::collections::BTreeMap::new();
    for scope in ["openid", "profile", "email", "phone", "address"] {
        let tokens = server.tokens(&client, &format!("openid {scope}"), "alice").await;
        let told = server.userinfo(text(&tokens, "access_token")).await.json();
        let mut told = told.as_object().unwrap().clone();
        for name in told.keys() {
            assert!(announced.contains(&name.as_str().into()), "{name} is not announced");
        }
        assert_eq!(told.remove("sub"), Some(user.id.to_string().into()));
        told.remove("updated_at").map_or_else(
            || assert_ne!(scope, "profile"),
            |at| assert!(at.is_i64() && scope == "profile", "{at}"),
        );
        by_scope.insert(scope, told);
    }
    insta::with_settings!({ snapshot_path => "../snapshots" }, {
        insta::assert_json_snapshot!("claims_by_scope", by_scope);
    });
    let audited = server.events(EventCode::UserUpdated).await;
    let detail = audited[0].detail.as_deref();
    assert_eq!((audited.len(), detail), (1, Some("email_verified claims")), "names, never values");
}

#[tokio::test]
async fn protocol_42_claims_stand_in_id_tokens_only_of_clients_that_are_registered_so() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    for on in [false, true] {
        let client = server.add_client_with(ClientKind::Web, |new| new.id_token_claims = on).await;
        for (scope, name, email) in [("openid", false, false), ("openid profile email", true, true)] {
            let tokens = server.tokens(&client, scope, "alice").await;
            let claims = server.verified(text(&tokens, "id_token"), "JWT").await.1;
            let has = |name: &str| claims.get(name).is_some();
            assert_eq!((has("name"), has("email")), (on && name, on && email), "{scope} {claims}");
        }
    }
}

/// What the ID token and `UserInfo` say of groups.
async fn told(server: &TestServer, tokens: &Value) -> (Option<Value>, Option<Value>) {
    let id = server.verified(text(tokens, "id_token"), "JWT").await.1;
    let info = server.userinfo(text(tokens, "access_token")).await.json();
    (id.get("groups").cloned(), info.get("groups").cloned())
}

#[rstest]
#[tokio::test]
async fn applications_that_ask_for_groups_are_told_as_of_now(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let (alice, ops) = (server.add_user("alice").await.id, "ops".parse().unwrap());
    for name in ["ops", "admins", "sales"] {
        let new = NewGroup { name: name.parse().unwrap(), description: None };
        groups::add(&server.cli(), new).await.unwrap();
    }
    let scopes = || "openid profile groups".parse().unwrap();
    let plain = server.add_client_with(ClientKind::Web, |new| new.scopes = scopes()).await;
    let client = server
        .add_client_with(ClientKind::Web, |new| (new.scopes, new.id_token_claims) = (scopes(), true))
        .await;
    let tokens = server.tokens(&client, "openid groups", "alice").await;
    assert_eq!(told(&server, &tokens).await, (Some(json!([])), Some(json!([]))), "in none");
    groups::add_members(&server.cli(), &ops, &[alice].into()).await.unwrap();
    groups::add_members(&server.cli(), &"admins".parse().unwrap(), &[alice].into()).await.unwrap();
    let both = Some(json!(["admins", "ops"]));
    let refreshed = server.refresh_with(&client, text(&tokens, "refresh_token")).await.json();
    assert_eq!(told(&server, &refreshed).await, (both.clone(), both.clone()));
    let tokens = server.tokens(&plain, "openid groups", "alice").await;
    assert_eq!(told(&server, &tokens).await, (None, both), "an ID token as small as can be");
    groups::remove_members(&server.cli(), &ops, &[alice].into()).await.unwrap();
    assert_eq!(told(&server, &tokens).await, (None, Some(json!(["admins"]))));
    let tokens = server.tokens(&client, "openid profile", "alice").await;
    assert_eq!(told(&server, &tokens).await, (None, None), "not asked for");
}
