//! `[hashing]`: the cost of password hashes (argon2id).

use jiff::civil::Date;
use jiff::tz::Offset;
use tessera_app::hasher::Hashing;
use tessera_model::Timestamp;

use super::document::Document;
use super::key::{Fallback, Key, Section, ValueKind};
use super::mode::Mode;

/// Least memory of the profiles that OWASP recommends for argon2id, in KiB.
const LEAST_MEMORY: u32 = 7_168;
/// Memory times passes of the OWASP profile with the least memory, which has 5 passes.
const LEAST_COST: u64 = LEAST_MEMORY as u64 * 5;

const MEMORY: &str = "hashing.memory_kib";
const PASSES: &str = "hashing.passes";

pub(super) static KEYS: Section<Hashing> = Section {
    name: "hashing",
    doc: "The cost of password hashes (argon2id). The server uses at most `memory_kib` times `workers` of memory for them.",
    keys: &[
        Key {
            name: MEMORY,
            kind: ValueKind::Number {
                from: *Hashing::MEMORY_KIB.start(),
                to: *Hashing::MEMORY_KIB.end(),
                set: |hashing, kib| hashing.memory_kib = kib,
            },
            default: Fallback::Value("19456"),
            doc: "Memory of one hash in KiB. The server refuses costs below 7168 KiB with 5 passes, because such hashes could be brute-forced.",
        },
        Key {
            name: PASSES,
            kind: ValueKind::Number {
                from: *Hashing::PASSES.start(),
                to: *Hashing::PASSES.end(),
                set: |hashing, passes| hashing.passes = passes,
            },
            default: Fallback::Value("2"),
            doc: "Passes over that memory.",
        },
        Key {
            name: "hashing.workers",
            kind: ValueKind::Count { most: 64, set: |hashing, count| hashing.workers = count },
            default: Fallback::Value("2"),
            doc: "Most hashes at the same time.",
        },
        Key {
            name: "hashing.queue",
            kind: ValueKind::Count { most: 10_000, set: |hashing, count| hashing.queue = count },
            default: Fallback::Value("64"),
            doc: "Most logins of known devices that wait for a hash, and as many of new devices. One more gets 503.",
        },
        Key {
            name: "hashing.outdated_until",
            kind: ValueKind::Text {
                values: "a date, such as `2027-03-31`",
                set: |hashing, text| {
                    hashing.outdated_until = Some(beginning_of(text)?);
                    Ok(())
                },
            },
            default: Fallback::Unset { means: "for ever", example: "2027-03-31" },
            doc: "Until this day (UTC) passwords that were hashed at another cost still work. From its beginning on they open nothing, and these accounts need a new password.",
        },
    ],
};

/// The first moment of a day in UTC.
fn beginning_of(day: &str) -> Result<Timestamp, String> {
    let date = day.parse::<Date>().ok().filter(|date| date.to_string() == day);
    let moment = date.and_then(|date| Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok());
    let moment = moment.ok_or("use a date such as \"2027-03-31\"")?;
    Ok(Timestamp::from_seconds(moment.as_second()))
}

pub(super) fn read(document: &mut Document<'_>, mode: Mode) -> Hashing {
    let hashing = KEYS.read(document, Hashing::default());
    let cost = u64::from(hashing.memory_kib) * u64::from(hashing.passes);
    if mode == Mode::Serve && (cost < LEAST_COST || hashing.memory_kib < LEAST_MEMORY) {
        document.conflict(
            MEMORY,
            PASSES,
            "is too weak: hashes could be brute-forced; use at least 19456 with 2 passes, or 7168 with 5",
        );
    }
    hashing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        assert_eq!(beginning_of("1970-01-02"), Ok(Timestamp::from_seconds(86_400)));
        assert_eq!(beginning_of("2027-03-31"), Ok(Timestamp::from_seconds(1_806_451_200)));
        for other in
            ["", "2027-02-29", "2027-3-31", "31.03.2027", "20270331", "2027-03-31T12:00:00", "tomorrow"]
        {
            assert!(beginning_of(other).is_err(), "{other}");
        }
    }
}
