//! The one gate: no token without live user, session, client, grant, consent, audience and key (invariant I2).
//!
//! [`permit`] checks, inside the transaction that spends what was presented. Only it makes a [`Permit`], and only a
//! [`Permit`] can be minted into tokens, after the commit.
//!
//! A grant of a session ends with it: when somebody *ends* it (logout, another person, administrator) and at its absolute expiry.
//! A session that idles out ends the login in that browser alone. An offline grant outlives its session and has an idle expiry
//! instead (OIDC core section 11), but its code does not outlive the session. Either ends with the generation of the person's
//! credentials.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tessera_jose::{Algorithm, base64url};
use tessera_model::api::{JwtType, TokenForm};
use tessera_model::{
    Api, AuthenticationContext, Client, Consent, Grant, GrantId, GrantStage, GroupName, Holder, KeyPurpose,
    Session, SessionId, Timestamp, UserId,
};
use tessera_oauth::claims::{
    AccessTokenClaims, Audience, ID_TOKEN_TYP, IdTokenClaims, MAX_AUDIENCES, PersonClaims, at_hash,
};
use tessera_oauth::payload::KnownRules;
use tessera_oauth::scope::OPENID;
use tessera_oauth::token::{GrantType, TokenResponse, TokenType};
use tessera_store::GrantUser;

use super::access_token::TokenHolder;
use super::person::person;
use super::target::Target;
use crate::Cx;
use crate::keys::{KeyError, KeyRing};
use crate::sid::Sector;

/// What somebody wants tokens for.
pub(super) struct Request<'a> {
    pub(super) client: &'a Arc<Client>,
    pub(super) grant_type: GrantType,
    pub(super) on_behalf_of: OnBehalfOf<'a>,
    pub(super) target: Target,
}

/// For whom, with what the gate checks. What is missing from the database is `None`.
pub(super) enum OnBehalfOf<'a> {
    /// A person, by a grant.
    Person {
        grant: &'a Grant,
        user: Option<&'a GrantUser>,
        /// Those that the ID token names.
        groups: &'a [GroupName],
        session: Option<&'a Session>,
        consent: Option<&'a Consent>,
    },
    /// The client itself.
    Itself,
}

/// Why the gate refused. The code goes into the audit event; the wire says `invalid_grant`, and tells why only for the four bindings
/// that a developer can mend: a redirect URI or verifier that is missing, another redirect URI, a verifier without a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The client was turned off.
    #[error("client_disabled")]
    ClientDisabled,
    /// The client may not use this grant type.
    #[error("grant_type_not_allowed")]
    GrantTypeNotAllowed,
    /// The account is gone, locked or closed.
    #[error("user_inactive")]
    UserInactive,
    /// The session was ended, or is over.
    #[error("session_ended")]
    SessionEnded,
    /// The grant is over.
    #[error("grant_over")]
    GrantOver,
    /// The person has not allowed this client, or no longer.
    #[error("consent_missing")]
    ConsentMissing,
    /// The client may no longer have a scope that was granted.
    #[error("scope_withdrawn")]
    ScopeWithdrawn,
    /// The exchange lacks the redirect URI of the authorization request.
    #[error("redirect_uri_missing")]
    RedirectUriMissing,
    /// The exchange names another redirect URI.
    #[error("redirect_uri_differs")]
    RedirectUriDiffers,
    /// The exchange lacks the verifier of the challenge (RFC 7636).
    #[error("code_verifier_missing")]
    VerifierMissing,
    /// The exchange has a verifier, the authorization request had no challenge: a downgrade (RFC 9700 section 2.1.1).
    #[error("code_verifier_unexpected")]
    VerifierUnexpected,
    /// The verifier does not belong to the challenge.
    #[error("code_verifier_wrong")]
    VerifierWrong,
    /// No API to make a token for, or too many, or with tokens of different forms.
    #[error("no_common_audience")]
    Audience,
    /// A newer version chose an algorithm for the client's ID tokens that this one does not know.
    #[error("id_token_alg_unknown")]
    IdTokenAlgorithm,
}

/// Leave to make one set of tokens.
pub(super) struct Permit {
    client: Arc<Client>,
    subject: Subject,
    scope: tessera_oauth::scope::ScopeSet,
    apis: Vec<Arc<Api>>,
    /// The rules that do not mean the access token: the issuer knew them.
    known_rules: KnownRules,
    /// What the ID token tells about the person, where the client is registered so.
    told: PersonClaims,
}

enum Subject {
    Person(Box<Person>),
    /// The client itself.
    Machine,
}

/// What the tokens say about a person and their grant.
struct Person {
    grant: GrantId,
    user_id: UserId,
    session_id: Option<SessionId>,
    is_offline: bool,
    authentication: AuthenticationContext,
    nonce: Option<String>,
    /// The tokens live until this moment at most.
    until: Timestamp,
}

