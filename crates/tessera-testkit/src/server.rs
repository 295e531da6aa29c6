//! A whole issuer for one test: real HTTP on a free port, a real database of its own, and a clock that the test controls.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, Weak};

use tessera_app::hasher::Hashing;
use tessera_app::keys::Kek;
use tessera_app::{Actor, App, Config, Cx, Parts};
use tessera_http::headers::Transport;
use tessera_http::pages::{Pages, Site};
use tessera_http::routes::endpoints;
use tessera_http::state::Server;
use tessera_jose::Algorithm;
use tessera_model::api::{JwtType, ScopeDefinition};
use tessera_model::{Api, ClientKind, PlainPassword, User};
use tessera_oauth::scope::ScopeSet;
use tessera_store::{Location, Store};

use crate::browser::{Answer, Browser, query};
use crate::clock::{SeededEntropy, TestClock};
pub use crate::database::Backend;
use crate::database::{Database, location};
use crate::mailbox::Mailbox;
use crate::network::fetch;

/// Audience of the API that [`TestServer`] starts with.
pub const API: &str = "https://api.example";
/// The redirect URI of the test clients.
pub const REDIRECT_URI: &str = "https://rp.example/callback";
/// PKCE verifier and challenge of RFC 7636 appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// See [`VERIFIER`].
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// The key-encryption key of every test server.
pub const KEK: [u8; 32] = [7; 32];
/// The password of every test person.
pub const PASSWORD: &str = "correct horse battery staple";

/// The issuer. Dropping it stops it and removes its database.
pub struct TestServer {
    /// The running system.
    pub app: Arc<App>,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// Its mail server.
    pub mailbox: Arc<Mailbox>,
    /// Its issuer identifier, which is also its address.
    pub issuer: String,
    /// A client that follows no redirects.
    pub http: reqwest::Client,
    pub(crate) database: Database,
    pub(crate) serving: tokio::task::JoinHandle<()>,
    /// Ends the serving once no request is under way.
    pub(crate) ending: Option<tokio::sync::oneshot::Sender<()>>,
    /// Further instances that have the same clock.
    pub(crate) others: Mutex<Vec<Weak<App>>>,
}

/// A registered client and its secret.
#[derive(Clone, Debug)]
pub struct TestClient {
    /// `client_id`.
    pub id: String,
    /// `client_secret`. Empty for public clients.
    pub secret: String,
}

