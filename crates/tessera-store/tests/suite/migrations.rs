//! Data that an older version wrote, opened by this one.

use tessera_model::api::{ApiSettings, JwtType, TokenForm};
use tessera_model::client::ClientSettings;
use tessera_model::{
    AuthenticationContext, Grant, GrantStage, Holder, KeyPurpose, PendingCode, PkcePolicy, Proof, Refresh,
    RefreshTokens, RefreshUse, RevokeReason, SecurityVersion, Session, Timestamp, UserStatus,
};
use tessera_oauth::token::GrantType;
use tessera_store::{Location, Store, StoreError};

use super::bed::Bed;
use super::sample::{RETRY, api, at, bytes, client, client_id, digest, grant_id, session_id, user_id};

#[path = "../../src/dialect.rs"]
#[expect(dead_code, reason = "only the spelling of a migration is wanted")]
mod dialect;

use dialect::Dialect;

/// Every migration that made a version which may still be around.
const OLD: [&str; 3] = [
    include_str!("../../migrations/0001_initial.sql"),
    include_str!("../../migrations/0002_clients_and_people.sql"),
    include_str!("../../migrations/0003_refresh.sql"),
];

/// Puts the empty tables of an old version into the database, in place of those of today. [`Bed::reopen`] migrates them.
fn make_version(bed: &Bed, version: usize) {
    let dialect = match bed.location {
        Location::Sqlite { .. } => Dialect::Sqlite,
        Location::Postgres { .. } => Dialect::Postgres,
    };
    bed.drop_all();
    bed.execute("CREATE TABLE tessera_schema (version BIGINT NOT NULL PRIMARY KEY)");
    for (text, number) in OLD.iter().zip(1..=version) {
        bed.execute(&dialect.render(text));
        bed.execute(&format!("INSERT INTO tessera_schema (version) VALUES ({number})"));
    }
}

/// Writes a row with these columns and values, as the old version spelled them.
fn insert(bed: &Bed, table: &str, columns: &[(&str, &str)]) {
    let (names, values): (Vec<_>, Vec<_>) = columns.iter().copied().unzip();
    bed.execute(&format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", ")));
}

/// Seconds as a statement has them.
fn seconds(time: Timestamp) -> String {
    time.seconds().to_string()
}

/// User, client and session 1.
fn insert_person_and_client(bed: &Bed) {
    let (user, session) = (bed.blob(user_id(1).as_bytes()), bed.blob(session_id(1).as_bytes()));
    let (begun, end) = (&*seconds(at(5)), &*seconds(at(10_000)));
    insert(
        bed,
        "users",
        &[
            ("id", &user),
            ("username", "'ada'"),
            ("email_verified", "0"),
            ("status", "'active'"),
            ("created_at", begun),
            ("updated_at", begun),
        ],
    );
    insert(
        bed,
        "clients",
        &[
            ("id", "'client-1'"),
            ("kind", "'web'"),
            ("name", "'Client'"),
            ("status", "'active'"),
            ("settings", "'{}'"),
            ("secrets", "'[]'"),
            ("created_at", begun),
            ("updated_at", begun),
        ],
    );
    insert(
        bed,
        "sessions",
        &[
            ("id", &session),
            ("secret", &bed.blob(&bytes::<32>(1))),
            ("user_id", &user),
            ("auth_time", begun),
            ("acr", "'aal1'"),
            ("amr", "'[\"pwd\"]'"),
            ("created_at", begun),
            ("last_seen_at", begun),
            ("idle_expires_at", end),
            ("expires_at", end),
            ("keep_until", &seconds(at(100_000))),
        ],
    );
}

