//! The cases, one file per entity, and the bed they run in.

#![expect(unreachable_pub, reason = "the rooms of a test binary are private anyway")]
pub mod bed;
pub mod sample;
pub mod users;
