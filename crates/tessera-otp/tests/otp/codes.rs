//! Properties of verification and of the texts around it.

use proptest::prelude::*;
use tessera_otp::{Algorithm, Code, Digits, Hotp, Period, Secret, Totp, TotpState, base32, otpauth_uri};

fn algorithm() -> impl Strategy<Value = Algorithm> {
    prop_oneof![Just(Algorithm::Sha1), Just(Algorithm::Sha256), Just(Algorithm::Sha512)]
}

fn digits() -> impl Strategy<Value = Digits> {
    prop_oneof![Just(Digits::Six), Just(Digits::Eight)]
}

fn secret() -> impl Strategy<Value = Secret> {
    proptest::collection::vec(any::<u8>(), 16..=64)
        .prop_filter_map("uniform", |bytes| Secret::new(&bytes).ok())
}

fn hotp() -> impl Strategy<Value = Hotp> {
    (secret(), algorithm(), digits())
        .prop_map(|(secret, algorithm, digits)| Hotp::new(secret, algorithm, digits))
}

fn totp() -> impl Strategy<Value = Totp> {
    let period = prop_oneof![Just(Period::Seconds30), Just(Period::Seconds60)];
    (secret(), algorithm(), digits(), period)
        .prop_map(|(secret, algorithm, digits, period)| Totp::new(secret, algorithm, digits, period))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn l19_a_used_step_never_matches_again(
        totp in totp(),
        now in 0_u64..1 << 40,
        drift in -2000_i64..2000,
        later in -100_000_i64..100_000,
        allowed in 0_u8..5,
    ) {
        let state = TotpState { drift, last_step: None };
        let step = totp.step_at(now).saturating_add_signed(drift);
        let code = totp.code(step);
        let found = totp.verify(&code, now, &state, allowed).expect("the present code matches");
        prop_assert!(found.step >= step);
        // Whatever the clock does and whichever drift is believed, only a step after it can match.
        let now = now.saturating_add_signed(later);
        for state in [TotpState { last_step: Some(found.step), ..state }, found.state()] {
            if let Some(again) = totp.verify(&code, now, &state, allowed) {
                prop_assert!(again.step > found.step);
            }
        }
    }

    #[test]
    fn l19_a_step_matches_within_the_drift_and_nowhere_else(
        totp in totp(),
        now in 1_u64 << 20..1 << 40,
        drift in -2000_i64..2000,
        offset in -8_i64..=8,
        allowed in 0_u8..5,
    ) {
        let state = TotpState { drift, last_step: None };
        let present = totp.step_at(now).saturating_add_signed(drift);
        let step = present.saturating_add_signed(offset);
        let found = totp.verify(&totp.code(step), now, &state, allowed);
        if offset.abs() <= i64::from(allowed) {
            let found = found.expect("within the window");
            prop_assert_eq!(totp.code(found.step).reveal(), totp.code(step).reveal());
            prop_assert_eq!(totp.step_at(now).saturating_add_signed(found.drift), found.step);
        } else if let Some(found) = found {
            // Another step of the window happens to have the same code.
            prop_assert!(found.step.abs_diff(present) <= u64::from(allowed));
            prop_assert_eq!(totp.code(found.step).reveal(), totp.code(step).reveal());
        }
    }

    #[test]
    fn r08_after_resynchronisation_the_next_code_matches(
        totp in totp(),
        now in 1_u64 << 30..1 << 40,
        wrong_by in -500_i64..500,
    ) {
        let step = totp.step_at(now).saturating_add_signed(wrong_by);
        let pair = [&totp.code(step - 1), &totp.code(step)];
        let found = totp.resynchronise(pair, now, &TotpState::default(), 501).expect("within the window");
        prop_assert!(found.step >= step);
        let next = totp.code(found.step + 1);
        let later = now + totp.period().seconds();
        prop_assert!(totp.verify(&next, later, &found.state(), 0).is_some());
        prop_assert!(totp.resynchronise(pair, later, &found.state(), 501).is_none_or(|again| again.step > found.step));
    }

    #[test]
    fn r08_a_used_counter_never_matches_again(
        hotp in hotp(),
        next in 0_u64..1 << 60,
        pressed in 0_u64..20,
        look_ahead in 0_u8..20,
    ) {
        let code = hotp.code(next + pressed);
        match hotp.verify(&code, next, look_ahead) {
            Some(counter) => {
                prop_assert!((next..=next + u64::from(look_ahead)).contains(&counter));
                prop_assert!(hotp.verify(&code, counter + 1, look_ahead).is_none_or(|again| again > counter));
            }
            None => prop_assert!(pressed > u64::from(look_ahead)),
        }
    }

    #[test]
    fn r08_a_hotp_device_far_ahead_comes_back(hotp in hotp(), next in 0_u64..1 << 60, ahead in 0_u64..300) {
        let (first, second) = (hotp.code(next + ahead), hotp.code(next + ahead + 1));
        let found = hotp.resynchronise([&first, &second], next, 300).expect("within the window");
        prop_assert!(found > next && found <= next + ahead + 1);
        if found == next + ahead + 1 {
            prop_assert!(hotp.verify(&hotp.code(found + 1), found + 1, 0).is_some());
        }
    }

    #[test]
    fn codes_are_read_as_they_are_shown(hotp in hotp(), counter in 0_u64..1000, spaces in proptest::collection::vec(0_usize..9, 0..4)) {
        let mut typed = hotp.code(counter).reveal().to_string();
        for place in spaces {
            typed.insert(place.min(typed.len()), ' ');
        }
        let code = Code::parse(&typed, hotp.digits()).expect("what is shown can be typed");
        prop_assert_eq!(hotp.verify(&code, counter, 0), Some(counter));
    }

    #[test]
    fn no_typed_text_panics(text in any::<String>(), digits in digits()) {
        if let Ok(code) = Code::parse(&text, digits) {
            prop_assert_eq!(text.replace(' ', ""), code.reveal().to_string());
        }
        let _ = Secret::from_base32(&text);
    }

    #[test]
    fn base32_goes_there_and_back(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        let text = base32::encode(&bytes);
        prop_assert_eq!(base32::decode(&text).expect("our own text").to_vec(), &bytes[..]);
        let grouped = base32::encode_grouped(&bytes).to_lowercase();
        prop_assert_eq!(base32::decode(&grouped).expect("our own text").to_vec(), &bytes[..]);
    }

    #[test]
    fn base32_has_one_text_for_each_bytes(text in "[A-Z2-7]{0,40}") {
        if let Ok(bytes) = base32::decode(&text) {
            prop_assert_eq!(base32::encode(&bytes).to_string(), text);
        }
    }

    #[test]
    fn s18_any_name_leaves_the_uri_whole(totp in totp(), issuer in ".{1,40}", account in ".{1,40}") {
        let Ok(uri) = otpauth_uri(&totp, &issuer, &account) else { return Ok(()) };
        prop_assert!(uri.bytes().all(|byte| byte.is_ascii_graphic()));
        let (label, query) = uri.strip_prefix("otpauth://totp/").and_then(|rest| rest.split_once('?')).expect("one query");
        prop_assert_eq!(label.matches(':').count(), 1);
        let names: Vec<&str> = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, _)| name).collect();
        prop_assert_eq!(names, ["secret", "issuer", "algorithm", "digits", "period"]);
    }
}
