//! `[keys]`: the key-encryption key, and when signing keys rotate.

use std::path::PathBuf;

use tessera_model::key::{MAX_PUBLISHED, PUBLISHED_PURPOSES, RotationSchedule};
use tessera_model::policy::MAX_ACCESS_TOKEN_SECONDS;

use super::database::Database;
use super::document::Document;
use super::duration::{DAY, HOUR, MINUTE};
use super::key::{Fallback, Key, Section, ValueKind};

/// The key-encryption key, and when signing keys rotate.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeySettings {
    /// The file of the key-encryption key, if it is not `data_dir/kek`.
    pub(crate) kek_file: Option<PathBuf>,
    pub(crate) rotation: RotationSchedule,
}

/// How long verifiers may keep the key set in seconds: what its `Cache-Control` says.
const JWKS_CACHE: u64 = 5 * MINUTE;
/// A retired key must stay published longer than the longest token that it signed, and clocks may differ.
const SHORTEST_RETIREMENT: u64 = MAX_ACCESS_TOKEN_SECONDS as u64 + MINUTE;

const KEK_FILE: &str = "keys.kek_file";
const ROTATION_PERIOD: &str = "keys.rotation_period";
const RETIRE_FOR: &str = "keys.retire_for";
const PUBLISH_AHEAD: &str = "keys.publish_ahead";

pub(super) static KEYS: Section<KeySettings> = Section {
    name: "keys",
    doc: "The key-encryption key, and when signing keys rotate.",
    keys: &[
        Key {
            name: KEK_FILE,
            kind: ValueKind::Path(|keys, path| keys.kek_file = Some(path)),
            default: Fallback::Unset {
                means: "`kek` in `data_dir`; required with PostgreSQL",
                example: "kek",
            },
            doc: "The key-encryption key, which encrypts the private keys in the database: 64 hexadecimal digits or 43 characters of base64url. `openssl rand -hex 32` makes one.",
        },
        Key {
            name: ROTATION_PERIOD,
            kind: ValueKind::Duration {
                from: HOUR,
                to: 2 * 365 * DAY,
                set: |keys, span| keys.rotation.period = span,
            },
            default: Fallback::Value("90d"),
            doc: "How long a key signs before its successor takes over.",
        },
        Key {
            name: PUBLISH_AHEAD,
            kind: ValueKind::Duration {
                from: JWKS_CACHE,
                to: 30 * DAY,
                set: |keys, span| keys.rotation.publish_ahead = span,
            },
            default: Fallback::Value("1d"),
            doc: "How long a key stands in the published key set before it signs. Must be shorter than `rotation_period`.",
        },
        Key {
            name: RETIRE_FOR,
            kind: ValueKind::Duration {
                from: SHORTEST_RETIREMENT,
                to: 365 * DAY,
                set: |keys, span| keys.rotation.retire_for = span,
            },
            default: Fallback::Value("2d"),
            doc: "How long a key stays in the published key set after it has stopped signing. At most four times `rotation_period`.",
        },
    ],
};

pub(super) fn read(document: &mut Document<'_>, database: &Database) -> KeySettings {
    let keys = KEYS.read(document, KeySettings::default());
    if keys.kek_file.is_none() && *database != Database::Sqlite {
        document.missing(
            KEK_FILE,
            "database.url",
            "is missing: servers that share a PostgreSQL database need the same key file",
        );
    }
    if keys.rotation.publish_ahead >= keys.rotation.period {
        document.conflict(PUBLISH_AHEAD, ROTATION_PERIOD, "must be shorter than keys.rotation_period");
    }
    if keys.rotation.most_published(PUBLISHED_PURPOSES) > MAX_PUBLISHED as u64 {
        document.conflict(
            RETIRE_FOR,
            ROTATION_PERIOD,
            "must be at most four times keys.rotation_period: the key set could grow past 64 keys, which verifiers do not read",
        );
    }
    keys
}
