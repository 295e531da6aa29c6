// Debian's Chromium, without background requests.

import { chromium } from 'playwright-core';

/** The longest wait for a page. */
export const PAGE_TIMEOUT_MS = 15_000;

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
  // A request of a page to another host fails, and the test notices.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
];

export const launchBrowser = () => chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
