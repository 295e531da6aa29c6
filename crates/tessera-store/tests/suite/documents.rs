//! Documents of other versions of the program, in the columns of clients, APIs and people. See `tessera_model::settings`.

use std::time::Duration;

use serde_json::{Value, json};
use tessera_jose::Algorithm;
use tessera_model::api::TokenForm;
use tessera_model::{Api, Client, ClientAuthMethod, ClientStatus, PkcePolicy, RefreshTokens, User};
use tessera_oauth::token::GrantType;
use tessera_store::{Location, StoreError};
use tokio_postgres::NoTls;

use super::bed::Bed;
use super::sample::{api, at, client, client_id, digest, user, user_id};

/// A cell of text, as it stands in the database.
async fn stored(bed: &Bed, select: &str) -> Value {
    let text: String = match &bed.location {
        Location::Sqlite { path } => {
            rusqlite::Connection::open(path).unwrap().query_row(select, [], |row| row.get(0)).unwrap()
        }
        Location::Postgres { url, .. } => {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
            tokio::spawn(connection);
            client.query_one(select, &[]).await.unwrap().get(0)
        }
    };
    serde_json::from_str(&text).unwrap()
}

/// Writes a document as another version would.
fn overwrite(bed: &Bed, column: &str, document: &Value) {
    let (table, column) = column.split_once('.').unwrap();
    bed.execute(&format!("UPDATE {table} SET {column} = '{document}'"));
}

async fn find(bed: &Bed) -> Client {
    bed.read(|tx| async move { tx.clients().find(&client_id(1)).await }).await.unwrap()
}

async fn find_api(bed: &Bed) -> Api {
    bed.read(|tx| async move { tx.apis().find(&api(1).audience).await }).await.unwrap()
}

async fn plant(bed: &Bed) {
    bed.write(|tx| async move {
        tx.clients().insert(&client(1)).await?;
        tx.apis().insert(&api(1)).await?;
        tx.users().insert(&user(1)).await
    })
    .await;
}

/// Settings with something new in every place where a newer version may put it.
fn client_of_the_future() -> Value {
    json!({
        "version": 7,
        "redirect_uris": ["https://app.example/callback"],
        "post_logout_redirect_uris": [],
        "grant_types": ["device_code", "authorization_code", "refresh_token", "token_exchange"],
        "auth_method": "tls_client_auth",
        "scopes": "openid profile notes:read",
        "audiences": ["https://notes.example/api"],
        "pkce": "sometimes",
        "id_token_signed_response_alg": "ML-DSA-65",
        "require_consent": true,
        "confirm_logout": false,
        "refresh_tokens": "sender_constrained",
        "logo": {"light": "https://app.example/logo.svg", "sizes": [16, 9_007_199_254_740_993_u64]},
        "dpop": null
    })
}

/// Settings with something new in every place where a newer version may put it.
fn api_of_the_future() -> Value {
    json!({
        "version": 7,
        "scopes": [
            {"name": "notes:read", "description": "Read"},
            {"name": "notes:write", "description": "Write", "acr": "2"},
            {"title": "no name, and so no scope"}
        ],
        "token_form": {"form": "jwt", "alg": "ES256", "encrypted_for": "kid-1"},
        "access_token_seconds": 600,
        "introspection": true
    })
}

pub async fn a_client_of_a_newer_version_reads_with_what_is_known(bed: Bed) {
    plant(&bed).await;
    overwrite(&bed, "clients.settings", &client_of_the_future());
    let found = find(&bed).await;
    let settings = &found.settings;
    assert!(found.is_active(), "{found:?}");
    assert_eq!(settings.grant_types, [GrantType::AuthorizationCode, GrantType::RefreshToken]);
    assert_eq!(settings.auth_method, ClientAuthMethod::Unknown);
    assert_eq!(settings.pkce, PkcePolicy::Unknown);
    assert!(found.needs_pkce(), "the strictest policy");
    assert_eq!(settings.id_token_signed_response_alg, None);
    assert_eq!(settings.refresh_tokens, RefreshTokens::Unknown);
    assert!(!found.may_refresh(true) && !found.may_refresh(false));
    assert!(!settings.confirm_logout && settings.require_consent, "what is known counts");
    let not_understood = settings.not_understood.iter().map(String::as_str).collect::<Vec<_>>();
    let expected = [
        "auth_method",
        "dpop",
        "grant_types",
        "id_token_signed_response_alg",
        "logo",
        "pkce",
        "refresh_tokens",
    ];
    assert_eq!(not_understood, expected);
    assert_eq!(bed.read(|tx| async move { tx.clients().list().await }).await.entries, [found]);
}

