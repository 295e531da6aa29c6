//! A device that has logged in to an account before (policy P3): strangers who guess at the account do not delay it.
//!
//! The cookie opens nothing. It only picks the counter, and the device's own guesses count too. Its tag is over the person, the
//! device and the person's security version: nothing is stored, and a new password makes every device a stranger.

use tessera_jose::digest::sha256;
use tessera_model::{Digest, Presented, PresentedKind, SecurityVersion, User, UserId};
use zeroize::Zeroizing;

use crate::Cx;

const ID_LEN: usize = 16;

/// One device of one person.
pub(super) struct Device {
    user_id: UserId,
    id: [u8; ID_LEN],
}

impl Device {
    /// A device that logs in for the first time.
    pub(super) fn fresh(cx: &Cx, user_id: UserId) -> Self {
        Self { user_id, id: cx.app.random() }
    }

    /// The device behind a cookie, if it has logged in to this account with the credentials of today.
    pub(super) fn read(cx: &Cx, cookie: &str, user: &User) -> Option<Self> {
        let presented = Presented::parse(PresentedKind::Device, cookie)?;
        let (id, tag) = presented.body().split_first_chunk::<ID_LEN>()?;
        let device = Self { user_id: user.id, id: *id };
        let version = user.security_version.0.to_be_bytes();
        cx.app.catalog.load().keys.forms.verify(&device.tag_parts(&version), tag).then_some(device)
    }

    /// For the cookie, after a login with credentials of this version.
    pub(super) fn reveal(&self, cx: &Cx, version: SecurityVersion) -> Zeroizing<String> {
        let version = version.0.to_be_bytes();
        let tag = cx.app.catalog.load().keys.forms.tag(&self.tag_parts(&version));
        let mut body = Zeroizing::new(self.id.to_vec());
        body.extend_from_slice(&tag);
        Presented::new(PresentedKind::Device, &body).reveal()
    }

    /// The device's own counter. No name that is typed leads here: theirs go on with a space.
    pub(super) fn throttle_key(&self) -> Digest {
        let device = u128::from_be_bytes(self.id);
        Digest::new(sha256(format!("password|{}|{device:032x}", self.user_id).as_bytes()))
    }

    /// What the tag is over; the key's other tags, those of forms, are over 32 bytes.
    fn tag_parts<'a>(&'a self, version: &'a [u8; 8]) -> [&'a [u8]; 4] {
        [b"device", self.user_id.as_bytes(), &self.id, version]
    }
}
