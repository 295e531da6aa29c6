//! Every reader reads columns that its statements return.

use std::collections::BTreeMap;

use tessera_model::{EventCode, GrantId, GroupName, RevocationKind, UserId, Username};

use crate::row::Row;
use crate::sql::{self, Statement};
use crate::value::Cell;
use crate::{
    StoreError, apis, audit, authenticators, catalog, clients, clock, consents, fobs, grants, groups,
    installation, jobs, keys, logins, outbox, revocations, sessions, throttles, users,
};

type Read = Box<dyn Fn(Row) -> Result<(), StoreError>>;

fn reader<T: 'static>(read: fn(Row) -> Result<T, StoreError>) -> Read {
    Box::new(move |row| read(row).map(drop))
}

/// The reader of the rows of a statement.
fn reader_of(statement: &Statement) -> Option<Read> {
    Some(match format!("{statement:?}").as_str() {
        "apis::FIND" | "apis::FIND_FOR_UPDATE" | "apis::LIST" => reader(apis::read),
        "audit::LIST" | "audit::LIST_OF_USER" => reader(audit::read),
        "audit::STRETCH" | "audit::STRETCH_OF_USER" => reader(audit::read_place),
        "audit::REFERENCE" => reader(audit::read_times),
        "catalog::VERSION" => reader(catalog::read_version),
        "clients::FIND" | "clients::FIND_FOR_UPDATE" | "clients::LIST" => reader(clients::read),
        "clock::SEEN" => reader(clock::read),
        "clock::OF_DATABASE" => reader(|mut row| row.time("now")),
        "consents::FIND" | "consents::ALLOW" => reader(consents::read),
        "consents::ACCESSES_OF_USER" => reader(consents::read_access),
        "grants::FIND" | "grants::REDEEM_CODE" | "grants::ROTATE_REFRESH" => reader(grants::read),
        "grants::FIND_CODE" => reader(|mut row| grants::read_code(&mut row)),
        "grants::FAIL_CODE" => reader(grants::read_failures),
        "grants::ANY_OF_SESSION" | "grants::ANY_OF_USER" | "grants::ANY_OF_CLIENT" => {
            reader(|mut row| row.id::<GrantId>("id"))
        }
        "consents::ANY_OF_CLIENT" => reader(|mut row| row.id::<UserId>("user_id")),
        "grants::PENDING_CODES" => reader(grants::read_pending_code),
        "grants::CLIENTS_OF_SESSION" => reader(grants::read_first_and_last),
        "installation::FIND_ID" => reader(installation::read),
        "jobs::CLAIM" | "jobs::FIND" | "jobs::LIST" => reader(jobs::read),
        "keys::LIST" => reader(keys::read),
        "revocations::COUNT" | "revocations::COUNT_OF_PERSON" => reader(revocations::read_count),
        "revocations::LARGEST_CLIENT" => reader(revocations::read_largest_client),
        "revocations::LIST_AFTER" | "revocations::LIST_OF_CLIENTS" => reader(revocations::read),
        "revocations::NEXT_SEQ"
        | "revocations::LOCK_SEQ"
        | "revocations::LAST_SEQ"
        | "revocations::EPOCH" => reader(revocations::read_seq),
        "revocations::BEFORE_LAST" => reader(|mut row| row.int("seq")),
        "sessions::FIND"
        | "sessions::FIND_FOR_UPDATE"
        | "sessions::FIND_BY_SECRET"
        | "sessions::LIST_OF_USER" => reader(sessions::read),
        "users::FIND_HOLDER" => reader(users::read_holder),
        "sessions::END_ALL_OF_USER" | "sessions::UNSWEPT" => reader(sessions::read_id),
        "throttles::BEGIN" | "throttles::FIND" => reader(throttles::read),
        "users::FIND" | "users::FIND_FOR_UPDATE" | "users::FIND_BY_USERNAME" | "users::LIST_AFTER" => {
            reader(users::read)
        }
        "users::PASSWORD_COSTS" => reader(users::read_cost),
        "clients::SETTINGS_FOR_UPDATE" | "apis::SETTINGS_FOR_UPDATE" => {
            reader(|mut row| row.text("settings"))
        }
        "clients::SECRETS_FOR_UPDATE" => reader(|mut row| row.text("secrets")),
        "users::CLAIMS_FOR_UPDATE" => reader(|mut row| row.text("claims")),
        // The caller only asks whether there is a row.
        "clients::EXISTS" | "revocations::FIND_AGAINST" | "revocations::FIND_EQUAL" => reader(|_| Ok(())),
        other => return reader_about_people(other),
    })
}

