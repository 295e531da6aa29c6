//! PSKC files as vendors make them, beyond the figures of the RFC.

use std::fmt::Write as _;

use tessera_otp::pskc::Unlock;
use tessera_otp::seed::Dates;
use tessera_otp::{Algorithm, Digits, EntryError, FileProblem, Period, SecretError, Token};
use zeroize::Zeroizing;

use crate::forge::{
    HOTP, RFC_SECRET, SIX, Sealer, TOTP, container, entry_error, package, plain, plain_hotp, read, seeds,
};

fn totp_data(interval: &str) -> String {
    format!("<Data>{}{}</Data>", plain("Secret", RFC_SECRET), plain("TimeInterval", interval))
}

fn only_token(file: &str) -> Token {
    let seeds = seeds(file);
    assert_eq!(seeds.len(), 1);
    seeds[0].token.clone()
}

#[test]
fn r08_a_totp_fob_in_the_clear() {
    let data = format!(
        "<Data>{}{}{}{}</Data>",
        plain("Secret", RFC_SECRET),
        plain("Time", "0"),
        plain("TimeInterval", "60"),
        plain("TimeDrift", "-4"),
    );
    match only_token(&container(&package("2600000000001", TOTP, SIX, &data))) {
        Token::Totp { totp, drift } => {
            assert_eq!(
                (totp.period(), totp.algorithm(), totp.digits(), drift),
                (Period::Seconds60, Algorithm::Sha1, Digits::Six, -4)
            );
            assert_eq!(*totp.code(1).reveal(), "287082");
        }
        Token::Hotp { .. } => panic!("a HOTP device"),
    }
}

#[test]
fn r08_the_usual_names_of_both_algorithms_are_known() {
    for suffix in ["hotp", "totp"] {
        for prefix in [
            "urn:ietf:params:xml:ns:keyprov:pskc:",
            "urn:ietf:params:xml:ns:keyprov:pskc#",
            "http://www.ietf.org/keyprov/pskc#",
        ] {
            let file = container(&package("1", &format!("{prefix}{suffix}"), SIX, &totp_data("30")));
            assert_eq!(matches!(only_token(&file), Token::Hotp { .. }), suffix == "hotp");
        }
    }
    for other in ["urn:ietf:params:xml:ns:keyprov:pskc:ocra", "HOTP", "", "http://example.com/#hotp"] {
        let error = entry_error(&package("1", other, SIX, &totp_data("30")));
        assert_eq!(error, EntryError::Kind(other.to_owned()));
    }
}

#[test]
fn r08_the_suite_names_the_hash() {
    for (suite, algorithm) in [
        ("", Algorithm::Sha1),
        ("<Suite>HMAC-SHA1</Suite>", Algorithm::Sha1),
        ("<Suite>HMAC-SHA256</Suite>", Algorithm::Sha256),
        ("<Suite>HMAC-SHA512</Suite>", Algorithm::Sha512),
    ] {
        match only_token(&container(&package("1", TOTP, &format!("{suite}{SIX}"), &totp_data("30")))) {
            Token::Totp { totp, .. } => assert_eq!(totp.algorithm(), algorithm),
            Token::Hotp { .. } => panic!("a HOTP device"),
        }
    }
    let unknown = package("1", TOTP, &format!("<Suite>HMAC-MD5</Suite>{SIX}"), &totp_data("30"));
    assert_eq!(entry_error(&unknown), EntryError::Wrong("Suite"));
}

#[test]
fn r08_aes_256_with_sha_256_and_encrypted_numbers() {
    let sealer = Sealer::aes256_sha256();
    let secret: Vec<u8> = (1..=32).collect();
    let data = format!(
        "<Data>{}{}{}</Data>",
        sealer.value("Secret", &secret),
        sealer.value("Time", &[0]),
        sealer.value("TimeInterval", &[30]),
    );
    let hotp = format!(
        "<Data>{}{}</Data>",
        sealer.value("Secret", &secret),
        sealer.value("Counter", &1000_u64.to_be_bytes())
    );
    let packages = package("1", TOTP, SIX, &data) + &package("2", HOTP, SIX, &hotp);
    let entries = read(container(&(sealer.head() + &packages)), sealer.unlock()).unwrap();
    match &entries[0].seed.as_ref().unwrap().token {
        Token::Totp { totp, .. } => {
            assert_eq!((totp.secret().expose(), totp.period()), (secret.as_slice(), Period::Seconds30));
        }
        Token::Hotp { .. } => panic!("a HOTP device"),
    }
    assert!(matches!(entries[1].seed.as_ref().unwrap().token, Token::Hotp { counter: 1000, .. }));
}

