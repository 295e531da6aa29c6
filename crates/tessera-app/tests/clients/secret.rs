//! Given a new secret.

use rstest::rstest;
use tessera_app::clients::{self, ClientError};
use tessera_model::{ClientId, ClientKind};
use tessera_testkit::server::{Backend, TestServer};

use super::machine_token;

#[rstest]
#[tokio::test]
async fn a_replaced_secret_works_for_a_week_and_a_third_one_ends_the_first_at_once(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    const WEEK: u64 = 7 * 86_400;
    let server = TestServer::start(backend).await;
    let client = server.add_client(ClientKind::Service).await;
    let id: ClientId = client.id.parse().unwrap();
    let works = async |secret: &str| machine_token(&server, &client.id, secret).await.status == 200;

    let rotated = clients::rotate_secret(&server.cli(), &id).await.unwrap();
    assert_eq!(clients::find(&server.cli(), &id).await.unwrap(), Some(rotated.client));
    let second = rotated.secret;
    server.refresh().await;
    assert!(works(&client.secret).await && works(&second).await);
    server.advance(WEEK - 1);
    assert!(works(&client.secret).await && works(&second).await, "a second before the end");
    server.advance(1);
    assert!(!works(&client.secret).await && works(&second).await, "at the end");

    let third = clients::rotate_secret(&server.cli(), &id).await.unwrap().secret;
    let fourth = clients::rotate_secret(&server.cli(), &id).await.unwrap().secret;
    server.refresh().await;
    assert!(!works(&second).await && works(&third).await && works(&fourth).await);
    let kept = clients::find(&server.cli(), &id).await.unwrap().unwrap();
    assert_eq!(kept.secrets.len(), 2);
    assert_eq!(server.count("client.secret_rotated").await, 3, "i09");
}

#[tokio::test]
async fn only_confidential_clients_have_secrets_to_replace() {
    let server = TestServer::start(Backend::Sqlite).await;
    let public = server.add_client(ClientKind::Spa).await.id.parse().unwrap();
    assert!(matches!(clients::rotate_secret(&server.cli(), &public).await, Err(ClientError::Public)));
    let nobody = "nobody".parse().unwrap();
    let refused = clients::rotate_secret(&server.cli(), &nobody).await;
    assert!(matches!(refused, Err(ClientError::NotFound)));
    assert_eq!(server.count("client.secret_rotated").await, 0);
}