/// The reader of the rows of a statement about what people have and are in, how they log in, and their mails.
fn reader_about_people(statement: &str) -> Option<Read> {
    Some(match statement {
        "authenticators::FIND_BY_CREDENTIAL" | "authenticators::OF_USER" => reader(authenticators::read),
        "authenticators::PROPERTIES_FOR_UPDATE" => reader(|mut row| row.text("properties")),
        "logins::FIND" => reader(logins::read),
        "logins::COUNT_WRONG" => reader(logins::read_wrong),
        "recovery_codes::COUNT" => reader(|mut row| row.count("codes")),
        "outbox::DUE" | "outbox::LIST" => reader(outbox::read),
        "outbox::NEXT" => reader(outbox::read_next),
        "fobs::WITH_SERIAL" | "fobs::LIST" | "fobs::LIST_IN_STOCK" | "fobs::OF_USER" => reader(fobs::read),
        "groups::FIND" => reader(groups::read),
        "groups::LIST" => reader(groups::read_counted),
        "groups::LOCK" | "groups::EXISTS" => reader(|_| Ok(())),
        "groups::MEMBERS_AFTER" => reader(|mut row| row.parsed::<Username>("username")),
        "groups::OF_USER" => reader(|mut row| row.parsed::<GroupName>("group_name")),
        "groups::COUNT_OF_USER" => reader(|mut row| row.count("groups")),
        _ => return None,
    })
}

/// For each column, one of these values is readable.
fn values() -> Vec<Cell> {
    let texts = [
        "active",
        "mail",
        "web",
        "next",
        "session",
        "access:ES256",
        EventCode::ALL[0].as_str(),
        RevocationKind::ALL[0].as_str(),
        "{}",
        "[]",
        CLIENT_SETTINGS,
        API_SETTINGS,
    ];
    let mut values = vec![Cell::Null, Cell::Int(1), Cell::Bytes(vec![1; 16]), Cell::Bytes(vec![1; 32])];
    values.extend(texts.map(|text| Cell::Text(text.to_owned())));
    values
}

const CLIENT_SETTINGS: &str = r#"{"redirect_uris":[],"post_logout_redirect_uris":[],"grant_types":[],
    "auth_method":"none","scopes":"openid","audiences":[],"pkce":"auto","id_token_signed_response_alg":"ES256",
    "require_consent":true}"#;
const API_SETTINGS: &str =
    r#"{"scopes":[],"token_form":{"form":"jwt","alg":"ES256"},"access_token_seconds":600}"#;

/// Reads a row again and again. Each time, the column that the reader refused gets its next value, until the row is readable.
fn find_a_readable_row(statement: &'static Statement, read: &Read) -> Result<(), String> {
    let values = values();
    let mut tried: BTreeMap<&str, usize> = statement.columns().iter().map(|&column| (column, 0)).collect();
    loop {
        let cells = statement.columns().iter().map(|column| values[tried[column]].clone()).collect();
        let Err(refusal) = read(Row::new(statement, cells)) else { return Ok(()) };
        let refusal = refusal.to_string();
        let column = refusal.split(": ").nth(2).unwrap_or_default();
        match tried.get_mut(column) {
            Some(next) if *next + 1 < values.len() => *next += 1,
            _ => return Err(refusal),
        }
    }
}

#[test]
fn every_reader_reads_columns_that_its_statements_have() {
    for statement in sql::all() {
        match reader_of(statement) {
            Some(read) => assert_eq!(find_a_readable_row(statement, &read), Ok(()), "{statement:?}"),
            None => assert!(statement.columns().is_empty(), "{statement:?}: nobody reads its rows"),
        }
    }
}
