//! Sample entities. Every number makes another one.

use std::collections::BTreeSet;
use std::time::Duration;

use tessera_jose::Algorithm;
use tessera_model::api::{ApiSettings, JwtType, TokenForm};
use tessera_model::client::ClientSettings;
use tessera_model::{
    Api, ApiStatus, AuthenticationContext, Client, ClientAuthMethod, ClientId, ClientKind, ClientSecret,
    ClientStatus, Digest, Grant, GrantId, GrantStage, Holder, KeyId, KeyPurpose, KeyState, PasswordHash,
    PendingCode, PkcePolicy, Proof, ProofMethod, RefreshTokens, ScopeDefinition, SecurityVersion, Session,
    SessionId, StoredKey, Timestamp, User, UserId, UserStatus,
};
use tessera_oauth::claims::ProfileClaims;
use tessera_oauth::scope::ScopeSet;
use tessera_oauth::token::GrantType;

use super::bed::Bed;

/// A moment, in seconds after the start of the test.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

pub fn bytes<const N: usize>(number: u32) -> [u8; N] {
    let mut bytes = [0xa5; N];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    bytes
}

pub fn digest(number: u32) -> Digest {
    Digest::new(bytes(number))
}

pub fn user_id(number: u32) -> UserId {
    UserId::from_random(bytes(number))
}

pub fn session_id(number: u32) -> SessionId {
    SessionId::from_random(bytes(number))
}

pub fn grant_id(number: u32) -> GrantId {
    GrantId::from_random(bytes(number))
}

pub fn client_id(number: u32) -> ClientId {
    format!("client-{number}").parse().unwrap()
}

pub fn user(number: u32) -> User {
    User {
        id: user_id(number),
        username: format!("user-{number:06}").parse().unwrap(),
        name: Some(format!("Usér {number}")),
        email: Some(format!("user{number}@example.com")),
        email_verified: number % 2 == 1,
        claims: ProfileClaims { nickname: Some("Al".to_owned()), ..ProfileClaims::default() },
        status: UserStatus::Active,
        password: Some(PasswordHash::new(format!("$argon2id${number}"))),
        security_version: SecurityVersion::FIRST,
        created_at: at(0),
        updated_at: at(1),
    }
}

pub fn client(number: u32) -> Client {
    Client {
        id: client_id(number),
        kind: ClientKind::Web,
        name: format!("Client {number}"),
        status: ClientStatus::Active,
        settings: ClientSettings {
            redirect_uris: vec!["https://app.example/callback".parse().unwrap()],
            post_logout_redirect_uris: Vec::new(),
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            auth_method: ClientAuthMethod::ClientSecretBasic,
            scopes: "openid profile notes:read".parse().unwrap(),
            audiences: vec!["https://notes.example/api".to_owned()],
            pkce: PkcePolicy::Auto,
            id_token_signed_response_alg: Some(Algorithm::Es256),
            require_consent: true,
            id_token_claims: false,
            confirm_logout: true,
            access_token_seconds: Some(300),
            refresh_tokens: RefreshTokens::OfflineAccess,
            not_understood: BTreeSet::new(),
        },
        secrets: vec![
            ClientSecret::new(digest(number), at(1)),
            ClientSecret { expires_at: Some(at(100)), ..ClientSecret::new(digest(number + 1), at(0)) },
        ],
        pkce_proven_at: None,
        created_at: at(0),
        updated_at: at(1),
    }
}

pub fn api(number: u32) -> Api {
    Api {
        audience: format!("https://api-{number}.example/"),
        name: format!("API {number}"),
        status: ApiStatus::Active,
        settings: ApiSettings {
            scopes: vec![ScopeDefinition {
                name: "notes:read".parse().unwrap(),
                description: "Read".to_owned(),
            }],
            token_form: TokenForm::Jwt { alg: Algorithm::Es256, typ: JwtType::AtJwt },
            access_token_seconds: 600,
            withheld_scopes: ScopeSet::default(),
            not_understood: BTreeSet::new(),
        },
        created_at: at(0),
        updated_at: at(1),
    }
}

fn authentication() -> AuthenticationContext {
    let badge = Proof { method: ProofMethod::Other("badge".to_owned()), ..Proof::password(at(4)) };
    AuthenticationContext::new(vec![badge, Proof::password(at(5))])
}

/// A session of the user with the same number.
pub fn session(number: u32) -> Session {
    Session {
        id: session_id(number),
        secret: digest(number),
        user_id: user_id(number),
        authentication: authentication(),
        created_at: at(5),
        last_seen_at: at(5),
        idle_expires_at: at(1_000),
        expires_at: at(10_000),
        ended_at: None,
        user_agent: Some("Mozilla/5.0".to_owned()),
        ip: Some("192.0.2.7".to_owned()),
    }
}

/// The person and the session with these numbers.
pub fn of_session(user: u32, session: u32) -> Holder {
    Holder::Session {
        user_id: user_id(user),
        session_id: session_id(session),
        authentication: authentication(),
    }
}

/// The person with this number, also while they are away; from a session where there was one.
pub fn offline(user: u32, session: Option<u32>) -> Holder {
    Holder::Offline {
        user_id: user_id(user),
        session_id: session.map(session_id),
        authentication: authentication(),
    }
}

/// A grant with a fresh code. Its person, client and session have the same number.
pub fn grant(number: u32) -> Grant {
    Grant {
        id: grant_id(number),
        client_id: client_id(number),
        holder: of_session(number, number),
        scope: "openid notes:read".parse().unwrap(),
        audiences: vec!["https://notes.example/api".to_owned()],
        nonce: Some("n-0S6_WzA2Mj".to_owned()),
        stage: GrantStage::Code(PendingCode {
            expires_at: at(60),
            redirect_uri: "https://app.example/callback".to_owned(),
            code_challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned()),
            failures: 0,
        }),
        last_used_ip: None,
        created_at: at(10),
        expires_at: at(100_000),
        security_version: Some(SecurityVersion::FIRST),
    }
}

pub fn key(number: u32, state: KeyState) -> StoredKey {
    StoredKey {
        id: KeyId::from_random(bytes(number)),
        purpose: KeyPurpose::Access(Algorithm::Es256),
        state,
        sealed: vec![1, 2, 3, 0, 255],
        created_at: at(i64::from(number)),
        activated_at: None,
        due_at: None,
    }
}

/// Writes a user, a client, a session and a grant with this number.
pub async fn plant(bed: &Bed, number: u32) -> Grant {
    let planted = grant(number);
    let plant = &planted;
    bed.write(|tx| async move {
        assert!(tx.users().insert(&user(number)).await?);
        assert!(tx.clients().insert(&client(number)).await?);
        tx.sessions().insert(&session(number)).await?;
        tx.grants().insert(plant).await
    })
    .await;
    planted
}

/// The retry window of the default policy.
pub const RETRY: Duration = Duration::from_secs(60);
