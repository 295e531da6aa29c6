//! The figures of RFC 6030, in our own layout. Names, structure and values are those of the RFC (code components, IETF Trust, Simplified
//! BSD licence). That the values are right shows in what they give: the MACs verify, and the secret makes the codes of RFC 4226.

use tessera_otp::pskc::Unlock;
use tessera_otp::seed::{Dates, Details};
use tessera_otp::{Digits, Entry, EntryError, FileProblem, Hotp, Token};
use zeroize::Zeroizing;

use crate::forge::{container, problem, read, seeds};

const KEY_6: [u8; 16] =
    [0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12];

pub(crate) const FIGURE_2: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<KeyContainer Version="1.0" Id="exampleID1" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">
 <KeyPackage>
  <Key Id="12345678" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp">
   <Issuer>Issuer-A</Issuer>
   <Data><Secret><PlainValue>MTIzNA==
   </PlainValue></Secret></Data>
  </Key>
 </KeyPackage>
</KeyContainer>"#;

pub(crate) const FIGURE_3: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<KeyContainer Version="1.0" Id="exampleID1" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">
 <KeyPackage>
  <DeviceInfo>
   <Manufacturer>Manufacturer</Manufacturer>
   <SerialNo>987654321</SerialNo>
   <UserId>DC=example-bank,DC=net</UserId>
  </DeviceInfo>
  <CryptoModuleInfo><Id>CM_ID_001</Id></CryptoModuleInfo>
  <Key Id="12345678" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp">
   <Issuer>Issuer</Issuer>
   <AlgorithmParameters><ResponseFormat Length="8" Encoding="DECIMAL"/></AlgorithmParameters>
   <Data>
    <Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=
    </PlainValue></Secret>
    <Counter><PlainValue>0</PlainValue></Counter>
   </Data>
   <UserId>UID=jsmith,DC=example-bank,DC=net</UserId>
  </Key>
 </KeyPackage>
</KeyContainer>"#;

const FIGURE_4: &str = r#"<KeyPackage>
  <DeviceInfo><Manufacturer>Manufacturer</Manufacturer><SerialNo>987654321</SerialNo></DeviceInfo>
  <CryptoModuleInfo><Id>CM_ID_001</Id></CryptoModuleInfo>
  <Key Id="12345678" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp">
   <Issuer>Issuer</Issuer>
   <AlgorithmParameters><ResponseFormat Length="8" Encoding="DECIMAL"/></AlgorithmParameters>
   <KeyProfileId>keyProfile1</KeyProfileId>
   <KeyReference>MasterKeyLabel
   </KeyReference>
   <Data><Counter><PlainValue>0</PlainValue></Counter></Data>
   <Policy><KeyUsage>OTP</KeyUsage></Policy>
  </Key>
 </KeyPackage>"#;

const FIGURE_5: &str = r#"<KeyPackage>
  <DeviceInfo><Manufacturer>Manufacturer</Manufacturer><SerialNo>987654321</SerialNo></DeviceInfo>
  <CryptoModuleInfo><Id>CM_ID_001</Id></CryptoModuleInfo>
  <Key Id="12345678" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp">
   <Issuer>Issuer</Issuer>
   <AlgorithmParameters><ResponseFormat Length="8" Encoding="DECIMAL"/></AlgorithmParameters>
   <Data>
    <Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=
    </PlainValue></Secret>
    <Counter><PlainValue>0</PlainValue></Counter>
   </Data>
   <Policy>
    <PINPolicy MinLength="4" MaxLength="4" PINKeyId="123456781" PINEncoding="DECIMAL" PINUsageMode="Local"/>
    <KeyUsage>OTP</KeyUsage>
   </Policy>
  </Key>
 </KeyPackage>
 <KeyPackage>
  <DeviceInfo><Manufacturer>Manufacturer</Manufacturer><SerialNo>987654321</SerialNo></DeviceInfo>
  <CryptoModuleInfo><Id>CM_ID_001</Id></CryptoModuleInfo>
  <Key Id="123456781" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:pin">
   <Issuer>Issuer</Issuer>
   <AlgorithmParameters><ResponseFormat Length="4" Encoding="DECIMAL"/></AlgorithmParameters>
   <Data><Secret><PlainValue>MTIzNA==</PlainValue></Secret></Data>
  </Key>
 </KeyPackage>"#;

