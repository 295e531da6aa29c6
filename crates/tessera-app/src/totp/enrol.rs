//! A person enrols an authenticator app.

use serde::{Deserialize, Serialize};
use tessera_jose::base64url;
use tessera_model::{Authenticator, AuthenticatorId, AuthenticatorKind, SpentKind, Timestamp, UserId};
use tessera_otp::{Algorithm, Digits, Period, Secret, Totp, otpauth_uri, qr};
use zeroize::Zeroizing;

use crate::access::{AccessError, Action, authorize_recent};
use crate::authenticators::{AddError, add_within};
use crate::login::BrowserSecret;
use crate::one_time_codes::{Place, first_step, seal_totp};
use crate::sessions::Current;
use crate::{Cx, sealed};

/// The context that secrets are sealed for while the page is shown.
const SEAL_CONTEXT: &[u8] = b"totp enrolment";
const SPENT: SpentKind = SpentKind::new("totp_enrolment");
/// How long the page counts.
const LIFETIME: std::time::Duration = std::time::Duration::from_secs(10 * 60);
/// 160 bits, as RFC 4226 section 4 recommends.
const SECRET_LEN: usize = 20;

/// What the page shows.
pub struct Enrolment {
    /// The QR code, as an SVG document.
    pub qr: Zeroizing<String>,
    /// The secret in base32, in groups of four, for those who cannot scan.
    pub secret: Zeroizing<String>,
    /// The `otpauth` address of the secret, for an app on this device.
    pub uri: Zeroizing<String>,
    /// The sealed secret. The form sends it back.
    pub sealed: String,
}

/// What the form of the page sends.
pub struct NewTotp<'a> {
    /// The sealed secret of the page.
    pub sealed: &'a str,
    /// A code of the app.
    pub code: &'a str,
    /// What the person calls it.
    pub name: &'a str,
}

/// Why an app was not enrolled. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The page is of another browser or another person, or it is too old or done.
    #[error("the page does not count any more")]
    OutOfDate,
    /// The app shows another code.
    #[error("the code is not that of the secret")]
    WrongCode,
    /// It cannot be added.
    #[error(transparent)]
    Add(#[from] AddError),
}

impl From<AccessError> for EnrolError {
    fn from(error: AccessError) -> Self {
        Self::Add(error.into())
    }
}

impl From<tessera_store::StoreError> for EnrolError {
    fn from(error: tessera_store::StoreError) -> Self {
        Self::Add(error.into())
    }
}

/// A secret that is not stored yet.
#[derive(Serialize, Deserialize)]
struct Pending {
    secret: Zeroizing<String>,
    user: UserId,
    browser: String,
    expires_at: Timestamp,
}

/// A new secret, for the page.
///
/// # Errors
/// The login is too old to change anything, or the database failed.
pub async fn begin(cx: &Cx, current: &Current, browser: &BrowserSecret) -> Result<Enrolment, EnrolError> {
    authorize_recent(cx, Action::AddAuthenticator, current).await?;
    let secret = Zeroizing::new(cx.app.random::<SECRET_LEN>());
    let pending = Pending {
        secret: Zeroizing::new(base64url::encode(&secret[..])),
        user: current.user.id,
        browser: base64url::encode(browser.binding()),
        expires_at: cx.now.after(LIFETIME),
    };
    show(cx, current, &pending).ok_or(EnrolError::OutOfDate)
}

/// The same page again, after a code that was wrong. `None` if the page does not count any more.
pub fn again(cx: &Cx, current: &Current, browser: &BrowserSecret, sealed: &str) -> Option<Enrolment> {
    show(cx, current, &Pending::open(cx, current, browser, sealed)?)
}

fn show(cx: &Cx, current: &Current, pending: &Pending) -> Option<Enrolment> {
    let totp = pending.totp()?;
    let issuer = url::Url::parse(&cx.app.config.issuer).ok()?;
    let uri = otpauth_uri(&totp, issuer.host_str()?, current.user.username.as_str()).ok()?;
    let plain = Zeroizing::new(serde_json::to_vec(pending).ok()?);
    Some(Enrolment {
        qr: qr::svg(&uri, "").ok()?,
        secret: totp.secret().to_base32_grouped(),
        uri,
        sealed: sealed::seal(cx, SEAL_CONTEXT, &plain).ok()?,
    })
}

/// Stores the secret, once the person has shown that their app has it.
///
/// # Errors
/// See [`EnrolError`].
pub async fn enrol(
    cx: &Cx,
    current: &Current,
    browser: &BrowserSecret,
    new: NewTotp<'_>,
) -> Result<Authenticator, EnrolError> {
    let allowed = &authorize_recent(cx, Action::AddAuthenticator, current).await?;
    let pending = &Pending::open(cx, current, browser, new.sealed).ok_or(EnrolError::OutOfDate)?;
    let name = new.name.parse().map_err(AddError::from)?;
    let totp = pending.totp().ok_or(EnrolError::OutOfDate)?;
    // The code that enrols the app is used: it opens no login.
    let counter = first_step(cx, &totp, new.code).ok_or(EnrolError::WrongCode)?;
    let (user_id, id) = (current.user.id, AuthenticatorId::from_random(cx.app.random()));
    let kind = AuthenticatorKind::Totp(seal_totp(cx, Place::Totp(user_id, id), &totp));
    let authenticator =
        &Authenticator { id, user_id, name, kind, counter, created_at: cx.now, last_used_at: None };
    allowed
        .write(|tx| async move {
            if !tx.spent().spend(SPENT, &pending.digest(), pending.expires_at).await? {
                return Err(EnrolError::OutOfDate);
            }
            Ok(add_within(allowed, &tx, current, authenticator).await?)
        })
        .await?;
    Ok(authenticator.clone())
}

impl Pending {
    fn open(cx: &Cx, current: &Current, browser: &BrowserSecret, text: &str) -> Option<Self> {
        let pending: Self = serde_json::from_slice(&sealed::open(cx, SEAL_CONTEXT, text)?).ok()?;
        let counts = pending.user == current.user.id
            && pending.browser == base64url::encode(browser.binding())
            && cx.now < pending.expires_at;
        counts.then_some(pending)
    }

    fn totp(&self) -> Option<Totp> {
        let secret = Zeroizing::new(base64url::decode(&self.secret).ok()?);
        // What every app can do.
        Some(Totp::new(Secret::new(&secret).ok()?, Algorithm::Sha1, Digits::Six, Period::Seconds30))
    }

    fn digest(&self) -> tessera_model::Digest {
        tessera_model::Digest::new(tessera_jose::digest::sha256(self.secret.as_bytes()))
    }
}
