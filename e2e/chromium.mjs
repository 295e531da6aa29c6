// Debian's Chromium, without anything that would reach out by itself.

import { chromium } from 'playwright-core';

/** The longest that a page may take. */
export const PATIENCE_MS = 15_000;

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
  // Whatever a page wanted from elsewhere would fail, and be noticed.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
];

export const launchBrowser = () => chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
