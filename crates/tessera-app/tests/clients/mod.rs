//! Clients: registered, changed, given new secrets, turned off, removed.

mod add;
mod close;
mod secret;
mod settings;
mod update;

use tessera_app::clients::{self, ClientError, NewClient};
use tessera_app::problem::{Field, Problem, ProblemKind};
use tessera_jose::Algorithm;
use tessera_model::{ClientId, ClientKind};
use tessera_testkit::browser::Answer;
use tessera_testkit::server::{API, REDIRECT_URI, TestClient, TestServer};

pub(crate) fn web() -> NewClient {
    NewClient {
        redirect_uris: vec![REDIRECT_URI.parse().unwrap()],
        scopes: "openid orders.read".parse().unwrap(),
        audiences: vec![API.to_owned()],
        id_token_alg: Algorithm::Es256,
        ..NewClient::new(ClientKind::Web, "Shop")
    }
}

pub(crate) fn of_kind(kind: ClientKind) -> NewClient {
    let machine = kind == ClientKind::Service;
    NewClient {
        redirect_uris: if machine { Vec::new() } else { web().redirect_uris },
        scopes: if machine { "orders.read".parse().unwrap() } else { web().scopes },
        audiences: web().audiences,
        id_token_alg: Algorithm::Es256,
        ..NewClient::new(kind, "Shop")
    }
}

pub(crate) async fn problems(server: &TestServer, new: NewClient) -> Vec<Problem> {
    match clients::add(&server.cli(), new).await {
        Ok(_) => Vec::new(),
        Err(ClientError::Invalid(problems)) => problems,
        Err(other) => panic!("{other}"),
    }
}

pub(crate) async fn machine_token(server: &TestServer, id: &str, secret: &str) -> Answer {
    let client = TestClient { id: id.to_owned(), secret: secret.to_owned() };
    server.post("/token", &client, &[("grant_type", "client_credentials")]).await
}

pub(crate) async fn added(server: &TestServer, new: NewClient) -> ClientId {
    clients::add(&server.cli(), new).await.unwrap().client.id
}

/// A problem: field, entry, kind.
pub(crate) type Told<'a> = (Field, &'a str, ProblemKind);

pub(crate) fn told(problem: &Problem) -> Told<'_> {
    (problem.field, problem.entry.as_deref().unwrap_or_default(), problem.kind.clone())
}
