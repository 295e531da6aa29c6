//! An authentication with a credential that somebody registered (WebAuthn level 3 section 7.2).

use tessera_model::audit::Detail;
use tessera_model::{
    AuditEvent, Authenticator, AuthenticatorId, AuthenticatorKind, EventCode, Proof, ProofMethod,
    ProofProperty, User, WebAuthnCredential,
};
use tessera_store::{StoreError, Tx};
use tessera_webauthn::{
    Authenticated, Authentication, AuthenticationResponse, Counter, Identification, StoredCredential,
    UserVerification,
};

use super::ceremony::{Ceremony, Purpose};
use super::relying_party::relying_party;
use super::response::AuthenticationJson;
use crate::Cx;
use crate::login::BrowserSecret;

/// What a browser sends back.
#[derive(Clone, Copy)]
pub struct Assertion<'a> {
    /// The sealed ceremony of the page.
    pub ceremony: &'a str,
    /// `AuthenticationResponseJSON`.
    pub response: &'a str,
}

/// An authenticator that has answered rightly. It counts once [`Verified::count`] has succeeded.
pub(crate) struct Verified {
    ceremony: Ceremony,
    /// The authenticator.
    id: AuthenticatorId,
    /// Its new counter.
    counter: i64,
    /// What its credential has shown of itself, if that is new.
    shown: Option<WebAuthnCredential>,
    pub(crate) user: User,
    pub(crate) proof: Proof,
}

/// Why a response was refused. Only the audit event names the reason.
pub(crate) struct Rejected {
    pub(crate) reason: String,
    /// Whose credential it was, if it was known.
    pub(crate) user: Option<User>,
}

impl Rejected {
    fn of(reason: impl Into<String>, user: Option<User>) -> Self {
        Self { reason: reason.into(), user }
    }
}

/// Verifies the response to a ceremony for this purpose.
///
/// # Errors
/// The database failed.
pub(crate) async fn verify(
    cx: &Cx,
    assertion: Assertion<'_>,
    purpose: Purpose,
    browser: &BrowserSecret,
) -> Result<Result<Verified, Rejected>, StoreError> {
    let Some(ceremony) = Ceremony::open(cx, assertion.ceremony, purpose, browser) else {
        return Ok(Err(Rejected::of("webauthn_challenge", None)));
    };
    let Ok(answer) = serde_json::from_str::<AuthenticationJson>(assertion.response) else {
        return Ok(Err(Rejected::of("webauthn_malformed", None)));
    };
    let found = cx.app.store.read(|tx| find(tx, &answer.raw_id.0)).await?;
    let Some((key, user)) = found else { return Ok(Err(Rejected::of("webauthn_unknown_credential", None))) };
    let is_theirs = match purpose {
        Purpose::Prove(id) => id == user.id,
        Purpose::Identify | Purpose::Register(_) => true,
    };
    if !is_theirs {
        return Ok(Err(Rejected::of("webauthn_credential_of_another", None)));
    }
    match check(cx, &ceremony, &answer, (&key, purpose)) {
        Err(reason) => Ok(Err(Rejected::of(reason, Some(user)))),
        Ok((_, authenticated)) if authenticated.counter == Counter::WentBack => {
            report_clone(cx, &ceremony, &key).await?;
            Ok(Err(Rejected::of("webauthn_counter", Some(user))))
        }
        Ok((credential, authenticated)) => {
            let proof = proof(cx, &key, authenticated);
            let shown = Some(after_use(credential, authenticated)).filter(|after| after != credential);
            let (id, counter) = (key.id, authenticated.sign_count.into());
            Ok(Ok(Verified { ceremony, id, counter, shown, user, proof }))
        }
    }
}

async fn find(tx: Tx, credential_id: &Vec<u8>) -> Result<Option<(Authenticator, User)>, StoreError> {
    let Some(found) = tx.authenticators().find_by_credential(credential_id).await? else { return Ok(None) };
    Ok(tx.users().find(found.user_id).await?.map(|user| (found, user)))
}