impl TestServer {
    /// Starts an issuer on a fresh database, with one API of scopes `orders.read` and `orders.write`.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start(backend: Backend) -> Self {
        Self::start_with(backend, |_| {}).await
    }

    /// [`TestServer::start`] with another configuration.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start_with(backend: Backend, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_on(Database::new(backend).await, 1, change).await.with_api().await
    }

    /// [`TestServer::start`] on an empty PostgreSQL database that the test manages.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start_at(url: String) -> Self {
        Self::start_on(Database::Elsewhere(url), 1, |_| {}).await.with_api().await
    }

    /// Another instance of the same issuer, on the same database and at another address. PostgreSQL only.
    ///
    /// # Panics
    /// On SQLite, and if it does not start.
    pub async fn second_instance(&self) -> Self {
        let url = match &self.database {
            Database::Postgres(database) => database.url(),
            Database::Elsewhere(url) => url.clone(),
            Database::Sqlite { .. } => panic!("only on PostgreSQL"),
        };
        let issuer = self.issuer.clone();
        Self::start_on(Database::Elsewhere(url), 2, |config| config.issuer = issuer).await
    }

    async fn with_api(self) -> Self {
        self.add_api(API, &["orders.read", "orders.write"]).await;
        self
    }

    async fn start_on(database: Database, seed: u64, change: impl FnOnce(&mut Config)) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let clock = Arc::new(TestClock::new());
        Self::start_listening(database, listener, (clock, seed), change).await
    }

    pub(crate) async fn start_listening(
        database: Database,
        listener: tokio::net::TcpListener,
        (clock, seed): (Arc<TestClock>, u64),
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let store = Store::open_or_create(&location(&database)).await.expect("a database");
        let port = listener.local_addr().expect("an address").port();
        let issuer = format!("http://localhost:{port}");
        let mut config = Config::new(issuer.clone());
        config.hashing = Hashing { memory_kib: 64, passes: 1, ..Hashing::default() };
        change(&mut config);
        let kek = Kek::new(&KEK);
        let entropy = Arc::new(SeededEntropy::new(seed));
        let mailbox = Arc::new(Mailbox::default());
        let mailer = Some(Arc::clone(&mailbox) as _);
        let clock_port = Arc::clone(&clock) as _;
        let parts = Parts { store, config, kek, clock: clock_port, entropy, fetch: fetch(), mailer };
        let app = App::start(parts).await.expect("a running system");
        let pages = Pages::load(None, Site::default()).expect("the embedded pages");
        let endpoints = endpoints(Server::new(Arc::clone(&app), pages, Transport::PlainHttp));
        let service = axum::Router::new()
            .fallback_service(endpoints)
            .into_make_service_with_connect_info::<SocketAddr>();
        let (ending, end) = tokio::sync::oneshot::channel();
        let serving = tokio::spawn(async move {
            let serving = axum::serve(listener, service).with_graceful_shutdown(async { drop(end.await) });
            serving.await.expect("a listener");
        });
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .resolve("localhost", SocketAddr::from(([127, 0, 0, 1], port)))
            .build()
            .expect("an HTTP client");
        let others = Mutex::default();
        Self { app, clock, mailbox, issuer, http, database, serving, ending: Some(ending), others }
    }

    /// Where the database is.
    pub fn location(&self) -> Location {
        location(&self.database)
    }

    /// A second handle on the database, like that of another process.
    ///
    /// # Panics
    /// If it cannot be opened.
    pub async fn store(&self) -> Store {
        Store::open(&location(&self.database)).await.expect("a database")
    }

    /// Runs SQL past the server, for changes that no use case makes. PostgreSQL only.
    ///
    /// # Panics
    /// On SQLite, and if the statement fails.
    pub fn sql(&self, statement: &str) {
        match &self.database {
            Database::Sqlite(_) | Database::Elsewhere(_) => panic!("only on PostgreSQL"),
            Database::Postgres(database) => database.execute(statement),
        }
    }

    /// Every byte that SQLite has on disk: tables, indexes, free pages and the write-ahead log.
    ///
    /// # Panics
    /// On another database.
    pub fn files(&self) -> Vec<u8> {
        let Database::Sqlite(dir) = &self.database else {
            panic!("only SQLite keeps its data in files here")
        };
        let entries = std::fs::read_dir(dir.path()).expect("a folder");
        entries.flat_map(|entry| std::fs::read(entry.expect("an entry").path()).expect("a file")).collect()
    }

    /// The context of an administrator at the command line.
    pub fn cli(&self) -> Cx {
        Cx::new(&self.app, Actor::Cli)
    }

    /// Refreshes what the server has in memory, so that it sees what another process changed.
    ///
    /// # Panics
    /// If the database fails.
    pub async fn refresh(&self) {
        tessera_app::catalog::refresh(&self.app).await.expect("a catalog");
        tessera_app::oauth::feed::refresh(&self.app).await.expect("rules");
    }

    /// A new browser.
    pub fn browser(&self) -> Browser {
        Browser::new(self.http.clone(), &self.issuer)
    }

    /// Registers an API with ES256 tokens of ten minutes.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn add_api(&self, audience: &str, scopes: &[&str]) -> Api {
        let scopes = scopes
            .iter()
            .map(|name| ScopeDefinition {
                name: name.parse().expect("a scope"),
                description: format!("Use {name}"),
            })
            .collect();
        let api = tessera_app::apis::NewApi {
            audience: audience.to_owned(),
            name: "Orders".to_owned(),
            scopes,
            access_token_alg: Algorithm::Es256,
            token_type: JwtType::AtJwt,
            access_token_seconds: 600,
        };
        let api = tessera_app::apis::add(&self.cli(), api).await.expect("an API");
        self.refresh().await;
        api
    }

    /// Makes a person with [`PASSWORD`].
    ///
    /// # Panics
    /// If the name is taken.
    pub async fn add_user(&self, username: &str) -> User {
        let new = tessera_app::users::NewUser {
            name: Some("Alice Example".to_owned()),
            email: Some(format!("{username}@example.com")),
            password: Some(PlainPassword::to_set(PASSWORD.to_owned()).expect("a password")),
            ..tessera_app::users::NewUser::new(username.parse().expect("a username"))
        };
        tessera_app::users::add(&self.cli(), new).await.expect("a user")
    }

    /// Registers a client of this kind that needs no consent. See [`TestServer::add_client_with`].
    ///
    /// # Panics
    /// If it is refused.
    pub async fn add_client(&self, kind: ClientKind) -> TestClient {
        self.add_client_with(kind, |_| {}).await
    }

    /// Registers a client with all scopes, after `change`.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn add_client_with(
        &self,
        kind: ClientKind,
        change: impl FnOnce(&mut tessera_app::clients::NewClient),
    ) -> TestClient {
        let machine = kind == ClientKind::Service;
        let scopes = if machine {
            "orders.read orders.write"
        } else {
            "openid profile email offline_access orders.read orders.write"
        };
        let mut new = tessera_app::clients::NewClient {
            redirect_uris: if machine {
                Vec::new()
            } else {
                vec![REDIRECT_URI.parse().expect("a redirect URI")]
            },
            scopes: scopes.parse::<ScopeSet>().expect("scopes"),
            audiences: vec![API.to_owned()],
            require_consent: false,
            ..tessera_app::clients::NewClient::new(kind, "Example shop")
        };
        change(&mut new);
        let added = tessera_app::clients::add(&self.cli(), new).await.expect("a client");
        self.refresh().await;
        let secret = added.secret.map(|secret| String::clone(&secret)).unwrap_or_default();
        TestClient { id: added.client.id.to_string(), secret }
    }

    /// Posts a form to an endpoint for programs, with the client's secret in HTTP Basic if it has one.
    ///
    /// # Panics
    /// If the server does not answer.
    pub async fn post(&self, path: &str, client: &TestClient, form: &[(&str, &str)]) -> Answer {
        let mut fields = form.to_vec();
        let mut request = self.http.post(format!("{}{path}", self.issuer));
        if client.secret.is_empty() {
            fields.push(("client_id", &client.id));
        } else {
            request = request.basic_auth(&client.id, Some(&client.secret));
        }
        Answer::read(request.form(&fields).send().await.expect("an answer")).await
    }

    /// The authorization request that these tests usually make, as a path with query.
    pub fn authorize_path(&self, client: &TestClient, scope: &str, more: &[(&str, &str)]) -> String {
        let mut fields = vec![
            ("response_type", "code"),
            ("client_id", &client.id),
            ("redirect_uri", REDIRECT_URI),
            ("scope", scope),
            ("state", "s t&te"),
            ("nonce", "n-0S6_WzA2Mj"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        fields.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        fields.extend_from_slice(more);
        tessera_oauth::response::with_query(
            "/authorize",
            fields.into_iter().filter(|(_, value)| !value.is_empty()),
        )
    }

    /// Takes a browser through login and consent, and returns the URL that it ends on at the client.
    ///
    /// # Panics
    /// If a page is not as expected.
    pub async fn authorize(&self, browser: &mut Browser, path: &str, username: &str) -> String {
        let mut answer = browser.visit(path).await;
        for _ in 0..4 {
            let location =
                answer.location().unwrap_or_else(|| panic!("{} {}", answer.status, answer.body)).to_owned();
            if location.starts_with("/login") {
                let page = browser.visit(&location).await;
                let (csrf, flow) = (page.hidden("csrf"), page.hidden("flow"));
                let fields =
                    [("csrf", &*csrf), ("flow", &*flow), ("username", username), ("password", PASSWORD)];
                answer = browser.submit("/login", &fields).await;
            } else if location.starts_with("/consent") {
                let page = browser.visit(&location).await;
                let (csrf, flow) = (page.hidden("csrf"), page.hidden("flow"));
                answer = browser
                    .submit("/consent", &[("csrf", &csrf), ("flow", &flow), ("decision", "allow")])
                    .await;
            } else {
                return location;
            }
        }
        panic!("login and consent do not come to an end");
    }

    /// A code for a person, with a new browser.
    ///
    /// # Panics
    /// If there is none in the end.
    pub async fn code(&self, client: &TestClient, scope: &str, username: &str) -> String {
        let path = self.authorize_path(client, scope, &[]);
        let end = self.authorize(&mut self.browser(), &path, username).await;
        query(&end, "code").unwrap_or_else(|| panic!("no code in {end}"))
    }

    /// Exchanges a code of [`TestServer::code`].
    ///
    /// # Panics
    /// If the server does not answer.
    pub async fn redeem(&self, client: &TestClient, code: &str) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ];
        self.post("/token", client, &form).await
    }

    /// Uses a refresh token.
    ///
    /// # Panics
    /// If the server does not answer.
    pub async fn refresh_with(&self, client: &TestClient, refresh_token: &str) -> Answer {
        self.post("/token", client, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)])
            .await
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
