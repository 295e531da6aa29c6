//! The HTTP face of Tessera: it translates between the wire and the use cases of `tessera-app`, and decides nothing itself.

pub mod around;
pub mod assets;
pub mod cookies;
mod cors;
pub mod form;
pub mod headers;
mod home;
mod login;
mod logout;
mod oauth;
pub mod ops;
pub mod origin;
pub mod pages;
mod request;
pub mod server;
mod visit;
