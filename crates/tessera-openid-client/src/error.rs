//! Why a step of a login did not succeed.

use tessera_fetch::FetchError;

/// Why a step did not succeed. The text is fit for a page or a log: no token, code or secret stands in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// No answer came.
    #[error("no answer: {0}")]
    Fetch(#[from] FetchError),
    /// The issuer refused with an error response of RFC 6749.
    #[error("{error}{}", .description.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
    Refused {
        /// The `error` code.
        error: String,
        /// The `error_description`, for developers.
        description: Option<String>,
    },
    /// An answer cannot be read.
    #[error("{0} cannot be read")]
    Malformed(&'static str),
    /// An answer can be read but must not be trusted.
    #[error("not accepted: {0}")]
    Untrusted(&'static str),
    /// The issuer's metadata name no such endpoint.
    #[error("the issuer has no {0}")]
    Unsupported(&'static str),
}

impl ClientError {
    /// Whether the issuer refused with this `error` code.
    pub fn is_refusal(&self, code: &str) -> bool {
        matches!(self, Self::Refused { error, .. } if error == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_reads_as_the_issuer_said_it() {
        let refused = |description: Option<&str>| ClientError::Refused {
            error: "access_denied".to_owned(),
            description: description.map(str::to_owned),
        };
        assert_eq!(refused(None).to_string(), "access_denied");
        assert_eq!(refused(Some("not today")).to_string(), "access_denied: not today");
        assert!(refused(None).is_refusal("access_denied") && !refused(None).is_refusal("invalid_grant"));
    }
}