#[test]
fn dates_models_and_users_are_kept_as_they_are() {
    let key = format!(
        "<Key Id=\" K&amp;1 \" Algorithm=\"{TOTP}\"><FriendlyName>Schlüssel</FriendlyName><FriendlyName xml:lang=\"en\">Key</FriendlyName>\
         <AlgorithmParameters>{SIX}</AlgorithmParameters>{}\
         <Policy><StartDate>2026-01-01T00:00:00Z</StartDate></Policy></Key>",
        totp_data("30")
    );
    let device = "<DeviceInfo><Manufacturer><![CDATA[A & B]]></Manufacturer><SerialNo> S-1 </SerialNo><Model>M&#252;</Model>\
                  <StartDate>2025-12-01</StartDate><ExpiryDate>2031-01-01T00:00:00+01:00</ExpiryDate></DeviceInfo>";
    let seeds = seeds(&container(&format!("<KeyPackage>{device}{key}</KeyPackage>")));
    let details = &seeds[0].details;
    assert_eq!(seeds[0].serial, "S-1");
    assert_eq!(details.key_id.as_deref(), Some("K&1"));
    assert_eq!(details.manufacturer.as_deref(), Some("A & B"));
    assert_eq!(details.model.as_deref(), Some("Mü"));
    assert_eq!(details.friendly_name.as_deref(), Some("Schlüssel"));
    let start = Dates { device: Some("2025-12-01".to_owned()), key: Some("2026-01-01T00:00:00Z".to_owned()) };
    assert_eq!(details.start, start);
    assert_eq!(details.expiry.device.as_deref(), Some("2031-01-01T00:00:00+01:00"));
}

#[test]
fn r08_a_wrong_entry_names_its_serial_and_line_and_does_not_stop_the_others() {
    let file = container(&format!(
        "\n{}\n{}\n\n{}\n",
        plain_hotp("A", ""),
        package("B", TOTP, SIX, &totp_data("45")),
        plain_hotp("C", &plain("Counter", "7"))
    ));
    let entries = read(&file, Unlock::Nothing).unwrap();
    let line = |serial: &str| {
        let before = file.split_once(&format!("<SerialNo>{serial}<")).unwrap().0;
        before.matches('\n').count() as u64 + 1
    };
    for (entry, serial) in entries.iter().zip(["A", "B", "C"]) {
        assert_eq!((entry.serial.as_deref(), entry.line), (Some(serial), line(serial)));
    }
    assert!(entries[0].seed.is_ok());
    assert_eq!(entries[1].seed, Err(EntryError::Wrong("TimeInterval")));
    assert!(matches!(entries[2].seed.as_ref().unwrap().token, Token::Hotp { counter: 7, .. }));
}

#[test]
fn r08_a_serial_that_comes_twice_is_named() {
    let file = container(
        &(plain_hotp("A", "") + &plain_hotp("B", "") + &plain_hotp("A", "") + &plain_hotp("C", "")),
    );
    let entries = read(&file, Unlock::Nothing).unwrap();
    let wrong: Vec<(usize, &EntryError)> = entries
        .iter()
        .enumerate()
        .filter_map(|(place, entry)| Some((place, entry.seed.as_ref().err()?)))
        .collect();
    assert_eq!(wrong, [(2, &EntryError::Duplicate)]);
    assert_eq!(entries[2].serial.as_deref(), Some("A"));
}

