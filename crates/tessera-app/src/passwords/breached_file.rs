//! A file that lists breached passwords: `HASH:COUNT` lines sorted by hash, as the downloader of haveibeenpwned.com writes them.
//!
//! The file has some 40 GB, so nothing of it is kept. A search reads about 35 places of it. It opens the file anew, so an operator may
//! put a newer one in its place at any time.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::digest::{HEX_LEN, PasswordDigest, entry};

/// Most bytes of a line with its end: hash, colon, count, CR, LF.
const MAX_LINE: u64 = 64;
/// How many places of the file [`check`] looks at, besides its first and last line.
const PLACES: u64 = 64;

/// Why a file is no list.
#[derive(Debug, thiserror::Error)]
pub enum BreachedFileError {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A directory, a pipe or the like.
    #[error("is not a file")]
    NotAFile,
    /// It has no line.
    #[error("is empty")]
    Empty,
    /// A line of another form.
    #[error("has no line HASH:COUNT at byte {0}: use the list of SHA-1 hashes")]
    Line(u64),
    /// A line that belongs elsewhere.
    #[error("is not sorted at byte {0}: use the list that is ordered by hash")]
    Order(u64),
}

/// Whether the file lists this password.
pub(super) fn has(path: &Path, digest: &PasswordDigest) -> Result<bool, BreachedFileError> {
    let mut list = List::open(path)?;
    let (mut from, mut to) = (0, list.len);
    while from < to {
        let line = list.line_at(from.midpoint(to), from)?;
        match digest.hex().as_bytes().cmp(&line.hash) {
            std::cmp::Ordering::Equal => return Ok(line.breached),
            std::cmp::Ordering::Less => to = line.start,
            std::cmp::Ordering::Greater => from = line.end,
        }
    }
    Ok(false)
}

/// Whether a file looks like a list: its first line, its last line, and some between them. Reading all of it would take minutes.
///
/// # Errors
/// [`BreachedFileError`].
pub fn check(path: &Path) -> Result<(), BreachedFileError> {
    let mut list = List::open(path)?;
    let mut before = list.line_at(0, 0)?;
    let end = list.len.saturating_sub(1);
    for place in (1..=PLACES).map(|place| part_of(end, place)) {
        let line = list.line_at(place, 0)?;
        if line.start != before.start && line.hash <= before.hash {
            return Err(BreachedFileError::Order(line.start));
        }
        before = line;
    }
    Ok(())
}

/// So many parts of [`PLACES`] of an offset.
fn part_of(end: u64, parts: u64) -> u64 {
    if parts == PLACES { end } else { end / PLACES * parts }
}

/// An open file that has at least one byte.
struct List {
    file: File,
    len: u64,
}

/// A line, and where it is.
struct Line {
    start: u64,
    /// Where the next one starts.
    end: u64,
    /// In capital digits.
    hash: [u8; HEX_LEN],
    breached: bool,
}

impl List {
    fn open(path: &Path) -> Result<Self, BreachedFileError> {
        // A pipe would be waited for.
        if !path.metadata()?.is_file() {
            return Err(BreachedFileError::NotAFile);
        }
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        if len == 0 { Err(BreachedFileError::Empty) } else { Ok(Self { file, len }) }
    }

    /// The line that the byte at `offset` belongs to. `floor` is the start of some line before it.
    fn line_at(&mut self, offset: u64, floor: u64) -> Result<Line, BreachedFileError> {
        let begin = offset.saturating_sub(MAX_LINE).max(floor);
        let bytes = self.read(begin, offset.saturating_add(MAX_LINE).min(self.len))?;
        let at = bytes.len().min(usize::try_from(offset - begin).unwrap_or(usize::MAX));
        let (before, after) = bytes.split_at(at);
        let start = match before.iter().rposition(|byte| *byte == b'\n') {
            Some(newline) => newline + 1,
            None if begin == floor => 0,
            None => return Err(BreachedFileError::Line(begin)),
        };
        let start_in_file = begin + count(start);
        let newline = after.iter().position(|byte| *byte == b'\n').map(|newline| at + newline);
        let end = match newline {
            Some(newline) => newline,
            None if begin + count(bytes.len()) == self.len => bytes.len(),
            None => return Err(BreachedFileError::Line(start_in_file)),
        };
        let text = bytes.get(start..end).unwrap_or_default();
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let (hash, breached) = entry(text, HEX_LEN).ok_or(BreachedFileError::Line(start_in_file))?;
        let hash =
            hash.to_ascii_uppercase().try_into().map_err(|_| BreachedFileError::Line(start_in_file))?;
        let end = begin + count(end) + u64::from(newline.is_some());
        Ok(Line { start: start_in_file, end, hash, breached })
    }

