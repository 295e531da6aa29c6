//! Paths of the issuer's endpoints, below the issuer identifier. Each stands here once: routes, metadata and verifier read it.

/// The authorization endpoint (RFC 6749 section 3.1).
pub const AUTHORIZATION_PATH: &str = "/authorize";
/// The token endpoint (RFC 6749 section 3.2).
pub const TOKEN_PATH: &str = "/token";
/// The revocation endpoint (RFC 7009 section 2).
pub const REVOCATION_PATH: &str = "/revoke";
/// The userinfo endpoint (OpenID Connect core section 5.3).
pub const USERINFO_PATH: &str = "/userinfo";
/// The logout endpoint (OpenID Connect RP-Initiated Logout section 2).
pub const END_SESSION_PATH: &str = "/logout";
/// The key set (RFC 7517 section 5).
pub const JWKS_PATH: &str = "/jwks";
/// The key set once more, where libraries look that do not read the metadata.
pub const WELL_KNOWN_JWKS_PATH: &str = "/.well-known/jwks.json";
/// Signed revocation rules, for verifiers of Tessera.
pub const REVOCATION_RULES_PATH: &str = "/revocation/rules";
/// Path of the document, below the issuer (OpenID Connect Discovery section 4).
pub const OPENID_CONFIGURATION_PATH: &str = "/.well-known/openid-configuration";
/// Path of the document, between host and path of the issuer (RFC 8414 section 3).
pub const OAUTH_METADATA_PATH: &str = "/.well-known/oauth-authorization-server";
