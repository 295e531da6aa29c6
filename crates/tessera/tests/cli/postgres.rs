//! The same binary on PostgreSQL: commands and servers work on one database.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tessera_testkit::browser::Answer;
use tessera_testkit::postgres::{TestDatabase, TestPostgres};

use crate::clock::with_clock;
use crate::support::{
    ForTests as _, Installation, Outcome, Server, disable_a_client, eventually, get, rules,
};

const PASSWORD: &str = "correct horse battery staple";
const AUDIENCE: &str = "https://api.example.com";
const KEK: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// An installation with a PostgreSQL database of its own.
struct OnPostgres {
    installation: Installation,
    file: PathBuf,
    database: TestDatabase,
}

impl OnPostgres {
    async fn new() -> Self {
        let database = tokio::task::spawn_blocking(|| TestPostgres::shared().database()).await.unwrap();
        let installation = Installation::empty();
        installation.write("kek", KEK, 0o600);
        let file = installation.configure(
            "issuer = \"https://login.example.com\"\ndata_dir = \"data\"\n[keys]\nkek_file = \"kek\"\n",
        );
        Self { installation, file, database }
    }

    /// The same with the tables of a new database.
    async fn init() -> Self {
        let this = Self::new().await;
        this.json(&["init", "--existing-key"]);
        this
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.installation.with_file(args, &self.file);
        command.env("TESSERA_DATABASE_URL", self.database.url());
        command
    }

    #[track_caller]
    fn json(&self, args: &[&str]) -> Value {
        Outcome::from(self.command(&[args, &["--json"]].concat()).output().unwrap()).json()
    }

    fn password_file(&self) -> String {
        let path: &Path = &self.installation.write("password", PASSWORD, 0o600);
        path.to_str().unwrap().to_owned()
    }
}

/// Logs in like a browser behind a proxy that ends TLS. Returns the status of the answer.
async fn log_in(http: &reqwest::Client, server: &Server) -> u16 {
    let url = format!("http://{}/login", server.address);
    let page = http.get(&url).send().await.unwrap();
    let cookie = page.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let csrf = Answer::read(page).await.hidden("csrf");
    let form = [("csrf", &*csrf), ("username", "alice"), ("password", PASSWORD)];
    let request = http.post(&url).header("cookie", cookie).header("origin", &server.issuer);
    let answer = request.header("sec-fetch-site", "same-origin").form(&form).send().await.unwrap();
    answer.status().as_u16()
}