/// The document after a change of the client as this version reads it.
async fn after_change(bed: &Bed, change: fn(&mut Client)) -> Value {
    overwrite(bed, "clients.settings", &client_of_the_future());
    let changed = bed
        .write(|tx| async move {
            let mut held = tx.clients().find_for_update(&client_id(1)).await?.unwrap();
            change(&mut held);
            assert!(tx.clients().update(&held).await?);
            Ok(held)
        })
        .await;
    let read = find(bed).await;
    assert_eq!((&read.name, read.status), (&changed.name, changed.status), "reads as it was meant");
    stored(bed, "SELECT settings FROM clients").await
}

pub async fn a_change_of_a_client_by_an_older_instance_loses_nothing(bed: Bed) {
    plant(&bed).await;
    let with = |path: &str, value: Value| {
        let mut document = client_of_the_future();
        *document.pointer_mut(path).unwrap() = value;
        document
    };
    let renamed = after_change(&bed, |client| "Other".clone_into(&mut client.name)).await;
    assert_eq!(renamed, client_of_the_future());
    let uris = after_change(&bed, |client| {
        client.settings.redirect_uris.push("https://other.example/cb".parse().unwrap());
    })
    .await;
    let expected = json!(["https://app.example/callback", "https://other.example/cb"]);
    assert_eq!(uris, with("/redirect_uris", expected));
    let grants = after_change(&bed, |client| {
        client.settings.grant_types = vec![GrantType::AuthorizationCode, GrantType::ClientCredentials];
    })
    .await;
    let expected = json!(["authorization_code", "client_credentials", "device_code", "token_exchange"]);
    assert_eq!(grants, with("/grant_types", expected), "what is known changes, the rest stays behind it");
    // An administrator who names a setting decides it, whatever a newer version had there.
    let method =
        after_change(&bed, |client| client.settings.auth_method = ClientAuthMethod::ClientSecretPost).await;
    assert_eq!(method, with("/auth_method", json!("client_secret_post")));
    let alg = after_change(&bed, |client| {
        client.settings.id_token_signed_response_alg = Some(Algorithm::Rs256);
    })
    .await;
    assert_eq!(alg, with("/id_token_signed_response_alg", json!("RS256")));
    let logout = after_change(&bed, |client| client.settings.confirm_logout = true).await;
    assert_eq!(logout, with("/confirm_logout", json!(true)));

    // Verbs that are not about the settings leave them alone.
    overwrite(&bed, "clients.settings", &client_of_the_future());
    bed.write(|tx| async move {
        assert!(tx.clients().prove_pkce(&client_id(1), at(3)).await?);
        assert!(tx.clients().set_secrets(&client_id(1), &[], at(4)).await?);
        assert!(tx.clients().disable(&client_id(1), at(5)).await?);
        Ok(())
    })
    .await;
    assert_eq!(stored(&bed, "SELECT settings FROM clients").await, client_of_the_future());
    assert_eq!(find(&bed).await.status, ClientStatus::Disabled { at: at(5) });
}

