// mod_auth_openidc, with its documented defaults: as a relying party and as a resource server.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { startIssuer } from '../server.mjs';
import { startApache } from './apache.mjs';
import { isAlice, register, Visitor } from './application.mjs';

const AUDIENCE = 'https://orders.example.com';
const OTHER_AUDIENCE = 'https://other.example.com';
const PAGE_TIMEOUT_MS = 10_000;
const RETRY_MS = 250;
const HOME = '/protected/home';
const CALLBACK = '/protected/callback';

let issuer;
let client;
let apache;
before(async () => {
  issuer = await startIssuer();
  client = await register(issuer, { callback: CALLBACK, postLogout: '/bye' });
  apache = await startApache(client, AUDIENCE);
});
after(async () => {
  await apache?.stop();
  await issuer?.stop();
});

describe('relying party', () => {
  async function loggedIn() {
    const visitor = new Visitor(client, apache.log);
    await visitor.logIn(HOME, { home: HOME });
    return visitor;
  }

  test('logs in, and tells the application name and e-mail', async () => {
    const { headers } = await (await loggedIn()).fetchPage(HOME);
    isAlice({ name: headers.get('x-name'), email: headers.get('x-email') });
  });

  test('refreshes when the application asks for it', async () => {
    const visitor = await loggedIn();
    const token = async () => (await visitor.fetchPage(HOME)).headers.get('x-access-token');
    const old = await token();
    const wish = new URLSearchParams({ refresh: client.origin + HOME, access_token: old });
    assert.deepEqual(await visitor.logIn(`${CALLBACK}?${wish}`, { home: HOME }), []);
    assert.notEqual(await token(), old);
  });

  test('logs out here and there', async () => {
    const visitor = await loggedIn();
    const postLogout = new URLSearchParams({ logout: `${client.origin}/bye` });
    await visitor.logOut(`${CALLBACK}?${postLogout}`, '/bye');
    assert.ok((await visitor.logIn(HOME, { home: HOME })).includes('login'));
  });
});

describe('resource server', () => {
  let service;
  before(async () => {
    await issuer.addApi(AUDIENCE, 'orders.read=Read orders');
    await issuer.addApi(OTHER_AUDIENCE, 'other.read=Read others');
    service = await issuer.addClient('service', {
      audience: [AUDIENCE, OTHER_AUDIENCE], scope: 'orders.read other.read',
    });
  });

  /** An access token. The running server sees a new API within a second, so it repeats the request. */
  async function accessToken(resource) {
    const end = Date.now() + PAGE_TIMEOUT_MS;
    for (;;) {
      const answer = await fetch(`${issuer.issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${service.id}:${service.client_secret}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', resource }),
      });
      const body = await answer.json();
      if (answer.ok) return body.access_token;
      assert.ok(body.error === 'invalid_target' && Date.now() < end, JSON.stringify(body));
      await setTimeout(RETRY_MS);
    }
  }

  const call = (token) => fetch(`${client.origin}/api/orders`, { headers: { authorization: `Bearer ${token}` } });

  test('takes a good token, and knows whose it is', async () => {
    const answer = await call(await accessToken(AUDIENCE));
    assert.equal(answer.status, 200, apache.log.join('\n'));
    assert.equal(answer.headers.get('x-client'), service.id);
  });

  test('refuses a token with another signature, a token for another API, and none', async () => {
    const [header, payload] = (await accessToken(AUDIENCE)).split('.');
    const [, , signature] = (await accessToken(AUDIENCE)).split('.');
    assert.equal((await call([header, payload, signature].join('.'))).status, 401);
    assert.equal((await call(await accessToken(OTHER_AUDIENCE))).status, 401);
    assert.equal((await fetch(`${client.origin}/api/orders`)).status, 401);
  });
});
