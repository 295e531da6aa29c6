//! The pages on which people see and change what they log in with, one file each.

pub(crate) mod authenticator;
pub(crate) mod overview;
pub(crate) mod passkey;
pub(crate) mod password;
pub(crate) mod recovery_codes;
pub(crate) mod totp;

mod own_request;