pub async fn a_rotation_by_an_older_instance_ends_what_it_ends_and_keeps_the_rest(bed: Bed) {
    plant(&bed).await;
    let bytes = |number| digest(number).as_bytes().to_vec();
    let (created_at, key) = (at(0), json!({"jwk": {"kty": "OKP"}, "until": 5}));
    let labelled =
        json!({"digest": bytes(1), "created_at": created_at, "expires_at": null, "networks": ["10.0.0.0/8"]});
    overwrite(&bed, "clients.secrets", &json!([labelled, key]));
    let found = find(&bed).await;
    assert_eq!(found.secrets.len(), 1, "{found:?}");
    assert_eq!(found.live_secrets(at(1)).count(), 0, "a secret with a rule that is not known opens nothing");
    bed.write(|tx| async move {
        let mut held = tx.clients().find_for_update(&client_id(1)).await?.unwrap();
        held.rotate_secret(digest(7), at(50), Duration::from_secs(10));
        tx.clients().set_secrets(&held.id, &held.secrets, at(50)).await
    })
    .await;
    let mut ended = labelled.clone();
    ended["expires_at"] = json!(at(60));
    let new = json!({"digest": bytes(7), "created_at": at(50), "expires_at": null});
    assert_eq!(stored(&bed, "SELECT secrets FROM clients").await, json!([new, ended, key]));
    let found = find(&bed).await;
    assert_eq!(found.live_secrets(at(51)).collect::<Vec<_>>(), [&digest(7)]);
}

pub async fn an_api_of_a_newer_version_reads_and_is_changed_without_loss(bed: Bed) {
    plant(&bed).await;
    overwrite(&bed, "apis.settings", &api_of_the_future());
    let found = find_api(&bed).await;
    assert!(found.is_active() && !found.has_known_form(), "{found:?}");
    assert!(found.grants("notes:read") && !found.grants("notes:write"), "{found:?}");
    assert_eq!(found.settings.token_form, TokenForm::Unknown);
    let change = async |change: fn(&mut Api)| {
        overwrite(&bed, "apis.settings", &api_of_the_future());
        bed.write(|tx| async move {
            let mut held = tx.apis().find_for_update(&api(1).audience).await?.unwrap();
            change(&mut held);
            tx.apis().update(&held).await
        })
        .await;
        stored(&bed, "SELECT settings FROM apis").await
    };
    assert_eq!(change(|api| "Other".clone_into(&mut api.name)).await, api_of_the_future());
    let described = change(|api| "Change".clone_into(&mut api.settings.scopes[1].description)).await;
    let mut expected = api_of_the_future();
    expected["scopes"][1]["description"] = json!("Change");
    assert_eq!(described, expected, "a scope keeps what is not known of it");
    let fewer = change(|api| drop(api.settings.scopes.remove(1))).await;
    let mut expected = api_of_the_future();
    expected["scopes"].as_array_mut().unwrap().remove(1);
    assert_eq!(fewer, expected, "a scope that is removed is gone with all of it");
    // Nobody can choose half a form.
    overwrite(&bed, "apis.settings", &api_of_the_future());
    let jwt = &api(1);
    let refused = bed.store.write(|tx| async move { tx.apis().update(jwt).await }).await;
    assert!(matches!(refused, Err(StoreError::Misuse(_))), "{refused:?}");
    assert_eq!(stored(&bed, "SELECT settings FROM apis").await, api_of_the_future());

    for form in [
        json!({"form": "opaque", "alg": {"any": "thing"}}),
        json!({"form": "jwt", "alg": "ML-DSA-65"}),
        json!({"form": "jwt", "alg": "ES256", "typ": "vc+jwt"}),
    ] {
        let mut document = api_of_the_future();
        document["token_form"] = form;
        overwrite(&bed, "apis.settings", &document);
        assert_eq!(find_api(&bed).await.settings.token_form, TokenForm::Unknown, "{document}");
    }
}

