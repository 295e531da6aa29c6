//! Who asks: the RP ID and the origins of its pages (WebAuthn sections 4 and 13.4.9).

use tessera_jose::digest;

/// A relying party as the responses must name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    id_hash: [u8; 32],
    origins: Vec<String>,
}

impl RelyingParty {
    /// A relying party with this RP ID, such as `example.org`, whose pages have these origins, such as `https://login.example.org`.
    ///
    /// Origins are compared byte for byte. No sub-domain, port or scheme is allowed that is not in the list, so write each as browsers
    /// do: in lower case, internationalised names in their ASCII form, the default port left out. An app of Android has an origin
    /// too (`android:apk-key-hash:..`).
    pub fn new(id: &str, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let origins = origins.into_iter().map(Into::into).collect();
        Self { id_hash: digest::sha256(id.as_bytes()), origins }
    }

    pub(crate) fn allows_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|allowed| allowed == origin)
    }

    pub(crate) const fn id_hash(&self) -> &[u8; 32] {
        &self.id_hash
    }
}

/// Whether the authenticator must have verified the person, by a PIN or a biometric trait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UserVerification {
    /// A response without verification is refused.
    #[default]
    Required,
    /// A response without verification is accepted. [`Flags::user_verified`](crate::Flags::user_verified) says what happened.
    Optional,
}