pub(crate) const FIGURE_6: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc"
  xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:xenc="http://www.w3.org/2001/04/xmlenc#">
 <EncryptionKey><ds:KeyName>Pre-shared-key</ds:KeyName></EncryptionKey>
 <MACMethod Algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1">
  <MACKey>
   <xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
   <xenc:CipherData><xenc:CipherValue>
    ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX
   </xenc:CipherValue></xenc:CipherData>
  </MACKey>
 </MACMethod>
 <KeyPackage>
  <DeviceInfo><Manufacturer>Manufacturer</Manufacturer><SerialNo>987654321</SerialNo></DeviceInfo>
  <CryptoModuleInfo><Id>CM_ID_001</Id></CryptoModuleInfo>
  <Key Id="12345678" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp">
   <Issuer>Issuer</Issuer>
   <AlgorithmParameters><ResponseFormat Length="8" Encoding="DECIMAL"/></AlgorithmParameters>
   <Data>
    <Secret>
     <EncryptedValue>
      <xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
      <xenc:CipherData><xenc:CipherValue>
       AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv
      </xenc:CipherValue></xenc:CipherData>
     </EncryptedValue>
     <ValueMAC>Su+NvtQfmvfJzF6bmQiJqoLRExc=
     </ValueMAC>
    </Secret>
    <Counter><PlainValue>0</PlainValue></Counter>
   </Data>
  </Key>
 </KeyPackage>
</KeyContainer>"#;

pub(crate) const FIGURE_7: &str = r##"<?xml version="1.0" encoding="UTF-8"?>
<pskc:KeyContainer xmlns:pskc="urn:ietf:params:xml:ns:keyprov:pskc"
  xmlns:xenc11="http://www.w3.org/2009/xmlenc11#"
  xmlns:pkcs5="http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#"
  xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Version="1.0">
 <pskc:EncryptionKey>
  <xenc11:DerivedKey>
   <xenc11:KeyDerivationMethod Algorithm="http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2">
    <pkcs5:PBKDF2-params>
     <Salt><Specified>Ej7/PEpyEpw=</Specified></Salt>
     <IterationCount>1000</IterationCount>
     <KeyLength>16</KeyLength>
     <PRF/>
    </pkcs5:PBKDF2-params>
   </xenc11:KeyDerivationMethod>
   <xenc:ReferenceList><xenc:DataReference URI="#ED"/></xenc:ReferenceList>
   <xenc11:MasterKeyName>My Password 1</xenc11:MasterKeyName>
  </xenc11:DerivedKey>
 </pskc:EncryptionKey>
 <pskc:MACMethod Algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1">
  <pskc:MACKey>
   <xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
   <xenc:CipherData><xenc:CipherValue>
2GTTnLwM3I4e5IO5FkufoOEiOhNj91fhKRQBtBJYluUDsPOLTfUvoU2dStyOwYZx
   </xenc:CipherValue></xenc:CipherData>
  </pskc:MACKey>
 </pskc:MACMethod>
 <pskc:KeyPackage>
  <pskc:DeviceInfo>
   <pskc:Manufacturer>TokenVendorAcme</pskc:Manufacturer>
   <pskc:SerialNo>987654321</pskc:SerialNo>
  </pskc:DeviceInfo>
  <pskc:CryptoModuleInfo><pskc:Id>CM_ID_001</pskc:Id></pskc:CryptoModuleInfo>
  <pskc:Key Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp" Id="123456">
   <pskc:Issuer>Example-Issuer</pskc:Issuer>
   <pskc:AlgorithmParameters><pskc:ResponseFormat Length="8" Encoding="DECIMAL"/></pskc:AlgorithmParameters>
   <pskc:Data>
    <pskc:Secret>
     <pskc:EncryptedValue Id="ED">
      <xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
      <xenc:CipherData><xenc:CipherValue>
