//! The extensions of certificates that this crate looks at (RFC 5280 section 4.2).

use crate::der::{self, Element, Reader};
use crate::oid::ObjectIdentifier;

/// More extensions than any certificate has. The check that none occurs twice compares each with each.
const MAX_EXTENSIONS: usize = 64;

/// The bits of a key usage that matter here (section 4.2.1.3), each by its place.
pub(crate) const DIGITAL_SIGNATURE: u32 = 0;
pub(crate) const KEY_CERT_SIGN: u32 = 5;
pub(crate) const CRL_SIGN: u32 = 6;

const BASIC_CONSTRAINTS: &str = "2.5.29.19";
const KEY_USAGE: &str = "2.5.29.15";
const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
const CERTIFICATE_POLICIES: &str = "2.5.29.32";
const SUBJECT_ALTERNATIVE_NAME: &str = "2.5.29.17";
const CRL_DISTRIBUTION_POINTS: &str = "2.5.29.31";
const AUTHORITY_INFORMATION_ACCESS: &str = "1.3.6.1.5.5.7.1.1";

/// One extension of a certificate, a CRL, or an OCSP response.
#[derive(Clone, Debug)]
pub(crate) struct Extension<'a> {
    pub(crate) id: ObjectIdentifier,
    pub(crate) critical: bool,
    pub(crate) value: &'a [u8],
}

