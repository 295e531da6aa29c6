// An independent relying party (openid-client of npm) against the demo issuer.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import * as openid from 'openid-client';

import { formOf, Person } from './person.mjs';
import { startDemo } from './server.mjs';

let demo;
let web;
let config;

before(async () => {
  demo = await startDemo();
  web = demo.clients['e2e-web'];
  config = await discover(web);
});
after(() => demo?.stop());

/** Discovery for this client. It checks the signatures of ID tokens, also where TLS would be enough. */
function discover(registered, method = openid.ClientSecretBasic, secret = registered.client_secret) {
  return openid.discovery(new URL(demo.issuer), registered.client_id, undefined, method(secret), {
    execute: [openid.allowInsecureRequests, openid.enableNonRepudiationChecks],
  });
}

/** The state that an application keeps between redirecting a person and getting them back. */
async function request(parameters = {}) {
  const verifier = openid.randomPKCECodeVerifier();
  const state = openid.randomState();
  const nonce = openid.randomNonce();
  const redirect = parameters.redirect_uri ?? web.redirect_uri;
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: redirect,
    scope: web.scope ?? 'openid',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...parameters,
  });
  return { url, redirect, checks: { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce } };
}

const alice = () => new Person(demo);

/** Takes `person` through login and consent, and returns the callback URL that they come back with. */
async function authorize(person, parameters) {
  const sent = await request(parameters);
  const { left, page } = await person.walk(sent.url, sent.redirect);
  assert.ok(left, `stuck at ${page?.url} (${page?.status}): ${page?.text}`);
  return { ...sent, callback: left };
}

async function logIn(parameters) {
  const { callback, checks } = await authorize(alice(), parameters);
  return openid.authorizationCodeGrant(config, callback, { ...checks, idTokenExpected: true });
}

const refusedWith = (error, status = 400) => (thrown) => {
  assert.equal(thrown.error ?? thrown.cause?.[0]?.parameters?.error, error, String(thrown.stack));
  assert.equal(thrown.status, status);
  return true;
};

const refresh = (token) => openid.refreshTokenGrant(config, token);

describe('discovery', () => {
  test('the issuer is the one that was asked for, and promises what it keeps', () => {
    const metadata = config.serverMetadata();
    assert.equal(metadata.issuer, demo.issuer);
    assert.ok(metadata.code_challenge_methods_supported.includes('S256'));
    assert.ok(!metadata.code_challenge_methods_supported.includes('plain'));
    assert.ok(metadata.id_token_signing_alg_values_supported.includes('RS256'));
    assert.ok(!metadata.id_token_signing_alg_values_supported.includes('none'));
    assert.equal(metadata.authorization_response_iss_parameter_supported, true);
  });

  test('the key set holds public keys only, each with its own kid', async () => {
    const { keys } = await (await fetch(config.serverMetadata().jwks_uri)).json();
    assert.ok(keys.length > 0);
    assert.equal(new Set(keys.map((key) => key.kid)).size, keys.length);
    for (const key of keys) {
      assert.ok(key.kid);
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) assert.ok(!(secret in key), `${secret} in ${key.kid}`);
    }
  });
});

