// Client libraries for Python, each in an application of its own, with their documented defaults.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ALICE, startIssuer } from '../server.mjs';
import { isAlice, register, startProgram, Visitor } from './application.mjs';

const FOLDER = fileURLToPath(new URL('../python/', import.meta.url));
const PYTHON = fileURLToPath(new URL('../../target/e2e-python/bin/python', import.meta.url));

let issuer;
before(async () => {
  issuer = await startIssuer();
});
after(() => issuer?.stop());

/** Starts `program` for the tests of this group. */
function application(program, callback) {
  const running = {};
  before(async () => {
    const client = await register(issuer, { callback, postLogout: '/bye' });
    running.child = await startProgram(client, PYTHON, ['-B', program], { cwd: FOLDER });
    running.visitor = () => new Visitor(client, running.child.log);
  });
  after(() => running.child?.stop());
  return running;
}

async function loggedIn(app, path, options) {
  const visitor = app.visitor();
  await visitor.logIn(path, options);
  return visitor;
}

for (const [library, program] of [['Authlib', 'authlib_app.py'], ['requests-oauthlib', 'requests_app.py']]) {
  describe(library, () => {
    const app = application(program, '/callback');

    test('logs in, and shows name and e-mail', async () => {
      isAlice(await (await loggedIn(app)).read('/'));
    });

    test('refreshes by itself when the access token has run out', async () => {
      const visitor = await loggedIn(app);
      const { access_token: old } = await visitor.read('/');
      await visitor.fetchPage('/expire');
      assert.notEqual((await visitor.read('/')).access_token, old);
    });

    test('refreshes in four tabs at once, and the login goes on', async () => {
      const visitor = await loggedIn(app);
      assert.deepEqual(await visitor.read('/tabs'), Array(4).fill(ALICE.name));
      await visitor.fetchPage('/expire');
      assert.equal((await visitor.read('/')).name, ALICE.name);
    });

    if (library === 'Authlib') {
      test('logs out here and there', async () => {
        const visitor = await loggedIn(app);
        await visitor.logOut('/logout', '/bye');
        assert.ok((await visitor.logIn()).includes('login'));
      });
    }
  });
}

describe('mozilla-django-oidc', () => {
  const app = application('django_app.py', '/oidc/callback/');
  const login = '/oidc/authenticate/';

  test('logs in, and shows the e-mail', async () => {
    assert.equal((await (await loggedIn(app, login)).read('/')).email, ALICE.email);
  });

  test('renews the session without a question', async () => {
    const visitor = await loggedIn(app, login);
    const { renewal } = await visitor.read('/');
    await visitor.fetchPage('/expire');
    assert.deepEqual(await visitor.logIn('/'), []);
    assert.ok((await visitor.read('/')).renewal > renewal);
  });

  test('logs out here and there', async () => {
    const visitor = await loggedIn(app, login);
    await visitor.logOut('/oidc/logout/', '/bye', { method: 'POST' });
    assert.ok((await visitor.logIn(login)).includes('login'));
  });
});

describe('social-auth', () => {
  const app = application('social_app.py', '/complete/oidc/');
  const login = ['/login/oidc/', { method: 'POST' }];

  test('logs in, and shows name and e-mail', async () => {
    isAlice(await (await loggedIn(app, ...login)).read('/'));
  });

  test('refreshes, and accepts the ID token that comes with it', async () => {
    const visitor = await loggedIn(app, ...login);
    const { id_token: old } = await visitor.read('/');
    await visitor.fetchPage('/refresh');
    assert.notEqual((await visitor.read('/')).id_token, old);
  });
});
