//! The revoked certificates of a list, sorted by serial number. A hundred thousand of them take about 4 MB.

use super::error::CrlError;
use super::scope::entry_reason;
use crate::certificate::Serial;
use crate::der::{self, Reader};
use crate::reason::{Revocation, RevocationReason};
use crate::time;

/// What an entry of a delta CRL says of a certificate that is not suspended any more.
const REMOVE_FROM_CRL: u8 = 8;

#[derive(Clone, Default)]
pub(super) struct Entries {
    /// All serial numbers, one behind the other.
    serials: Vec<u8>,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy)]
struct Entry {
    /// Where the serial number begins. A list has less than 2^32 bytes.
    start: u32,
    len: u8,
    reason: RevocationReason,
    at: u64,
}

impl Entries {
    /// Reads the content of `revokedCertificates`.
    pub(super) fn read(mut sequence: Reader<'_>) -> Result<Self, CrlError> {
        let mut all = Self::default();
        while !sequence.is_at_end() {
            let mut fields = sequence.inside(der::SEQUENCE).ok_or(CrlError::Malformed)?;
            let serial = Serial::read(&mut fields).ok_or(CrlError::Malformed)?;
            let at = time::read(&mut fields).ok_or(CrlError::Malformed)?;
            let code = if fields.is_at_end() { 0 } else { entry_reason(fields)? };
            if code == REMOVE_FROM_CRL {
                return Err(CrlError::RemoveFromCrl);
            }
            let reason = RevocationReason::from_code(code).ok_or(CrlError::Malformed)?;
            all.push(serial.as_bytes(), Revocation { at, reason })?;
        }
        let Self { serials, entries } = &mut all;
        entries.sort_unstable_by(|a, b| a.serial(serials).cmp(b.serial(serials)));
        // A number that occurs twice has no one date and reason.
        if entries.windows(2).any(|pair| pair[0].serial(serials) == pair[1].serial(serials)) {
            return Err(CrlError::Malformed);
        }
        Ok(all)
    }

    fn push(&mut self, serial: &[u8], revocation: Revocation) -> Result<(), CrlError> {
        let start = u32::try_from(self.serials.len()).map_err(|_| CrlError::TooLong)?;
        let len = u8::try_from(serial.len()).map_err(|_| CrlError::Malformed)?;
        self.serials.extend_from_slice(serial);
        self.entries.push(Entry { start, len, reason: revocation.reason, at: revocation.at });
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn find(&self, serial: &[u8]) -> Option<Revocation> {
        let found = self.entries.binary_search_by(|entry| entry.serial(&self.serials).cmp(serial)).ok()?;
        self.entries.get(found).map(|entry| Revocation { at: entry.at, reason: entry.reason })
    }
}

impl Entry {
    fn serial<'a>(&self, serials: &'a [u8]) -> &'a [u8] {
        let start = self.start as usize;
        serials.get(start..start + usize::from(self.len)).unwrap_or_default()
    }
}