#[test]
fn what_is_missing_is_named() {
    let cases = [
        (package("1", TOTP, SIX, &format!("<Data>{}</Data>", plain("Secret", RFC_SECRET))), "TimeInterval"),
        (package("1", HOTP, SIX, "<Data/>"), "Secret"),
        (package("1", HOTP, SIX, ""), "Secret"),
        (package("1", HOTP, SIX, "<Data><Secret/></Data>"), "Secret"),
        (package("1", HOTP, "", &totp_data("30")), "ResponseFormat"),
        ("<KeyPackage/>".to_owned(), "Key"),
        ("<KeyPackage><Key/></KeyPackage>".to_owned(), "SerialNo"),
        ("<KeyPackage><Key Id=\" \"/></KeyPackage>".to_owned(), "SerialNo"),
        ("<KeyPackage><Key Id=\"1\"/></KeyPackage>".to_owned(), "Algorithm"),
    ];
    for (inner, missing) in cases {
        assert_eq!(entry_error(&inner), EntryError::Missing(missing), "{inner}");
    }
}

#[test]
fn what_is_there_twice_is_refused() {
    let secret = plain("Secret", RFC_SECRET);
    let twice = package("1", HOTP, SIX, &format!("<Data>{secret}{secret}</Data>"));
    assert_eq!(entry_error(&twice), EntryError::Twice("Secret"));
    let value = "<Secret><PlainValue>AA==</PlainValue><PlainValue>AA==</PlainValue></Secret>";
    assert_eq!(
        entry_error(&package("1", HOTP, SIX, &format!("<Data>{value}</Data>"))),
        EntryError::Twice("PlainValue")
    );
    let serial = "<KeyPackage><DeviceInfo><SerialNo>1</SerialNo><SerialNo>2</SerialNo></DeviceInfo><Key/></KeyPackage>";
    assert_eq!(entry_error(serial), EntryError::Twice("SerialNo"));
}

#[test]
fn codes_of_another_form_are_refused() {
    for format in [
        r#"<ResponseFormat Length="7" Encoding="DECIMAL"/>"#,
        r#"<ResponseFormat Length="99999999999999999999999" Encoding="DECIMAL"/>"#,
        r#"<ResponseFormat Length="-6" Encoding="DECIMAL"/>"#,
        r#"<ResponseFormat Length="6" Encoding="HEXADECIMAL"/>"#,
        r#"<ResponseFormat Length="6"/>"#,
        r#"<ResponseFormat Encoding="DECIMAL"/>"#,
        r#"<ResponseFormat Length="6" Encoding="DECIMAL" CheckDigit="true"/>"#,
        r#"<ResponseFormat Length="6" Encoding="DECIMAL" CheckDigits="1"/>"#,
    ] {
        assert_eq!(
            entry_error(&package("1", TOTP, format, &totp_data("30"))),
            EntryError::Wrong("ResponseFormat"),
            "{format}"
        );
    }
}

#[test]
fn a_policy_that_forbids_codes_or_is_not_understood_counts() {
    let with =
        |policy: &str| package("1", TOTP, SIX, &format!("{}<Policy>{policy}</Policy>", totp_data("30")));
    for allowed in [
        "",
        "<KeyUsage>OTP</KeyUsage>",
        "<KeyUsage>CR</KeyUsage><KeyUsage>OTP</KeyUsage>",
        "<PINPolicy PINUsageMode=\"Local\"/>",
        "<PINPolicy MinLength=\"4\"/>",
    ] {
        assert_eq!(seeds(&container(&with(allowed))).len(), 1, "{allowed}");
    }
    let usage = EntryError::Policy("KeyUsage");
    assert_eq!(entry_error(&with("<KeyUsage>CR</KeyUsage>")), usage);
    assert_eq!(
        entry_error(&with("<PINPolicy PINUsageMode=\"Append\"/>")),
        EntryError::Policy("PINUsageMode")
    );
    assert_eq!(entry_error(&with("<KeyUsage>OTP</KeyUsage><KeyUsage>Gamble</KeyUsage>")), usage);
    for unknown in [
        "<OnWeekDaysOnly/>",
        "<x:OnWeekDaysOnly xmlns:x=\"urn:vendor\"/>",
        "<NumberOfTransactions>5</NumberOfTransactions>",
    ] {
        let expected = EntryError::Policy("a rule that is not understood");
        assert_eq!(entry_error(&with(unknown)), expected, "{unknown}");
    }
}

