//! The requests of widely used programs with their documented defaults, for programs that no test can start.
//!
//! `docs/clients.md` says what to register for each. Programs that tests can start are in `e2e/clients`.

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::Value;
use tessera_app::apis::{self, ApiChange};
use tessera_app::clients::{self, ClientChanges, ListChange, NewClient};
use tessera_app::users::{self, UserChanges};
use tessera_model::ClientKind;
use tessera_model::api::JwtType;
use tessera_testkit::browser::{Answer, query};
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{API, Backend, CHALLENGE, REDIRECT_URI, TestClient, TestServer, VERIFIER};

/// How a program sends the client's secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Secret {
    InHeader,
    InForm,
}

/// A web application that was registered by its kind and redirect URI alone.
struct Program {
    server: TestServer,
    client: TestClient,
    secret: Secret,
    pkce: bool,
}

impl Program {
    async fn start(secret: Secret, pkce: bool) -> Self {
        Self::start_with(secret, pkce, |_| {}).await
    }

    async fn start_with(secret: Secret, pkce: bool, change: impl FnOnce(&mut NewClient)) -> Self {
        let server = TestServer::start(Backend::Sqlite).await;
        let user = server.add_user("alice").await;
        let verified = UserChanges { email_verified: Some(true), ..UserChanges::default() };
        users::update(&server.cli(), user.id, &verified).await.unwrap();
        let client = register(&server, ClientKind::Web, REDIRECT_URI, change).await;
        Self { server, client, secret, pkce }
    }

