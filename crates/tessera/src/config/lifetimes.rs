//! `[lifetimes]`: how long codes, sessions, grants and tokens last.

use tessera_model::policy::{Lifetimes, MAX_ID_TOKEN_SECONDS};

use super::document::Document;
use super::duration::{DAY, MINUTE};
use super::key::{Fallback, Key, Section, ValueKind};

const SESSION_IDLE: &str = "lifetimes.session_idle";
const SESSION: &str = "lifetimes.session";
const REFRESH_IDLE: &str = "lifetimes.refresh_idle";
const GRANT: &str = "lifetimes.grant";

pub(super) static KEYS: Section<Lifetimes> = Section {
    name: "lifetimes",
    doc: "How long codes, sessions, grants and tokens last. Access tokens have theirs at each API and client.",
    keys: &[
        Key {
            name: "lifetimes.code",
            kind: ValueKind::Duration { from: 10, to: MINUTE, set: |lifetimes, span| lifetimes.code = span },
            default: Fallback::Value("60s"),
            doc: "An authorization code.",
        },
        Key {
            name: "lifetimes.login_page",
            kind: ValueKind::Duration {
                from: MINUTE,
                to: DAY,
                set: |lifetimes, span| lifetimes.login_page = span,
            },
            default: Fallback::Value("30m"),
            doc: "A login that is under way. After that the login page begins again.",
        },
        Key {
            name: SESSION_IDLE,
            kind: ValueKind::Duration {
                from: MINUTE,
                to: 90 * DAY,
                set: |lifetimes, span| lifetimes.session_idle = span,
            },
            default: Fallback::Value("12h"),
            doc: "A single sign-on session that nobody uses.",
        },
        Key {
            name: SESSION,
            kind: ValueKind::Duration {
                from: 5 * MINUTE,
                to: 365 * DAY,
                set: |lifetimes, span| lifetimes.session = span,
            },
            default: Fallback::Value("7d"),
            doc: "A single sign-on session, however much it is used. A grant without `offline_access` ends at the same time.",
        },
        Key {
            name: REFRESH_IDLE,
            kind: ValueKind::Duration {
                from: MINUTE,
                to: 365 * DAY,
                set: |lifetimes, span| lifetimes.refresh_idle = span,
            },
            default: Fallback::Value("7d"),
            doc: "A refresh token with `offline_access` that nobody uses.",
        },
        Key {
            name: GRANT,
            kind: ValueKind::Duration {
                from: MINUTE,
                to: 2 * 365 * DAY,
                set: |lifetimes, span| lifetimes.grant = span,
            },
            default: Fallback::Value("30d"),
            doc: "A grant with `offline_access`, however much its refresh tokens are used.",
        },
        Key {
            name: "lifetimes.id_token",
            kind: ValueKind::Duration {
                from: MINUTE,
                to: MAX_ID_TOKEN_SECONDS as u64,
                set: |lifetimes, span| lifetimes.id_token = span,
            },
            default: Fallback::Value("10m"),
            doc: "An ID token.",
        },
        Key {
            name: "lifetimes.client_secret_overlap",
            kind: ValueKind::Duration {
                from: 0,
                to: 90 * DAY,
                set: |lifetimes, span| lifetimes.secret_overlap = span,
            },
            default: Fallback::Value("7d"),
            doc: "A client secret after `tessera client rotate-secret` has made its successor.",
        },
    ],
};

pub(super) fn read(document: &mut Document<'_>) -> Lifetimes {
    let lifetimes = KEYS.read(document, Lifetimes::default());
    if lifetimes.session_idle > lifetimes.session {
        document.conflict(SESSION_IDLE, SESSION, "must not be longer than lifetimes.session");
    }
    if lifetimes.refresh_idle > lifetimes.grant {
        document.conflict(REFRESH_IDLE, GRANT, "must not be longer than lifetimes.grant");
    }
    lifetimes
}
