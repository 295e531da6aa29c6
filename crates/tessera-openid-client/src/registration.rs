//! The registration of the application with the issuer.

use std::fmt;

use tessera_jose::Algorithm;

/// How the application is registered with the issuer. `Debug` hides the secret.
#[derive(Clone)]
pub struct Registration {
    /// `client_id`.
    pub client_id: String,
    /// `client_secret`; sent in HTTP Basic.
    pub client_secret: String,
    /// Where the issuer sends the browser back, byte for byte as registered.
    pub redirect_uri: String,
    /// Scopes to ask for, separated by spaces; `openid` among them.
    pub scope: String,
    /// The one signature algorithm of ID tokens that is accepted. The token does not choose it.
    pub id_token_alg: Algorithm,
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("client_id", &self.client_id)
            .field("redirect_uri", &self.redirect_uri)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}
