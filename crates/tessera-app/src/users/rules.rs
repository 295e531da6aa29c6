//! What may be told about a person: the same for somebody new and for a change.

use tessera_model::User;

use super::claims;
use crate::problem::{self, Field, Form, Problem, ProblemKind};

/// Everything that is wrong.
pub(super) fn problems(user: &User) -> Vec<Problem> {
    let mut problems = claims::problems(&user.claims);
    problems.extend(user.name.as_deref().and_then(|name| problem::name(name, 0)));
    if user.email.as_deref().is_some_and(|email| !Form::Email.fits(email)) {
        problems.push(Problem::of(Field::Email, ProblemKind::Form(Form::Email)));
    }
    problems
}