fn check<'a>(
    cx: &Cx,
    ceremony: &Ceremony,
    answer: &AuthenticationJson,
    (used, purpose): (&'a Authenticator, Purpose),
) -> Result<(&'a WebAuthnCredential, Authenticated), String> {
    let AuthenticatorKind::WebAuthn(credential) = &used.kind else { return Err("webauthn_kind".to_owned()) };
    let (_, relying_party) =
        relying_party(&cx.app.config.issuer, &cx.app.config.passkeys).ok_or("webauthn_off")?;
    let authentication = Authentication {
        relying_party: &relying_party,
        challenge: &ceremony.challenge_bytes(),
        user_verification: UserVerification::Optional,
        identification: match purpose {
            Purpose::Identify => Identification::ByUserHandle,
            Purpose::Prove(_) | Purpose::Register(_) => Identification::Before,
        },
    };
    let stored = StoredCredential {
        public_key: &credential.public_key,
        sign_count: u32::try_from(used.counter).unwrap_or(u32::MAX),
        backup_eligible: credential.backup_eligible,
        user_handle: used.user_id.as_bytes(),
    };
    let response = AuthenticationResponse {
        client_data_json: &answer.response.client_data_json.0,
        authenticator_data: &answer.response.authenticator_data.0,
        signature: &answer.response.signature.0,
        user_handle: answer.response.user_handle.as_ref().map(|handle| &handle.0[..]),
    };
    let authenticated =
        authentication.verify(&stored, &response).map_err(|error| format!("webauthn {error}"))?;
    Ok((credential, authenticated))
}

/// Step 25: the backup state, and whether the authenticator can verify its person.
fn after_use(credential: &WebAuthnCredential, now: Authenticated) -> WebAuthnCredential {
    WebAuthnCredential {
        backed_up: now.flags.backed_up(),
        user_verified: credential.user_verified || now.flags.user_verified(),
        ..credential.clone()
    }
}

fn proof(cx: &Cx, used: &Authenticator, authenticated: Authenticated) -> Proof {
    let verified = authenticated.flags.user_verified().then_some(ProofProperty::UserVerified);
    let lasting = match &used.kind {
        AuthenticatorKind::WebAuthn(credential) => Some(credential.properties()),
        AuthenticatorKind::Totp(_) | AuthenticatorKind::Hotp(_) | AuthenticatorKind::Other(_) => None,
    };
    Proof {
        authenticator: Some(used.id),
        properties: lasting.into_iter().flatten().chain(verified).collect(),
        ..Proof::new(ProofMethod::WebAuthn, cx.now)
    }
}

/// Raises the alarm that two authenticators may have the same key, once for each challenge.
async fn report_clone(cx: &Cx, ceremony: &Ceremony, used: &Authenticator) -> Result<(), StoreError> {
    let id = used.id.to_string();
    let detail = Some(Detail::Authenticator("webauthn", &id).text());
    let event = cx.event(EventCode::AuthenticatorCloned);
    let event = &AuditEvent { user_id: Some(used.user_id), detail, ..event };
    cx.app
        .store
        .write(|tx| async move {
            if ceremony.spend(&tx).await? { tx.audit().append(event).await } else { Ok(()) }
        })
        .await
}

impl Verified {
    /// Lets challenge and counter count, once. `false` if either has counted before.
    pub(crate) async fn count(&self, cx: &Cx, tx: &Tx) -> Result<bool, StoreError> {
        let Self { ceremony, id, counter, shown, .. } = self;
        let authenticators = tx.authenticators();
        if !ceremony.spend(tx).await? || !authenticators.record_use(*id, *counter, cx.now).await? {
            return Ok(false);
        }
        if let Some(credential) = shown {
            authenticators.describe(*id, credential).await?;
        }
        Ok(true)
    }
}
