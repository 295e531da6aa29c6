//! The next step of a login: a pure function of what was proven, what the person can prove, and what is required.

use tessera_model::{AuthenticationContext, AuthenticationLevel, ProofMethod, User};

/// The factors of a login, in the order in which they are asked for.
const FACTORS: [ProofMethod; 1] = [ProofMethod::Password];

/// The level that a login needs before its session begins.
pub(super) const REQUIRED: AuthenticationLevel = AuthenticationLevel::Aal1;

/// The next step of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LoginStep {
    /// The person proves this next.
    Prove(ProofMethod),
    /// Enough was proven.
    StartSession,
    /// The person has no further factor that would reach the required level.
    Refuse,
}

/// The methods that this person can use.
pub(super) fn enrolled(user: &User) -> Vec<ProofMethod> {
    let can = |method: &ProofMethod| match method {
        ProofMethod::Password => user.password.is_some(),
        ProofMethod::Other(_) => false,
    };
    FACTORS.into_iter().filter(can).collect()
}

/// The next step after `proven`.
pub(super) fn next_step(
    proven: &AuthenticationContext,
    enrolled: &[ProofMethod],
    required: AuthenticationLevel,
) -> LoginStep {
    let has_proven = |method: &ProofMethod| proven.proofs().iter().any(|proof| proof.method == *method);
    if enrolled.iter().any(has_proven) && proven.level() >= required {
        return LoginStep::StartSession;
    }
    let open = FACTORS.into_iter().find(|method| enrolled.contains(method) && !has_proven(method));
    open.map_or(LoginStep::Refuse, LoginStep::Prove)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use tessera_model::{Proof, Timestamp};

    use super::*;

    fn context(methods: &[ProofMethod]) -> AuthenticationContext {
        let proof = |method: &ProofMethod| Proof {
            method: method.clone(),
            authenticator: None,
            at: Timestamp::from_seconds(1),
            properties: BTreeSet::new(),
        };
        AuthenticationContext::new(methods.iter().map(proof).collect())
    }

    #[test]
    fn the_next_step_follows_from_what_was_proven() {
        use AuthenticationLevel::{Aal1, Aal2};
        use LoginStep::{Prove, Refuse, StartSession};
        let password = [ProofMethod::Password];
        let other = [ProofMethod::Other("badge".to_owned())];
        let table: [(&[ProofMethod], &[ProofMethod], AuthenticationLevel, LoginStep); 6] = [
            (&[], &[], Aal1, Refuse),
            (&[], &password, Aal1, Prove(ProofMethod::Password)),
            (&password, &password, Aal1, StartSession),
            (&password, &password, Aal2, Refuse),
            (&other, &password, Aal1, Prove(ProofMethod::Password)),
            (&other, &other, Aal2, Refuse),
        ];
        for (proven, enrolled, required, step) in table {
            assert_eq!(
                next_step(&context(proven), enrolled, required),
                step,
                "{proven:?} {enrolled:?} {required}"
            );
        }
    }

    fn methods() -> impl Strategy<Value = Vec<ProofMethod>> {
        let method = prop_oneof![Just(ProofMethod::Password), "[a-z]{1,4}".prop_map(ProofMethod::Other)];
        proptest::collection::vec(method, 0..4)
    }

    proptest! {
        #[test]
        fn no_path_reaches_a_session_below_the_required_level(
            proven in methods(),
            enrolled in methods(),
            second in any::<bool>(),
        ) {
            let required = if second { AuthenticationLevel::Aal2 } else { AuthenticationLevel::Aal1 };
            let context = context(&proven);
            if next_step(&context, &enrolled, required) == LoginStep::StartSession {
                prop_assert!(context.level() >= required);
                prop_assert!(proven.iter().any(|method| enrolled.contains(method)));
            }
        }
    }
}
