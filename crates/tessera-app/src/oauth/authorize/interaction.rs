//! What the person still has to do for a request. The first check that applies names the next step.

use tessera_model::{Client, ClientKind, Consent};
use tessera_oauth::error::ErrorCode;
use tessera_oauth::redirect::is_private_use;

use super::super::flow::Flow;
use super::super::id_token_hint;
use crate::Cx;
use crate::sessions::Current;

/// The next step of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::oauth) enum Step {
    /// The person logs in.
    Login,
    /// The person who is logged in proves something more.
    ProveMore,
    /// The person confirms the account that is logged in, or chooses another.
    ChooseAccount,
    /// The person allows the client.
    Consent,
    /// Nothing that the person can do helps. The client gets this error.
    Refuse(ErrorCode),
    /// The client gets a code.
    Approve,
}

/// The facts that the checks look at.
#[derive(Clone, Copy, Debug)]
pub(in crate::oauth) struct Facts {
    /// No page may be shown (`prompt=none`).
    silent: bool,
    has_session: bool,
    /// The person logged in for this very request.
    freshly_logged_in: bool,
    /// The person chose this session for this very request (`prompt=select_account`).
    chosen: bool,
    hint: Hint,
    /// The login is older than `max_age`.
    login_too_old: bool,
    level: Level,
    wants_login: bool,
    wants_account_choice: bool,
    /// Other programs on the device may claim the redirect URI (RFC 8252 section 8.6). Without an action of the person, any of
    /// them could get a code unnoticed.
    claimable: bool,
    /// The request asks for consent, or the client requires it and the remembered consent does not cover the request.
    wants_consent: bool,
}

/// The person that `id_token_hint` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hint {
    Nobody,
    ThisPerson,
    AnotherPerson,
    /// The hint is not a valid ID token of ours.
    Unreadable,
}

/// What the session lacks for the levels that the request wants (`acr_values`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::oauth) enum Level {
    /// Nothing, or nothing that the person could prove.
    Enough,
    /// Something that the person can prove.
    Missing,
    /// Something that is required, and that the person cannot prove.
    OutOfReach,
}

/// One check: when it applies, the step that follows, and the error for the client if no page may be shown.
struct Check {
    name: &'static str,
    applies: fn(&Facts) -> bool,
    step: Step,
    silently: ErrorCode,
}

const CHECKS: [Check; 11] = [
    Check {
        name: "silent_native_app",
        applies: |facts| facts.silent && facts.claimable,
        step: Step::Consent,
        silently: ErrorCode::InteractionRequired,
    },
    Check {
        name: "session",
        applies: |facts| !facts.has_session,
        step: Step::Login,
        silently: ErrorCode::LoginRequired,
    },
    Check {
        name: "id_token_hint",
        // An unreadable hint asks for one new login, by anybody.
        applies: |facts| {
            !facts.freshly_logged_in && matches!(facts.hint, Hint::AnotherPerson | Hint::Unreadable)
        },
        step: Step::Login,
        silently: ErrorCode::LoginRequired,
    },
    Check {
        name: "max_age",
        applies: |facts| !facts.freshly_logged_in && facts.login_too_old,
        step: Step::Login,
        silently: ErrorCode::LoginRequired,
    },
    Check {
        name: "prompt_login",
        applies: |facts| !facts.freshly_logged_in && facts.wants_login,
        step: Step::Login,
        silently: ErrorCode::LoginRequired,
    },
    Check {
        name: "prompt_select_account",
        applies: |facts| facts.wants_account_choice && !facts.has_acted(),
        step: Step::ChooseAccount,
        silently: ErrorCode::LoginRequired,
    },
    Check {
        name: "expected_person",
        // Another person than the expected one has logged in (OIDC core section 3.1.2.1).
        applies: |facts| facts.hint == Hint::AnotherPerson,
        step: Step::Refuse(ErrorCode::LoginRequired),
        silently: ErrorCode::LoginRequired,
    },
    Check {
        name: "level_out_of_reach",
        applies: |facts| facts.level == Level::OutOfReach,
        step: Step::Refuse(ErrorCode::UnmetAuthenticationRequirements),
        silently: ErrorCode::UnmetAuthenticationRequirements,
    },
    Check {
        name: "level",
        applies: |facts| facts.level == Level::Missing,
        step: Step::ProveMore,
        silently: ErrorCode::InteractionRequired,
    },
    Check {
        name: "native_app",
        applies: |facts| facts.claimable && !facts.has_acted(),
        step: Step::Consent,
        silently: ErrorCode::ConsentRequired,
    },
    Check {
        name: "consent",
        applies: |facts| facts.wants_consent,
        step: Step::Consent,
        silently: ErrorCode::ConsentRequired,
    },
];