oTvo+S22nsmS2Z/RtcoF8Hfh+jzMe0RkiafpoDpnoZTjPYZu6V+A4aEn032yCr4f
      </xenc:CipherValue></xenc:CipherData>
     </pskc:EncryptedValue>
     <pskc:ValueMAC>LP6xMvjtypbfT9PdkJhBZ+D6O4w=
     </pskc:ValueMAC>
    </pskc:Secret>
   </pskc:Data>
  </pskc:Key>
 </pskc:KeyPackage>
</pskc:KeyContainer>"##;

/// The certificate is left out; the kind of key is what counts.
const FIGURE_8_HEAD: &str =
    "<EncryptionKey><ds:X509Data><ds:X509Certificate>MIIB</ds:X509Certificate></ds:X509Data></EncryptionKey>";

const FIGURE_9_SIGNATURE: &str = r##"<ds:Signature>
  <ds:SignedInfo>
   <ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
   <ds:SignatureMethod Algorithm="http://www.w3.org/2000/09/xmldsig#rsa-sha1"/>
   <ds:Reference URI="#Device">
    <ds:DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"/>
    <ds:DigestValue>j6lwx3rvEPO0vKtMup4NbeVu8nk=</ds:DigestValue>
   </ds:Reference>
  </ds:SignedInfo>
  <ds:SignatureValue>j6lwx3rvEPO0vKtMup4NbeVu8nk=</ds:SignatureValue>
 </ds:Signature>"##;

pub(crate) fn key_6() -> Unlock {
    Unlock::PreSharedKey(Zeroizing::new(KEY_6.to_vec()))
}

pub(crate) fn password_7() -> Unlock {
    Unlock::Password(Zeroizing::new("qwerty".to_owned()))
}

fn hotp(token: &Token) -> (&Hotp, u64) {
    match token {
        Token::Hotp { hotp, counter } => (hotp, *counter),
        Token::Totp { .. } => panic!("a TOTP device"),
    }
}

/// RFC 4226 appendix D, with all eight digits of the decimal column.
fn assert_rfc4226(hotp: &Hotp) {
    assert_eq!(hotp.digits(), Digits::Eight);
    let codes: Vec<String> = (0..3).map(|counter| hotp.code(counter).reveal().to_string()).collect();
    assert_eq!(codes, ["84755224", "94287082", "37359152"]);
}

fn only(mut entries: Vec<Entry>) -> Entry {
    assert_eq!(entries.len(), 1);
    entries.remove(0)
}

#[test]
fn r08_figure_2_says_too_little_for_codes() {
    let entry = only(read(FIGURE_2, Unlock::Nothing).unwrap());
    assert_eq!((entry.line, entry.serial.as_deref()), (3, Some("12345678")));
    assert_eq!(entry.seed, Err(EntryError::Missing("ResponseFormat")));
}

#[test]
fn r08_figure_3_in_the_clear() {
    let seeds = seeds(FIGURE_3);
    assert_eq!(seeds.len(), 1);
    let (hotp, counter) = hotp(&seeds[0].token);
    assert_rfc4226(hotp);
    assert_eq!((counter, seeds[0].serial.as_str()), (0, "987654321"));
    let details = Details {
        key_id: Some("12345678".to_owned()),
        manufacturer: Some("Manufacturer".to_owned()),
        issuer: Some("Issuer".to_owned()),
        device_user: Some("DC=example-bank,DC=net".to_owned()),
        key_user: Some("UID=jsmith,DC=example-bank,DC=net".to_owned()),
        ..Details::default()
    };
    assert_eq!(seeds[0].details, details);
}

#[test]
fn figure_4_names_a_key_that_is_elsewhere() {
    let entry = only(read(container(FIGURE_4), Unlock::Nothing).unwrap());
    assert_eq!(entry.serial.as_deref(), Some("987654321"));
    assert_eq!(entry.seed, Err(EntryError::Missing("Secret")));
}