describe('authorization code', () => {
  test('code and PKCE give an ID token that the library accepts', async () => {
    const tokens = await logIn();
    const claims = tokens.claims();
    assert.equal(claims.iss, demo.issuer);
    assert.deepEqual([claims.aud].flat(), [web.client_id]);
    assert.ok(claims.sub && claims.sub !== demo.username);
    assert.ok(Math.abs(claims.auth_time - Date.now() / 1000) < 120);
    assert.ok(claims.exp > claims.iat);
    assert.equal(tokens.token_type.toLowerCase(), 'bearer');
    assert.ok(tokens.expires_in > 0);
    assert.ok(tokens.refresh_token);
  });

  test('the access token is signed, typed and not for the application (RFC 9068)', async () => {
    const tokens = await logIn();
    const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
    const { payload } = await jwtVerify(tokens.access_token, keys, { issuer: demo.issuer, typ: 'at+jwt' });
    assert.equal(payload.sub, tokens.claims().sub);
    assert.equal(payload.client_id, web.client_id);
    assert.ok(payload.jti);
    assert.ok(![payload.aud].flat().includes(web.client_id));
    assert.notEqual(decodeProtectedHeader(tokens.id_token).typ, 'at+jwt');
  });

  test('any port of the loopback address is the same redirect URI (RFC 8252)', async () => {
    const redirect = new URL(web.redirect_uri);
    redirect.port = '49152';
    const { callback, checks } = await authorize(alice(), { redirect_uri: redirect.href });
    assert.equal(callback.port, '49152');
    const tokens = await openid.authorizationCodeGrant(config, callback, checks);
    assert.ok(tokens.access_token);
  });

  test('a second code exchange is refused and ends what the first one gave', async () => {
    const { callback, checks } = await authorize(alice());
    const tokens = await openid.authorizationCodeGrant(config, callback, checks);
    await assert.rejects(openid.authorizationCodeGrant(config, callback, checks), refusedWith('invalid_grant'));
    await assert.rejects(refresh(tokens.refresh_token), refusedWith('invalid_grant'));
  });

  test('a wrong PKCE verifier is refused and spends nothing', async () => {
    const { callback, checks } = await authorize(alice());
    const wrong = { ...checks, pkceCodeVerifier: openid.randomPKCECodeVerifier() };
    await assert.rejects(openid.authorizationCodeGrant(config, callback, wrong), refusedWith('invalid_grant'));
    assert.ok((await openid.authorizationCodeGrant(config, callback, checks)).access_token);
  });

  test('the third wrong PKCE verifier burns the code', async () => {
    const { callback, checks } = await authorize(alice());
    const wrong = { ...checks, pkceCodeVerifier: openid.randomPKCECodeVerifier() };
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await assert.rejects(openid.authorizationCodeGrant(config, callback, wrong), refusedWith('invalid_grant'));
    }
    await assert.rejects(openid.authorizationCodeGrant(config, callback, checks), refusedWith('invalid_grant'));
  });

  test('a challenge in plain text goes back with an error', async () => {
    const { url, redirect } = await request();
    url.searchParams.set('code_challenge_method', 'plain');
    const { left, page } = await alice().walk(url, redirect);
    assert.ok(left, `stuck at ${page?.url}`);
    assert.equal(left.searchParams.get('error'), 'invalid_request');
    assert.equal(left.searchParams.get('state'), url.searchParams.get('state'));
    assert.equal(left.searchParams.get('iss'), demo.issuer);
    assert.equal(left.searchParams.get('code'), null);
  });

  test('an unregistered redirect URI gets a page and no redirect', async () => {
    const registered = web.redirect_uri;
    for (const bad of ['https://evil.example/callback', `${registered}/`, `${registered}?x=1`, `${registered}/../x`]) {
      const { url } = await request({ redirect_uri: bad });
      const { status, headers, text } = await alice().request(url);
      assert.equal(status, 400, bad);
      assert.equal(headers.get('location'), null);
      assert.match(headers.get('content-type'), /^text\/html/);
      // The page shows it as text, and has no link to it.
      assert.ok(!text.replace(/<code id="address">[^<]*<\/code>/, '').includes('evil.example'), text);
    }
  });

  test('an unknown client gets a page and no redirect', async () => {
    const { url } = await request();
    url.searchParams.set('client_id', 'nobody-knows-it');
    const { status, headers } = await alice().request(url);
    assert.equal(status, 400);
    assert.equal(headers.get('location'), null);
  });

  test('somebody who denies goes back with access_denied', async () => {
    const { url, redirect } = await request({ prompt: 'consent' });
    const { left, seen } = await alice().walk(url, redirect, { decision: 'deny' });
    assert.ok(seen.includes('consent'));
    assert.equal(left.searchParams.get('error'), 'access_denied');
    assert.equal(left.searchParams.get('code'), null);
  });
});

