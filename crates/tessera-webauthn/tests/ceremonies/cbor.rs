//! Writes CBOR as it is told to, sorted or not.

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Int(i64),
    Bytes(Vec<u8>),
    Text(&'static str),
    Array(Vec<Value>),
    Map(Vec<(Value, Value)>),
    /// An encoding that was made by hand.
    Raw(Vec<u8>),
}

impl Value {
    pub(crate) fn bytes(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }

    /// A map with texts as keys.
    pub(crate) fn named(members: Vec<(&'static str, Self)>) -> Self {
        Self::Map(members.into_iter().map(|(name, value)| (Self::Text(name), value)).collect())
    }

    /// A map with integers as keys.
    pub(crate) fn numbered(members: Vec<(i64, Self)>) -> Self {
        Self::Map(members.into_iter().map(|(number, value)| (Self::Int(number), value)).collect())
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Int(number) if *number < 0 => head(1, (-1 - number).unsigned_abs()),
            Self::Int(number) => head(0, number.unsigned_abs()),
            Self::Bytes(bytes) => [head(2, bytes.len() as u64), bytes.clone()].concat(),
            Self::Text(text) => [head(3, text.len() as u64), text.as_bytes().to_vec()].concat(),
            Self::Array(values) => values
                .iter()
                .fold(head(4, values.len() as u64), |encoded, value| [encoded, value.encode()].concat()),
            Self::Map(members) => {
                members.iter().fold(head(5, members.len() as u64), |encoded, (key, value)| {
                    [encoded, key.encode(), value.encode()].concat()
                })
            }
            Self::Raw(encoded) => encoded.clone(),
        }
    }
}

fn head(major: u8, argument: u64) -> Vec<u8> {
    let bytes = argument.to_be_bytes();
    match argument {
        0..24 => vec![major << 5 | bytes[7]],
        24..0x100 => vec![major << 5 | 0x18, bytes[7]],
        0x100..0x1_0000 => vec![major << 5 | 0x19, bytes[6], bytes[7]],
        0x1_0000..0x1_0000_0000 => [&[major << 5 | 0x1a], &bytes[4..]].concat(),
        _ => [&[major << 5 | 0x1b], &bytes[..]].concat(),
    }
}
