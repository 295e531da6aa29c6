//! Devices that show codes: apps, and key fobs of people and of the stock. Each secret is sealed for its row, under a key that is not in
//! the database.
//!
//! What a device has counted never goes back, so no code counts twice. Rooms that use it: `totp`, `fobs`, `login`.

mod secret;
mod verify;

pub(crate) use secret::{Place, seal_bytes, seal_totp};
pub use verify::TypedCodes;
pub(crate) use verify::{codes_that_match, first_step, open, pairs, secret_of, verify};
