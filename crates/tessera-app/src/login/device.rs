//! A device that has logged in to an account before (policy P3): strangers who guess at the account do not delay it.
//!
//! The cookie opens nothing, it only picks the counter; the device's own guesses count too. Its tag is over the person, the
//! device and the password hash, so that nothing is stored, and a new password makes every device a stranger.

use tessera_jose::digest::sha256;
use tessera_model::{Digest, PasswordHash, Presented, PresentedKind, User, UserId};
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

    /// The device behind a cookie, if it has logged in to this account with the password of today.
    pub(super) fn read(cx: &Cx, cookie: &str, user: &User) -> Option<Self> {
        let password = user.password.as_ref()?;
        let presented = Presented::parse(PresentedKind::Device, cookie)?;
        let (id, tag) = presented.body().split_first_chunk::<ID_LEN>()?;
        let device = Self { user_id: user.id, id: *id };
        let hash = sha256(password.as_str().as_bytes());
        cx.app.catalog.load().keys.forms.verify(&device.tagged(&hash), tag).then_some(device)
    }

    /// For the cookie, after a login with this password.
    pub(super) fn reveal(&self, cx: &Cx, password: &PasswordHash) -> Zeroizing<String> {
        let hash = sha256(password.as_str().as_bytes());
        let tag = cx.app.catalog.load().keys.forms.tag(&self.tagged(&hash));
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
    fn tagged<'a>(&'a self, hash: &'a [u8; 32]) -> [&'a [u8]; 4] {
        [b"device", self.user_id.as_bytes(), &self.id, hash]
    }
}
