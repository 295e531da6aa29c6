//! Whether a `UserInfo` answer may be believed (OIDC core section 5.3.4): it must be about the person who logged in.

use tessera_oauth::claims::UserInfo;

use super::{ApiAnswer, ClientError};

/// The claims, if they are about this subject.
pub(super) fn check(answer: &ApiAnswer, subject: &str) -> Result<UserInfo, ClientError> {
    let claims = tessera_jose::json::strict::<UserInfo>(answer.body.as_bytes()).ok();
    let claims =
        claims.filter(|_| answer.status == 200).ok_or(ClientError::Unusable("the UserInfo answer"))?;
    // Another person's access token could have been slipped in for ours.
    if claims.sub == subject {
        Ok(claims)
    } else {
        Err(ClientError::Distrusted("the UserInfo answer is about somebody else (sub)"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> Result<Option<String>, ClientError> {
        let answer = ApiAnswer { status, challenge: None, body: body.to_owned() };
        check(&answer, "alice").map(|answer| answer.claims.name)
    }

    #[test]
    fn only_what_is_about_the_person_who_logged_in_counts() {
        assert_eq!(told(200, r#"{"sub":"alice","name":"Alice"}"#), Ok(Some("Alice".to_owned())));
        let refused = told(200, r#"{"sub":"bob","name":"Bob"}"#).unwrap_err().to_string();
        assert!(refused.contains("(sub)"), "{refused}");
        for (status, body) in [(401, r#"{"sub":"alice"}"#), (200, r#"{"name":"Alice"}"#), (200, "<html>")] {
            assert_eq!(told(status, body), Err(ClientError::Unusable("the UserInfo answer")), "{body}");
        }
    }
}