/// A grant of person, client and session 1, with a code that has not been exchanged. `columns` come on top or instead.
fn insert_grant(bed: &Bed, number: u32, columns: &[(&str, &str)]) {
    let id = bed.blob(grant_id(number).as_bytes());
    let (user, session) = (bed.blob(user_id(1).as_bytes()), bed.blob(session_id(1).as_bytes()));
    let times = [at(5), at(60), at(10), at(100_000)].map(seconds);
    let [auth_time, code_expires_at, created_at, expires_at] = times.each_ref().map(String::as_str);
    let usual = [
        ("id", &*id),
        ("client_id", "'client-1'"),
        ("user_id", &user),
        ("session_id", &session),
        ("auth_time", auth_time),
        ("acr", "'aal1'"),
        ("amr", "'[\"pwd\"]'"),
        ("scope", "'openid notes:read'"),
        ("audiences", "'[\"https://notes.example/api\"]'"),
        ("nonce", "'n-0S6'"),
        ("stage", "'code'"),
        ("code_expires_at", code_expires_at),
        ("redirect_uri", "'https://app.example/callback'"),
        ("redirect_uri_sent", "1"),
        ("code_challenge", "'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'"),
        ("code_failures", "0"),
        ("created_at", created_at),
        ("expires_at", expires_at),
    ];
    let mut row: Vec<_> =
        usual.into_iter().filter(|(name, _)| columns.iter().all(|(other, _)| other != name)).collect();
    row.extend(columns);
    insert(bed, "grants", &row);
}

/// What [`insert_grant`] means today.
fn meaning(number: u32) -> Grant {
    Grant {
        id: grant_id(number),
        client_id: client_id(1),
        holder: of_session(),
        scope: "openid notes:read".parse().unwrap(),
        audiences: vec!["https://notes.example/api".to_owned()],
        nonce: Some("n-0S6".to_owned()),
        stage: GrantStage::Code(PendingCode {
            expires_at: at(60),
            redirect_uri: "https://app.example/callback".to_owned(),
            code_challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned()),
            failures: 0,
        }),
        last_used_ip: None,
        created_at: at(10),
        expires_at: at(100_000),
        security_version: None,
    }
}

fn authentication() -> AuthenticationContext {
    AuthenticationContext::new(vec![Proof::password(at(5))])
}

fn of_session() -> Holder {
    Holder::Session { user_id: user_id(1), session_id: session_id(1), authentication: authentication() }
}

fn offline() -> Holder {
    Holder::Offline { user_id: user_id(1), session_id: Some(session_id(1)), authentication: authentication() }
}

async fn find(store: &Store, number: u32) -> Grant {
    store.read(|tx| async move { tx.grants().find(grant_id(number)).await }).await.unwrap().unwrap()
}

async fn rotate(store: &Store, number: u32, presented: &RefreshUse) -> Option<Grant> {
    store
        .write(|tx| async move { tx.grants().rotate_refresh(grant_id(number), presented).await })
        .await
        .unwrap()
}

/// Somebody presents the refresh token with this number.
fn presented(number: i64) -> RefreshUse {
    RefreshUse { number, now: at(400), from: None, ip: None, retry: RETRY, idle_expires_at: at(900) }
}

/// The columns of an exchanged code, whose first refresh token waits.
const ACTIVE: [(&str, &str); 4] = [
    ("stage", "'active'"),
    ("refresh_leaf", "1"),
    ("refresh_rotated_at", "1700000001"),
    ("refresh_idle_expires_at", "1700000500"),
];

/// Whether a grant is offline stood in its scope then.
pub async fn grants_of_version_2_keep_their_meaning(bed: Bed) {
    let scopes = [
        ("openid notes:read", false),
        ("openid offline_access", true),
        ("offline_access", true),
        ("xoffline_access Offline_Access", false),
    ];
    make_version(&bed, 2);
    insert_person_and_client(&bed);
    insert_grant(&bed, 1, &[]);
    for (number, (scope, _)) in (2..).zip(scopes) {
        insert_grant(&bed, number, &[&ACTIVE[..], &[("scope", &format!("'{scope}'"))]].concat());
    }
    let store = bed.reopen().await;
    assert_eq!(find(&store, 1).await, meaning(1));
    for (number, (scope, is_offline)) in (2..).zip(scopes) {
        let expected = Grant {
            holder: if is_offline { offline() } else { of_session() },
            scope: scope.parse().unwrap(),
            stage: GrantStage::Active(Some(Refresh::first(at(1), at(500)))),
            ..meaning(number)
        };
        assert_eq!(find(&store, number).await, expected, "{scope}: what had idled out is not revived (i04)");
        assert!(rotate(&store, number, &presented(1)).await.is_some(), "{scope}");
    }
}

