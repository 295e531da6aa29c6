//! `aud` as it is read.

use std::borrow::Cow;

use tessera_jose::json::{JsonError, Reader};

use crate::claims::MAX_AUDIENCES;

/// `aud`: one audience, or a list of 1 to [`MAX_AUDIENCES`] (RFC 7519 section 4.1.3). None of them is empty.
#[derive(Debug)]
pub enum Audiences<'a> {
    /// Written as a string.
    One(Cow<'a, str>),
    /// Written as a list.
    Many(Vec<Cow<'a, str>>),
}

impl<'a> Audiences<'a> {
    /// Whether exactly this audience is named, byte for byte.
    #[inline]
    pub fn contains(&self, audience: &str) -> bool {
        self.as_slice().iter().any(|name| name == audience)
    }

    /// The audiences in order.
    #[inline]
    pub const fn as_slice(&self) -> &[Cow<'a, str>] {
        match self {
            Self::One(only) => std::slice::from_ref(only),
            Self::Many(many) => many.as_slice(),
        }
    }

    pub(super) fn read(value: &mut Reader<'a>) -> Result<Self, JsonError> {
        let not_empty =
            |name: Cow<'a, str>| if name.is_empty() { Err(JsonError::WrongType) } else { Ok(name) };
        if !value.at_array() {
            return value.string().and_then(not_empty).map(Self::One);
        }
        let mut names = Vec::new();
        value.array(|name| {
            if names.len() == MAX_AUDIENCES {
                return Err(JsonError::WrongType);
            }
            names.push(not_empty(name.string()?)?);
            Ok(())
        })?;
        if names.is_empty() { Err(JsonError::WrongType) } else { Ok(Self::Many(names)) }
    }
}
