//! Whether a `UserInfo` answer may be trusted (OIDC core section 5.3.4): it must be about the person who logged in.

use tessera_oauth::claims::UserInfo;

use crate::error::ClientError;
use crate::http::ApiResponse;

/// The claims, if they are about this subject.
pub(crate) fn check(response: &ApiResponse, subject: &str) -> Result<UserInfo, ClientError> {
    let claims = tessera_jose::json::strict::<UserInfo>(response.body.as_bytes()).ok();
    let claims = claims.filter(|_| response.status == 200);
    let claims = claims.ok_or(ClientError::Malformed("the UserInfo answer"))?;
    // Somebody could have slipped in another person's access token for ours.
    if claims.sub == subject {
        Ok(claims)
    } else {
        Err(ClientError::Untrusted("the UserInfo answer is about somebody else (sub)"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(status: u16, body: &str) -> Result<Option<String>, ClientError> {
        let response = ApiResponse { status, challenge: None, body: body.to_owned() };
        check(&response, "alice").map(|answer| answer.claims.name)
    }

    #[test]
    fn only_what_is_about_the_person_who_logged_in_counts() {
        assert_eq!(name(200, r#"{"sub":"alice","name":"Alice"}"#), Ok(Some("Alice".to_owned())));
        let refused = name(200, r#"{"sub":"bob","name":"Bob"}"#).unwrap_err().to_string();
        assert!(refused.contains("(sub)"), "{refused}");
        for (status, body) in [(401, r#"{"sub":"alice"}"#), (200, r#"{"name":"Alice"}"#), (200, "<html>")] {
            assert_eq!(name(status, body), Err(ClientError::Malformed("the UserInfo answer")), "{body}");
        }
    }
}
