use proptest::prelude::*;

use super::*;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn parse(form: &str) -> Result<AuthorizationRequest, OAuthError> {
    let params = Params::parse(form.as_bytes()).unwrap();
    AuthorizationRequest::parse(ClientPart::parse(&params)?, &params)
}

fn refused(form: &str) -> ErrorCode {
    parse(&format!("client_id=web&response_type=code&{form}"))
        .map_or_else(|error| error.code(), |_| panic!("{form}"))
}

fn accepted(form: &str) -> AuthorizationRequest {
    parse(&format!("client_id=web&response_type=code&{form}")).unwrap()
}

#[test]
fn a_full_request_reads_back_in_any_order_and_ignores_what_it_does_not_know() {
    let mut pairs = vec![
        "client_id=web".to_owned(),
        "redirect_uri=https%3A%2F%2Frp.example%2Fcb%3Fx%3D1".to_owned(),
        "response_type=code".to_owned(),
        "response_mode=form_post".to_owned(),
        "scope=openid+email".to_owned(),
        "state=a%26b%0D%0A%3Cscript%3E".to_owned(),
        "nonce=n-0S6_WzA2Mj".to_owned(),
        format!("code_challenge={CHALLENGE}"),
        "code_challenge_method=S256".to_owned(),
        "prompt=login+consent".to_owned(),
        "max_age=0".to_owned(),
        "login_hint=ana".to_owned(),
        "ui_locales=de-DE+de".to_owned(),
        "acr_values=aal2".to_owned(),
        "resource=https%3A%2F%2Fapi.example".to_owned(),
        "resource=urn:x".to_owned(),
        "display=popup".to_owned(),
        "claims_locales=se".to_owned(),
        "extra=foobar".to_owned(),
    ];
    let request = parse(&pairs.join("&")).unwrap();
    assert_eq!(request.redirect_uri.as_deref(), Some("https://rp.example/cb?x=1"));
    assert_eq!(request.state.as_deref(), Some("a&b\r\n<script>"));
    assert_eq!(request.response_mode, ResponseMode::FormPost);
    assert_eq!(request.scope.to_string(), "openid email");
    assert_eq!(request.code_challenge.as_ref().map(CodeChallenge::as_str), Some(CHALLENGE));
    assert!(request.prompt.login() && request.prompt.consent() && !request.prompt.is_silent());
    assert_eq!(request.max_age, Some(0));
    assert_eq!(request.ui_locales, ["de-DE", "de"]);
    assert_eq!(request.resource.len(), 2);
    let json = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<AuthorizationRequest>(&json).unwrap(), request);
    pairs[..14].reverse();
    assert_eq!(parse(&pairs.join("&")).unwrap(), request);
}

#[test]
fn the_first_phase_knows_where_an_error_of_the_second_goes() {
    let params = Params::parse(
        b"client_id=web&redirect_uri=https://rp/cb&state=s&response_mode=form_post&response_type=token",
    );
    let client = ClientPart::parse(&params.unwrap()).unwrap();
    assert_eq!((client.state.as_deref(), client.response_mode), (Some("s"), ResponseMode::FormPost));
    for bad in
        ["", "client_id=", "client_id=a%20b", "client_id=%C3%A9", &format!("client_id={}", "c".repeat(129))]
    {
        let params = Params::parse(bad.as_bytes()).unwrap();
        assert_eq!(ClientPart::parse(&params).unwrap_err().code(), ErrorCode::InvalidRequest, "{bad}");
    }
}

