//! `tessera fob …`.

use serde_json::json;
use tessera_otp::{Algorithm, Digits, Hotp, Secret};

use crate::support::Installation;

/// Key and file of RFC 6030 section 6.1: a HOTP fob, encrypted with AES-128-CBC under a pre-shared key.
const KEY: &str = "12345678901234567890123456789012";
const FIGURE_6: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc"
  xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:xenc="http://www.w3.org/2001/04/xmlenc#">
<EncryptionKey><ds:KeyName>Pre-shared-key</ds:KeyName></EncryptionKey>
<MACMethod Algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1"><MACKey>
<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
<xenc:CipherData><xenc:CipherValue>
ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX
</xenc:CipherValue></xenc:CipherData></MACKey></MACMethod>
<KeyPackage><DeviceInfo><Manufacturer>Manufacturer</Manufacturer><SerialNo>987654321</SerialNo></DeviceInfo>
<Key Id="12345678" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp"><Issuer>Issuer</Issuer>
<AlgorithmParameters><ResponseFormat Length="8" Encoding="DECIMAL"/></AlgorithmParameters>
<Data><Secret><EncryptedValue>
<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
<xenc:CipherData><xenc:CipherValue>AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv</xenc:CipherValue></xenc:CipherData>
</EncryptedValue><ValueMAC>Su+NvtQfmvfJzF6bmQiJqoLRExc=</ValueMAC></Secret>
<Counter><PlainValue>0</PlainValue></Counter></Data></Key></KeyPackage></KeyContainer>
"#;

fn file(installation: &Installation, name: &str, text: &str) -> String {
    installation.write(name, text, 0o600).to_str().unwrap().to_owned()
}

fn shows(presses: u64) -> String {
    let secret = Secret::new(b"12345678901234567890").unwrap();
    Hotp::new(secret, Algorithm::Sha1, Digits::Six).code(presses).reveal().to_string()
}

#[test]
fn r08_an_encrypted_pskc_file_is_imported_with_its_key() {
    let installation = Installation::init();
    let run = |args: &[&str]| installation.run(args);
    let fobs = &*file(&installation, "fobs.xml", FIGURE_6);
    let said = run(&["fob", "import", fobs]).refused(65);
    assert!(said.contains("pre-shared key") && said.contains("Nothing was imported"), "{said}");
    let short = &*file(&installation, "short", "1234");
    let said = run(&["fob", "import", fobs, "--key-file", short]).refused(65);
    assert!(said.contains("in hex"), "{said}");
    let wrong = &*file(&installation, "wrong", "ff345678901234567890123456789012");
    run(&["fob", "import", fobs, "--key-file", wrong]).refused(65);
    let open = installation.write("open", KEY, 0o644);
    let said = run(&["fob", "import", fobs, "--key-file", open.to_str().unwrap()]).refused(78);
    assert!(said.contains("chmod 600"), "{said}");
    let key = &*file(&installation, "key", &format!("{KEY}\n"));
    assert!(
        run(&["fob", "import", fobs, "--key-file", key, "--dry-run"]).accepted().contains("1 fobs can be")
    );
    assert!(run(&["fob", "list"]).accepted().contains("No fobs"));
    let done = installation.json(&["fob", "import", fobs, "--key-file", key]);
    assert_eq!(done, json!({ "added": 1, "known": 0, "bad": 0 }));
    let again = installation.json(&["fob", "import", fobs, "--key-file", key]);
    assert_eq!(again, json!({ "added": 0, "known": 1, "bad": 0 }));
    let listed = installation.json(&["fob", "list", "--in-stock", "--limit", "1"]);
    let fob = &listed["fobs"][0];
    assert_eq!((&fob["serial"], &fob["manufacturer"]), (&json!("987654321"), &json!("Manufacturer")));
    assert_eq!((&fob["kind"], &fob["state"]), (&json!("hotp"), &json!("in_stock")));
    assert_eq!(listed["next_after"], json!(["987654321", "Manufacturer"]));
    let rest = ["fob", "list", "--after", "987654321", "--manufacturer", "Manufacturer"];
    assert_eq!(installation.json(&rest)["fobs"], json!([]));
}

