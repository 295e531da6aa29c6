//! Taking a token back (RFC 7009): refresh token or access token, by the client that it was issued to.
//!
//! Either token of a person ends the whole grant (RFC 7009 section 2.1). A machine's token ends alone.

use tessera_model::{AuditEvent, Client, EventCode, GrantId, RevokeReason, Timestamp};
use tessera_oauth::revocation::RevocationRequest;
use tessera_store::StoreError;

use super::access_token::{self, AccessToken, TokenHolder};
use super::foreign_token::note_foreign_token;
use crate::Cx;
use crate::grant_tokens::Reading;
use crate::rules::{self, RevocationTarget};

/// What ends with a token.
enum Ends {
    Grant(GrantId),
    MachineToken(Box<AccessToken>),
    /// Nothing: another client was issued this refresh token.
    Foreign(GrantId),
}

/// Takes a token back. An unknown or dead token, and one of another client, changes nothing and is no error (section 2.2).
///
/// # Errors
/// The database failed; the token lives on then.
pub async fn revoke(cx: &Cx, client: &Client, request: &RevocationRequest) -> Result<(), StoreError> {
    let cx = &cx.clone().acting_as(crate::Actor::Client(client.id.clone()));
    match identify(cx, client, &request.token) {
        Some(Ends::Grant(id)) => revoke_grant(cx, client, id).await,
        Some(Ends::MachineToken(claims)) => revoke_machine_token(cx, client, &claims).await,
        Some(Ends::Foreign(id)) => note_foreign_token(cx, client, id, EventCode::RefreshForeignClient).await,
        None => Ok(()),
    }
}

/// Needs no hint: the two kinds of token look different.
fn identify(cx: &Cx, client: &Client, token: &str) -> Option<Ends> {
    let keys = &cx.app.catalog.load().keys;
    match keys.grant_tokens.read_refresh_token(&client.id, token) {
        Reading::Own(grant, _) => return Some(Ends::Grant(grant)),
        Reading::OfAnotherClient(grant) => return Some(Ends::Foreign(grant)),
        Reading::Unknown => {}
    }
    let claims =
        access_token::read(cx, keys, token).filter(|claims| claims.client_id == client.id.as_str())?;
    Some(match claims.holder {
        TokenHolder::Person { grant } => Ends::Grant(grant),
        TokenHolder::Machine => Ends::MachineToken(Box::new(claims)),
    })
}

async fn revoke_grant(cx: &Cx, client: &Client, id: GrantId) -> Result<(), StoreError> {
    let event = &AuditEvent { grant_id: Some(id), ..revoked(cx, client) };
    cx.app
        .store
        .write(|tx| async move {
            if !tx.grants().revoke(id, RevokeReason::Client, cx.now).await? {
                return Ok(());
            }
            let Some(grant) = tx.grants().find(id).await? else { return Ok(()) };
            rules::revoke(cx, &tx, &RevocationTarget::Grant(&grant)).await?;
            tx.audit().append(event).await
        })
        .await
}

async fn revoke_machine_token(cx: &Cx, client: &Client, claims: &AccessToken) -> Result<(), StoreError> {
    if access_token::check_live(cx, claims).await?.is_none() {
        return Ok(());
    }
    let target = &RevocationTarget::Token {
        client: &client.id,
        jti: &claims.jti,
        issued_at: Timestamp::from_seconds(claims.iat),
        expires_at: Timestamp::from_seconds(claims.exp),
    };
    let event = &revoked(cx, client);
    cx.app
        .store
        .write(|tx| async move {
            if rules::revoke_once(cx, &tx, target).await? { tx.audit().append(event).await } else { Ok(()) }
        })
        .await
}

fn revoked(cx: &Cx, client: &Client) -> AuditEvent {
    AuditEvent { client_id: Some(client.id.clone()), ..cx.event(EventCode::TokenRevoked) }
}
