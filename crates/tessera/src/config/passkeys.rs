//! `[passkeys]`: the domain that passkeys and security keys belong to.

use tessera_app::passkeys::{Passkeys, default_rp_id};

use super::document::Document;
use super::key::{Fallback, Key, Section, ValueKind};

const RP_ID: &str = "passkeys.rp_id";

pub(super) static KEYS: Section<Passkeys> = Section {
    name: "passkeys",
    doc: "Passkeys and security keys (WebAuthn).",
    keys: &[Key {
        name: RP_ID,
        kind: ValueKind::Text {
            values: "`domain`",
            set: |passkeys, text| {
                passkeys.rp_id = Some(text.to_owned());
                Ok(())
            },
        },
        default: Fallback::Unset { means: "the host of `issuer`", example: "example.com" },
        doc: "The domain that passkeys belong to: the host of `issuer`, or a domain above it. Choose it once: if it changes, no passkey and no security key works any more. An issuer without a domain has no passkeys.",
    }],
};

/// Checks the domain against the issuer.
pub(super) fn check(passkeys: &Passkeys, issuer: &str, document: &mut Document<'_>) {
    let Some(rp_id) = &passkeys.rp_id else { return };
    let host = default_rp_id(issuer).unwrap_or_default();
    let is_above = host.strip_suffix(rp_id.as_str()).is_some_and(|rest| rest.ends_with('.'));
    if *rp_id != host && !(is_above && rp_id.contains('.')) {
        document.refuse(RP_ID, format!("is neither the host of issuer nor a domain above it: browsers would refuse every passkey. The host is {host:?}"));
    }
}
