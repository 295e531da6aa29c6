// Starts `tessera` for one test file: the demo, or a server like an operator's.
//
// Contract: `tessera demo --data DIR --port 0 --no-open --json` prints one line of JSON on stdout once everything
// listens: { ready, issuer, web, api, username, password, clients: { NAME: { client_id, client_secret, redirect_uri,
// scope } } }. `tessera serve --dev --json` prints one with `issuer`. `TESSERA_BIN` names another binary than the debug build.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { jsonOnStdout, startChild } from './child.mjs';

const BINARY = process.env.TESSERA_BIN ?? fileURLToPath(new URL('../target/debug/tessera', import.meta.url));

/** Starts the demo. Returns what it printed about itself, functions for an operator's commands, and `stop()`. */
export function startDemo() {
  return start(['demo', '--port', '0', '--no-open'], { ready: jsonOnStdout((result) => result.ready === true) });
}

/** The person who logs in at the clients of an issuer. */
export const ALICE = {
  username: 'alice', password: 'correct horse battery staple', name: 'Alice Example', email: 'alice@example.com',
};

/** A development server on free ports with one account, and functions for an operator's commands. */
export async function startIssuer() {
  const server = await start(['serve', '--dev'], {
    ready: jsonOnStdout((result) => result.issuer),
    env: { TESSERA_LISTEN: '127.0.0.1:0', TESSERA_OPS_LISTEN: '127.0.0.1:0' },
  });
  const { run } = server;
  try {
    await server.addUser(ALICE);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    ...server,
    /** Registers a client. `options` are those of the command. Each has one value, several, or `true`. */
    addClient: (kind, options) => {
      const words = Object.entries(options).flatMap(([option, values]) => (
        [values].flat().flatMap((value) => (value === true ? `--${option}` : [`--${option}`, value]))));
      return run(['client', 'add', '--kind', kind, '--name', 'Application', ...words]);
    },
    updateClient: (id, ...options) => run(['client', 'update', id, ...options]),
    addApi: (audience, scope) => run(['api', 'add', audience, '--name', 'API', '--scope', scope]),
  };
}

/** Starts a server with data of its own. */
async function start(command, how) {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing; build it: cargo build --package tessera`);
  const folder = await mkdtemp(join(tmpdir(), 'tessera-e2e-'));
  const place = ['--data', join(folder, 'data'), '--json'];
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const { result, log, stop } = await startChild(BINARY, [...command, ...place], how);
    const run = (words, input) => tessera([...words, ...place], input);
    return {
      ...result,
      log,
      /** Runs an operator's command. */
      run,
      addUser: ({ username, password, name, email }) => (
        run(['user', 'add', username, '--name', name, '--email', email, '--password-stdin'], password)),
      database: join(folder, 'data', 'tessera.db'),
      stop: () => stop().finally(remove),
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Runs one command, and returns its output in JSON. */
function tessera(command, input = '') {
  return new Promise((resolve, reject) => {
    const child = execFile(BINARY, command, (error, stdout, stderr) => {
      if (error) reject(new Error(`tessera ${command.join(' ')}: ${stderr}`));
      else resolve(JSON.parse(stdout));
    });
    child.stdin.end(input);
  });
}