/// The next step, and the name of the check that asks for it.
pub(in crate::oauth) fn next_step(facts: &Facts) -> (&'static str, Step) {
    match CHECKS.iter().find(|check| (check.applies)(facts)) {
        None => ("none", Step::Approve),
        Some(check) if facts.silent => (check.name, Step::Refuse(check.silently)),
        Some(check) => (check.name, check.step),
    }
}

impl Facts {
    /// Gathers the facts. `consent` is the remembered consent of the person for the client, `level` what their session lacks.
    pub(super) fn of(
        cx: &Cx,
        (flow, client): (&Flow, &Client),
        current: Option<&Current>,
        (consent, level): (Option<&Consent>, Level),
    ) -> Self {
        let request = &flow.request;
        let session = current.map(|current| current.session.id);
        let is_current = |other| session.is_some() && session == other;
        let age = current.map(|current| cx.now.since(current.session.authentication.auth_time()).as_secs());
        let allowed = consent.is_some_and(|consent| request.scope.is_subset(&consent.scope));
        Self {
            silent: request.prompt.is_silent(),
            has_session: session.is_some(),
            freshly_logged_in: is_current(flow.fresh_login),
            chosen: is_current(flow.chosen),
            hint: hint(cx, flow, current),
            login_too_old: request.max_age.zip(age).is_some_and(|(max, age)| max == 0 || age > max),
            level,
            wants_login: request.prompt.login(),
            wants_account_choice: request.prompt.select_account(),
            claimable: is_claimable(client, request.redirect_uri.as_deref().unwrap_or_default()),
            wants_consent: request.prompt.consent() || (client.settings.require_consent && !allowed),
        }
    }

    const fn has_acted(&self) -> bool {
        self.freshly_logged_in || self.chosen
    }
}

fn hint(cx: &Cx, flow: &Flow, current: Option<&Current>) -> Hint {
    let Some(token) = &flow.request.id_token_hint else { return Hint::Nobody };
    match id_token_hint::subject(cx, token) {
        None => Hint::Unreadable,
        Some(subject) if current.is_some_and(|current| current.user.id.to_string() == subject) => {
            Hint::ThisPerson
        }
        Some(_) => Hint::AnotherPerson,
    }
}

