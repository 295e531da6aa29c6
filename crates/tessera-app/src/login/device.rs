//! A device that has logged in to an account before (policy P3). Strangers who guess at the account do not delay it.
//!
//! The cookie proves nothing about the person. It only selects the failure counter of the device. The cookie carries a MAC over
//! the person, the device and the person's security version, so nothing is stored. A new password changes the version, and no
//! device is known any more.

use tessera_jose::digest::sha256;
use tessera_model::{Digest, Presented, PresentedKind, SecurityVersion, User, UserId};
use zeroize::Zeroizing;

use crate::Cx;

const ID_LEN: usize = 16;

/// One device of one person.
pub(super) struct Device {
    pub(super) user_id: UserId,
    id: [u8; ID_LEN],
}

/// The cookie of a device that its person has just used, for credentials of this version.
pub(crate) fn known_device(cx: &Cx, user_id: UserId, version: SecurityVersion) -> Zeroizing<String> {
    Device::fresh(cx, user_id).reveal(cx, version)
}

impl Device {
    /// A new device.
    pub(super) fn fresh(cx: &Cx, user_id: UserId) -> Self {
        Self { user_id, id: cx.app.random() }
    }

    /// The device behind a cookie, if it has logged in to this account with its current credentials.
    pub(super) fn read(cx: &Cx, cookie: &str, user: &User) -> Option<Self> {
        let presented = Presented::parse(PresentedKind::Device, cookie)?;
        let (id, tag) = presented.body().split_first_chunk::<ID_LEN>()?;
        let device = Self { user_id: user.id, id: *id };
        let version = user.security_version.0.to_be_bytes();
        cx.app.catalog.load().keys.forms.verify(&device.tag_parts(&version), tag).then_some(device)
    }

    /// The value of the cookie, after a login with credentials of this version.
    pub(super) fn reveal(&self, cx: &Cx, version: SecurityVersion) -> Zeroizing<String> {
        let version = version.0.to_be_bytes();
        let tag = cx.app.catalog.load().keys.forms.tag(&self.tag_parts(&version));
        let mut body = Zeroizing::new(self.id.to_vec());
        body.extend_from_slice(&tag);
        Presented::new(PresentedKind::Device, &body).reveal()
    }

    /// The key of the device's own counter for one factor.
    pub(super) fn counter_key(&self, factor: &str) -> Digest {
        let device = u128::from_be_bytes(self.id);
        Digest::new(sha256(format!("{factor}|{}|{device:032x}", self.user_id).as_bytes()))
    }

    /// The input of the MAC. It cannot equal that of a form token under the same key, which is 32 bytes long.
    fn tag_parts<'a>(&'a self, version: &'a [u8; 8]) -> [&'a [u8]; 4] {
        [b"device", self.user_id.as_bytes(), &self.id, version]
    }
}
