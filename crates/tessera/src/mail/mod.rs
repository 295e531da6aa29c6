//! Mail by SMTP (RFC 5321), the adapter of the port `Mailer`.
//!
//! The host comes from the settings of the operator alone, so these connections do not go through `tessera-fetch`. Nothing is sent without
//! TLS, but to a mail server on this machine. A mail has one recipient. Addresses are parsed before they come here, names are on one
//! line, and the builder of `lettre` encodes both, so nothing that somebody chose becomes a header.

mod mailer;
mod smtp;
mod words;

pub(crate) use mailer::SmtpMailer;
pub(crate) use smtp::certificates;
pub(crate) use words::Words;