describe('session', () => {
  test('without a session prompt=none is refused', async () => {
    const { url, redirect } = await request({ prompt: 'none' });
    const { left } = await alice().walk(url, redirect);
    assert.equal(left.searchParams.get('error'), 'login_required');
  });

  test('the second application of one browser asks nothing and tells the same time of login', async () => {
    const person = alice();
    const first = await authorize(person);
    const before = await openid.authorizationCodeGrant(config, first.callback, first.checks);
    const silent = await request({ prompt: 'none' });
    const { left, seen } = await person.walk(silent.url, silent.redirect);
    assert.deepEqual(seen, []);
    const again = await openid.authorizationCodeGrant(config, left, silent.checks);
    assert.equal(again.claims().sub, before.claims().sub);
    assert.equal(again.claims().auth_time, before.claims().auth_time);
  });

  test('prompt=login asks again', async () => {
    const person = alice();
    await authorize(person);
    const again = await request({ prompt: 'login' });
    assert.ok((await person.walk(again.url, again.redirect)).seen.includes('login'));
  });

  test('logout asks first, then ends the session and its refresh tokens, but not offline access', async () => {
    const person = alice();
    const offline = await authorize(person);
    const kept = await openid.authorizationCodeGrant(config, offline.callback, offline.checks);
    const { callback, checks } = await authorize(person, { scope: 'openid orders.read' });
    const tokens = await openid.authorizationCodeGrant(config, callback, checks);
    const asked = await person.request(openid.buildEndSessionUrl(config, { id_token_hint: tokens.id_token }));
    assert.ok(formOf(asked.text, 'logout'), asked.text);
    const { refresh_token: live } = await refresh(tokens.refresh_token);
    assert.ok(live, 'a mere visit ended the session');
    await person.submit(asked, 'logout');
    const silent = await request({ prompt: 'none' });
    const { left } = await person.walk(silent.url, silent.redirect);
    assert.equal(left.searchParams.get('error'), 'login_required');
    await assert.rejects(refresh(live), refusedWith('invalid_grant'));
    assert.ok((await refresh(kept.refresh_token)).access_token, 'granted for when the person is away');
  });

  test('logout leads back to a registered address with its state, and to no other', async () => {
    const registered = web.redirect_uri.replace(/callback$/, 'logged-out');
    for (const [uri, returns] of [[registered, true], [`${registered}?x=1`, false], ['https://evil.example/', false]]) {
      const person = alice();
      const { callback, checks } = await authorize(person);
      const tokens = await openid.authorizationCodeGrant(config, callback, checks);
      const parameters = { id_token_hint: tokens.id_token, post_logout_redirect_uri: uri, state: 'over' };
      const asked = await person.request(openid.buildEndSessionUrl(config, parameters));
      const { status, headers } = await person.submit(asked, 'logout');
      assert.equal(headers.get('location'), returns ? `${registered}?state=over` : null, uri);
      assert.equal(status, returns ? 303 : 200);
    }
  });

  test('a login form without its token, or from another site, is refused', async () => {
    const { url } = await request();
    const page = await followToForm(alice(), url);
    for (const [values, headers] of [[{ csrf: 'guess' }, {}], [{}, { origin: 'https://evil.example' }]]) {
      const answer = await page.person.submit(page.page, 'login', { ...credentials(), ...values }, headers);
      assert.ok(answer.status >= 400, `${answer.status}`);
      assert.equal(answer.headers.get('location'), null);
    }
  });

  const credentials = () => ({ username: demo.username, password: demo.password });

  async function followToForm(person, url) {
    const { page } = await person.walk(url, web.redirect_uri, { logIn: false });
    assert.ok(formOf(page.text, 'login'), page.text);
    return { person, page };
  }
});

describe('refresh', () => {
  test('every refresh gives another refresh token', async () => {
    const tokens = await logIn();
    const next = await refresh(tokens.refresh_token);
    assert.notEqual(next.refresh_token, tokens.refresh_token);
    assert.notEqual(next.access_token, tokens.access_token);
    const [before, after] = [tokens.claims(), next.claims()];
    for (const same of ['iss', 'sub', 'aud', 'auth_time', 'sid']) assert.deepEqual(after[same], before[same], same);
    assert.equal(after.nonce, undefined);
  });

  test('a lost answer can be asked for again, and threads that refresh at once all go on', async () => {
    const tokens = await logIn();
    const { refresh_token: successor } = await refresh(tokens.refresh_token);
    const copies = await Promise.all(Array.from({ length: 6 }, () => refresh(tokens.refresh_token)));
    assert.deepEqual(new Set(copies.map((copy) => copy.refresh_token)), new Set([successor]));
    assert.equal(new Set(copies.map((copy) => copy.access_token)).size, copies.length);
    assert.ok((await refresh(successor)).access_token);
  });

  test('an old refresh token ends the whole family', async () => {
    const tokens = await logIn();
    const second = await refresh(tokens.refresh_token);
    const third = await refresh(second.refresh_token);
    await assert.rejects(refresh(tokens.refresh_token), refusedWith('invalid_grant'));
    await assert.rejects(refresh(third.refresh_token), refusedWith('invalid_grant'));
    const { sub } = tokens.claims();
    await assert.rejects(openid.fetchUserInfo(config, third.access_token, sub), isInvalidToken);
  });

  test('scope never grows', async () => {
    const tokens = await logIn({ scope: 'openid' });
    const wider = openid.refreshTokenGrant(config, tokens.refresh_token, { scope: 'openid profile email' });
    await assert.rejects(wider, refusedWith('invalid_scope'));
    assert.ok((await refresh(tokens.refresh_token)).access_token, 'the refused request spent the token');
  });
});

