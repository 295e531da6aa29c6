//! The fobs of a file come into the stock.

use tessera_model::audit::Detail;
use tessera_model::{AuditEvent, AuthenticatorKind, EventCode, Fob, FobId, FobState, HotpSecret, TotpSecret};
use tessera_otp::Token;

use super::FobError;
use super::batch::{Batch, Read};
use crate::Cx;
use crate::access::{Action, Object, authorize};
use crate::one_time_codes::{Place, seal_bytes, seal_totp};

/// Rows of one transaction. Requests have their turn between two.
const STEP: usize = 500;

/// What came of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Fobs that are in stock now.
    pub added: u64,
    /// Fobs that were there before. They stay as they are, whoever has them.
    pub known: u64,
}

/// Puts the fobs of a file into the stock, in steps. If it is stopped, it can be done again: what is there already stays as it is.
///
/// # Errors
/// Not allowed, or the database failed. What was added before that stays.
pub async fn import(cx: &Cx, batch: &Batch, mut follow: impl FnMut(u64)) -> Result<Imported, FobError> {
    let allowed = authorize(cx, Action::ImportFobs, Object::Fobs).await?;
    let mut imported = Imported::default();
    for part in batch.fobs.chunks(STEP) {
        let fobs = &part.iter().map(|read| fob(cx, read)).collect::<Vec<_>>();
        let event = &allowed.event(EventCode::FobsImported);
        let added = allowed.write(|tx| async move {
            let mut added = 0;
            for fob in fobs {
                added += u64::from(tx.fobs().insert(fob).await?);
            }
            if added > 0 {
                let detail = Some(Detail::Fobs(added).text());
                tx.audit().append(&AuditEvent { detail, ..event.clone() }).await?;
            }
            Ok::<_, FobError>(added)
        });
        let (added, of) = (added.await?, u64::try_from(part.len()).unwrap_or(u64::MAX));
        imported.added += added;
        imported.known += of - added;
        follow(of);
    }
    Ok(imported)
}

fn fob(cx: &Cx, read: &Read) -> Fob {
    let id = FobId::from_random(cx.app.random());
    let (kind, counter) = match &read.token {
        Token::Hotp { hotp, counter } => {
            let secret = HotpSecret {
                sealed: seal_bytes(cx, Place::Fob(id), hotp.secret()),
                algorithm: hotp.algorithm().name().to_owned(),
                digits: u8::try_from(hotp.digits().count()).unwrap_or(u8::MAX),
                fob: read.dates,
            };
            // The reader lets no counter pass that is larger.
            (AuthenticatorKind::Hotp(secret), i64::try_from(*counter).unwrap_or(i64::MAX))
        }
        Token::Totp { totp, drift } => {
            let app = seal_totp(cx, Place::Fob(id), totp);
            (AuthenticatorKind::Totp(TotpSecret { drift: *drift, fob: Some(read.dates), ..app }), 0)
        }
    };
    let (imported_at, state) = (cx.now, FobState::InStock);
    Fob { id, label: read.label.clone(), kind, counter, imported_at, last_used_at: None, state }
}
