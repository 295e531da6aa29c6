// What people have with them: keys that Chromium plays (CDP domain WebAuthn), and an authenticator app (oathtool, which shares no
// code with the server).

import { execFileSync } from 'node:child_process';

/** Kinds of keys. A transport is how the key reaches the browser. */
export const KEYS = {
  /** Asks for a PIN or a finger, and names its person. */
  verifying: { protocol: 'ctap2', hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
  /** Names nobody, and asks only for a touch. */
  touch: { protocol: 'ctap2', hasResidentKey: false, hasUserVerification: false },
  /** A key from before FIDO2: it names nobody, and asks only for a touch. */
  u2f: { protocol: 'u2f', hasResidentKey: false, hasUserVerification: false },
  /** A key that is copied to the other devices of its person. */
  synchronised: {
    protocol: 'ctap2', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
    defaultBackupEligibility: true, defaultBackupState: true,
  },
  /** Names its person, and asks for a PIN or a finger only if it must. */
  casual: { protocol: 'ctap2', ctap2Version: 'ctap2_1', hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
};

/** How Chromium's protocol calls a transport. */
const TRANSPORTS = { hybrid: 'cable' };

/** A key at hand in one tab. */
export class Key {
  #session;
  #id;

  /** Gives the tab a key, whose person touches it whenever it asks. */
  static async at(page, kind, transport = 'usb') {
    const key = new Key();
    key.#session = await page.context().newCDPSession(page);
    await key.#session.send('WebAuthn.enable');
    const options = { automaticPresenceSimulation: true, ...kind, transport: TRANSPORTS[transport] ?? transport };
    const { authenticatorId } = await key.#session.send('WebAuthn.addVirtualAuthenticator', { options });
    key.#id = authenticatorId;
    return key;
  }

  /** Whether the person passes the question of the key for a PIN or a finger. */
  verifies(isUserVerified) {
    return this.#send('setUserVerified', { isUserVerified });
  }

  /** Whether the person touches the key when it asks. */
  isTouched(enabled) {
    return this.#send('setAutomaticPresenceSimulation', { enabled });
  }

  /** What the key has stored. */
  async credentials() {
    return (await this.#send('getCredentials')).credentials;
  }

  unplug() {
    return this.#send('removeVirtualAuthenticator');
  }

  #send(command, values = {}) {
    return this.#session.send(`WebAuthn.${command}`, { authenticatorId: this.#id, ...values });
  }
}

const STEP_SECONDS = 30;
const currentStep = () => Math.floor(Date.now() / 1000 / STEP_SECONDS);

/** An authenticator app with one secret. Each code counts once, so it never shows one twice. */
export class AuthenticatorApp {
  #secret;
  #lastStep = 0;

  constructor(secret) {
    this.#secret = secret.replaceAll(' ', '');
  }

  /** The code of now. If the person has used it, the next one, which a server takes already: clocks of phones are inexact. */
  code() {
    this.#lastStep = Math.max(currentStep(), this.#lastStep + 1);
    return this.#codeOf(this.#lastStep);
  }

  /** A code that somebody saw a day ago. */
  oldCode() {
    return this.#codeOf(currentStep() - 86_400 / STEP_SECONDS);
  }

  #codeOf(step) {
    const options = ['--totp', '--base32', '--now', `@${step * STEP_SECONDS}`, '-'];
    return execFileSync('/usr/bin/oathtool', options, { input: this.#secret }).toString().trim();
  }
}
