// Debian's curl against the demo issuer: the endpoints as a shell script sees them.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, test } from 'node:test';

import { startDemo } from './server.mjs';

const BODY_LIMIT = 64 * 1024;
/** The promise is one second. A busy test machine gets a little more. */
const REVOCATION_PATIENCE_MS = 5_000;

let demo;
let service;
let endpoints;

before(async () => {
  demo = await startDemo();
  service = demo.clients['e2e-service'];
  endpoints = JSON.parse((await curl(`${demo.issuer}/.well-known/openid-configuration`)).body);
});
after(() => demo?.stop());

/** Runs curl. `input` is its standard input. */
async function curl(...args) {
  const input = typeof args.at(-1) === 'object' ? args.pop().input : '';
  const child = spawn('curl', ['--silent', '--show-error', '--include', '--max-time', '30', ...args]);
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8').on('data', (text) => {
      output[stream] += text;
    });
  }
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const code = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
  assert.equal(code, 0, `curl ${args.join(' ')}: ${output.stderr}`);
  return parse(output.stdout);
}

/** The last response in the output. An interim `100 Continue` may come before it. */
function parse(text) {
  const [head, ...rest] = text.split('\r\n\r\n');
  const [statusLine, ...lines] = head.split('\r\n');
  const status = Number(statusLine.split(' ')[1]);
  if (status < 200) return parse(rest.join('\r\n\r\n'));
  const headers = new Headers(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
  return { status, headers, body: rest.join('\r\n\r\n') };
}

const user = (client = service) => ['--user', `${client.client_id}:${client.client_secret}`];
const grant = ['--data', 'grant_type=client_credentials'];
const token = (...args) => curl(endpoints.token_endpoint, ...args);

function isError(answer, status, error) {
  assert.equal(answer.status, status, answer.body);
  assert.match(answer.headers.get('content-type'), /^application\/json/);
  assert.match(answer.headers.get('cache-control'), /no-store/);
  assert.equal(JSON.parse(answer.body).error, error);
}

describe('documents', () => {
  test('discovery', async () => {
    const answer = await curl(`${demo.issuer}/.well-known/openid-configuration`);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type'), /^application\/json/);
    assert.equal(JSON.parse(answer.body).issuer, demo.issuer);
  });

  test('the same by the name of RFC 8414', async () => {
    const answer = await curl(`${demo.issuer}/.well-known/oauth-authorization-server`);
    assert.equal(JSON.parse(answer.body).token_endpoint, endpoints.token_endpoint);
  });

  test('discovery does not believe the Host header', async () => {
    const answer = await curl(`${demo.issuer}/.well-known/openid-configuration`, '--header', 'Host: evil.example');
    assert.ok(!answer.body.includes('evil.example'));
  });

  test('key set', async () => {
    const answer = await curl(endpoints.jwks_uri);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type'), /json/);
    assert.ok(JSON.parse(answer.body).keys.length > 0);
  });
});

describe('client credentials', () => {
  test('a token', async () => {
    const answer = await token(...user(), ...grant);
    assert.equal(answer.status, 200, answer.body);
    assert.match(answer.headers.get('cache-control'), /no-store/);
    const { access_token: accessToken, token_type: type, expires_in: seconds } = JSON.parse(answer.body);
    assert.match(accessToken, /^[\x21-\x7e]{22,}$/);
    assert.equal(type, 'Bearer');
    assert.ok(Number.isInteger(seconds) && seconds > 0);
  });

  test('a wrong secret', async () => {
    const answer = await token(...user({ ...service, client_secret: 'wrong' }), ...grant);
    isError(answer, 401, 'invalid_client');
    assert.match(answer.headers.get('www-authenticate'), /^Basic /i);
  });

  test('an unknown client looks the same as a wrong secret', async () => {
    const wrong = await token(...user({ ...service, client_secret: 'wrong' }), ...grant);
    const unknown = await token(...user({ client_id: 'nobody', client_secret: 'wrong' }), ...grant);
    isError(unknown, 401, 'invalid_client');
    assert.equal(unknown.body, wrong.body);
  });

  test('no client at all', async () => {
    const answer = await token(...grant);
    assert.ok([400, 401].includes(answer.status), answer.body);
    assert.ok(['invalid_client', 'invalid_request'].includes(JSON.parse(answer.body).error));
  });

  test('two ways of proving oneself at once', async () => {
    const answer = await token(...user(), ...grant, '--data', `client_id=${service.client_id}`,
      '--data-urlencode', `client_secret=${service.client_secret}`);
    assert.ok([400, 401].includes(answer.status), answer.body);
  });
});

describe('revocation', () => {
  test('of a token, twice', async () => {
    const { access_token: accessToken } = JSON.parse((await token(...user(), ...grant)).body);
    for (let time = 0; time < 2; time += 1) {
      const answer = await curl(endpoints.revocation_endpoint, ...user(), '--data', `token=${accessToken}`);
      assert.equal(answer.status, 200, answer.body);
      assert.equal(answer.body, '');
    }
  });

  test('without a token', async () => {
    isError(await curl(endpoints.revocation_endpoint, ...user(), '--data', 'x=y'), 400, 'invalid_request');
  });

  test('by nobody', async () => {
    const answer = await curl(endpoints.revocation_endpoint, '--data', 'token=x');
    assert.ok([400, 401].includes(answer.status), answer.body);
  });
});

describe('what is refused', () => {
  test('a parameter sent twice', async () => {
    isError(await token(...user(), ...grant, ...grant), 400, 'invalid_request');
    isError(await token(...user(), ...grant, '--data', 'unknown=1', '--data', 'unknown=2'), 400, 'invalid_request');
  });

  test('an unknown grant type, and none', async () => {
    isError(await token(...user(), '--data', 'grant_type=password'), 400, 'unsupported_grant_type');
    isError(await token(...user(), '--data', 'scope=x'), 400, 'invalid_request');
  });

  test('GET where only POST is spoken', async () => {
    for (const endpoint of [endpoints.token_endpoint, endpoints.revocation_endpoint]) {
      const answer = await curl(endpoint);
      assert.equal(answer.status, 405);
      assert.match(answer.headers.get('allow'), /POST/);
    }
  });

  test('TRACE', async () => {
    for (const endpoint of [endpoints.token_endpoint, endpoints.authorization_endpoint]) {
      assert.equal((await curl(endpoint, '--request', 'TRACE')).status, 405);
    }
  });

  test('another content type than a form', async () => {
    const json = ['--header', 'Content-Type: application/json', '--data', '{"grant_type":"client_credentials"}'];
    const answer = await token(...user(), ...json);
    assert.ok([400, 415].includes(answer.status), `${answer.status}`);
    assert.ok(!answer.body.includes('access_token'));
  });

  test('a body over 64 KiB, announced or not', async () => {
    const input = `grant_type=client_credentials&padding=${'x'.repeat(BODY_LIMIT)}`;
    const form = ['--header', 'Content-Type: application/x-www-form-urlencoded', '--data-binary', '@-'];
    assert.equal((await token(...user(), ...form, { input })).status, 413);
    const chunked = [...form, '--header', 'Transfer-Encoding: chunked'];
    assert.equal((await token(...user(), ...chunked, { input })).status, 413);
  });

  test('headers without end', async () => {
    const answer = await token(...user(), ...grant, '--header', `X-Padding: ${'x'.repeat(64 * 1024)}`);
    assert.ok([400, 413, 431].includes(answer.status), `${answer.status}`);
  });

  test('a token in the query string', async () => {
    const { access_token: accessToken } = JSON.parse((await token(...user(), ...grant)).body);
    const answer = await curl(`${endpoints.userinfo_endpoint}?access_token=${accessToken}`);
    assert.ok([400, 401].includes(answer.status), `${answer.status}`);
  });

  test('userinfo without a token says how to bring one', async () => {
    const answer = await curl(endpoints.userinfo_endpoint);
    assert.equal(answer.status, 401);
    assert.match(answer.headers.get('www-authenticate'), /^Bearer/);
    assert.doesNotMatch(answer.headers.get('www-authenticate'), /error=/);
  });

  test('an unknown path is a page without details', async () => {
    const answer = await curl(`${demo.issuer}/no/such/page`);
    assert.equal(answer.status, 404);
    assert.ok(!answer.body.includes('no/such/page'));
  });
});

describe('the API of the demonstration', () => {
  const orders = (...args) => curl(`${demo.api}/orders`, ...args);
  const bearer = (accessToken) => ['--header', `Authorization: Bearer ${accessToken}`];
  const machineToken = async () => JSON.parse((await token(...user(), ...grant, '--data', `scope=${service.scope}`)).body).access_token;

  test('lets a machine in', async () => {
    const answer = await orders(...bearer(await machineToken()));
    assert.equal(answer.status, 200, answer.body);
    assert.ok(JSON.parse(answer.body).orders.length > 0);
  });

  test('refuses no token and a wrong token', async () => {
    for (const credentials of [[], bearer('wrong')]) {
      const answer = await orders(...credentials);
      assert.equal(answer.status, 401, answer.body);
      assert.match(answer.headers.get('www-authenticate'), /^Bearer/);
    }
  });

  test('refuses a token whose signature was touched', async () => {
    const accessToken = await machineToken();
    const at = accessToken.length - 10;
    const touched = accessToken.slice(0, at) + (accessToken[at] === 'A' ? 'B' : 'A') + accessToken.slice(at + 1);
    assert.equal((await orders(...bearer(touched))).status, 401);
  });

  test('refuses a revoked token within moments', async () => {
    const accessToken = await machineToken();
    assert.equal((await orders(...bearer(accessToken))).status, 200);
    await curl(endpoints.revocation_endpoint, ...user(), '--data', `token=${accessToken}`);
    const end = Date.now() + REVOCATION_PATIENCE_MS;
    while ((await orders(...bearer(accessToken))).status !== 401) assert.ok(Date.now() < end, 'still accepted');
  });
});

describe('pages', () => {
  test('carry the headers that keep them ours', async () => {
    const answer = await curl(`${demo.issuer}/login`);
    assert.equal(answer.status, 200);
    const policy = answer.headers.get('content-security-policy');
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe-/);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.match(answer.headers.get('cache-control'), /no-store/);
    for (const cookie of answer.headers.getSetCookie()) assert.match(cookie, /HttpOnly/i);
  });
});
