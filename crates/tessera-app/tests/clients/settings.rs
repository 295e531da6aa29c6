//! Every setting can be changed, and the event names it.

use tessera_app::clients::{self, ClientChanges};
use tessera_jose::Algorithm;
use tessera_model::{Client, ClientAuthMethod, EventCode, PkcePolicy, RefreshTokens};
use tessera_oauth::token::GrantType;
use tessera_testkit::server::{Backend, TestServer};

use super::{added, web};

type Change = fn(&mut ClientChanges);

type Effect = fn(&Client) -> bool;

/// The words that the audit event has for a change, and the change.
const CHANGES: [(&str, Change, Effect); 13] = [
    ("name", |it| it.name = Some("New".to_owned()), |client| client.name == "New"),
    (
        "redirect_uris",
        |it| it.redirect_uris.replace = Some(vec!["https://new.example/cb".parse().unwrap()]),
        |client| client.settings.redirect_uris[0].as_str() == "https://new.example/cb",
    ),
    (
        "post_logout_redirect_uris",
        |it| it.post_logout_redirect_uris.add = vec!["https://new.example/".parse().unwrap()],
        |client| client.settings.post_logout_redirect_uris.len() == 1,
    ),
    (
        "scope audiences",
        |it| {
            it.audiences = Some(vec!["https://other.example".to_owned()]);
            it.scopes = Some("openid other.read".parse().unwrap());
        },
        |client| client.settings.scopes.contains("other.read"),
    ),
    (
        "auth_method",
        |it| it.auth_method = Some(ClientAuthMethod::ClientSecretPost),
        |client| client.settings.auth_method == ClientAuthMethod::ClientSecretPost,
    ),
    (
        "pkce",
        |it| it.pkce = Some(PkcePolicy::Required),
        |client| client.settings.pkce == PkcePolicy::Required,
    ),
    (
        "refresh_tokens",
        |it| it.refresh_tokens = Some(RefreshTokens::OfflineAccess),
        |client| client.settings.refresh_tokens == RefreshTokens::OfflineAccess,
    ),
    ("consent", |it| it.require_consent = Some(false), |client| !client.settings.require_consent),
    (
        "client_credentials",
        |it| it.client_credentials = Some(true),
        |client| client.allows(GrantType::ClientCredentials),
    ),
    ("id_token_claims", |it| it.id_token_claims = Some(true), |client| client.settings.id_token_claims),
    ("confirm_logout", |it| it.confirm_logout = Some(false), |client| !client.settings.confirm_logout),
    (
        "id_token_alg",
        |it| it.id_token_alg = Some(Algorithm::EdDsa),
        |client| client.settings.id_token_signed_response_alg == Some(Algorithm::EdDsa),
    ),
    (
        "access_token_lifetime",
        |it| it.access_token_seconds = Some(60),
        |client| client.settings.access_token_seconds == Some(60),
    ),
];

#[tokio::test]
async fn every_setting_of_a_client_can_be_changed_and_the_event_names_it() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_api("https://other.example", &["other.read"]).await;
    let id = added(&server, web()).await;
    for (word, change, effect) in CHANGES {
        let mut changes = ClientChanges::default();
        change(&mut changes);
        let client = clients::update(&server.cli(), &id, &changes).await.unwrap();
        assert!(effect(&client), "{word}: {client:?}");
        let detail = server.events(EventCode::ClientUpdated).await.remove(0).detail;
        assert_eq!(detail.as_deref(), Some(word));
    }
}
