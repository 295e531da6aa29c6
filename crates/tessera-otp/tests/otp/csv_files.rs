//! Seed files as plain CSV.

use std::fmt::Write as _;

use proptest::prelude::*;
use tessera_otp::csv::{Columns, Format, Kind, Reader, SecretText};
use tessera_otp::{Algorithm, Digits, Entry, EntryError, FileError, FileProblem, Period, SecretError, Token};

const HEX: &str = "3132333435363738393031323334353637383930";
const BASE32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn read_as(file: &str, format: Format) -> Result<Vec<Entry>, FileError> {
    Reader::new(file.as_bytes(), format)?.collect()
}

fn read(file: &str) -> Vec<Entry> {
    read_as(file, Format::default()).unwrap()
}

fn row_error(row: &str) -> EntryError {
    let file = format!("serial,secret,type,digits,counter,period,algorithm\n{row}\n");
    let mut entries = read(&file);
    assert_eq!(entries.len(), 1);
    entries.remove(0).seed.unwrap_err()
}

#[test]
fn r08_all_columns_are_read() {
    let file = format!(
        "serial,secret,type,digits,counter,period,algorithm\r\n\
         H-1,{HEX},HOTP,8,17,,\r\n\
         \r\n\
         T-1,{HEX},totp,6,,60,SHA256\r\n"
    );
    let entries = read(&file);
    assert_eq!(entries.iter().map(|entry| entry.line).collect::<Vec<_>>(), [2, 4]);
    match &entries[0].seed.as_ref().unwrap().token {
        Token::Hotp { hotp, counter } => {
            assert_eq!((*counter, hotp.digits(), hotp.algorithm()), (17, Digits::Eight, Algorithm::Sha1));
            assert_eq!(*hotp.code(0).reveal(), "84755224");
        }
        Token::Totp { .. } => panic!("a TOTP device"),
    }
    match &entries[1].seed.as_ref().unwrap().token {
        Token::Totp { totp, drift } => {
            assert_eq!(
                (totp.period(), totp.digits(), totp.algorithm(), *drift),
                (Period::Seconds60, Digits::Six, Algorithm::Sha256, 0)
            );
        }
        Token::Hotp { .. } => panic!("a HOTP device"),
    }
}

#[test]
fn r08_the_caller_names_columns_separator_and_alphabet() {
    let columns =
        Columns { serial: "Token Serial".to_owned(), secret: "seed".to_owned(), ..Columns::default() };
    let format = Format { separator: b';', secret: SecretText::Base32, kind: Some(Kind::Totp), columns };
    let file = format!("\u{feff}Batch; TOKEN SERIAL ;Seed\n7;\"A;\"\"1\"\"\";{}\n", BASE32.to_lowercase());
    let entries = read_as(&file, format).unwrap();
    let seed = entries[0].seed.as_ref().unwrap();
    assert_eq!(seed.serial, "A;\"1\"");
    match &seed.token {
        Token::Totp { totp, .. } => {
            assert_eq!(
                (totp.secret().expose(), totp.period()),
                (b"12345678901234567890".as_slice(), Period::Seconds30)
            );
        }
        Token::Hotp { .. } => panic!("a HOTP device"),
    }
}

/// A secret of these letters is hex of ten bytes and base32 of twelve and a half.
#[test]
fn the_alphabet_of_a_secret_is_never_guessed() {
    let file = format!("serial,secret,type\n1,{},totp\n", "ABCDEF23452345ABCDEF");
    let hex = read(&file).remove(0).seed.unwrap();
    match hex.token {
        Token::Totp { totp, .. } => assert_eq!(totp.secret().expose()[..2], [0xab, 0xcd]),
        Token::Hotp { .. } => panic!("a HOTP device"),
    }
    assert_eq!(row_error(&format!("1,{BASE32},totp,,,,")), EntryError::Wrong("secret"));
}

