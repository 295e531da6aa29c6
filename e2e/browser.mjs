// Debian's Chromium, and what every visitor in it must not meet: errors of scripts, violations of a policy, loads from elsewhere.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { launchBrowser, PATIENCE_MS } from './chromium.mjs';

export const SHOTS = fileURLToPath(new URL('../target/e2e/', import.meta.url));

/** A browser and everybody in it. */
export class Visitors {
  #browser;
  #contexts = [];
  #complaints = [];

  static async start() {
    await mkdir(SHOTS, { recursive: true });
    const visitors = new Visitors();
    visitors.#browser = await launchBrowser();
    return visitors;
  }

  /** A page of a browser that was never here before. */
  async newcomer(options = {}) {
    const context = await this.#browser.newContext({ locale: 'en-GB', ...options });
    this.#contexts.push(context);
    context.setDefaultTimeout(PATIENCE_MS);
    context.on('page', (page) => this.#watch(page));
    return context.newPage();
  }

  /** Everybody leaves; nobody may have met anything wrong. */
  async leave() {
    await Promise.all(this.#contexts.map((context) => context.close()));
    this.#contexts = [];
    const heard = this.#complaints;
    this.#complaints = [];
    assert.deepEqual(heard, []);
  }

  async stop() {
    await this.#browser?.close();
  }

  #watch(page) {
    page.on('pageerror', (error) => this.#complaints.push(`script: ${error.message}`));
    page.on('console', (message) => {
      const violation = message.type() === 'error' && /Content Security Policy/i.test(message.text());
      if (violation) this.#complaints.push(message.text());
    });
    page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      const elsewhere = ['http:', 'https:', 'ws:', 'wss:'].includes(protocol) && !['localhost', '127.0.0.1'].includes(hostname);
      if (elsewhere) this.#complaints.push(`loads ${request.url()}`);
    });
  }
}