#[test]
fn r08_figure_5_has_a_key_and_its_pin() {
    let entries = read(container(FIGURE_5), Unlock::Nothing).unwrap();
    assert_eq!(entries.len(), 2);
    assert_rfc4226(hotp(&entries[0].seed.as_ref().unwrap().token).0);
    let pin = "urn:ietf:params:xml:ns:keyprov:pskc:pin".to_owned();
    assert_eq!(entries[1].seed, Err(EntryError::Kind(pin)));
}

#[test]
fn r08_figure_6_under_a_pre_shared_key() {
    let entry = only(read(FIGURE_6, key_6()).unwrap());
    let seed = entry.seed.unwrap();
    assert_eq!(hotp(&seed.token).0.secret().expose(), b"12345678901234567890");
    assert_rfc4226(hotp(&seed.token).0);
    assert_eq!((entry.line, seed.serial.as_str()), (13, "987654321"));
}

#[test]
fn r08_figure_7_under_a_password() {
    let seed = only(read(FIGURE_7, password_7()).unwrap()).seed.unwrap();
    assert_rfc4226(hotp(&seed.token).0);
    assert_eq!(hotp(&seed.token).1, 0, "the counter is left out");
    assert_eq!(seed.details.manufacturer.as_deref(), Some("TokenVendorAcme"));
}

#[test]
fn figure_8_needs_a_private_key_that_nobody_gives() {
    let file = container(&format!("{FIGURE_8_HEAD}{FIGURE_4}"));
    let unsupported = FileProblem::Unsupported("neither a pre-shared key nor a password");
    assert_eq!(problem(&file, Unlock::Nothing), unsupported);
    assert_eq!(problem(&file, key_6()), unsupported);
}

#[test]
fn figure_9_the_signature_is_passed_over() {
    let package = crate::forge::plain_hotp("0755225266", "<Counter><PlainValue>0</PlainValue></Counter>");
    let seeds = seeds(&container(&format!("{package}{FIGURE_9_SIGNATURE}")));
    assert_eq!(seeds[0].serial, "0755225266");
}

/// The last figure of the RFC: many devices in one file. One of them has two keys, each with its own time.
#[test]
fn r08_figure_10_in_bulk() {
    let package = |serial: &str, id: u8, month: u8, days: u8| {
        format!(
            r#"<KeyPackage>
  <DeviceInfo><Manufacturer>TokenVendorAcme</Manufacturer><SerialNo>{serial}</SerialNo></DeviceInfo>
  <Key Id="{id}" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp">
   <Issuer>Issuer</Issuer>
   <AlgorithmParameters><ResponseFormat Length="8" Encoding="DECIMAL"/></AlgorithmParameters>
   <Data>
    <Secret><PlainValue>
      MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=
    </PlainValue></Secret>
    <Counter><PlainValue>0</PlainValue></Counter>
   </Data>
   <Policy>
    <StartDate>2006-0{month}-01T00:00:00Z</StartDate>
    <ExpiryDate>2006-0{month}-{days}T00:00:00Z</ExpiryDate>
   </Policy>
  </Key>
 </KeyPackage>"#
        )
    };
    let packages = [
        package("654321", 1, 5, 31),
        package("123456", 2, 5, 31),
        package("9999999", 3, 3, 31),
        package("9999999", 4, 4, 30),
    ];
    let seeds = seeds(&container(&packages.concat()));
    let serials: Vec<&str> = seeds.iter().map(|seed| seed.serial.as_str()).collect();
    assert_eq!(serials, ["654321", "123456", "9999999", "9999999"]);
    for seed in &seeds {
        assert_rfc4226(hotp(&seed.token).0);
    }
    let dates = |text: &str| Dates { device: None, key: Some(text.to_owned()) };
    assert_eq!(seeds[3].details.start, dates("2006-04-01T00:00:00Z"));
    assert_eq!(seeds[3].details.expiry, dates("2006-04-30T00:00:00Z"));
}
