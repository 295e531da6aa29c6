//! What an application does to log people in with OpenID Connect (a "relying party").
//!
//! 1. [`RelyingParty::discover`]: ask the issuer where its endpoints are.
//! 2. [`RelyingParty::begin`]: send the browser there, and remember what was sent ([`Pending`]).
//! 3. [`RelyingParty::finish`]: the browser is back; check the answer, exchange the code, check the ID token.
//! 4. [`RelyingParty::user_info`]: ask who that is.
//! 5. [`RelyingParty::refresh`], [`RelyingParty::revoke`], [`RelyingParty::logout_url`]: while it lasts, and the end.
//!
//! It keeps nothing: where [`Pending`] and [`LoggedIn`] are kept is the application's business, and the browser's never.
//! Tokens have no `Debug` and no `Display`, so that none ends up in a log.

mod error;
mod id_token;
mod login;
mod tokens;
mod user_info;
mod wire;

use std::sync::Arc;

use tessera_app::ports::{Clock, Entropy};
use tessera_jose::{Algorithm, JwkSet, base64url};
use tessera_oauth::claims::{IdTokenClaims, UserInfo};
use tessera_oauth::metadata::{AuthorizationServerMetadata, OPENID_CONFIGURATION_PATH};
use tessera_oauth::params::Params;
use tessera_oauth::response::with_query;

pub(super) use self::error::ClientError;
pub(super) use self::login::{Departure, Pending};
pub(super) use self::tokens::{LoggedIn, Tokens};
pub(super) use self::wire::ApiAnswer;
use self::wire::Wire;

/// How the application is registered with the issuer.
#[derive(Clone, Debug)]
pub(super) struct Registration {
    pub(super) client_id: String,
    pub(super) client_secret: String,
    /// Empty for clients that log nobody in.
    pub(super) redirect_uri: String,
    pub(super) scope: String,
    /// The one signature of ID tokens that is accepted.
    pub(super) id_token_alg: Algorithm,
}

