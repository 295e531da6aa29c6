//! The binary from outside: what it prints, how it exits, what it refuses. No test uses its code.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first thing that goes wrong")]

mod audit;
mod backup;
mod clock;
mod commands;
mod configuration;
mod connections;
mod database;
mod denied;
mod fobs;
mod full_disk;
mod groups;
mod init;
mod jobs;
mod logs;
mod mail;
mod passwords;
mod postgres;
mod promptness;
mod proxies;
mod randomness;
mod readiness;
mod serving;
mod stopping;
mod support;
mod tls;
mod tokens;
