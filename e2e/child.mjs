// Starting a program for one test file, and stopping exactly that program.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;
const RETRY_MS = 50;
const KEPT_LOG_LINES = 200;

/**
 * Starts `command` and waits for `ready(child, keepLine)`. Returns `{ result, log, stop }`: the result of `ready`, the last lines
 * that the program wrote, and a function that stops it.
 */
export async function startChild(command, args, { ready, env = {}, cwd }) {
  // With pdeathsig the program ends when this process is killed. setpriv executes the program, so the process id stays the same.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', command, ...args], {
    cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = [];
  const keepLine = (line) => {
    log.push(line);
    if (log.length > KEPT_LOG_LINES) log.shift();
  };
  createInterface({ input: child.stderr }).on('line', keepLine);
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));

  async function stop() {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const late = Symbol('late');
    const end = await Promise.race([exited, delay(STOP_TIMEOUT_MS, late)]);
    if (end === late) child.kill('SIGKILL');
    await exited;
    if (end === late) throw new Error(`SIGTERM did not stop ${command}\n${log.join('\n')}`);
  }

  try {
    const result = await Promise.race([
      ready(child, keepLine),
      exited.then((end) => Promise.reject(new Error(`${command} ended: ${JSON.stringify(end)}`))),
      delay(START_TIMEOUT_MS).then(() => Promise.reject(new Error(`${command} did not get ready`))),
    ]);
    return { result, log, stop };
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${log.join('\n')}`);
  }
}

/** Ready once the program has written a line of JSON on standard output for which `holds` is true. */
export const jsonOnStdout = (holds) => (child, keepLine) => new Promise((resolve, reject) => {
  createInterface({ input: child.stdout }).on('line', (line) => {
    keepLine(line);
    if (!line.startsWith('{')) return;
    try {
      const result = JSON.parse(line);
      if (holds(result)) resolve(result);
    } catch (error) {
      reject(error);
    }
  });
});

/** Ready once something listens at this port. */
export const listeningOn = (port) => async (child, keepLine) => {
  createInterface({ input: child.stdout }).on('line', keepLine);
  while (child.exitCode === null && child.signalCode === null) {
    if (await connects(port)) return;
    await delay(RETRY_MS);
  }
};

/** A port that was free a moment ago. A redirect URI has to be registered before its program starts. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function connects(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', () => end(true)).on('error', () => end(false));
  });
}

/** Resolves later, without keeping the process alive. */
function delay(milliseconds, value) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, value).unref());
}
