//! The claims that `user add` and `user update` set (OIDC core section 5.1).

use tessera_oauth::claims::{Address, ProfileClaims};

#[derive(Debug, clap::Args)]
pub(super) struct ClaimArgs {
    /// Display name
    #[arg(long)]
    pub(super) name: Option<String>,
    /// E-mail address
    #[arg(long)]
    pub(super) email: Option<String>,
    /// The e-mail address is verified
    #[arg(long)]
    pub(super) email_verified: bool,
    /// Given name
    #[arg(long, value_name = "NAME")]
    given_name: Option<String>,
    /// Family name
    #[arg(long, value_name = "NAME")]
    family_name: Option<String>,
    /// Middle name
    #[arg(long, value_name = "NAME")]
    middle_name: Option<String>,
    /// Nickname
    #[arg(long, value_name = "NAME")]
    nickname: Option<String>,
    /// URL of a picture
    #[arg(long, value_name = "URL")]
    picture: Option<String>,
    /// URL of a profile page
    #[arg(long, value_name = "URL")]
    profile: Option<String>,
    /// URL of their website
    #[arg(long, value_name = "URL")]
    website: Option<String>,
    /// Gender: female, male, or another word
    #[arg(long)]
    gender: Option<String>,
    /// Birthday as YYYY-MM-DD, 0000-MM-DD or YYYY
    #[arg(long, value_name = "DATE")]
    birthdate: Option<String>,
    /// Time zone, such as Europe/Paris
    #[arg(long)]
    zoneinfo: Option<String>,
    /// Language, such as fr-CA
    #[arg(long)]
    locale: Option<String>,
    /// Telephone number: + and digits
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// The telephone number is verified
    #[arg(long)]
    phone_verified: bool,
    /// The whole postal address, as on an envelope
    #[arg(long, value_name = "TEXT")]
    address: Option<String>,
    /// Street and house number
    #[arg(long, value_name = "TEXT")]
    street_address: Option<String>,
    /// Town
    #[arg(long, value_name = "TEXT")]
    locality: Option<String>,
    /// State or region
    #[arg(long, value_name = "TEXT")]
    region: Option<String>,
    /// Postal code
    #[arg(long, value_name = "TEXT")]
    postal_code: Option<String>,
    /// Country
    #[arg(long, value_name = "TEXT")]
    country: Option<String>,
}

impl ClaimArgs {
    pub(super) fn claims(&self) -> ProfileClaims {
        let address = Address {
            formatted: self.address.clone(),
            street_address: self.street_address.clone(),
            locality: self.locality.clone(),
            region: self.region.clone(),
            postal_code: self.postal_code.clone(),
            country: self.country.clone(),
        };
        ProfileClaims {
            given_name: self.given_name.clone(),
            family_name: self.family_name.clone(),
            middle_name: self.middle_name.clone(),
            nickname: self.nickname.clone(),
            profile: self.profile.clone(),
            picture: self.picture.clone(),
            website: self.website.clone(),
            gender: self.gender.clone(),
            birthdate: self.birthdate.clone(),
            zoneinfo: self.zoneinfo.clone(),
            locale: self.locale.clone(),
            phone_number: self.phone.clone(),
            phone_number_verified: self.phone_verified.then_some(true),
            address: Some(address).filter(|address| *address != Address::default()),
        }
    }
}