/// Whether tokens may be made at this moment.
pub(super) fn permit(cx: &Cx, request: Request<'_>) -> Result<Permit, Refusal> {
    let Request { client, grant_type, on_behalf_of, target } = request;
    if !client.is_active() {
        return Err(Refusal::ClientDisabled);
    }
    if !client.allows(grant_type) {
        return Err(Refusal::GrantTypeNotAllowed);
    }
    let mut told = PersonClaims::default();
    let mut rules = cx.app.catalog.load().rules_about(client);
    let subject = match on_behalf_of {
        OnBehalfOf::Person { grant, user, groups, session, consent } => {
            let user = check_person(user, grant)?;
            rules.subject = user.rule;
            if client.settings.id_token_claims {
                told = person(&user.user, groups, &target.scope);
            }
            if grant_type == GrantType::RefreshToken && !client.may_refresh(grant.holder.is_offline()) {
                return Err(Refusal::GrantTypeNotAllowed);
            }
            let until = check_session(cx, grant, (session, grant_type))?;
            check_grant(cx, client, grant, consent)?;
            Subject::Person(Box::new(about(grant, until)?))
        }
        OnBehalfOf::Itself => Subject::Machine,
    };
    let Target { scope, apis } = target;
    let for_issuer = matches!(subject, Subject::Person(_)) && scope.is_about_a_person();
    let same_form = apis.windows(2).all(|w| w[0].settings.token_form == w[1].settings.token_form);
    let known_form = apis.iter().all(|api| api.has_known_form());
    if (apis.is_empty() && !for_issuer) || !same_form || !known_form || apis.len() >= MAX_AUDIENCES {
        return Err(Refusal::Audience);
    }
    let gets_id_token = matches!(subject, Subject::Person(..)) && scope.contains(OPENID);
    if gets_id_token && client.settings.id_token_signed_response_alg.is_none() {
        return Err(Refusal::IdTokenAlgorithm);
    }
    let known_rules = rules.for_token_of(cx.now);
    Ok(Permit { client: Arc::clone(client), subject, scope, apis, known_rules, told })
}

fn check_person<'a>(user: Option<&'a GrantUser>, grant: &Grant) -> Result<&'a GrantUser, Refusal> {
    let found = user.filter(|found| found.user.status.is_active()).ok_or(Refusal::UserInactive)?;
    if !found.client_is_active {
        return Err(Refusal::ClientDisabled);
    }
    if grant.is_of_generation(found.user.security_version) { Ok(found) } else { Err(Refusal::GrantOver) }
}

/// A grant of the client itself has no code and no refresh token.
fn about(grant: &Grant, until: Timestamp) -> Result<Person, Refusal> {
    let (Some(user_id), Some(authentication)) = (grant.holder.user_id(), grant.holder.authentication())
    else {
        return Err(Refusal::GrantTypeNotAllowed);
    };
    Ok(Person {
        grant: grant.id,
        user_id,
        session_id: grant.holder.session_id(),
        is_offline: grant.holder.is_offline(),
        authentication: authentication.clone(),
        nonce: grant.nonce.clone(),
        until,
    })
}

/// How long tokens of a grant may live at most: as long as the grant, and as its session unless it is offline.
fn check_session(
    cx: &Cx,
    grant: &Grant,
    (session, grant_type): (Option<&Session>, GrantType),
) -> Result<Timestamp, Refusal> {
    let not_ended = session.filter(|session| session.ended_at.is_none()).ok_or(Refusal::SessionEnded);
    match &grant.holder {
        Holder::Session { .. } => {
            let session = not_ended?;
            let is_over = cx.now >= session.expires_at;
            if is_over { Err(Refusal::SessionEnded) } else { Ok(grant.expires_at.min(session.expires_at)) }
        }
        Holder::Offline { session_id: Some(_), .. } if grant_type != GrantType::RefreshToken => {
            not_ended.map(|_| grant.expires_at)
        }
        Holder::Offline { .. } | Holder::Machine => Ok(grant.expires_at),
    }
}

fn check_grant(cx: &Cx, client: &Client, grant: &Grant, consent: Option<&Consent>) -> Result<(), Refusal> {
    match grant.stage {
        GrantStage::Active(_) if cx.now < grant.expires_at && grant.client_id == client.id => {}
        GrantStage::Active(_) | GrantStage::Code(_) | GrantStage::Revoked { .. } => {
            return Err(Refusal::GrantOver);
        }
    }
    if !grant.scope.is_subset(&client.settings.scopes) {
        return Err(Refusal::ScopeWithdrawn);
    }
    if client.settings.require_consent
        && !consent.is_some_and(|consent| grant.scope.is_subset(&consent.scope))
    {
        return Err(Refusal::ConsentMissing);
    }
    Ok(())
}

/// What goes out beside the access token.
#[derive(Clone, Copy)]
pub(super) struct Extras {
    pub(super) refresh_number: Option<i64>,
    pub(super) id_token: bool,
}

