// Starts `tessera demo` for one test file and stops exactly that process again.
//
// Contract: `tessera demo --data DIR --port 0 --no-open --json` prints one line of JSON on stdout once everything
// listens: { ready, issuer, web, api, username, password, clients: { NAME: { client_id, client_secret, redirect_uri,
// scope } } }. `TESSERA_BIN` names another binary than the debug build.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BINARY = process.env.TESSERA_BIN ?? fileURLToPath(new URL('../target/debug/tessera', import.meta.url));
const START_PATIENCE_MS = 60_000;
const STOP_PATIENCE_MS = 15_000;
const KEPT_LOG_LINES = 200;

/** A running demonstration: what it said about itself, and `stop()`. */
export async function startDemo() {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing; build it: cargo build --package tessera`);
  const folder = await mkdtemp(join(tmpdir(), 'tessera-e2e-'));
  const options = ['demo', '--data', join(folder, 'data'), '--port', '0', '--no-open', '--json'];
  // With pdeathsig the server goes when this process is killed; setpriv becomes the server, so the id stays.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', BINARY, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = [];
  const remember = (line) => {
    log.push(line);
    if (log.length > KEPT_LOG_LINES) log.shift();
  };
  createInterface({ input: child.stderr }).on('line', remember);
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));

  async function stop() {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const late = Symbol('late');
    const end = await Promise.race([exited, patience(STOP_PATIENCE_MS, late)]);
    if (end === late) child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
    if (end === late) throw new Error(`SIGTERM did not stop the demo\n${log.join('\n')}`);
  }

  try {
    const said = await Promise.race([
      readyLine(child, remember),
      exited.then((end) => Promise.reject(new Error(`the demo ended: ${JSON.stringify(end)}`))),
      patience(START_PATIENCE_MS).then(() => Promise.reject(new Error('the demo did not get ready'))),
    ]);
    return { ...said, folder, log, stop };
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${log.join('\n')}`);
  }
}

function readyLine(child, remember) {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      remember(line);
      if (!line.startsWith('{')) return;
      try {
        const said = JSON.parse(line);
        if (said.ready === true) resolve(said);
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** Resolves later, without keeping the process alive. */
function patience(milliseconds, value) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, value).unref());
}