/// Reads the content of `Extensions`. No extension occurs twice.
pub(crate) fn read(mut sequence: Reader<'_>) -> Option<Vec<Extension<'_>>> {
    let mut extensions: Vec<Extension<'_>> = Vec::new();
    while !sequence.is_at_end() {
        let mut fields = sequence.inside(der::SEQUENCE)?;
        let id = ObjectIdentifier::read(&mut fields)?;
        let critical = fields.boolean_or_false()?;
        let value = fields.content(der::OCTET_STRING)?;
        fields.end(())?;
        if extensions.len() == MAX_EXTENSIONS || extensions.iter().any(|known| known.id == id) {
            return None;
        }
        extensions.push(Extension { id, critical, value });
    }
    Some(extensions)
}

/// What the extensions of a certificate say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extensions {
    /// `None` if the extension is missing, which says that the certificate is no CA.
    pub(crate) basic_constraints: Option<BasicConstraints>,
    key_usage: Option<Vec<u8>>,
    /// The extended key usage.
    pub(crate) purposes: Option<Vec<ObjectIdentifier>>,
    pub(crate) policies: Vec<ObjectIdentifier>,
    pub(crate) user_principal_names: Vec<String>,
    /// Names of distribution points of CRLs, each a whole `GeneralName`.
    pub(crate) distribution_points: Vec<Vec<u8>>,
    pub(crate) ocsp_urls: Vec<String>,
    /// All that are marked as critical.
    pub(crate) critical: Vec<ObjectIdentifier>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct BasicConstraints {
    pub(crate) is_ca: bool,
    pub(crate) path_len: Option<u8>,
}

impl Extensions {
    /// Reads the content of `Extensions`. The error is the extension that is malformed, if it is one.
    pub(crate) fn read(sequence: Reader<'_>) -> Result<Self, Option<ObjectIdentifier>> {
        let mut extensions = Self::default();
        for extension in read(sequence).ok_or(None)? {
            extensions.take(&extension).ok_or_else(|| extension.id.clone())?;
            if extension.critical {
                extensions.critical.push(extension.id);
            }
        }
        Ok(extensions)
    }

    /// Whether the key usage, where it is given, has this bit.
    pub(crate) fn key_may(&self, bit: u32) -> bool {
        self.key_usage.as_ref().is_none_or(|bits| {
            let byte = bits.get(bit as usize / 8).copied().unwrap_or_default();
            byte << (bit % 8) & 0x80 != 0
        })
    }

    pub(crate) fn is_ca(&self) -> bool {
        self.basic_constraints.is_some_and(|constraints| constraints.is_ca)
    }

    fn take(&mut self, extension: &Extension<'_>) -> Option<()> {
        let value = extension.value;
        match extension.id.to_string().as_str() {
            BASIC_CONSTRAINTS => self.basic_constraints = Some(basic_constraints(value)?),
            KEY_USAGE => self.key_usage = Some(key_usage(value)?),
            EXTENDED_KEY_USAGE => self.purposes = Some(purposes(value)?),
            CERTIFICATE_POLICIES => self.policies = policies(value)?,
            SUBJECT_ALTERNATIVE_NAME => self.user_principal_names = user_principal_names(value)?,
            CRL_DISTRIBUTION_POINTS => self.distribution_points = distribution_points(value)?,
            AUTHORITY_INFORMATION_ACCESS => self.ocsp_urls = ocsp_urls(value)?,
            _ => {}
        }
        Some(())
    }
}

fn basic_constraints(value: &[u8]) -> Option<BasicConstraints> {
    let mut fields = der::only(value, der::SEQUENCE)?;
    let is_ca = fields.boolean_or_false()?;
    let path_len = if fields.is_at_end() { None } else { Some(fields.small(der::INTEGER)?) };
    fields.end(BasicConstraints { is_ca, path_len })
}

fn key_usage(value: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(value);
    let content = reader.content(der::BIT_STRING)?;
    let (unused, bits) = content.split_first()?;
    (*unused < 8 && !bits.is_empty()).then_some(())?;
    reader.end(bits.to_vec())
}

/// At least one.
fn purposes(value: &[u8]) -> Option<Vec<ObjectIdentifier>> {
    let mut sequence = der::only(value, der::SEQUENCE)?;
    let mut purposes = vec![ObjectIdentifier::read(&mut sequence)?];
    while !sequence.is_at_end() {
        purposes.push(ObjectIdentifier::read(&mut sequence)?);
    }
    Some(purposes)
}

fn policies(value: &[u8]) -> Option<Vec<ObjectIdentifier>> {
    let mut sequence = der::only(value, der::SEQUENCE)?;
    let mut policies = Vec::new();
    while !sequence.is_at_end() {
        policies.push(ObjectIdentifier::read(&mut sequence.inside(der::SEQUENCE)?)?);
    }
    Some(policies)
}

/// The texts of `otherName`s of the one type (section 4.2.1.6). Names of other kinds, e-mail addresses too, are read over.
fn user_principal_names(value: &[u8]) -> Option<Vec<String>> {
    const USER_PRINCIPAL_NAME: &str = "1.3.6.1.4.1.311.20.2.3";
    const UTF8_STRING: u8 = 0x0c;
    let mut sequence = der::only(value, der::SEQUENCE)?;
    let mut names = Vec::new();
    while !sequence.is_at_end() {
        let name = sequence.any()?;
        if name.tag != der::constructed(0) {
            continue;
        }
        let mut other = Reader::new(name.content);
        let kind = ObjectIdentifier::read(&mut other)?;
        let value = other.content(der::constructed(0))?;
        other.end(())?;
        if kind.to_string() == USER_PRINCIPAL_NAME {
            let mut value = Reader::new(value);
            let text = String::from_utf8(value.content(UTF8_STRING)?.to_vec()).ok()?;
            names.push(value.end(text)?);
        }
    }
    Some(names)
}

/// The full names of distribution points whose CRL comes from the issuer of the certificate (section 4.2.1.13).
fn distribution_points(value: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut sequence = der::only(value, der::SEQUENCE)?;
    let mut names = Vec::new();
    while !sequence.is_at_end() {
        let mut fields = sequence.inside(der::SEQUENCE)?;
        let mut point = Vec::new();
        while !fields.is_at_end() {
            let field = fields.any()?;
            if field.tag == der::constructed(0) {
                point = full_names(field)?;
            } else if field.tag == der::constructed(2) {
                point.clear();
            }
        }
        names.extend(point);
    }
    Some(names)
}

/// The names in a `DistributionPointName`. A name relative to that of the issuer is none of them.
pub(crate) fn full_names(point: Element<'_>) -> Option<Vec<Vec<u8>>> {
    let mut choice = Reader::new(point.content);
    let chosen = choice.any()?;
    choice.end(())?;
    let mut names = Vec::new();
    if chosen.tag == der::constructed(0) {
        let mut sequence = Reader::new(chosen.content);
        while !sequence.is_at_end() {
            names.push(sequence.any()?.whole.to_vec());
        }
    }
    Some(names)
}

/// Section 4.2.2.1.
fn ocsp_urls(value: &[u8]) -> Option<Vec<String>> {
    const OCSP: &str = "1.3.6.1.5.5.7.48.1";
    let mut sequence = der::only(value, der::SEQUENCE)?;
    let mut urls = Vec::new();
    while !sequence.is_at_end() {
        let mut description = sequence.inside(der::SEQUENCE)?;
        let method = ObjectIdentifier::read(&mut description)?;
        let location = description.any()?;
        description.end(())?;
        if method.to_string() == OCSP {
            urls.extend(url(location.whole));
        }
    }
    Some(urls)
}

/// The text of a `GeneralName` that is a URL.
pub(crate) fn url(general_name: &[u8]) -> Option<String> {
    let url = Reader::new(general_name).content(der::primitive(6))?;
    String::from_utf8(url.to_vec()).ok().filter(|url| url.bytes().all(|byte| byte.is_ascii_graphic()))
}
