//! The binary from outside: what it prints, how it exits, what it refuses. No test knows its insides.

mod commands;
mod configuration;
mod serving;
mod support;
mod tls;
mod tokens;