pub async fn claims_of_a_newer_version_survive_a_change(bed: Bed) {
    plant(&bed).await;
    let document = json!({"nickname": "Al", "pronouns": "they", "address": {"country": "FR", "floor": 3}});
    overwrite(&bed, "users.claims", &document);
    bed.write(|tx| async move {
        let held = tx.users().find_for_update(user_id(1)).await?.unwrap();
        let mut changed = User { name: Some("New".to_owned()), updated_at: at(9), ..held };
        changed.claims.nickname = None;
        changed.claims.given_name = Some("Ada".to_owned());
        assert!(tx.users().update(&changed).await?);
        Ok(())
    })
    .await;
    let expected = json!({"given_name": "Ada", "pronouns": "they", "address": {"country": "FR", "floor": 3}});
    assert_eq!(stored(&bed, "SELECT claims FROM users").await, expected);
}

pub async fn the_version_never_goes_down(bed: Bed) {
    plant(&bed).await;
    let version = async |table: &str| {
        stored(&bed, &format!("SELECT settings FROM {table}")).await.get("version").cloned()
    };
    let update = async || {
        bed.write(|tx| async move {
            let mut held = tx.clients().find_for_update(&client_id(1)).await?.unwrap();
            held.settings.require_consent = !held.settings.require_consent;
            tx.clients().update(&held).await?;
            let mut held = tx.apis().find_for_update(&api(1).audience).await?.unwrap();
            held.settings.access_token_seconds += 1;
            tx.apis().update(&held).await
        })
        .await
    };
    assert_eq!((version("clients").await, version("apis").await), (Some(json!(1)), Some(json!(1))));
    for (document, expected) in [(json!(7), 7), (json!(1), 1), (json!(4_294_967_295_u32), 4_294_967_295_u32)]
    {
        for (column, mut settings) in
            [("clients.settings", client_of_the_future()), ("apis.settings", api_of_the_future())]
        {
            settings["version"] = document.clone();
            overwrite(&bed, column, &settings);
        }
        assert!(update().await);
        let seen = (version("clients").await, version("apis").await);
        assert_eq!(seen, (Some(json!(expected)), Some(json!(expected))), "{document}");
    }
    let mut without = client_of_the_future();
    without.as_object_mut().unwrap().remove("version");
    overwrite(&bed, "clients.settings", &without);
    assert!(update().await);
    assert_eq!(version("clients").await, Some(json!(1)), "a document without a version is of the first");
}

/// The settings as the program wrote them at the time of each schema version.
const CLIENTS_OF_OLD: [(&str, &str); 3] = [
    (
        "schema 1, after the migration to 2",
        r#"{"redirect_uris":["https://app.example/callback"],"post_logout_redirect_uris":[],"grant_types":["authorization_code","refresh_token"],"auth_method":"client_secret_basic","scopes":"openid","audiences":[],"pkce":"required","id_token_signed_response_alg":"RS256","require_consent":true}"#,
    ),
    (
        "schema 2",
        r#"{"redirect_uris":["https://app.example/callback"],"post_logout_redirect_uris":[],"grant_types":["authorization_code","refresh_token"],"auth_method":"client_secret","scopes":"openid","audiences":[],"pkce":"auto","id_token_signed_response_alg":"RS256","require_consent":true,"id_token_claims":false,"confirm_logout":true,"access_token_seconds":300}"#,
    ),
    (
        "schema 3",
        r#"{"redirect_uris":["https://app.example/callback"],"post_logout_redirect_uris":[],"grant_types":["authorization_code","refresh_token"],"auth_method":"client_secret","scopes":"openid","audiences":[],"pkce":"auto","id_token_signed_response_alg":"RS256","require_consent":true,"id_token_claims":false,"confirm_logout":true,"refresh_tokens":"offline_access"}"#,
    ),
];

