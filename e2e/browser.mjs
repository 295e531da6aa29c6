// Debian's Chromium. Tests fail on script errors, violations of the content security policy, and requests to other hosts.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { launchBrowser, PAGE_TIMEOUT_MS } from './chromium.mjs';

export const SCREENSHOTS = fileURLToPath(new URL('../target/e2e/', import.meta.url));

/** A browser with several profiles. */
export class TestBrowser {
  #browser;
  #contexts = [];
  #violations = [];

  static async start() {
    await mkdir(SCREENSHOTS, { recursive: true });
    const testBrowser = new TestBrowser();
    testBrowser.#browser = await launchBrowser();
    return testBrowser;
  }

  /** A page in a new profile, without cookies. */
  async newPage(options = {}) {
    const context = await this.#browser.newContext({ locale: 'en-GB', ...options });
    this.#contexts.push(context);
    context.setDefaultTimeout(PAGE_TIMEOUT_MS);
    context.on('page', (page) => this.#watch(page));
    return context.newPage();
  }

  /** Closes all pages. Fails if there were violations. */
  async closePages() {
    await Promise.all(this.#contexts.map((context) => context.close()));
    this.#contexts = [];
    const violations = this.#violations;
    this.#violations = [];
    assert.deepEqual(violations, []);
  }

  async stop() {
    await this.#browser?.close();
  }

  #watch(page) {
    page.on('pageerror', (error) => this.#violations.push(`script: ${error.message}`));
    page.on('console', (message) => {
      const violation = message.type() === 'error' && /Content Security Policy/i.test(message.text());
      if (violation) this.#violations.push(message.text());
    });
    page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      const elsewhere = ['http:', 'https:', 'ws:', 'wss:'].includes(protocol) && !['localhost', '127.0.0.1'].includes(hostname);
      if (elsewhere) this.#violations.push(`loads ${request.url()}`);
    });
  }
}
