//! Tokens for a machine that acts for itself (RFC 6749 section 4.4). Writes nothing to disk itself: the audit event goes into a batch.

use std::sync::Arc;

use tessera_model::{AuditEvent, Client, EventCode};
use tessera_oauth::error::{ErrorCode, OAuthError};
use tessera_oauth::resource::Resource;
use tessera_oauth::scope::ScopeSet;
use tessera_oauth::token::{GrantType, TokenResponse};

use super::super::issue::{Extras, OnBehalfOf, Refusal, Request, permit};
use super::super::target::resolve_for_machine;
use super::error::TokenError;
use crate::Cx;

/// Issues an access token to the client itself.
pub(super) fn issue(
    cx: &Cx,
    client: &Arc<Client>,
    scope: Option<&ScopeSet>,
    resource: &[Resource],
) -> Result<TokenResponse, TokenError> {
    let catalog = cx.app.catalog.load();
    let target = resolve_for_machine(&catalog, client, scope, resource)?;
    if target.apis.is_empty() {
        return Err(OAuthError::new(ErrorCode::InvalidScope)
            .because("no API of this client has these scopes")
            .into());
    }
    let request = Request {
        client,
        grant_type: GrantType::ClientCredentials,
        on_behalf_of: OnBehalfOf::Itself,
        target,
    };
    let permit = permit(cx, request).map_err(|refusal| match refusal {
        Refusal::Audience => OAuthError::new(ErrorCode::InvalidTarget)
            .because("these APIs need separate tokens: send resource")
            .into(),
        other => TokenError::Unauthorized(other),
    })?;
    let response = permit.mint(cx, &catalog.keys, Extras { refresh_number: None, id_token: false })?;
    cx.app
        .batch
        .push(AuditEvent { client_id: Some(client.id.clone()), ..cx.event(EventCode::ClientCredentials) })?;
    Ok(response)
}