pub async fn grants_of_version_3_read_back_and_can_be_used(bed: Bed) {
    make_version(&bed, 3);
    insert_person_and_client(&bed);
    let retried = [
        ("stage", "'active'"),
        ("offline", "1"),
        ("refresh_leaf", "5"),
        ("refresh_parent", "4"),
        ("refresh_rotated_at", "1700000390"),
        ("refresh_ip", "'192.0.2.1'"),
        ("refresh_retried_at", "1700000395"),
        ("refresh_elsewhere", "2"),
        ("refresh_shadow_run", "1"),
        ("refresh_idle_expires_at", "1700000500"),
    ];
    let mut of_ipv6 = retried;
    of_ipv6[5] = ("refresh_ip", "'2001:db8::'");
    let revoked = [
        &ACTIVE[1..],
        &[("stage", "'revoked'"), ("revoked_at", "1700000008"), ("revoke_reason", "'replay'")],
    ];
    insert_grant(&bed, 1, &[("redirect_uri_sent", "0"), ("code_failures", "2")]);
    insert_grant(&bed, 2, &[("offline", "1")]);
    insert_grant(&bed, 3, &ACTIVE);
    insert_grant(&bed, 4, &retried);
    insert_grant(&bed, 5, &of_ipv6);
    insert_grant(&bed, 6, &[("stage", "'active'")]);
    insert_grant(&bed, 7, &revoked.concat());
    let store = bed.reopen().await;

    let GrantStage::Code(code) = meaning(1).stage else { panic!("a code") };
    let state = Refresh {
        leaf: 5,
        parent: Some(4),
        rotated_at: at(390),
        rotated_from: Some("192.0.2.1".parse().unwrap()),
        retried_at: Some(at(395)),
        elsewhere: 2,
        shadow_run: 1,
        idle_expires_at: at(500),
    };
    let first = Refresh::first(at(1), at(500));
    let of_ipv6 = Refresh { rotated_from: Some("2001:db8::".parse().unwrap()), ..state };
    let over = GrantStage::Revoked { at: at(8), reason: RevokeReason::Replay };
    let ip = state.rotated_from;
    let expected = [
        Grant { stage: GrantStage::Code(PendingCode { failures: 2, ..code }), ..meaning(1) },
        Grant { holder: offline(), ..meaning(2) },
        Grant { stage: GrantStage::Active(Some(first)), ..meaning(3) },
        Grant { holder: offline(), stage: GrantStage::Active(Some(state)), last_used_ip: ip, ..meaning(4) },
        Grant { holder: offline(), stage: GrantStage::Active(Some(of_ipv6)), ..meaning(5) },
        Grant { stage: GrantStage::Active(None), ..meaning(6) },
        Grant { stage: over, ..meaning(7) },
    ];
    for (number, expected) in (1..).zip(&expected) {
        assert_eq!(&find(&store, number).await, expected);
    }
    use_them(&store).await;
}

/// Codes are redeemed, refresh tokens rotate and are retried, a session ends, grants are revoked.
async fn use_them(store: &Store) {
    for number in [1, 2] {
        let redeemed = store
            .write(|tx| async move { tx.grants().redeem_code(grant_id(number), (at(30), None), None).await });
        assert!(redeemed.await.unwrap().is_some(), "code {number}");
    }
    let leaf_and_idle = async |number, presented| {
        let stage = rotate(store, number, &presented).await.map(|grant| grant.stage);
        let Some(GrantStage::Active(Some(refresh))) = stage else { panic!("{number}: {stage:?}") };
        (refresh.leaf, refresh.idle_expires_at, refresh.elsewhere)
    };
    assert_eq!(leaf_and_idle(3, presented(1)).await, (2, at(100_000), 0), "it lasts as long as its session");
    let elsewhere = RefreshUse { from: Some("192.0.2.2".parse().unwrap()), ..presented(4) };
    assert_eq!(leaf_and_idle(4, elsewhere).await, (5, at(500), 3), "a retry");
    assert_eq!(leaf_and_idle(4, presented(5)).await, (6, at(900), 0));
    assert_eq!(rotate(store, 7, &presented(1)).await, None, "over is over");

    let swept = store.write(|tx| async move {
        assert!(tx.sessions().end(session_id(1), at(401)).await?);
        tx.grants().purge_of_ended_sessions(500).await
    });
    assert!(swept.await.unwrap() > 0);
    for (number, stays) in [(1, false), (3, false), (6, false), (2, true), (4, true)] {
        let found = store.read(|tx| async move { tx.grants().find(grant_id(number)).await }).await.unwrap();
        assert_eq!(found.is_some(), stays, "{number}: offline grants go on");
    }
    let revoked = async |number| {
        let reason = RevokeReason::Client;
        store.write(|tx| async move { tx.grants().revoke(grant_id(number), reason, at(402)).await }).await
    };
    assert_eq!((revoked(4).await, revoked(7).await), (Ok(true), Ok(false)));
}

