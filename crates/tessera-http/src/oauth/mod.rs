//! OAuth and OpenID Connect endpoints, one file each.

pub(crate) mod authorization_response;
pub(crate) mod authorize;
pub(crate) mod consent;
pub(crate) mod feed;
pub(crate) mod json;
pub(crate) mod metadata;
pub(crate) mod revocation;
pub(crate) mod token;
pub(crate) mod userinfo;

mod bearer;
mod client;
