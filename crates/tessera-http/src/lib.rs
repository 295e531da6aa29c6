//! The HTTP face of Tessera: it translates between the wire and the use cases of `tessera-app`, and decides nothing itself.

mod account;
mod admission;
mod after_login;
pub mod assets;
mod client_address;
pub mod cookies;
mod cors;
mod error_report;
pub mod form;
pub mod headers;
mod home;
mod login;
mod login_step;
mod logout;
pub mod middleware;
mod oauth;
pub mod ops;
pub mod origin;
mod page_request;
pub mod pages;
mod refusal;
pub mod request;
pub mod routes;
pub mod state;
