//! Logout that a client asks for (OpenID Connect RP-Initiated Logout 1.0).
//!
//! The person confirms the logout on a page of ours. They need not if an administrator has registered that the client asks them
//! itself, and the request brings an ID token of this very session.
//!
//! Afterwards the browser only goes to a registered address: one of the client that the hint was issued to, or, once the person
//! has confirmed, one of the client that `client_id` names. With an invalid hint it goes nowhere.

use std::sync::Arc;

use tessera_model::{Client, ClientId, SessionId};
use tessera_oauth::logout::EndSessionRequest;
use tessera_oauth::response::with_query;
use tessera_store::StoreError;

use super::id_token_hint;
use crate::sid::Sector;
use crate::{Actor, Cx, catalog, sessions};

/// Whether the person has confirmed the logout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreed {
    /// They have, with our form.
    ByThePerson,
    /// They have not been asked yet.
    NotYet,
}

/// Where a client wants the browser after the logout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Return {
    /// A registered address, with `state`.
    pub uri: String,
    /// The registered name of the client.
    pub client_name: String,
}

/// Where the browser goes after the logout, if the request names a valid address.
pub async fn return_to(cx: &Cx, request: &EndSessionRequest, agreed: Agreed) -> Option<Return> {
    let uri = request.post_logout_redirect_uri.as_deref()?;
    let client = match (&request.id_token_hint, agreed) {
        (Some(_), _) => hinted(cx, request).await?.client,
        (None, Agreed::ByThePerson) => client(cx, request.client_id.as_deref()?).await?,
        (None, Agreed::NotYet) => return None,
    };
    let registered = client.settings.post_logout_redirect_uris.iter().any(|known| known.matches(uri));
    registered.then(|| Return {
        uri: match &request.state {
            Some(state) => with_query(uri, [("state", state.as_str())].into_iter()),
            None => uri.to_owned(),
        },
        client_name: client.name.clone(),
    })
}

/// Whether the request may end this session without asking the person.
pub async fn needs_no_question(cx: &Cx, request: &EndSessionRequest, session: SessionId) -> bool {
    hinted(cx, request)
        .await
        .is_some_and(|hinted| !hinted.client.settings.confirm_logout && hinted.is_of(cx, session))
}

/// Ends the session that a valid hint names, for a client whose logout needs no question. An application's server logs a person
/// out this way, without their browser. No other GET changes anything (policy P10). Returns whether the session is over.
///
/// # Errors
/// The database failed. The session was not ended.
pub async fn end_hinted(cx: &Cx, request: &EndSessionRequest) -> Result<bool, StoreError> {
    let Some(hinted) = hinted(cx, request).await.filter(|hinted| !hinted.client.settings.confirm_logout)
    else {
        return Ok(false);
    };
    let (Some(_), Ok(person)) = (&hinted.sid, hinted.subject.parse()) else { return Ok(false) };
    let sessions = cx.app.store.read(|tx| async move { tx.sessions().list_of_user(person).await }).await?;
    // A session without a row ended long ago.
    let Some(session) = sessions.into_iter().find(|session| hinted.is_of(cx, session.id)) else {
        return Ok(true);
    };
    sessions::end(&cx.clone().acting_as(Actor::Client(hinted.client.id.clone())), &session).await?;
    Ok(true)
}

/// The content of a valid hint.
struct Hinted {
    client: Arc<Client>,
    subject: String,
    /// What the client calls the session.
    sid: Option<String>,
}

impl Hinted {
    /// Whether the hint is about this session.
    fn is_of(&self, cx: &Cx, session: SessionId) -> bool {
        let sids = &cx.app.catalog.load().keys.sids;
        self.sid.as_deref() == Some(&*sids.of(session, Sector::PUBLIC))
    }
}

/// `None` without a hint, and for a hint that is invalid or belongs to another client than `client_id` names.
async fn hinted(cx: &Cx, request: &EndSessionRequest) -> Option<Hinted> {
    let claims = id_token_hint::read(cx, request.id_token_hint.as_deref()?)?;
    let client_id = &claims.client_id;
    if request.client_id.as_deref().is_some_and(|named| named != client_id) {
        return None;
    }
    let client = client(cx, client_id).await?;
    Some(Hinted { client, subject: claims.sub, sid: claims.sid })
}

async fn client(cx: &Cx, id: &str) -> Option<Arc<Client>> {
    catalog::client(cx, &id.parse::<ClientId>().ok()?).await.filter(|client| client.is_active())
}
