//! Whatever bytes a seed file has, reading it ends, and never in a panic.

use proptest::prelude::*;
use tessera_otp::csv;
use tessera_otp::pskc::Unlock;

use crate::figures::{FIGURE_3, FIGURE_6, FIGURE_7, key_6, password_7};
use crate::forge::{container, read};

/// Reads to the end, whatever it is.
fn drain(file: &[u8]) {
    for unlock in [Unlock::Nothing, key_6(), password_7()] {
        if let Ok(reader) = tessera_otp::pskc::Reader::new(file, unlock) {
            reader.for_each(drop);
        }
    }
    for format in
        [csv::Format::default(), csv::Format { secret: csv::SecretText::Base32, ..csv::Format::default() }]
    {
        if let Ok(reader) = csv::Reader::new(file, format) {
            reader.for_each(drop);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        drain(&bytes);
    }

    #[test]
    fn no_text_within_a_file_panics(inner in "[<>/&;\"'= !\\[\\]?\\-#xA-Ka-k0-9\n]{0,200}") {
        drain(container(&inner).as_bytes());
        drain(format!("serial,secret\n{inner}").as_bytes());
    }

    #[test]
    fn no_damaged_file_panics(
        which in 0_usize..3,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        end in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = [FIGURE_3, FIGURE_6, FIGURE_7][which].as_bytes().to_vec();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if cut {
            bytes.truncate(end.index(bytes.len()));
        }
        drain(&bytes);
    }

    #[test]
    fn no_file_that_was_cut_off_is_whole(end in any::<prop::sample::Index>()) {
        let whole = FIGURE_6.as_bytes();
        prop_assert!(read(&whole[..end.index(whole.len())], key_6()).is_err());
    }
}