    fn read(&mut self, from: u64, to: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(from))?;
        (&self.file).take(to - from).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

fn count(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Write as _;

    use proptest::prelude::*;
    use tempfile::NamedTempFile;
    use tessera_model::PlainPassword;

    use super::*;

    fn digest(password: &str) -> PasswordDigest {
        PasswordDigest::of(&PlainPassword::to_check(password.to_owned()).unwrap())
    }

    fn file(content: impl AsRef<[u8]>) -> NamedTempFile {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(content.as_ref()).unwrap();
        file
    }

    /// The lines of these passwords, sorted, without the last line's end.
    fn lines(passwords: impl IntoIterator<Item = String>, end: &str) -> String {
        let counted = passwords.into_iter().zip(1_u64..);
        let sorted: BTreeMap<String, u64> =
            counted.map(|(password, count)| (digest(&password).hex().to_owned(), count * count)).collect();
        sorted.iter().map(|(hash, count)| format!("{hash}:{count}")).collect::<Vec<_>>().join(end)
    }

    fn has_in(content: &str, hash: &str) -> bool {
        content.lines().any(|line| line.starts_with(hash))
    }

    #[test]
    fn r22_every_line_of_a_file_is_found_the_first_and_the_last_too() {
        for (count, end) in [(1, "\n"), (2, "\r\n"), (3, "\n"), (1_000, "\r\n")] {
            let passwords = || (0..count).map(|number| format!("password {number}"));
            for last in ["", end] {
                let content = lines(passwords(), end) + last;
                let list = file(&content);
                check(list.path()).unwrap();
                for password in passwords() {
                    assert!(has(list.path(), &digest(&password)).unwrap(), "{password} of {count}");
                }
                for other in (0..100).map(|number| digest(&format!("another {number}"))) {
                    assert!(!has(list.path(), &other).unwrap());
                }
            }
        }
    }

    #[test]
    fn r22_a_list_in_small_letters_counts_and_a_count_of_zero_does_not() {
        let hash = digest("password").hex().to_owned();
        assert!(has(file(format!("{}:7", hash.to_lowercase())).path(), &digest("password")).unwrap());
        assert!(!has(file(format!("{hash}:0\n")).path(), &digest("password")).unwrap());
    }

    #[test]
    fn r22_a_damaged_file_is_told_before_it_is_used() {
        let good = lines((0..1_000).map(|number| number.to_string()), "\n");
        let wrong = |content: &[u8]| check(file(content).path()).unwrap_err().to_string();
        let of_form = "has no line HASH:COUNT at byte ";
        assert_eq!(wrong(b""), "is empty");
        assert!(wrong(b"\n").starts_with(of_form));
        assert!(wrong(b"password\n").starts_with(of_form));
        assert!(wrong(&vec![0; 100_000]).starts_with(of_form));
        assert!(wrong(format!("{good}\n\n").as_bytes()).starts_with(of_form), "an empty line");
        assert!(
            wrong(&good.as_bytes()[..good.len() - 20]).starts_with(of_form),
            "a download that ended early"
        );
        assert!(wrong(&good.as_bytes()[1..]).starts_with(of_form));
        assert!(wrong(good.replace(':', " ").as_bytes()).starts_with(of_form));
        let ntlm: Vec<&str> = good.lines().map(|line| &line[8..]).collect();
        assert!(wrong(ntlm.join("\n").as_bytes()).starts_with(of_form));
        let reversed: Vec<&str> = good.lines().rev().collect();
        assert!(wrong(reversed.join("\n").as_bytes()).starts_with("is not sorted at byte "));
        let (first, second) = good.split_at(good.find('\n').unwrap() + 1);
        assert!(wrong(format!("{second}\n{first}").as_bytes()).starts_with("is not sorted at byte "));
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(check(folder.path()).unwrap_err().to_string(), "is not a file");
        assert!(matches!(check(&folder.path().join("none")), Err(BreachedFileError::Io(_))));
    }

    proptest! {
        #[test]
        fn r22_the_search_finds_what_a_look_at_every_line_finds(
            listed in proptest::collection::vec("[a-c]{0,3}", 1..60),
            asked in "[a-c]{0,3}",
            (end, last) in prop_oneof![Just(("\n", "")), Just(("\n", "\n")), Just(("\r\n", "\r\n")), Just(("\r\n", ""))],
        ) {
            let content = lines(listed, end) + last;
            let list = file(&content);
            prop_assert!(check(list.path()).is_ok());
            let asked = digest(&asked);
            prop_assert_eq!(has(list.path(), &asked).unwrap(), has_in(&content, asked.hex()));
        }

        #[test]
        fn any_bytes_are_searched_to_an_end(content in proptest::collection::vec(any::<u8>(), 0..500)) {
            let list = file(&content);
            prop_assert!(check(list.path()).is_err());
            prop_assert!(has(list.path(), &digest("password")).is_err());
        }

        #[test]
        fn a_list_with_any_byte_changed_is_searched_to_an_end(at in 0_usize..2_000, byte in any::<u8>()) {
            let mut content = lines((0..40).map(|number| number.to_string()), "\n").into_bytes();
            let at = at % content.len();
            content[at] = byte;
            let list = file(&content);
            for number in 0..40 {
                // Either answer is right, and so is that the list is damaged.
                let _ = has(list.path(), &digest(&number.to_string()));
            }
            prop_assert!(list.path().exists());
        }
    }
}