#[tokio::test]
async fn people_and_programs_are_made_at_the_command_line_and_served() {
    let place = OnPostgres::init().await;
    let server = Server::start(place.command(&["serve"]));
    assert_eq!(server.ops("/readyz").await, (200, "ready\n".to_owned()));
    assert!(!place.installation.data().join("tessera.db").exists(), "no file beside the database");

    place.json(&["user", "add", "alice", "--password-file", &place.password_file()]);
    place.json(&["api", "add", AUDIENCE, "--name", "Orders", "--scope", "orders.read"]);
    let service = ["client", "add", "--kind", "service", "--name", "Job", "--id", "job"];
    let added = place.json(&[&service[..], &["--scope", "orders.read", "--audience", AUDIENCE]].concat());
    let secret = added["client_secret"].as_str().unwrap();

    let http = &reqwest::Client::new_for_tests();
    let url = &format!("http://{}/token", server.address);
    eventually("a client made at the command line gets a token", || async {
        let form = [("grant_type", "client_credentials"), ("scope", "orders.read")];
        let response = http.post(url).basic_auth("job", Some(secret)).form(&form).send().await.unwrap();
        let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        body["access_token"].is_string()
    })
    .await;

    assert_eq!(log_in(http, &server).await, 303);

    // A second server, because nothing but the database is shared.
    let second = Server::start(place.command(&["serve"]));
    let keys = |server: &Server| format!("http://{}/jwks", server.address);
    assert_eq!(get(http, &keys(&server)).await, get(http, &keys(&second)).await);
    let token_url = format!("http://{}/token", second.address);
    let form = [("grant_type", "client_credentials")];
    let answer = http.post(token_url).basic_auth("job", Some(secret)).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn f14_an_empty_schema_is_initialised_only_by_init() {
    let place = OnPostgres::new().await;
    let run = |args: &[&str]| Outcome::from(place.command(args).output().unwrap());
    for args in [&["serve"][..], &["user", "list"], &["key", "list"]] {
        let mut command = place.command(args);
        command.env("TESSERA_LISTEN", "127.0.0.1:0").env("TESSERA_OPS_LISTEN", "127.0.0.1:0");
        let said = Outcome::from(command.output().unwrap()).refused(78);
        assert!(said.contains("no database") && said.contains("tessera init"), "{args:?}: {said}");
    }
    let tables = "DO $$ BEGIN IF EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema()) \
                  THEN RAISE 'tables'; END IF; END $$";
    assert_eq!(place.database.try_execute(tables), Ok(()), "nothing was made");
    let said = run(&["init"]).refused(78);
    assert!(said.contains("key-encryption key already") && said.contains("--existing-key"), "{said}");
    run(&["init", "--existing-key"]).accepted();
    run(&["user", "list"]).accepted();
    assert!(run(&["init", "--existing-key"]).refused(78).contains("there is a database already"));
}

#[tokio::test]
async fn p6_a_clock_off_that_of_postgresql_is_not_accepted() {
    let place = OnPostgres::init().await;
    let accept = |ahead: &str| {
        let file = place.installation.write("clock", ahead, 0o600);
        Outcome::from(with_clock(place.command(&["clock", "accept"]), &file).output().unwrap())
    };
    for (ahead, apart) in [("+1h", "s ahead of"), ("-1h", "s behind")] {
        let said = accept(ahead).refused(78);
        assert!(said.contains(apart) && said.contains("PostgreSQL"), "{said}");
        assert!(said.contains("Nothing was changed"), "{said}");
    }
    let shown = place.json(&["clock", "show"]);
    assert!(shown["highest_seen"].is_null(), "{shown}");
    let said = accept("+0").accepted();
    assert!(said.contains("The highest time seen is"), "{said}");
}

#[tokio::test]
async fn i03_a_database_that_becomes_another_one_is_noticed() {
    let place = OnPostgres::init().await;
    disable_a_client(|args| place.json(args));
    let server = Server::start(place.command(&["serve"]));
    eventually("it takes writes", async || server.ops("/readyz/write").await.0 == 200).await;
    let revoked = rules(&server).await;
    assert_eq!(revoked.len(), 1, "{revoked:?}");
    let other = "WITH gone AS (DELETE FROM revocations) \
                 UPDATE installation SET id = decode(replace(gen_random_uuid()::text, '-', ''), 'hex')";
    assert_eq!(place.database.try_execute(other), Ok(()));
    server.logged("ALARM: the database at database.url is not the one");
    let (status, why) = server.ops("/readyz/write").await;
    assert!(status == 503 && why.contains("another one"), "{status} {why}");
    assert_eq!(server.ops("/readyz").await.0, 200);
    let http = &reqwest::Client::new_for_tests();
    let ask = async |path: &str| get(http, &format!("http://{}{path}", server.address)).await.0;
    for path in ["/login", "/userinfo", "/authorize"] {
        assert_eq!(ask(path).await, 503, "{path}");
    }
    for path in ["/jwks", "/.well-known/openid-configuration"] {
        assert_eq!(ask(path).await, 200, "{path}");
    }
    assert_eq!(rules(&server).await, revoked, "the rules of this installation, not of the other");
}

#[tokio::test]
async fn p5_a_database_that_takes_no_writes_is_noticed_before_the_first_write() {
    let place = OnPostgres::init().await;
    let server = Server::start(place.command(&["serve"]));
    eventually("it takes writes", async || server.ops("/readyz/write").await.0 == 200).await;
    let set = |how: &str| {
        // What `default_transaction_read_only` cannot do to a connection that sets it itself.
        let statement = format!("{how} UPDATE ON installation FOR EACH STATEMENT EXECUTE FUNCTION refuse()");
        assert_eq!(place.database.try_execute(&statement), Ok(()));
    };
    let function = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
                    $$ BEGIN RAISE disk_full USING MESSAGE = 'could not extend file'; END $$";
    assert_eq!(place.database.try_execute(function), Ok(()));
    set("CREATE TRIGGER refuse BEFORE");
    server.logged("ALARM: the database takes no writes");
    assert_eq!(server.ops("/readyz").await, (200, "ready\n".to_owned()));
    let (status, why) = server.ops("/readyz/write").await;
    assert!(status == 503 && why.contains("could not extend file"), "{status} {why}");
    let http = &reqwest::Client::new_for_tests();
    for path in ["/jwks", "/.well-known/openid-configuration", "/revocation/rules?after=0"] {
        assert_eq!(get(http, &format!("http://{}{path}", server.address)).await.0, 200, "{path}");
    }
    assert_eq!(place.database.try_execute("DROP TRIGGER refuse ON installation"), Ok(()));
    server.logged("the database takes writes again");
    assert_eq!(server.ops("/readyz/write").await.0, 200);
}
