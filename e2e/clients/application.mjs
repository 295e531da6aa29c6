// An application with a foreign client in it: how it is registered and started, and what a person does there.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { freePort, listensAt, startChild } from '../child.mjs';
import { formOf, Person } from '../person.mjs';
import { ALICE } from '../server.mjs';

/** Registers an application at a free port, by its kind and its addresses; `more` are options of `client add`. */
export async function register(issuer, { kind = 'web', callback, goodbye, ...more }) {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const addresses = { 'redirect-uri': origin + callback };
  if (goodbye !== undefined) addresses['post-logout-redirect-uri'] = origin + goodbye;
  const { id, client_secret: secret } = await issuer.addClient(kind, { ...addresses, ...more });
  return { port, origin, id, secret, issuer: issuer.issuer };
}

/** Starts the program that a registered client lives in, and tells it about itself. */
export function startProgram({ port, id, secret, issuer }, command, args, options) {
  const env = { PORT: String(port), ISSUER: issuer, CLIENT_ID: id, CLIENT_SECRET: secret };
  return startChild(command, args, { ...options, env, ready: listensAt(port) });
}

/** Serves a registered client from this process, until `stop()`. */
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

/** Somebody with a browser in front of one application. `log` is what it wrote last; a test that fails shows it. */
export class Visitor {
  #person = new Person(ALICE);

  constructor({ origin }, log = []) {
    this.origin = origin;
    this.log = log;
  }

  /** Starts at `path` and comes back to the application's `home`; names the pages of the issuer that were seen. */
  async logIn(path = '/login', { home = '/', ...request } = {}) {
    const { left, page, seen } = await this.#person.walk(this.origin + path, this.origin + home, { request });
    assert.ok(left, page && this.#shown(page));
    return seen;
  }

  /** The answer of the application. */
  async look(path = '/') {
    const page = await this.#person.request(this.origin + path);
    assert.equal(page.status, 200, this.#shown(page));
    return page;
  }

  /** The same, read as JSON. */
  async read(path) {
    return JSON.parse((await this.look(path)).text);
  }

  /** From the application's way out past the issuer's question to the application's last page. */
  async logOut(path, goodbye, request = {}) {
    const { page } = await this.#person.walk(this.origin + path, this.origin + goodbye, { request });
    assert.ok(page && formOf(page.text, 'logout'), page ? this.#shown(page) : 'nobody was asked');
    const answer = await this.#person.submit(page, 'logout');
    const back = new URL(answer.headers.get('location') ?? '', answer.url);
    assert.equal(back.origin + back.pathname, this.origin + goodbye, answer.text);
  }

  #shown(page) {
    return `at ${page.url} (${page.status}): ${page.text}\n${this.log.join('\n')}`;
  }
}

export function isAlice({ name, email }) {
  assert.deepEqual({ name, email }, { name: ALICE.name, email: ALICE.email });
}