/// An application that knows its issuer.
pub(super) struct RelyingParty {
    issuer: String,
    endpoints: Endpoints,
    registration: Registration,
    wire: Wire,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

struct Endpoints {
    authorization: String,
    token: String,
    jwks: String,
    user_info: String,
    revocation: String,
    end_session: String,
}

impl RelyingParty {
    /// Asks the issuer where its endpoints are (OpenID Connect Discovery section 4).
    pub(super) async fn discover(
        issuer: &str,
        registration: Registration,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, ClientError> {
        let wire = Wire::new()?;
        let document = wire.document(&format!("{issuer}{OPENID_CONFIGURATION_PATH}")).await?;
        let endpoints = Endpoints::read(issuer, &document)?;
        Ok(Self { issuer: issuer.to_owned(), endpoints, registration, wire, clock, entropy })
    }

    /// Starts a login: where to send the browser, and what to remember until it is back.
    pub(super) fn begin(&self) -> Departure {
        let pending = Pending::new(|| self.random());
        let url = pending.url(&self.endpoints.authorization, &self.registration);
        Departure { url, pending }
    }

    /// The browser is back with `answer`, the query of the redirect URI.
    pub(super) async fn finish(&self, pending: &Pending, answer: &Params) -> Result<LoggedIn, ClientError> {
        let code = pending.code(answer, &self.issuer)?;
        let tokens = self.tokens(&pending.exchange(code, &self.registration)).await?;
        let id_token = tokens.id_token.clone().ok_or(ClientError::Distrusted("no ID token came"))?;
        let login = id_token::Login::Now(pending.nonce());
        let claims = self.check(&id_token, &tokens.access_token, login).await?;
        Ok(LoggedIn { subject: claims.sub, id_token, tokens })
    }

    async fn check(
        &self,
        id_token: &str,
        access_token: &str,
        login: id_token::Login<'_>,
    ) -> Result<IdTokenClaims, ClientError> {
        let keys = JwkSet::parse(&self.wire.document(&self.endpoints.jwks).await?)
            .map_err(|_| ClientError::Unusable("the keys"))?;
        let expected = id_token::Expected {
            issuer: &self.issuer,
            client_id: &self.registration.client_id,
            login,
            alg: self.registration.id_token_alg,
            now: self.clock.now().seconds(),
            access_token,
        };
        id_token::check(id_token, &keys, &expected)
    }

    /// What the issuer tells about the person: as much as the scopes `profile` and `email` allow (OIDC core section 5.3).
    pub(super) async fn user_info(&self, login: &LoggedIn) -> Result<UserInfo, ClientError> {
        let answer = self.wire.call_api(&self.endpoints.user_info, &login.tokens.access_token).await?;
        user_info::check(&answer, &login.subject)
    }

    /// New tokens for a refresh token of this person (RFC 6749 section 6). Where a new refresh token comes, the old one is used
    /// up; where an ID token comes, it is still about the same person (OIDC core section 12.2).
    pub(super) async fn refresh(&self, subject: &str, refresh_token: &str) -> Result<Tokens, ClientError> {
        let mut tokens =
            self.tokens(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await?;
        if let Some(id_token) = &tokens.id_token {
            self.check(id_token, &tokens.access_token, id_token::Login::Before(subject)).await?;
        }
        tokens.refresh_token.get_or_insert_with(|| refresh_token.to_owned());
        Ok(tokens)
    }

    /// Takes back everything that was granted with this refresh token (RFC 7009).
    pub(super) async fn revoke(&self, refresh_token: &str) -> Result<(), ClientError> {
        let fields = [("token", refresh_token), ("token_type_hint", "refresh_token")];
        self.wire.post(&self.endpoints.revocation, &self.registration, &fields).await?;
        Ok(())
    }

    /// Where the browser is sent to log out at the issuer too (RP-Initiated Logout section 2). The issuer asks the person,
    /// then sends the browser to `back` with the same `state`.
    pub(super) fn logout_url(&self, id_token: &str, back: &str, state: &str) -> String {
        let fields = [("id_token_hint", id_token), ("post_logout_redirect_uri", back), ("state", state)];
        with_query(&self.endpoints.end_session, fields.into_iter())
    }

    /// Calls an API with an access token (RFC 6750 section 2.1).
    pub(super) async fn call_api(&self, url: &str, access_token: &str) -> Result<ApiAnswer, ClientError> {
        self.wire.call_api(url, access_token).await
    }

    /// 256 random bits in 43 characters: fit for `state`, `nonce`, a PKCE verifier or a session id.
    pub(super) fn random(&self) -> String {
        let mut bytes = [0; 32];
        self.entropy.fill(&mut bytes);
        base64url::encode(bytes)
    }

    async fn tokens(&self, fields: &[(&str, &str)]) -> Result<Tokens, ClientError> {
        Tokens::read(&self.wire.post(&self.endpoints.token, &self.registration, fields).await?)
    }
}

impl Endpoints {
    /// Metadata must name exactly the issuer that was asked (RFC 8414 section 3.3).
    fn read(issuer: &str, document: &[u8]) -> Result<Self, ClientError> {
        let metadata: AuthorizationServerMetadata =
            tessera_jose::json::strict(document).map_err(|_| ClientError::Unusable("the metadata"))?;
        if metadata.issuer != issuer {
            return Err(ClientError::Distrusted("the metadata are those of another issuer"));
        }
        let named = |endpoint: Option<String>| endpoint.ok_or(ClientError::Unusable("the metadata"));
        Ok(Self {
            authorization: named(metadata.authorization_endpoint)?,
            token: named(metadata.token_endpoint)?,
            jwks: metadata.jwks_uri,
            user_info: named(metadata.userinfo_endpoint)?,
            revocation: named(metadata.revocation_endpoint)?,
            end_session: named(metadata.end_session_endpoint)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_of_another_issuer_are_refused() {
        let document = br#"{"issuer":"http://localhost:1","jwks_uri":"http://localhost:1/jwks",
            "authorization_endpoint":"a","token_endpoint":"t","userinfo_endpoint":"u","revocation_endpoint":"r",
            "end_session_endpoint":"e"}"#;
        assert!(Endpoints::read("http://localhost:1", document).is_ok());
        let refused = Endpoints::read("http://localhost:2", document).err().unwrap();
        assert!(matches!(refused, ClientError::Distrusted(_)), "{refused}");
    }
}
