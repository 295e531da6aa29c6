//! The registry of SQL statements: one text per query for both engines, one file per entity.
//!
//! What may succeed once is one conditional statement, never a SELECT followed by an UPDATE (invariant I1). Opening a store
//! prepares every statement.

pub(crate) mod apis;
pub(crate) mod audit;
pub(crate) mod authenticators;
pub(crate) mod catalog;
pub(crate) mod clients;
pub(crate) mod clock;
pub(crate) mod consents;
pub(crate) mod fobs;
pub(crate) mod grants;
pub(crate) mod groups;
pub(crate) mod installation;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod logins;
pub(crate) mod outbox;
pub(crate) mod recovery_codes;
pub(crate) mod revocations;
pub(crate) mod sessions;
pub(crate) mod spent;
mod statement;
pub(crate) mod throttles;
pub(crate) mod users;

pub(crate) use statement::{InTwo, Statement};

/// The statements of every entity. If a list is missing here, the compiler reports it as unused.
const ENTITIES: &[&[&Statement]] = &[
    catalog::ALL,
    users::ALL,
    clients::ALL,
    apis::ALL,
    groups::ALL,
    authenticators::ALL,
    fobs::ALL,
    recovery_codes::ALL,
    logins::ALL,
    sessions::ALL,
    grants::ALL,
    consents::ALL,
    throttles::ALL,
    keys::ALL,
    revocations::ALL,
    audit::ALL,
    spent::ALL,
    outbox::ALL,
    jobs::ALL,
    clock::ALL,
    installation::ALL,
];

/// Every statement of the registry.
pub(crate) fn all() -> impl Iterator<Item = &'static Statement> {
    ENTITIES.iter().copied().flatten().copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn values_are_numbered_from_one_without_gaps() {
        for sql in all() {
            let numbers: BTreeSet<u32> = sql
                .text
                .split('$')
                .skip(1)
                .map(|piece| {
                    let digits: String = piece.chars().take_while(char::is_ascii_digit).collect();
                    digits.parse().unwrap_or_else(|_| panic!("{sql:?}: ${piece}"))
                })
                .collect();
            assert!(
                numbers.iter().copied().eq(1..=u32::try_from(numbers.len()).unwrap()),
                "{sql:?}: {numbers:?}"
            );
        }
    }

    #[test]
    fn every_statement_is_one_statement() {
        for sql in all() {
            assert!(!sql.text.contains(';'), "{sql:?}");
            let verb = sql.text.split(' ').next();
            assert!(matches!(verb, Some("SELECT" | "INSERT" | "UPDATE" | "DELETE")), "{sql:?}");
            let lock = sql.text.find("{for_update}");
            assert_eq!(
                lock.is_some(),
                sql.text.ends_with("{for_update}"),
                "{sql:?}: the lock stands at the end"
            );
        }
    }
}