pub async fn documents_of_older_versions_read_with_defaults(bed: Bed) {
    plant(&bed).await;
    for (of, text) in CLIENTS_OF_OLD {
        overwrite(&bed, "clients.settings", &serde_json::from_str(text).unwrap());
        let settings = find(&bed).await.settings;
        assert!(settings.confirm_logout && !settings.id_token_claims, "{of}: {settings:?}");
        assert_eq!(settings.id_token_signed_response_alg, Some(Algorithm::Rs256), "{of}");
        assert!(settings.not_understood.is_empty(), "{of}: {settings:?}");
        let refresh = settings.refresh_tokens;
        let expected = if of == "schema 3" { RefreshTokens::OfflineAccess } else { RefreshTokens::Always };
        assert_eq!(refresh, expected, "{of}");
        bed.write(|tx| async move {
            let mut held = tx.clients().find_for_update(&client_id(1)).await?.unwrap();
            held.settings.require_consent = false;
            tx.clients().update(&held).await
        })
        .await;
        let mut expected: Value = serde_json::from_str(text).unwrap();
        expected["require_consent"] = json!(false);
        expected["version"] = json!(1);
        assert_eq!(stored(&bed, "SELECT settings FROM clients").await, expected, "{of}: nothing is added");
    }
    let older =
        json!({"scopes": [], "token_form": {"form": "jwt", "alg": "ES256"}, "access_token_seconds": 600});
    overwrite(&bed, "apis.settings", &older);
    let settings = find_api(&bed).await.settings;
    assert_eq!(settings.token_form, api(1).settings.token_form, "{settings:?}");
}

pub async fn broken_documents_turn_off_that_one_row(bed: Bed) {
    plant(&bed).await;
    let other = &client(2);
    bed.write(|tx| async move { tx.clients().insert(other).await }).await;
    let break_it = |pointer: &str, value: Value| {
        let mut document = client_of_the_future();
        *document.pointer_mut(pointer).unwrap() = value;
        bed.execute(&format!("UPDATE clients SET settings = '{document}' WHERE id = 'client-1'"));
    };
    for (pointer, value) in [
        ("", json!([])),
        ("/version", json!("7")),
        ("/version", json!(0)),
        ("/version", json!(-1)),
        ("/redirect_uris", json!("https://app.example/callback")),
        ("/redirect_uris/0", json!("javascript:alert(1)")),
        ("/grant_types/0", json!({"name": "device_code"})),
        ("/auth_method", json!(null)),
        ("/auth_method", json!({"client_secret": "x"})),
        ("/scopes", json!(["openid"])),
        ("/pkce", json!(true)),
        ("/id_token_signed_response_alg", json!(null)),
        ("/require_consent", json!("yes")),
        ("/refresh_tokens", json!(1)),
    ] {
        break_it(pointer, value.clone());
        let listed = bed.read(|tx| async move { tx.clients().list().await }).await;
        assert_eq!(listed.entries, std::slice::from_ref(other), "{pointer} {value}");
        assert_eq!(listed.unreadable.len(), 1, "{pointer} {value}");
        let update = bed.store.write(|tx| async move { tx.clients().update(&client(1)).await }).await;
        assert!(matches!(update, Err(StoreError::Corrupt(_))), "{pointer} {value}: {update:?}");
    }
    for secrets in ["{}", "[1]", r#"[{"digest":[1],"created_at":1}]"#, r#"[{"created_at":1}]"#] {
        bed.execute(&format!("UPDATE clients SET secrets = '{secrets}'"));
        let listed = bed.read(|tx| async move { tx.clients().list().await }).await;
        assert_eq!(listed.entries, [], "{secrets}");
    }
    for (pointer, value) in [
        ("/scopes/0", json!({"name": "notes:read"})),
        ("/scopes/0", json!({"name": "no good", "description": ""})),
        ("/token_form", json!({"form": "jwt"})),
        ("/token_form", json!({"form": "jwt", "alg": 7})),
        ("/token_form", json!({"alg": "ES256"})),
        ("/access_token_seconds", json!("600")),
    ] {
        let mut document = api_of_the_future();
        *document.pointer_mut(pointer).unwrap() = value.clone();
        overwrite(&bed, "apis.settings", &document);
        let listed = bed.read(|tx| async move { tx.apis().list().await }).await;
        assert_eq!((listed.entries.len(), listed.unreadable.len()), (0, 1), "{pointer} {value}");
    }
}
