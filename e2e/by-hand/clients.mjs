// Further client libraries, to run by hand: `npm ci --ignore-scripts && npm test` in this folder.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ExpressAuth, getSession } from '@auth/express';
import express from 'express';
import openidConnect from 'express-openid-connect';

import { isAlice, register, serve, startProgram, Visitor } from '../clients/application.mjs';
import { startIssuer } from '../server.mjs';

let issuer;
before(async () => {
  issuer = await startIssuer();
});
after(() => issuer?.stop());

/** Registers a client with these options, and serves the application that `make` builds for it. */
function application(options, make) {
  const running = {};
  before(async () => {
    const client = await register(issuer, options);
    running.server = await serve(client, make(client));
    running.visitor = new Visitor(client);
  });
  after(() => running.server?.stop());
  return running;
}

describe('Auth.js', () => {
  // It only reads the ID token.
  const running = application({ callback: '/auth/callback/tessera', 'id-token-claims': true }, (client) => {
    const config = {
      providers: [{
        id: 'tessera', name: 'Tessera', type: 'oidc',
        issuer: client.issuer, clientId: client.id, clientSecret: client.secret,
      }],
      secret: randomUUID(), trustHost: true, basePath: '/auth',
    };
    const app = express();
    app.use(/^\/auth\/(.*)/, ExpressAuth(config));
    app.get('/', async (request, response) => response.json(await getSession(request, config)));
    return app;
  });

  test('logs in, and shows name and e-mail', async () => {
    const { visitor } = running;
    const { csrfToken } = await visitor.read('/auth/csrf');
    const form = { csrfToken, callbackUrl: `${visitor.origin}/` };
    await visitor.logIn('/auth/signin/tessera', { method: 'POST', form });
    isAlice((await visitor.read('/')).user);
  });
});

describe('OmniAuth (Debian: ruby-omniauth-openid-connect, ruby-sinatra, puma)', () => {
  let child;
  let visitor;
  before(async () => {
    const client = await register(issuer, { callback: '/auth/openid_connect/callback' });
    const program = fileURLToPath(new URL('omniauth.rb', import.meta.url));
    child = await startProgram(client, '/usr/bin/ruby', [program]);
    visitor = new Visitor(client, child.log);
  });
  after(() => child?.stop());

  test('logs in, and shows name and e-mail', async () => {
    await visitor.logIn('/auth/openid_connect', { method: 'POST' });
    isAlice(await visitor.read('/'));
  });
});

describe('express-openid-connect', () => {
  const running = application({ callback: '/callback', postLogout: '' }, (client) => {
    const app = express();
    app.use(openidConnect.auth({
      issuerBaseURL: client.issuer, baseURL: client.origin, clientID: client.id, secret: randomUUID(),
      // Its default is the implicit flow, which OAuth 2.1 has removed.
      clientSecret: client.secret, authorizationParams: { response_type: 'code', scope: 'openid profile email' },
      authRequired: false, idpLogout: true,
    }));
    app.get('/', async (request, response) => response.json(await request.oidc.fetchUserInfo()));
    return app;
  });

  test('logs in, shows name and e-mail, and logs out here and there', async () => {
    const { visitor } = running;
    await visitor.logIn();
    isAlice(await visitor.read('/'));
    await visitor.logOut('/logout', '/');
    assert.ok((await visitor.logIn()).includes('login'));
  });
});