pub async fn people_and_sessions_of_version_3_read_back(bed: Bed) {
    make_version(&bed, 3);
    insert_person_and_client(&bed);
    let store = bed.reopen().await;
    let user = store.read(|tx| async move { tx.users().find(user_id(1)).await }).await.unwrap().unwrap();
    assert_eq!(
        (user.username.as_str(), user.status, user.security_version, user.created_at),
        ("ada", UserStatus::Active, SecurityVersion::FIRST, at(5))
    );
    let expected = Session {
        id: session_id(1),
        secret: digest(1),
        user_id: user_id(1),
        authentication: authentication(),
        created_at: at(5),
        last_seen_at: at(5),
        idle_expires_at: at(10_000),
        expires_at: at(10_000),
        ended_at: None,
        user_agent: None,
        ip: None,
    };
    let session = store.read(|tx| async move { tx.sessions().find(session_id(1)).await }).await.unwrap();
    assert_eq!(session, Some(expected));
    let ended = store.write(|tx| async move { tx.sessions().end(session_id(1), at(9)).await }).await;
    assert_eq!(ended, Ok(true));
}

/// The key of codes and refresh tokens has another name since.
pub async fn keys_of_version_3_read_back(bed: Bed) {
    make_version(&bed, 3);
    for (number, purpose) in [(1, "'tickets'"), (2, "'access:ES256'")] {
        insert(
            &bed,
            "signing_keys",
            &[
                ("id", &bed.blob(&bytes::<16>(number))),
                ("purpose", purpose),
                ("state", "'active'"),
                ("sealed", &bed.blob(&[1, 2, 3])),
                ("created_at", "1700000000"),
                ("activated_at", "1700000000"),
            ],
        );
    }
    let store = bed.reopen().await;
    let keys = store.read(|tx| async move { tx.keys().list().await }).await.unwrap();
    let mut purposes: Vec<_> = keys.iter().map(|key| (key.id.as_bytes()[3], key.purpose)).collect();
    purposes.sort_unstable_by_key(|(number, _)| *number);
    let access = KeyPurpose::Access(tessera_jose::Algorithm::Es256);
    assert_eq!(purposes, [(1, KeyPurpose::GrantTokens), (2, access)]);
}

/// Writes a client and an API with these settings, migrates, and changes the client as an administrator would.
async fn settings_after_migration(
    bed: &Bed,
    version: usize,
    (client, api): (&str, &str),
) -> (ClientSettings, ApiSettings) {
    make_version(bed, version);
    let columns =
        [("name", "'N'"), ("status", "'active'"), ("created_at", "1700000000"), ("updated_at", "1700000000")];
    let (client, api) = (format!("'{client}'"), format!("'{api}'"));
    let own = [("id", "'client-1'"), ("kind", "'web'"), ("settings", &*client), ("secrets", "'[]'")];
    insert(bed, "clients", &[&own[..], &columns].concat());
    insert(
        bed,
        "apis",
        &[&[("audience", "'https://api-1.example/'"), ("settings", &*api)], &columns[..]].concat(),
    );
    let store = bed.reopen().await;
    let read = store
        .write(|tx| async move {
            let before = tx.clients().find_for_update(&client_id(1)).await?.unwrap();
            let mut renamed = before.clone();
            "Another name".clone_into(&mut renamed.name);
            assert!(tx.clients().update(&renamed).await?);
            let after = tx.clients().find(&client_id(1)).await?;
            assert_eq!(after.as_ref(), Some(&renamed), "a change keeps the rest");
            let api = tx.apis().find("https://api-1.example/").await?.unwrap();
            Ok::<_, StoreError>((before.settings, api.settings))
        })
        .await;
    read.unwrap()
}