#[test]
fn o37_the_refusal_of_a_request_object_travels_as_the_object_says() {
    let part = |form: &str| ClientPart::parse(&Params::parse(form.as_bytes()).unwrap()).unwrap();
    let object = |payload: &str| format!("e30.{}.", tessera_jose::base64url::encode(payload));
    let full = object(r#"{"state":"inner","response_mode":"form_post","client_id":"other","x":[1]}"#);
    let told = |form: &str| {
        let part = part(form);
        (part.state, part.response_mode)
    };
    let inner = (Some("inner".to_owned()), ResponseMode::FormPost);
    assert_eq!(told(&format!("client_id=web&request={full}")), inner);
    let outer = (Some("outer".to_owned()), ResponseMode::Query);
    assert_eq!(told(&format!("client_id=web&state=outer&response_mode=query&request={full}")), outer);
    for none in [
        "x".to_owned(),
        "e30..".to_owned(),
        object("[]"),
        object(r#"{"state":1,"response_mode":"form_post"}"#),
        object(r#"{"state":"a","state":"b"}"#),
        format!("{full}.x"),
        object(&format!(r#"{{"state":"{}"}}"#, "s".repeat(9_000))),
    ] {
        let found = told(&format!("client_id=web&request={none}"));
        assert_eq!(found, (None, ResponseMode::Query), "{none:.80}");
    }
    assert_eq!(part(&format!("client_id=web&request={full}")).client_id, "web");
}

#[test]
fn o05_pkce_parameters_are_all_or_nothing() {
    assert_eq!(refused(&format!("code_challenge={CHALLENGE}")), ErrorCode::InvalidRequest);
    assert_eq!(
        refused(&format!("code_challenge={CHALLENGE}&code_challenge_method=plain")),
        ErrorCode::InvalidRequest
    );
    assert_eq!(refused("code_challenge_method=S256"), ErrorCode::InvalidRequest);
    assert_eq!(refused("code_challenge=short&code_challenge_method=S256"), ErrorCode::InvalidRequest);
    assert_eq!(accepted("").code_challenge, None);
}

#[test]
fn o19_state_comes_back_whole_or_is_refused() {
    let longest = "s".repeat(MAX_STATE_LEN);
    assert_eq!(accepted(&format!("state={longest}")).state, Some(longest.clone()));
    assert_eq!(refused(&format!("state={longest}s")), ErrorCode::InvalidRequest);
    assert_eq!(accepted("state=").state, None);
    assert_eq!(accepted(&format!("nonce={}", "n".repeat(384))).nonce.map(|n| n.len()), Some(384));
    assert_eq!(refused(&format!("nonce={}", "n".repeat(MAX_NONCE_LEN + 1))), ErrorCode::InvalidRequest);
}

#[test]
fn o37_request_objects_are_refused_and_never_ignored() {
    assert_eq!(refused("request=eyJhbGciOiJub25lIn0.e30."), ErrorCode::RequestNotSupported);
    assert_eq!(refused("request_uri=https%3A%2F%2Fattacker.example"), ErrorCode::RequestUriNotSupported);
    assert_eq!(refused("registration=%7B%7D"), ErrorCode::RegistrationNotSupported);
}

#[test]
fn o61_only_two_response_modes() {
    for mode in ["fragment", "query.jwt", "form_post.jwt", "web_message", "Query", "javascript:"] {
        assert_eq!(refused(&format!("response_mode={mode}")), ErrorCode::InvalidRequest, "{mode}");
    }
    assert_eq!(accepted("response_mode=query").response_mode, ResponseMode::Query);
}

#[test]
fn o62_only_the_code_flow() {
    for other in
        ["token", "id_token", "code+token", "code+id_token", "id_token+token", "none", "Code", "code+code"]
    {
        let error = parse(&format!("client_id=web&response_type={other}")).unwrap_err();
        assert_eq!(error.code(), ErrorCode::UnsupportedResponseType, "{other}");
    }
    assert_eq!(parse("client_id=web").unwrap_err().code(), ErrorCode::InvalidRequest);
}

#[test]
fn o63_contradictory_prompts_and_impossible_ages() {
    for prompt in ["none+login", "login+none", "create", "Login", "none+x"] {
        assert_eq!(refused(&format!("prompt={prompt}")), ErrorCode::InvalidRequest, "{prompt}");
    }
    for age in ["-1", "1e20", "abc", "1.5", "%2B5", "99999999999999999999999", "0x1"] {
        assert_eq!(refused(&format!("max_age={age}")), ErrorCode::InvalidRequest, "{age}");
    }
    assert!(accepted("prompt=none").prompt.is_silent());
    assert!(accepted("prompt=select_account").prompt.select_account());
    assert_eq!(accepted("max_age=10000").max_age, Some(10_000));
}

#[test]
fn what_is_not_supported_changes_nothing() {
    let plain = accepted("");
    for pair in ["claims=%7B%22id_token%22%3A%7B%7D%7D", "claims=%7B", "display=page"] {
        assert_eq!(accepted(pair), plain, "{pair}");
    }
}

#[test]
fn hints_never_fail_a_request() {
    let long = "x".repeat(5000);
    let request =
        accepted(&format!("login_hint={long}&acr_values={long}++aal2&ui_locales=xx+{long}&display=page"));
    assert_eq!(request.acr_values, ["aal2"]);
    assert_eq!(accepted(&format!("acr_values={}", "x+".repeat(20))).acr_values.len(), 8);
    assert_eq!((request.login_hint, request.ui_locales), (None, vec!["xx".to_owned()]));
}

#[test]
fn scope_and_resource_have_their_own_codes() {
    assert_eq!(refused("scope=a%22b"), ErrorCode::InvalidScope);
    assert_eq!(refused("resource=%2Frelative"), ErrorCode::InvalidTarget);
    assert_eq!(refused("resource=https%3A%2F%2Fa%23f"), ErrorCode::InvalidTarget);
}

proptest! {
    #[test]
    fn any_value_of_any_parameter_is_answered_without_panic(
        name in prop::sample::select(vec!["scope", "state", "nonce", "prompt", "max_age", "resource", "code_challenge", "acr_values"]),
        value in any::<String>(),
    ) {
        let pair = form_urlencoded::Serializer::new(String::new()).append_pair(name, &value).finish();
        if let Ok(params) = Params::parse(format!("client_id=c&response_type=code&{pair}").as_bytes()) {
            let _ = AuthorizationRequest::parse(ClientPart::parse(&params).unwrap(), &params);
        }
    }
}