describe('client credentials', () => {
  const machine = async (name, method) => openid.clientCredentialsGrant(
    await discover(demo.clients[name], method),
    demo.clients[name].scope ? { scope: demo.clients[name].scope } : {},
  );

  test('with the secret in the header', async () => {
    const tokens = await machine('e2e-service', openid.ClientSecretBasic);
    assert.ok(tokens.access_token);
    assert.equal(tokens.refresh_token, undefined);
    assert.equal(tokens.id_token, undefined);
  });

  test('with the secret in the body', async () => {
    assert.ok((await machine('e2e-post', openid.ClientSecretPost)).access_token);
  });

  test('not by another method than the registered one', async () => {
    await assert.rejects(machine('e2e-service', openid.ClientSecretPost), isInvalidClient);
    await assert.rejects(machine('e2e-post', openid.ClientSecretBasic), isInvalidClient);
  });

  test('not with a wrong secret', async () => {
    const registered = demo.clients['e2e-service'];
    const guessed = await discover(registered, openid.ClientSecretBasic, `${registered.client_secret}x`);
    await assert.rejects(openid.clientCredentialsGrant(guessed), isInvalidClient);
  });

  test('not for a scope that the client does not have', async () => {
    const service = await discover(demo.clients['e2e-service']);
    const wider = openid.clientCredentialsGrant(service, { scope: 'everything' });
    await assert.rejects(wider, refusedWith('invalid_scope'));
  });
});

describe('userinfo and revocation', () => {
  test('userinfo tells about the person of the ID token', async () => {
    const tokens = await logIn();
    const told = await openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    assert.equal(told.sub, tokens.claims().sub);
  });

  test('an ID token is no access token', async () => {
    const tokens = await logIn();
    await assert.rejects(openid.fetchUserInfo(config, tokens.id_token, tokens.claims().sub), isInvalidToken);
  });

  test('revoking the refresh token ends the access token too', async () => {
    const tokens = await logIn();
    await openid.tokenRevocation(config, tokens.refresh_token);
    await assert.rejects(refresh(tokens.refresh_token), refusedWith('invalid_grant'));
    await assert.rejects(openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub), isInvalidToken);
  });

  test('another client revokes nothing', async () => {
    const tokens = await logIn();
    await openid.tokenRevocation(await discover(demo.clients['e2e-service']), tokens.refresh_token);
    assert.ok((await refresh(tokens.refresh_token)).access_token);
  });

  test('revoking what nobody knows is no error', async () => {
    await openid.tokenRevocation(config, 'no-such-token');
  });
});

/** 401 with `WWW-Authenticate: Bearer error="invalid_token"`. */
function isInvalidToken(thrown) {
  assert.equal(thrown.status, 401, String(thrown.stack));
  assert.equal(thrown.cause?.[0]?.scheme, 'bearer');
  assert.equal(thrown.cause[0].parameters.error, 'invalid_token');
  return true;
}

/** 401 (or 400) `invalid_client`. The library reads a challenge before the body. */
function isInvalidClient(thrown) {
  assert.ok([400, 401].includes(thrown.status), String(thrown.stack));
  const challenged = thrown.cause?.[0]?.scheme === 'basic';
  assert.ok(challenged || thrown.error === 'invalid_client', String(thrown.stack));
  return true;
}
