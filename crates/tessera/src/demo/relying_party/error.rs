//! Why something did not come about: the issuer said no, or this application does.

/// One sentence for the page or the transcript; no token, code or secret stands in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::demo) enum ClientError {
    /// No answer.
    #[error("no answer: {0}")]
    Unreachable(String),
    /// The issuer says no, in the words of RFC 6749.
    #[error("{error}{}", .description.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
    Refused {
        /// The `error` code.
        error: String,
        /// The `error_description`, for developers.
        description: Option<String>,
    },
    /// An answer that cannot be read.
    #[error("{0} cannot be read")]
    Unusable(&'static str),
    /// An answer that can be read and must not be believed.
    #[error("not accepted: {0}")]
    Distrusted(&'static str),
}

impl ClientError {
    /// Whether the issuer said exactly this.
    pub(in crate::demo) fn is_refusal(&self, code: &str) -> bool {
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