#[test]
fn secrets_that_are_no_secrets_are_refused() {
    let with = |base64: &str| package("1", HOTP, SIX, &format!("<Data>{}</Data>", plain("Secret", base64)));
    assert_eq!(entry_error(&with("MTIzNA==")), EntryError::Secret(SecretError::TooShort(4)));
    assert_eq!(entry_error(&with("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")), EntryError::Secret(SecretError::Uniform));
    assert_eq!(entry_error(&with(&"QUJD".repeat(30))), EntryError::Secret(SecretError::TooLong(90)));
    for truncated in [
        "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA",
        "MTIzNDU2Nzg5MDEyMzQ1Njc4OT",
        "MTIzNDU2Nzg5MDEyMzQ1Njc4O",
        "MTIz!DU2",
        "MTIzNDU2Nzg5MDEyMzQ1Njc4OTB=",
    ] {
        assert_eq!(entry_error(&with(truncated)), EntryError::Wrong("Secret"), "{truncated}");
    }
}

#[test]
fn a_file_without_keys_is_empty_and_no_error() {
    assert!(read(container(""), Unlock::Nothing).unwrap().is_empty());
    assert!(read(container("<Extension><Anything/></Extension>"), Unlock::Nothing).unwrap().is_empty());
}

#[test]
fn a_key_that_is_not_needed_does_not_matter() {
    let unused = Unlock::Password(Zeroizing::new("unused".to_owned()));
    assert_eq!(read(container(&plain_hotp("1", "")), unused).unwrap().len(), 1);
}

#[test]
fn keys_and_secrets_are_not_printed() {
    let entries = format!("{:?}", read(container(&plain_hotp("1", "")), Unlock::Nothing));
    assert!(entries.contains("Secret(..)"), "{entries}");
    for hidden in [RFC_SECRET, "1234567890"] {
        assert!(!entries.contains(hidden));
    }
    assert_eq!(format!("{:?}", Unlock::Password(Zeroizing::new("hush".to_owned()))), "Password(..)");
    assert_eq!(format!("{:?}", Sealer::aes128_sha1().unlock()), "PreSharedKey(..)");
}

/// The source gives out a few bytes at a time and can be read only once, so nothing depends on the file lying in memory.
#[test]
fn r08_a_long_file_is_read_as_a_stream() {
    // Without optimisation a hundred thousand would take most of a minute.
    let keys = if cfg!(debug_assertions) { 10_000 } else { 100_000 };
    let sealer = Sealer::aes128_sha1();
    let secret = sealer.value("Secret", b"12345678901234567890");
    let mut packages = sealer.head();
    for serial in 0..keys {
        let data = format!("<Data>{secret}</Data>");
        let _ = writeln!(packages, "{}", package(&serial.to_string(), HOTP, SIX, &data));
    }
    let file = container(&packages);
    let source = std::io::BufReader::with_capacity(64, file.as_bytes());
    let reader = tessera_otp::pskc::Reader::new(source, sealer.unlock()).unwrap();
    let mut read = 0;
    for (serial, entry) in reader.enumerate() {
        let seed = entry.unwrap().seed.unwrap();
        assert_eq!(seed.serial, serial.to_string());
        read += 1;
    }
    assert_eq!(read, keys);
}

#[test]
fn the_number_of_keys_is_bounded() {
    let max = tessera_otp::pskc::MAX_ENTRIES;
    let file = container(&"<KeyPackage/>".repeat(max + 1));
    let reader = tessera_otp::pskc::Reader::new(file.as_bytes(), Unlock::Nothing).unwrap();
    let mut problem = None;
    let mut read = 0;
    for entry in reader {
        match entry {
            Ok(_) => read += 1,
            Err(error) => problem = Some(error.problem),
        }
    }
    assert_eq!((read, problem), (max, Some(FileProblem::TooLarge("the number of keys"))));
}
