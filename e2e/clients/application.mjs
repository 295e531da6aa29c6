// An application with a client library: registering it, starting it, and using it as a person.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { freePort, listeningOn, startChild } from '../child.mjs';
import { formOf, Person } from '../person.mjs';
import { ALICE } from '../server.mjs';

/** Registers an application at a free port, by its kind and its addresses. `more` are further options of `client add`. */
export async function register(issuer, { kind = 'web', callback, postLogout, ...more }) {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const addresses = { 'redirect-uri': origin + callback };
  if (postLogout !== undefined) addresses['post-logout-redirect-uri'] = origin + postLogout;
  const { id, client_secret: secret } = await issuer.addClient(kind, { ...addresses, ...more });
  return { port, origin, id, secret, issuer: issuer.issuer };
}

/** Starts the program of a registered client, with its settings in the environment. */
export function startProgram({ port, id, secret, issuer }, command, args, options) {
  const env = { PORT: String(port), ISSUER: issuer, CLIENT_ID: id, CLIENT_SECRET: secret };
  return startChild(command, args, { ...options, env, ready: listeningOn(port) });
}

/** Serves a registered client from this process until `stop()`. */
export async function serve({ port }, handler) {
  const server = createServer(handler).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { stop };
}

/** A person with a browser at one application. `log` is the application's log, which a failing test shows. */
export class Visitor {
  #person = new Person(ALICE);

  constructor({ origin }, log = []) {
    this.origin = origin;
    this.log = log;
  }

  /** Starts at `path` and comes back to the application's `home`. Returns the pages of the issuer that were seen. */
  async logIn(path = '/login', { home = '/', ...request } = {}) {
    const { left, page, seen } = await this.#person.walk(this.origin + path, this.origin + home, { request });
    assert.ok(left, page && this.#shown(page));
    return seen;
  }

  /** Fetches a page of the application. */
  async fetchPage(path = '/') {
    const page = await this.#person.request(this.origin + path);
    assert.equal(page.status, 200, this.#shown(page));
    return page;
  }

  /** Fetches JSON from the application. */
  async read(path) {
    return JSON.parse((await this.fetchPage(path)).text);
  }

  /** Logs out at the application, confirms on the issuer's page, and comes back to `postLogout`. */
  async logOut(path, postLogout, request = {}) {
    const { page } = await this.#person.walk(this.origin + path, this.origin + postLogout, { request });
    assert.ok(page && formOf(page.text, 'logout'), page ? this.#shown(page) : 'nobody was asked');
    const answer = await this.#person.submit(page, 'logout');
    const back = new URL(answer.headers.get('location') ?? '', answer.url);
    assert.equal(back.origin + back.pathname, this.origin + postLogout, answer.text);
  }

  #shown(page) {
    return `at ${page.url} (${page.status}): ${page.text}\n${this.log.join('\n')}`;
  }
}

export function isAlice({ name, email }) {
  assert.deepEqual({ name, email }, { name: ALICE.name, email: ALICE.email });
}