fn is_claimable(client: &Client, redirect_uri: &str) -> bool {
    is_private_use(redirect_uri) || (client.kind == ClientKind::Native && !redirect_uri.starts_with("https:"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A request that needs nothing more from the person.
    const READY: Facts = Facts {
        silent: false,
        has_session: true,
        freshly_logged_in: false,
        chosen: false,
        hint: Hint::Nobody,
        login_too_old: false,
        level: Level::Enough,
        wants_login: false,
        wants_account_choice: false,
        claimable: false,
        wants_consent: false,
    };

    #[test]
    fn each_check_names_its_step() {
        let login = (Step::Login, ErrorCode::LoginRequired);
        let consent = (Step::Consent, ErrorCode::ConsentRequired);
        let refused = (Step::Refuse(ErrorCode::LoginRequired), ErrorCode::LoginRequired);
        let has_acted = Facts { freshly_logged_in: true, ..READY };
        let table = [
            ("session", Facts { has_session: false, ..READY }, login),
            ("id_token_hint", Facts { hint: Hint::AnotherPerson, ..READY }, login),
            ("id_token_hint", Facts { hint: Hint::Unreadable, ..READY }, login),
            ("max_age", Facts { login_too_old: true, ..READY }, login),
            ("prompt_login", Facts { wants_login: true, ..READY }, login),
            (
                "prompt_select_account",
                Facts { wants_account_choice: true, ..READY },
                (Step::ChooseAccount, ErrorCode::LoginRequired),
            ),
            ("expected_person", Facts { hint: Hint::AnotherPerson, ..has_acted }, refused),
            ("consent", Facts { wants_consent: true, ..READY }, consent),
            ("consent", Facts { wants_consent: true, ..has_acted }, consent),
        ];
        for (name, facts, (step, silently)) in table {
            assert_eq!(next_step(&facts), (name, step), "{facts:?}");
            let silent = Facts { silent: true, ..facts };
            assert_eq!(next_step(&silent), (name, Step::Refuse(silently)), "{silent:?}");
        }
        let missing = Facts { level: Level::Missing, ..has_acted };
        assert_eq!(next_step(&missing), ("level", Step::ProveMore));
        let silent = Facts { silent: true, ..missing };
        assert_eq!(next_step(&silent), ("level", Step::Refuse(ErrorCode::InteractionRequired)));
        let unmet = Step::Refuse(ErrorCode::UnmetAuthenticationRequirements);
        let out_of_reach = Facts { level: Level::OutOfReach, ..has_acted };
        assert_eq!(next_step(&out_of_reach), ("level_out_of_reach", unmet));
        assert_eq!(next_step(&Facts { silent: true, ..out_of_reach }), ("level_out_of_reach", unmet));
        let native = Facts { claimable: true, ..READY };
        assert_eq!(next_step(&native), ("native_app", Step::Consent));
        assert_eq!(next_step(&Facts { chosen: true, ..native }), ("none", Step::Approve));
        let silent = Facts { silent: true, chosen: true, ..native };
        assert_eq!(next_step(&silent), ("silent_native_app", Step::Refuse(ErrorCode::InteractionRequired)));
        for done in [
            READY,
            Facts { hint: Hint::ThisPerson, ..READY },
            Facts { login_too_old: true, wants_login: true, wants_account_choice: true, ..has_acted },
        ] {
            assert_eq!(next_step(&done), ("none", Step::Approve), "{done:?}");
        }
    }

    fn facts() -> impl Strategy<Value = Facts> {
        let hint = prop_oneof![
            Just(Hint::Nobody),
            Just(Hint::ThisPerson),
            Just(Hint::AnotherPerson),
            Just(Hint::Unreadable)
        ];
        let level = prop_oneof![Just(Level::Enough), Just(Level::Missing), Just(Level::OutOfReach)];
        (any::<[bool; 9]>(), hint, level).prop_map(|(set, hint, level)| Facts {
            level,
            silent: set[0],
            has_session: set[1],
            freshly_logged_in: set[1] && set[2],
            chosen: set[1] && set[3],
            hint,
            login_too_old: set[4],
            wants_login: set[5],
            wants_account_choice: set[6],
            claimable: set[7],
            wants_consent: set[8],
        })
    }

    proptest! {
        #[test]
        fn nobody_gets_a_code_without_a_session_or_for_another_person(facts in facts()) {
            let (name, step) = next_step(&facts);
            if step == Step::Approve {
                prop_assert!(facts.has_session && facts.hint != Hint::AnotherPerson, "{name}");
                prop_assert!(!facts.wants_consent && facts.level == Level::Enough, "{name}");
                prop_assert!(facts.freshly_logged_in || !(facts.wants_login || facts.login_too_old), "{name}");
            }
            if facts.silent {
                prop_assert!(matches!(step, Step::Refuse(_) | Step::Approve), "{name}");
            }
        }
    }
}
