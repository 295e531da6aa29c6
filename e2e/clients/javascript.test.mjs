// Client libraries for Node, with their documented defaults. (`../relying-party.test.mjs` tests openid-client in depth.)

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';

import { Person } from '../person.mjs';
import { ALICE, startIssuer } from '../server.mjs';
import { isAlice, register, serve, Visitor } from './application.mjs';
import { passportApplication } from './passport.mjs';

const SCOPE = 'openid profile email';

let issuer;
let client;
let callback;
before(async () => {
  issuer = await startIssuer();
  client = await register(issuer, { callback: '/callback' });
  callback = `${client.origin}/callback`;
});
after(() => issuer?.stop());

/** Takes Alice through the issuer's pages, and returns the callback URL that her browser comes back with. */
async function callbackUrlOf(url) {
  const { left, page } = await new Person(ALICE).walk(url, callback);
  assert.ok(left, `stuck at ${page?.url} (${page?.status}): ${page?.text}`);
  return left;
}

describe('openid-client', () => {
  let config;
  before(async () => {
    const options = { execute: [openid.allowInsecureRequests] };
    config = await openid.discovery(new URL(client.issuer), client.id, client.secret, undefined, options);
  });

  async function logIn() {
    const verifier = openid.randomPKCECodeVerifier();
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: callback, scope: SCOPE,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
    });
    return openid.authorizationCodeGrant(config, await callbackUrlOf(url), { pkceCodeVerifier: verifier });
  }

  test('logs in, and learns name and e-mail', async () => {
    const tokens = await logIn();
    isAlice(await openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub));
  });

  test('refreshes four times at once, and gets one successor', async () => {
    const { refresh_token } = await logIn();
    const refresh = () => openid.refreshTokenGrant(config, refresh_token);
    const all = await Promise.all([refresh(), refresh(), refresh(), refresh()]);
    assert.equal(new Set(all.map((tokens) => tokens.refresh_token)).size, 1, JSON.stringify(all));
    assert.equal(typeof all[0].claims()?.sub, 'string');
    assert.ok((await openid.refreshTokenGrant(config, all[0].refresh_token)).access_token);
  });
});

describe('oauth4webapi', () => {
  const insecure = { [oauth.allowInsecureRequests]: true };
  let server;
  let self;
  let authentication;
  before(async () => {
    const url = new URL(client.issuer);
    server = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, insecure));
    self = { client_id: client.id };
    authentication = oauth.ClientSecretPost(client.secret);
  });

  async function logIn() {
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const url = new URL(server.authorization_endpoint);
    url.search = new URLSearchParams({
      client_id: client.id, redirect_uri: callback, response_type: 'code', scope: SCOPE, state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
    });
    const parameters = oauth.validateAuthResponse(server, self, await callbackUrlOf(url), state);
    const answer = await oauth.authorizationCodeGrantRequest(
      server, self, authentication, parameters, callback, verifier, insecure,
    );
    return oauth.processAuthorizationCodeResponse(server, self, answer, { requireIdToken: true });
  }

  test('logs in, and learns name and e-mail', async () => {
    const tokens = await logIn();
    const { sub } = oauth.getValidatedIdTokenClaims(tokens);
    const answer = await oauth.userInfoRequest(server, self, tokens.access_token, insecure);
    isAlice(await oauth.processUserInfoResponse(server, self, sub, answer));
  });

  test('refreshes', async () => {
    const { refresh_token, access_token } = await logIn();
    const answer = await oauth.refreshTokenGrantRequest(server, self, authentication, refresh_token, insecure);
    const tokens = await oauth.processRefreshTokenResponse(server, self, answer);
    assert.notEqual(tokens.access_token, access_token);
  });
});

describe('passport-openidconnect', () => {
  let app;
  let visitor;
  before(async () => {
    // It only reads the ID token.
    const own = await register(issuer, { callback: '/callback', 'id-token-claims': true });
    app = await serve(own, passportApplication(own));
    visitor = new Visitor(own);
  });
  after(() => app?.stop());

  test('logs in, and shows name and e-mail', async () => {
    await visitor.logIn();
    const { displayName, emails } = await visitor.read('/');
    isAlice({ name: displayName, email: emails?.[0].value });
  });
});
