//! Claims about a person, each released by a scope (OIDC core section 5.4).

use tessera_model::{GroupName, User};
use tessera_oauth::claims::PersonClaims;
use tessera_oauth::scope::{EMAIL, GROUPS, PROFILE, ScopeSet};

/// The claims about a person in these groups that these scopes release.
pub(super) fn person(user: &User, groups: &[GroupName], scope: &ScopeSet) -> PersonClaims {
    let (profile, email) = (scope.contains(PROFILE), user.email.clone().filter(|_| scope.contains(EMAIL)));
    PersonClaims {
        name: user.name.clone().filter(|_| profile),
        preferred_username: profile.then(|| user.username.to_string()),
        updated_at: profile.then(|| user.updated_at.seconds()),
        email_verified: email.is_some().then_some(user.email_verified),
        email,
        groups: scope.contains(GROUPS).then(|| groups.iter().map(ToString::to_string).collect()),
        more: user.claims.clone().released(scope),
    }
}
