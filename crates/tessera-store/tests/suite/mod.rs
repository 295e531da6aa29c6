//! The cases, one file per entity, and their test bed.
#![expect(unreachable_pub, reason = "the rooms of a test binary are private anyway")]

pub mod apis;
pub mod audit;
pub mod authenticators;
pub mod backup;
pub mod bed;
pub mod clients;
pub mod clock;
pub mod consents;
pub mod documents;
pub mod fobs;
pub mod grants;
pub mod groups;
pub mod jobs;
pub mod keys;
pub mod migrations;
pub mod outbox;
pub mod races;
pub mod removal;
pub mod revocations;
pub mod rotation;
pub mod sample;
pub mod schema;
pub mod sessions;
pub mod spent;
pub mod throttles;
pub mod transactions;
pub mod users;