    /// Logs in with a new browser. Returns the answer of the token endpoint.
    async fn log_in(&self, scope: &str, redirect_uri: &str) -> Answer {
        let mut asked = vec![
            ("response_type", "code"),
            ("client_id", &*self.client.id),
            ("redirect_uri", redirect_uri),
            ("scope", scope),
            ("state", "xyz"),
        ];
        if self.pkce {
            asked.extend([("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]);
        }
        let path = tessera_oauth::response::with_query("/authorize", asked.into_iter());
        let end = self.server.authorize(&mut self.server.browser(), &path, "alice").await;
        let code = query(&end, "code").unwrap_or_else(|| panic!("{end}"));
        let mut form =
            vec![("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", redirect_uri)];
        form.extend(self.pkce.then_some(("code_verifier", VERIFIER)));
        self.post("/token", self.secret, &form).await
    }

    async fn tokens(&self, scope: &str) -> Value {
        let answer = self.log_in(scope, REDIRECT_URI).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    async fn refresh(&self, tokens: &Value, secret: Secret) -> Answer {
        let form = [("grant_type", "refresh_token"), ("refresh_token", text(tokens, "refresh_token"))];
        self.post("/token", secret, &form).await
    }

    async fn post(&self, path: &str, secret: Secret, form: &[(&str, &str)]) -> Answer {
        match secret {
            Secret::InHeader => self.server.post(path, &self.client, form).await,
            Secret::InForm => {
                let mine = [("client_id", &*self.client.id), ("client_secret", &*self.client.secret)];
                self.server.post_form(path, &[form, &mine].concat()).await
            }
        }
    }

    async fn id_token(&self, tokens: &Value) -> Value {
        self.server.verified(text(tokens, "id_token"), "JWT").await.1
    }
}

/// Registers a client by its kind and redirect URI, with `change` applied.
async fn register(
    server: &TestServer,
    kind: ClientKind,
    redirect_uri: &str,
    change: impl FnOnce(&mut NewClient),
) -> TestClient {
    let mut new = NewClient {
        redirect_uris: vec![redirect_uri.parse().unwrap()],
        require_consent: false,
        ..NewClient::new(kind, "Program")
    };
    change(&mut new);
    let added = clients::add(&server.cli(), new).await.unwrap();
    let secret = added.secret.map(|secret| String::clone(&secret)).unwrap_or_default();
    TestClient { id: added.client.id.to_string(), secret }
}

#[tokio::test]
async fn spring_boot_3_sends_basic_and_no_pkce_and_refreshes_many_times_at_once() {
    let it = Program::start(Secret::InHeader, false).await;
    let tokens = it.tokens("openid profile email").await;
    let refreshed = join_all((0..8).map(|_| it.refresh(&tokens, Secret::InHeader))).await;
    let successors: Vec<String> =
        refreshed.iter().map(|answer| text(&answer.json(), "refresh_token").to_owned()).collect();
    assert!(successors.iter().all(|token| *token == successors[0] && !token.is_empty()), "{successors:?}");
    let goes_on = it.refresh(&refreshed[7].json(), Secret::InHeader).await;
    assert_eq!(goes_on.status, 200, "{}", goes_on.body);
}

#[tokio::test]
async fn spring_boot_3_without_scopes_gets_those_of_the_registration() {
    let it = Program::start(Secret::InHeader, false).await;
    let tokens = it.tokens("").await;
    assert_eq!(text(&tokens, "scope"), "openid profile email");
}

#[tokio::test]
async fn spring_boot_uses_a_second_redirect_uri_that_is_added_later_with_the_same_secret() {
    const SECOND: &str = "https://rp.example/authorize/oauth2/code/tessera";
    let it = Program::start(Secret::InHeader, false).await;
    let redirect_uris = ListChange { add: vec![SECOND.parse().unwrap()], ..ListChange::default() };
    let changes = ClientChanges { redirect_uris, ..ClientChanges::default() };
    clients::update(&it.server.cli(), &it.client.id.parse().unwrap(), &changes).await.unwrap();
    it.server.refresh().await;
    for uri in [REDIRECT_URI, SECOND] {
        assert_eq!(it.log_in("openid", uri).await.status, 200, "{uri}");
    }
}

#[tokio::test]
async fn spring_boot_4_adds_pkce() {
    let it = Program::start(Secret::InHeader, true).await;
    let tokens = it.tokens("openid profile email").await;
    assert_eq!(it.refresh(&tokens, Secret::InHeader).await.status, 200);
}

#[tokio::test]
async fn quarkus_takes_the_name_from_the_id_token() {
    let it = Program::start_with(Secret::InHeader, false, |new| new.id_token_claims = true).await;
    let tokens = it.tokens("openid profile email").await;
    let claims = it.id_token(&tokens).await;
    assert_eq!((text(&claims, "preferred_username"), text(&claims, "name")), ("alice", "Alice Example"));
}

#[tokio::test]
async fn keycloak_as_a_broker_sends_the_secret_in_the_form_and_comes_back_after_logout() {
    const BACK: &str = "https://rp.example/realms/shop/broker/tessera/endpoint/logout_response";
    let it = Program::start_with(Secret::InForm, false, |new| {
        new.post_logout_redirect_uris = vec![BACK.parse().unwrap()];
    })
    .await;
    let tokens = it.tokens("openid").await;
    assert_eq!(it.server.userinfo(text(&tokens, "access_token")).await.status, 200);
    let asked =
        [("id_token_hint", text(&tokens, "id_token")), ("post_logout_redirect_uri", BACK), ("state", "s")];
    let path = tessera_oauth::response::with_query("/logout", asked.into_iter());
    let back = it.server.browser().visit(&path).await;
    assert_eq!(back.location(), Some(&*format!("{BACK}?state=s")), "{}", back.body);
}

/// `--backend-logout-url`: the proxy itself sends the request, with a hint and without the person's cookies.
#[tokio::test]
async fn oauth2_proxy_logs_a_person_out_from_its_server() {
    for confirm in [true, false] {
        let it = Program::start_with(Secret::InHeader, false, |new| new.confirm_logout = confirm).await;
        let tokens = it.tokens("openid").await;
        let path = format!("/logout?id_token_hint={}", text(&tokens, "id_token"));
        assert_eq!(it.server.get(&path).await.status, 200);
        let refreshed = it.refresh(&tokens, Secret::InHeader).await;
        assert_eq!(refreshed.status == 200, confirm, "{}", refreshed.body);
    }
}

/// They send the secret in the form and no challenge.
#[rstest]
#[case::jupyterhub()]
#[case::google_oauth_client()]
#[tokio::test]
async fn the_secret_in_the_form_and_no_pkce() {
    let it = Program::start(Secret::InForm, false).await;
    let tokens = it.tokens("openid profile email").await;
    let told = it.server.userinfo(text(&tokens, "access_token")).await.json();
    assert_eq!((text(&told, "preferred_username"), text(&told, "email")), ("alice", "alice@example.com"));
}

/// A public client at a registered port of localhost, with `offline_access`.
#[tokio::test]
async fn oidc_agent_asks_for_offline_access() {
    const LOCALHOST: &str = "http://localhost:4242";
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = register(&server, ClientKind::Native, LOCALHOST, |new| {
        new.scopes = "openid profile email offline_access".parse().unwrap();
    })
    .await;
    let it = Program { server, client, secret: Secret::InForm, pkce: true };
    let tokens = it.log_in("openid profile offline_access", LOCALHOST).await.json();
    assert!(text(&tokens, "scope").contains("offline_access"), "{tokens}");
    assert!(tokens["refresh_token"].is_string(), "{tokens}");
}

/// It presents the access token of a mail program at the `UserInfo` endpoint.
#[tokio::test]
async fn dovecot_asks_userinfo_for_the_address_behind_a_token() {
    let it = Program::start(Secret::InHeader, true).await;
    let tokens = it.tokens("email").await;
    let told = it.server.userinfo(text(&tokens, "access_token")).await;
    assert_eq!((told.status, text(&told.json(), "email")), (200, "alice@example.com"));
}

/// Its decoder only accepts the `typ` `JWT`.
#[tokio::test]
async fn spring_resource_server_gets_the_type_that_it_knows() {
    let it = Program::start_with(Secret::InHeader, false, |new| {
        new.audiences = vec![API.to_owned()];
        new.scopes = "openid orders.read".parse().unwrap();
    })
    .await;
    let change = ApiChange { token_type: Some(JwtType::Jwt), ..ApiChange::default() };
    apis::update(&it.server.cli(), API, &change).await.unwrap();
    it.server.refresh().await;
    let tokens = it.tokens("openid orders.read").await;
    let (header, claims) = it.server.verified(text(&tokens, "access_token"), "JWT").await;
    assert_eq!((&header["typ"], &header["alg"]), (&"JWT".into(), &"ES256".into()));
    assert!(claims["aud"].as_array().is_some_and(|aud| aud.contains(&API.into())), "{claims}");
}

#[rstest]
#[case::micronaut(REDIRECT_URI)]
#[case::nimbus(REDIRECT_URI)]
#[case::pac4j_with_its_name_behind_a_question_mark("https://rp.example/callback?client_name=OidcClient")]
#[tokio::test]
async fn name_and_address_are_wanted_in_the_id_token(#[case] redirect_uri: &str) {
    let it = Program::start_with(Secret::InHeader, true, |new| {
        new.id_token_claims = true;
        new.redirect_uris = vec![redirect_uri.parse().unwrap()];
    })
    .await;
    let tokens = it.log_in("openid email profile", redirect_uri).await.json();
    let claims = it.id_token(&tokens).await;
    assert_eq!((text(&claims, "name"), text(&claims, "email")), ("Alice Example", "alice@example.com"));
}

#[rstest]
#[case::vert_x()]
#[case::scribejava()]
#[tokio::test]
async fn basic_and_no_pkce() {
    let it = Program::start(Secret::InHeader, false).await;
    assert!(it.tokens("openid").await["refresh_token"].is_string());
}

#[tokio::test]
async fn open_liberty_sends_the_secret_in_the_form_and_no_pkce() {
    let it = Program::start(Secret::InForm, false).await;
    assert!(it.tokens("openid profile").await["id_token"].is_string());
}

#[rstest]
#[case::apache_httpclient()]
#[case::camel()]
#[tokio::test]
async fn another_charset_is_named() {
    let it = Program::start_with(Secret::InForm, false, |new| {
        new.audiences = vec![API.to_owned()];
        new.client_credentials = true;
    })
    .await;
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        it.client.id, it.client.secret
    );
    for kind in [
        "application/x-www-form-urlencoded; charset=ISO-8859-1",
        "application/x-www-form-urlencoded;charset=UTF-8",
        "application/x-www-form-urlencoded;",
    ] {
        let request = it.server.http.post(it.server.url("/token")).header("content-type", kind);
        let answer = Answer::read(request.body(form.clone()).send().await.unwrap()).await;
        assert_eq!(answer.status, 200, "{kind} {}", answer.body);
    }
}

#[tokio::test]
async fn jwks_rsa_looks_for_the_keys_at_their_usual_address() {
    let server = TestServer::start(Backend::Sqlite).await;
    let (usual, own) = (server.get("/.well-known/jwks.json").await, server.get("/jwks").await);
    assert_eq!((usual.status, &usual.body), (200, &own.body));
}

#[tokio::test]
async fn oauth2_proxy_wants_a_verified_address_an_id_token_at_refresh_and_asks_for_groups() {
    let it = Program::start_with(Secret::InHeader, false, |new| new.id_token_claims = true).await;
    let tokens = it.tokens("openid email profile groups").await;
    assert_eq!(text(&tokens, "scope"), "openid email profile", "unknown scopes are left out");
    let claims = it.id_token(&tokens).await;
    assert_eq!(claims["email_verified"], true, "{claims}");
    let refreshed = join_all((0..4).map(|_| it.refresh(&tokens, Secret::InHeader))).await;
    for answer in &refreshed {
        let json = answer.json();
        assert_eq!(text(&json, "refresh_token"), text(&refreshed[0].json(), "refresh_token"), "{json}");
        assert_eq!(it.id_token(&json).await["email"], "alice@example.com");
    }
}

#[tokio::test]
async fn kubectl_and_kubelogin_need_an_id_token_with_the_address_in_every_answer() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let loopback = "http://localhost:8000";
    let client = register(&server, ClientKind::Native, loopback, |new| new.id_token_claims = true).await;
    let it = Program { server, client, secret: Secret::InHeader, pkce: true };
    let mut tokens = it.log_in("openid email", loopback).await.json();
    let login = it.id_token(&tokens).await;
    for _ in 0..2 {
        it.server.advance(300);
        tokens = it.refresh(&tokens, Secret::InHeader).await.json();
        let claims = it.id_token(&tokens).await;
        assert_eq!((&claims["sub"], &claims["auth_time"]), (&login["sub"], &login["auth_time"]));
        assert_eq!((text(&claims, "email"), claims.get("nonce")), ("alice@example.com", None));
    }
}

#[rstest]
#[case::gitea()]
#[case::dex_connector()]
#[tokio::test]
async fn user_name_and_address_are_read_from_the_id_token() {
    let it = Program::start_with(Secret::InHeader, false, |new| new.id_token_claims = true).await;
    let claims = it.id_token(&it.tokens("openid profile email").await).await;
    assert_eq!((text(&claims, "preferred_username"), text(&claims, "email")), ("alice", "alice@example.com"));
}

#[tokio::test]
async fn minio_exchanges_an_id_token_whose_audience_is_its_client() {
    let it = Program::start(Secret::InHeader, false).await;
    let claims = it.id_token(&it.tokens("openid").await).await;
    assert_eq!((text(&claims, "aud"), text(&claims, "iss")), (&*it.client.id, &*it.server.issuer));
}

/// It tries Basic, repeats any failure with the secret in the form, and only shows the second error.
#[tokio::test]
async fn every_go_program_shows_the_true_reason() {
    let it = Program::start(Secret::InHeader, false).await;
    let form = [("grant_type", "authorization_code"), ("code", "stale"), ("redirect_uri", REDIRECT_URI)];
    let both =
        [it.post("/token", Secret::InHeader, &form).await, it.post("/token", Secret::InForm, &form).await];
    for answer in &both {
        assert_eq!((answer.status, answer.body.as_str()), (400, crate::INVALID_GRANT));
    }
}

#[rstest]
#[case::vault()]
#[case::go_oidc()]
#[case::hashicorp_cap()]
#[case::synapse()]
#[tokio::test]
async fn by_the_book() {
    let it = Program::start(Secret::InHeader, true).await;
    let tokens = it.tokens("openid profile email").await;
    let told = it.server.userinfo(text(&tokens, "access_token")).await.json();
    assert_eq!((text(&told, "email"), &told["email_verified"]), ("alice@example.com", &true.into()));
}

#[tokio::test]
async fn zitadel_oidc_exchanges_by_basic_and_refreshes_and_revokes_in_the_form() {
    let it = Program::start(Secret::InHeader, true).await;
    let tokens = it.tokens("openid").await;
    let refreshed = it.refresh(&tokens, Secret::InForm).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    let refreshed = refreshed.json();
    let form = [("token", text(&refreshed, "refresh_token"))];
    assert_eq!(it.post("/revoke", Secret::InForm, &form).await.status, 200);
    assert_eq!(it.refresh(&refreshed, Secret::InForm).await.error(), "invalid_grant");
}

/// A public client on a free port, without a path. It sends an empty secret and asks for `profile` only.
#[tokio::test]
async fn git_credential_oauth_asks_for_a_profile_without_openid() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = register(&server, ClientKind::Native, "http://127.0.0.1", |_| {}).await;
    let it = Program { server, client, secret: Secret::InForm, pkce: true };
    let tokens = it.log_in("profile", "http://127.0.0.1:41321").await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let told = it.server.userinfo(text(&tokens.json(), "access_token")).await;
    assert_eq!((told.status, text(&told.json(), "preferred_username")), (200, "alice"));
}

/// A public client on a free port. It sends an empty secret in the form.
#[tokio::test]
async fn step_listens_on_a_free_port_and_sends_an_empty_secret() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = register(&server, ClientKind::Native, "http://127.0.0.1", |_| {}).await;
    let it = Program { server, client, secret: Secret::InForm, pkce: true };
    let tokens = it.log_in("openid email", "http://127.0.0.1:10000").await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    assert!(tokens.json()["id_token"].is_string(), "{}", tokens.body);
}