/// What these settings mean today: nothing is there that they did not say.
fn settings(grant_types: Vec<GrantType>, pkce: PkcePolicy) -> ClientSettings {
    let usual = client(1).settings;
    ClientSettings {
        grant_types,
        scopes: "openid".parse().unwrap(),
        audiences: Vec::new(),
        pkce,
        access_token_seconds: None,
        refresh_tokens: RefreshTokens::Always,
        ..usual
    }
}

const OLD_API: &str = r#"{"scopes":[{"name":"notes:read","description":"Read"}],"token_form":{"form":"jwt","alg":"ES256"},"access_token_seconds":600}"#;

/// PKCE was required or not, and every web client had tokens for itself.
pub async fn settings_of_version_1_keep_their_meaning(bed: Bed) {
    for (require, pkce) in [("true", PkcePolicy::Required), ("false", PkcePolicy::Off)] {
        let client = format!(
            r#"{{"redirect_uris":["https://app.example/callback"],"post_logout_redirect_uris":[],"grant_types":["authorization_code","refresh_token","client_credentials"],"auth_method":"client_secret_basic","scopes":"openid","audiences":[],"require_pkce":{require},"id_token_signed_response_alg":"ES256","require_consent":true}}"#
        );
        let (read, of_api) = settings_after_migration(&bed, 1, (&client, OLD_API)).await;
        let grant_types = vec![GrantType::AuthorizationCode, GrantType::RefreshToken];
        assert_eq!(read, settings(grant_types, pkce));
        assert_eq!(of_api, api(1).settings);
    }
}

pub async fn settings_of_version_2_keep_their_meaning(bed: Bed) {
    let client = r#"{"redirect_uris":["https://app.example/callback"],"post_logout_redirect_uris":[],"grant_types":["authorization_code"],"auth_method":"client_secret_basic","scopes":"openid","audiences":[],"pkce":"auto","id_token_signed_response_alg":"ES256","require_consent":true,"id_token_claims":true,"confirm_logout":false,"access_token_seconds":30}"#;
    let (read, of_api) = settings_after_migration(&bed, 2, (client, OLD_API)).await;
    let usual = settings(vec![GrantType::AuthorizationCode], PkcePolicy::Auto);
    let told = ClientSettings { id_token_claims: true, confirm_logout: false, ..usual };
    assert_eq!(read, ClientSettings { access_token_seconds: Some(30), ..told });
    assert_eq!(of_api, api(1).settings);
}

pub async fn settings_of_version_3_keep_their_meaning(bed: Bed) {
    let client = r#"{"redirect_uris":["https://app.example/callback"],"post_logout_redirect_uris":[],"grant_types":["authorization_code"],"auth_method":"client_secret_basic","scopes":"openid","audiences":[],"pkce":"off","id_token_signed_response_alg":"ES256","require_consent":true,"id_token_claims":false,"confirm_logout":true,"refresh_tokens":"offline_access"}"#;
    let older = OLD_API.replace(r#""alg":"ES256""#, r#""alg":"ES256","typ":"jwt""#);
    let (read, of_api) = settings_after_migration(&bed, 3, (client, &older)).await;
    let usual = settings(vec![GrantType::AuthorizationCode], PkcePolicy::Off);
    assert_eq!(read, ClientSettings { refresh_tokens: RefreshTokens::OfflineAccess, ..usual });
    let form = TokenForm::Jwt { alg: tessera_jose::Algorithm::Es256, typ: JwtType::Jwt };
    assert_eq!(of_api, ApiSettings { token_form: form, ..api(1).settings });
}
