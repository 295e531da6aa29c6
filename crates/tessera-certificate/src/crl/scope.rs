//! Which certificates a list is about (RFC 5280 sections 5.2.4 and 5.2.5).

use super::error::CrlError;
use crate::certificate::Certificate;
use crate::der::{self, Element, Reader};
use crate::extensions::{self, Extension};

/// Without restrictions, a list is about all certificates of its CA.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scope {
    only_users: bool,
    only_cas: bool,
    /// Names of the distribution point, each a whole `GeneralName`. If there are any, the certificate must name one of them.
    names: Vec<Vec<u8>>,
}

impl Scope {
    pub(super) fn read(extensions: &[Extension<'_>]) -> Result<Self, CrlError> {
        const DELTA_CRL_INDICATOR: &str = "2.5.29.27";
        const ISSUING_DISTRIBUTION_POINT: &str = "2.5.29.28";
        let mut scope = Self::default();
        for extension in extensions {
            match extension.id.to_string().as_str() {
                DELTA_CRL_INDICATOR => return Err(CrlError::Delta),
                ISSUING_DISTRIBUTION_POINT => scope = Self::distribution_point(extension.value)?,
                _ if extension.critical => return Err(CrlError::CriticalExtension(extension.id.clone())),
                _ => {}
            }
        }
        Ok(scope)
    }

    fn distribution_point(value: &[u8]) -> Result<Self, CrlError> {
        let mut fields = der::only(value, der::SEQUENCE).ok_or(CrlError::Malformed)?;
        let mut scope = Self::default();
        let mut last = None;
        while !fields.is_at_end() {
            let field = fields.any().ok_or(CrlError::Malformed)?;
            let number = field.tag & 0x1f;
            if last.is_some_and(|last| last >= number) {
                return Err(CrlError::Malformed);
            }
            last = Some(number);
            scope.field(field)?;
        }
        Ok(scope)
    }

    fn field(&mut self, field: Element<'_>) -> Result<(), CrlError> {
        const ONLY_USERS: u8 = der::primitive(1);
        const ONLY_CAS: u8 = der::primitive(2);
        const ONLY_SOME_REASONS: u8 = der::primitive(3);
        const INDIRECT: u8 = der::primitive(4);
        const ONLY_ATTRIBUTES: u8 = der::primitive(5);
        const NAME: u8 = der::constructed(0);
        let truth = || der::truth(field.content).ok_or(CrlError::Malformed);
        match field.tag {
            NAME => {
                self.names = extensions::full_names(field).ok_or(CrlError::Malformed)?;
                if self.names.is_empty() {
                    return Err(CrlError::Partial);
                }
            }
            ONLY_USERS => self.only_users = truth()?,
            ONLY_CAS => self.only_cas = truth()?,
            ONLY_SOME_REASONS => return Err(CrlError::Partial),
            INDIRECT if truth()? => return Err(CrlError::Indirect),
            ONLY_ATTRIBUTES if truth()? => return Err(CrlError::Partial),
            INDIRECT | ONLY_ATTRIBUTES => {}
            _ => return Err(CrlError::Malformed),
        }
        Ok(())
    }

    pub(super) fn has(&self, certificate: &Certificate) -> bool {
        let extensions = certificate.extensions();
        let of_its_kind = if extensions.is_ca() { !self.only_users } else { !self.only_cas };
        let mut points = extensions.distribution_points.iter();
        of_its_kind && (self.names.is_empty() || points.any(|point| self.names.contains(point)))
    }
}

/// The certificate that the extension `certificateIssuer` of an entry would name is not read: such a list is indirect.
pub(super) fn entry_reason(mut fields: Reader<'_>) -> Result<u8, CrlError> {
    const REASON_CODE: &[u8] = &[0x55, 0x1d, 21];
    const CERTIFICATE_ISSUER: &[u8] = &[0x55, 0x1d, 29];
    let mut reason = 0;
    let sequence = fields.inside(der::SEQUENCE).ok_or(CrlError::Malformed)?;
    fields.end(()).ok_or(CrlError::Malformed)?;
    for extension in extensions::read(sequence).ok_or(CrlError::Malformed)? {
        match extension.id.as_bytes() {
            REASON_CODE => {
                let mut value = Reader::new(extension.value);
                let code = value.small(der::ENUMERATED).and_then(|code| value.end(code));
                reason = code.ok_or(CrlError::Malformed)?;
            }
            CERTIFICATE_ISSUER => return Err(CrlError::Indirect),
            _ if extension.critical => return Err(CrlError::CriticalExtension(extension.id)),
            _ => {}
        }
    }
    Ok(reason)
}