impl Permit {
    /// Makes the tokens.
    ///
    /// # Errors
    /// A key is missing or the crypto provider failed.
    pub(super) fn mint(self, cx: &Cx, keys: &KeyRing, extras: Extras) -> Result<TokenResponse, KeyError> {
        let seconds = self.lifetime(cx);
        let access_token = self.access_token(cx, keys, seconds)?;
        let (id_token, refresh_token) = match &self.subject {
            Subject::Machine => (None, None),
            Subject::Person(person) => {
                let wanted = extras.id_token && self.scope.contains(OPENID);
                let id_token =
                    if wanted { Some(self.id_token(cx, keys, person, &access_token)?) } else { None };
                let refresh = extras
                    .refresh_number
                    .map(|number| keys.grant_tokens.refresh_token(&self.client.id, person.grant, number));
                (id_token, refresh.map(|token| String::clone(&token.reveal())))
            }
        };
        Ok(TokenResponse {
            access_token,
            token_type: TokenType::Bearer,
            expires_in: seconds,
            refresh_token,
            id_token,
            scope: Some(self.scope).filter(|scope| !scope.is_empty()),
        })
    }

    /// The shortest that API, client, grant and session allow, in seconds.
    fn lifetime(&self, cx: &Cx) -> u64 {
        let of_apis = self.apis.iter().map(|api| api.settings.access_token_seconds).min();
        let seconds = of_apis.unwrap_or(tessera_model::policy::DEFAULT_ACCESS_TOKEN_SECONDS);
        let seconds =
            u64::from(self.client.settings.access_token_seconds.map_or(seconds, |own| own.min(seconds)));
        match &self.subject {
            Subject::Person(person) => seconds.min(person.until.since(cx.now).as_secs()),
            Subject::Machine => seconds,
        }
    }

    fn access_token(&self, cx: &Cx, keys: &KeyRing, seconds: u64) -> Result<String, KeyError> {
        let issuer = &cx.app.config.issuer;
        let mut audience: Vec<String> = self.apis.iter().map(|api| api.audience.clone()).collect();
        let (sub, holder, authentication, session) = match &self.subject {
            Subject::Person(person) => {
                if self.scope.is_about_a_person() {
                    audience.push(issuer.clone());
                }
                let holder = TokenHolder::Person { grant: person.grant };
                let session = person.session_id.filter(|_| !person.is_offline);
                (person.user_id.to_string(), holder, Some(&person.authentication), session)
            }
            Subject::Machine => (self.client.id.to_string(), TokenHolder::Machine, None, None),
        };
        let claims = AccessTokenClaims {
            iss: issuer.clone(),
            sub,
            // One to MAX_AUDIENCES names, as `permit` has checked.
            aud: Audience::new(audience).map_err(|_| KeyError::Unwritable)?,
            client_id: self.client.id.to_string(),
            iat: cx.now.seconds(),
            exp: cx.now.after(Duration::from_secs(seconds)).seconds(),
            jti: holder.jti(&base64url::encode(cx.app.random::<12>())),
            scope: (!self.scope.is_empty()).then(|| self.scope.clone()),
            auth_time: authentication.map(|a| a.auth_time().seconds()),
            acr: authentication.map(|a| a.level().to_string()),
            sid: session.map(|session| keys.sids.of(session, Sector::PUBLIC)),
            known_subject_rule: self.known_rules.subject,
            known_client_rule: self.known_rules.client,
        };
        let form = self.apis.first().map(|api| api.settings.token_form);
        let (alg, typ) = match form {
            Some(TokenForm::Jwt { alg, typ }) => (alg, typ),
            // `permit` has refused it.
            Some(TokenForm::Unknown) => return Err(KeyError::Unwritable),
            None => (Algorithm::Es256, JwtType::AtJwt),
        };
        sign(keys, KeyPurpose::Access(alg), typ.header(), &claims)
    }

    fn id_token(
        &self,
        cx: &Cx,
        keys: &KeyRing,
        about: &Person,
        access_token: &str,
    ) -> Result<String, KeyError> {
        // `permit` has refused a client without one.
        let alg = self.client.settings.id_token_signed_response_alg.ok_or(KeyError::Unwritable)?;
        let expires: Timestamp = cx.now.after(cx.app.config.lifetimes.id_token);
        let claims = IdTokenClaims {
            iss: cx.app.config.issuer.clone(),
            sub: about.user_id.to_string(),
            aud: Audience::new(vec![self.client.id.to_string()]).map_err(|_| KeyError::Unwritable)?,
            exp: expires.seconds(),
            iat: cx.now.seconds(),
            auth_time: about.authentication.auth_time().seconds(),
            nonce: about.nonce.clone(),
            acr: Some(about.authentication.level().to_string()),
            amr: Some(about.authentication.amr().into_iter().map(str::to_owned).collect()),
            azp: None,
            at_hash: at_hash(access_token, alg),
            sid: about.session_id.map(|session| keys.sids.of(session, Sector::PUBLIC)),
            person: self.told.clone(),
        };
        sign(keys, KeyPurpose::IdToken(alg), ID_TOKEN_TYP, &claims)
    }
}

/// Signs claims with the active key of a purpose.
fn sign(keys: &KeyRing, purpose: KeyPurpose, typ: &str, claims: &impl Serialize) -> Result<String, KeyError> {
    let mut payload = Vec::with_capacity(512);
    serde_json::to_writer(&mut payload, claims).map_err(|_| KeyError::Unwritable)?;
    keys.signing(purpose)?.sign(typ, &payload).map_err(|_| KeyError::Unwritable)
}