#[test]
fn r08_a_file_with_bad_lines_is_imported_only_if_that_is_wanted() {
    let installation = Installation::init();
    let run = |args: &[&str]| installation.run(args);
    let secret = "3132333435363738393031323334353637383930";
    let text = format!("serial;secret\nA-1;{secret}\nA-2;31\nA-3\n");
    let fobs = &*file(&installation, "fobs.csv", &text);
    let import = ["fob", "import", fobs, "--separator", ";", "--type", "hotp"];
    let said = run(&import).refused(65);
    for part in ["line 3, fob A-2: the secret has 1 bytes", "line 4: ", "2 of 3 entries", "--skip-bad"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(run(&["fob", "list"]).accepted().contains("No fobs"));
    let skipped = run(&[&import[..], &["--skip-bad"]].concat());
    assert!(skipped.stderr.contains("line 3"), "{skipped:?}");
    assert!(skipped.accepted().contains("1 fobs are in stock now"));
    let said = run(&["fob", "import", fobs, "--separator", "x"]).refused(64);
    assert!(said.contains("use one of"), "{said}");
    assert!(run(&["fob", "import", fobs]).refused(65).contains("column"));
    run(&["fob", "import", "missing.csv"]).refused(74);
}

#[test]
fn r09_fobs_are_kept_by_an_administrator() {
    let installation = Installation::init();
    let run = |args: &[&str]| installation.run(args);
    run(&["user", "add", "ada", "--no-password"]).accepted();
    let text = "serial,secret,type\nA-1,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,hotp\nA-2,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,totp\n";
    let fobs = &*file(&installation, "fobs.csv", text);
    run(&["fob", "import", fobs, "--secret", "base32"]).accepted();
    assert!(run(&["fob", "assign", "A-9", "ada"]).refused(65).contains("tessera fob list"));
    let said = run(&["fob", "assign", "A-1", "ada", "--name", "Blue fob"]).accepted();
    assert!(said.contains("ada has it now"), "{said}");
    assert!(run(&["fob", "assign", "A-1", "ada"]).refused(65).contains("tessera fob return"));
    let shown = installation.json(&["user", "show", "ada"]);
    let authenticator = &shown["authenticators"][0];
    assert_eq!((&authenticator["kind"], &authenticator["name"]), (&json!("hotp"), &json!("Blue fob")));
    let listed = installation.json(&["fob", "list", "--of", "ada"]);
    assert_eq!((&listed["fobs"][0]["username"], &listed["next_after"]), (&json!("ada"), &json!(null)));
    let codes = |first, second| format!("{}\n{}\n", shows(first), shows(second));
    assert!(installation.run_with(&["fob", "resync", "A-1"], "123456\n").refused(64).contains("two codes"));
    installation.run_with(&["fob", "resync", "A-1"], &codes(700, 702)).refused(65);
    installation.run_with(&["fob", "resync", "A-1"], &codes(700, 701)).accepted();
    run(&["fob", "return", "A-1"]).accepted();
    assert!(run(&["fob", "return", "A-1"]).refused(65).contains("nobody has"));
    assert!(run(&["fob", "delete", "A-1", "--yes"]).refused(65).contains("tessera fob lost"));
    run(&["fob", "lost", "A-1"]).refused(64);
    run(&["fob", "lost", "A-1", "--yes"]).accepted();
    run(&["fob", "assign", "A-1", "ada"]).refused(65);
    run(&["fob", "delete", "A-2", "--yes"]).accepted();
    let trail = installation.json(&["audit", "list"]).to_string();
    for code in ["fobs.imported", "fob.assigned", "fob.resynced", "fob.returned", "fob.lost", "fob.deleted"] {
        assert!(trail.contains(code), "{code}: {trail}");
    }
}