#[test]
fn r08_a_wrong_row_names_its_serial_and_line_and_does_not_stop_the_others() {
    let file = format!(
        "serial,secret,type\nA,{HEX},hotp\nB,31,hotp\nC,\"{HEX},hotp\nD,{HEX},hotp,x\n,{HEX},hotp\nE,{HEX},hotp\nA,{HEX},totp\n"
    );
    let entries = read(&file);
    let short: Vec<(u64, Option<&str>, Option<&EntryError>)> = entries
        .iter()
        .map(|entry| (entry.line, entry.serial.as_deref(), entry.seed.as_ref().err()))
        .collect();
    assert_eq!(
        short,
        [
            (2, Some("A"), None),
            (3, Some("B"), Some(&EntryError::Secret(SecretError::TooShort(1)))),
            (4, None, Some(&EntryError::Row)),
            (5, None, Some(&EntryError::Row)),
            (6, None, Some(&EntryError::Missing("serial"))),
            (7, Some("E"), None),
            (8, Some("A"), Some(&EntryError::Duplicate)),
        ]
    );
}

#[test]
fn wrong_values_are_named() {
    for (row, wrong) in [
        (format!("1,{HEX}0,totp,,,,"), "secret"),
        (format!("1,0x{HEX},totp,,,,"), "secret"),
        (format!("1,é{HEX},totp,,,,"), "secret"),
        (format!("1,{HEX},totp,7,,,"), "digits"),
        (format!("1,{HEX},totp,six,,,"), "digits"),
        (format!("1,{HEX},totp,-6,,,"), "digits"),
        (format!("1,{HEX},hotp,,9223372036854775808,,"), "counter"),
        (format!("1,{HEX},hotp,,99999999999999999999999,,"), "counter"),
        (format!("1,{HEX},totp,,,45,"), "period"),
        (format!("1,{HEX},totp,,,30,MD5"), "algorithm"),
        (format!("1\u{1b}[2J,{HEX},totp,,,,"), "serial"),
        (format!("{},{HEX},totp,,,,", "1".repeat(257)), "serial"),
    ] {
        assert_eq!(row_error(&row), EntryError::Wrong(wrong), "{row}");
    }
    assert_eq!(row_error(&format!("1,{HEX},ocra,,,,")), EntryError::Kind("ocra".to_owned()));
    assert_eq!(row_error(&format!("1,{HEX},,,,,")), EntryError::Missing("type"));
    assert_eq!(row_error("1,,totp,,,,"), EntryError::Missing("secret"));
}

#[test]
fn a_header_that_lacks_a_column_or_has_it_twice_stops_the_file() {
    let problem = |file: &str| read_as(file, Format::default()).unwrap_err().problem;
    assert_eq!(problem("serial,type\n"), FileProblem::Column("secret".to_owned()));
    assert_eq!(problem("secret,type\n"), FileProblem::Column("serial".to_owned()));
    assert_eq!(problem("serial,secret,SECRET\n"), FileProblem::Column("secret".to_owned()));
    assert_eq!(problem("serial,secret,type,type\n"), FileProblem::Column("type".to_owned()));
    assert!(matches!(problem(""), FileProblem::Malformed(_)));
    assert!(matches!(problem("\n\n"), FileProblem::Malformed(_)));
    assert!(matches!(problem(&"a,".repeat(65)), FileProblem::Malformed(_)));
}

#[test]
fn a_line_without_end_stops_the_file() {
    let file = format!("serial,secret,type\n1,{HEX},totp\n2,{}", "a".repeat(1_000_000));
    let error = read_as(&file, Format::default()).unwrap_err();
    assert_eq!((error.line, error.problem), (3, FileProblem::TooLarge("one piece of the file")));
    let mut latin = Reader::new(b"serial,secret\n\xe9,00\n".as_slice(), Format::default()).unwrap();
    assert!(matches!(latin.next().unwrap().unwrap_err().problem, FileProblem::Malformed(_)));
    assert!(latin.next().is_none());
}

#[test]
fn r08_a_hundred_thousand_rows_are_read() {
    let mut file = "serial,secret,type\n".to_owned();
    (0..100_000).for_each(|serial| {
        let _ = writeln!(file, "{serial},{HEX},totp");
    });
    let entries = read(&file);
    assert_eq!(entries.len(), 100_000);
    assert!(entries.iter().all(|entry| entry.seed.is_ok()));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn quoted_fields_come_back(serial in "[ -~äß€]{1,40}") {
        prop_assume!(!serial.trim().is_empty());
        let file = format!("serial,secret,type\n\"{}\",{HEX},totp\n", serial.replace('"', "\"\""));
        let entries = read(&file);
        prop_assert_eq!(entries.len(), 1);
        prop_assert_eq!(entries[0].serial.as_deref(), Some(serial.trim()));
        prop_assert!(entries[0].seed.is_ok());
    }
}
