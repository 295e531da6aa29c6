//! The addresses of pages that no standard names.

/// The start page.
pub const HOME_PATH: &str = "/";
/// The login page. Its form is posted to the same address.
pub const LOGIN_PATH: &str = "/login";
/// The consent page. Its form is posted to the same address.
pub const CONSENT_PATH: &str = "/consent";
/// The page that asks for one more proof. Its form is posted to the same address.
pub const LOGIN_STEP_PATH: &str = "/login/step";
/// What a person can log in with.
pub const ACCOUNT_PATH: &str = "/account";
/// The page that adds a passkey or a security key. Its form is posted to the same address.
pub const PASSKEY_PATH: &str = "/account/passkey";
/// The page that adds an authenticator app. Its form is posted to the same address.
pub const TOTP_PATH: &str = "/account/totp";
/// The page that makes recovery codes. Its form is posted to the same address.
pub const RECOVERY_CODES_PATH: &str = "/account/recovery-codes";
/// The page that changes a password. Its form is posted to the same address.
pub const PASSWORD_PATH: &str = "/account/password";
/// The page of one authenticator. Its forms are posted to the same address.
pub const AUTHENTICATOR_PATH: &str = "/account/authenticator";
