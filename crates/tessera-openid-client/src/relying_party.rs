//! The application's side of a login, step by step.

use std::sync::Arc;

use tessera_fetch::{Fetch, FetchError, IssuerUrl, Url};
use tessera_jose::JwkSet;
use tessera_oauth::claims::UserInfo;
use tessera_oauth::endpoint::OPENID_CONFIGURATION_PATH;
use tessera_oauth::params::Params;
use tessera_oauth::response::with_query;

use crate::authorization::{AuthorizationRequest, PendingLogin};
use crate::discovery::Endpoints;
use crate::error::ClientError;
use crate::http::{ApiResponse, Http};
use crate::id_token::{self, ExpectedLogin};
use crate::registration::Registration;
use crate::tokens::{LoggedIn, Tokens};
use crate::userinfo;

/// An application that knows its issuer.
pub struct RelyingParty {
    issuer: String,
    endpoints: Endpoints,
    registration: Registration,
    http: Http,
}

impl RelyingParty {
    /// Asks the issuer where its endpoints are (OpenID Connect Discovery section 4).
    ///
    /// # Errors
    /// `Untrusted`: `issuer` or an endpoint is not an allowed URL, or the metadata name another issuer. Otherwise the metadata could
    /// not be fetched or read.
    pub async fn discover(
        fetch: Arc<dyn Fetch>,
        issuer: &str,
        registration: Registration,
    ) -> Result<Self, ClientError> {
        let url = IssuerUrl::parse(issuer).ok_or(ClientError::Untrusted("the issuer is not an https URL"))?;
        let http = Http::new(fetch);
        let document = http.document(url.below(OPENID_CONFIGURATION_PATH)).await?;
        let endpoints = Endpoints::parse(issuer, &url, &document)?;
        Ok(Self { issuer: issuer.to_owned(), endpoints, registration, http })
    }

    /// Begins a login. `fill` fills bytes with randomness that nobody can guess.
    pub fn begin(&self, fill: impl FnMut(&mut [u8])) -> AuthorizationRequest {
        let pending = PendingLogin::new(&self.issuer, fill);
        let url = pending.url(self.endpoints.authorization.as_str(), &self.registration);
        AuthorizationRequest { url, pending }
    }

    /// Finishes a login: the browser is back with `answer`, the query of the redirect URI. `now` is in seconds since 1970.
    ///
    /// A [`PendingLogin`] serves one answer only: the caller forgets it before it calls this.
    ///
    /// # Errors
    /// `Refused`: the issuer says no. `Untrusted`: the answer is not to this login, or the ID token is not good. Otherwise an answer
    /// did not come or could not be read.
    pub async fn finish(
        &self,
        pending: &PendingLogin,
        answer: &Params,
        now: i64,
    ) -> Result<LoggedIn, ClientError> {
        let code = pending.code(answer, &self.issuer, self.endpoints.names_issuer)?;
        let tokens = self.token_request(&pending.exchange(code, &self.registration)).await?;
        let id_token = tokens.id_token.clone().ok_or(ClientError::Untrusted("no ID token came"))?;
        let login = ExpectedLogin::Now(pending.nonce());
        let subject = self.check_id_token(&id_token, &tokens, login, now).await?;
        Ok(LoggedIn { subject, id_token, tokens })
    }

    /// Asks what the issuer tells about the person: as much as the scopes allow (OIDC core section 5.3).
    ///
    /// # Errors
    /// `Untrusted`: the answer is about another person. `Unsupported`: the issuer has no such endpoint. Otherwise the answer did not
    /// come or could not be read.
    pub async fn userinfo(&self, login: &LoggedIn) -> Result<UserInfo, ClientError> {
        let url = self.endpoints.userinfo()?.clone();
        userinfo::check(&self.http.call_api(url, &login.tokens.access_token).await?, &login.subject)
    }

    /// Trades a refresh token of the person `subject` for new tokens (RFC 6749 section 6). If a new refresh token comes, the old one
    /// is used up. If an ID token comes, it must be about the same person (OIDC core section 12.2). `now` is in seconds since 1970.
    ///
    /// # Errors
    /// As for [`RelyingParty::finish`].
    pub async fn refresh(&self, subject: &str, refresh_token: &str, now: i64) -> Result<Tokens, ClientError> {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        let mut tokens = self.token_request(&fields).await?;
        if let Some(id_token) = &tokens.id_token {
            self.check_id_token(id_token, &tokens, ExpectedLogin::Before(subject), now).await?;
        }
        tokens.refresh_token.get_or_insert_with(|| refresh_token.to_owned());
        Ok(tokens)
    }

    /// Revokes everything that was granted with this refresh token (RFC 7009).
    ///
    /// # Errors
    /// `Unsupported`: the issuer has no such endpoint. `Refused`: the issuer says no. Otherwise no usable answer came.
    pub async fn revoke(&self, refresh_token: &str) -> Result<(), ClientError> {
        let url = self.endpoints.revocation()?.clone();
        let fields = [("token", refresh_token), ("token_type_hint", "refresh_token")];
        self.http.post(url, &self.registration, &fields).await?;
        Ok(())
    }

    /// Makes the URL to which the browser is sent to log out at the issuer too (RP-Initiated Logout section 2). The issuer asks the
    /// person, then sends the browser to `post_logout_redirect_uri` with the same `state`.
    ///
    /// # Errors
    /// `Unsupported`: the issuer has no such endpoint.
    pub fn logout_url(
        &self,
        id_token: &str,
        post_logout_redirect_uri: &str,
        state: &str,
    ) -> Result<String, ClientError> {
        let fields = [
            ("id_token_hint", id_token),
            ("post_logout_redirect_uri", post_logout_redirect_uri),
            ("state", state),
        ];
        Ok(with_query(self.endpoints.end_session()?.as_str(), fields.into_iter()))
    }

    /// Calls an API with an access token (GET, RFC 6750 section 2.1). Every status is an answer.
    ///
    /// # Errors
    /// `url` is no URL, or no answer came.
    pub async fn call_api(&self, url: &str, access_token: &str) -> Result<ApiResponse, ClientError> {
        let url = Url::parse(url).map_err(|_| FetchError::Url)?;
        self.http.call_api(url, access_token).await
    }

    /// The subject of the ID token, if the token is good.
    async fn check_id_token(
        &self,
        id_token: &str,
        tokens: &Tokens,
        login: ExpectedLogin<'_>,
        now: i64,
    ) -> Result<String, ClientError> {
        let keys = JwkSet::parse(&self.http.document(self.endpoints.jwks.clone()).await?)
            .map_err(|_| ClientError::Malformed("the issuer's key set"))?;
        let expected = id_token::Expected {
            issuer: &self.issuer,
            client_id: &self.registration.client_id,
            login,
            alg: self.registration.id_token_alg,
            now,
            access_token: &tokens.access_token,
        };
        id_token::check(id_token, &keys, &expected)
    }

    async fn token_request(&self, fields: &[(&str, &str)]) -> Result<Tokens, ClientError> {
        Tokens::parse(&self.http.post(self.endpoints.token.clone(), &self.registration, fields).await?)
    }
}
