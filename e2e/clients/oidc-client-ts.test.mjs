// oidc-client-ts in Chromium, with its documented defaults: a single-page application on an origin of its own.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, describe, test } from 'node:test';

import { launchBrowser, PAGE_TIMEOUT_MS } from '../chromium.mjs';
import { ALICE, startIssuer } from '../server.mjs';
import { isAlice, register, serve } from './application.mjs';

const LIBRARY = new URL('../node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js', import.meta.url);

let issuer;
let site;
let browser;
let context;
before(async () => {
  issuer = await startIssuer();
  site = await startSite();
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
  await issuer?.stop();
});
afterEach(() => context?.close());

/** Serves the application. Every path is the same page. */
async function startSite() {
  const client = await register(issuer, { kind: 'spa', callback: '/callback', postLogout: '/bye' });
  const { origin } = client;
  const settings = {
    authority: client.issuer, client_id: client.id, redirect_uri: `${origin}/callback`,
    post_logout_redirect_uri: `${origin}/bye`, scope: 'openid profile email', loadUserInfo: true,
  };
  const library = await readFile(LIBRARY);
  const page = `<!doctype html><title>Application</title><script src="/oidc-client-ts.js"></script><script>
    const users = new oidc.UserManager(${JSON.stringify(settings)});
    // Completes a redirect. In a popup or a frame it notifies the page that opened it.
    if (location.pathname === '/callback') users.signinCallback().then((user) => user && location.replace('/'));
  </script>`;
  const { stop } = await serve(client, (request, response) => {
    const isLibrary = request.url === '/oidc-client-ts.js';
    response.setHeader('content-type', isLibrary ? 'text/javascript' : 'text/html');
    response.end(isLibrary ? library : page);
  });
  return { id: client.id, origin, stop };
}

/** The application in a new browser profile. */
async function newPage() {
  context = await browser.newContext({ locale: 'en-GB' });
  context.setDefaultTimeout(PAGE_TIMEOUT_MS);
  const page = await context.newPage();
  await page.goto(site.origin);
  return page;
}

/** Alice at the issuer's pages. Consent is asked for once, so only one of these logins sees that page. */
async function logInAt(page) {
  await page.fill('#username', ALICE.username);
  await page.fill('#password', ALICE.password);
  await page.click('form#login button[type=submit]');
  const asked = page.waitForSelector('form#consent');
  const back = page.waitForURL((url) => url.origin === site.origin, { waitUntil: 'commit' });
  const question = await Promise.race([asked, back].map((either) => either.catch(() => null)));
  if (question) await page.click('form#consent button[name=decision][value=allow]');
}

async function loggedIn() {
  const page = await newPage();
  await page.evaluate(() => void users.signinRedirect());
  await logInAt(page);
  await page.waitForURL(`${site.origin}/`);
  return page;
}

const currentUser = (page) => page.evaluate(() => users.getUser());

describe('oidc-client-ts', () => {
  test('logs in by redirect, and shows name and e-mail', async () => {
    isAlice((await currentUser(await loggedIn())).profile);
  });

  test('logs in by popup', async () => {
    const page = await newPage();
    const opened = page.waitForEvent('popup');
    await page.evaluate(() => {
      window.popup = users.signinPopup();
    });
    const popup = await opened;
    const closed = popup.waitForEvent('close');
    await popup.waitForSelector('form#login');
    assert.ok(await popup.evaluate(() => window.opener !== null), 'the issuer cut the popup off from its opener');
    await logInAt(popup);
    await closed;
    isAlice((await page.evaluate(() => window.popup)).profile);
  });

  test('renews silently with the refresh token', async () => {
    const page = await loggedIn();
    const old = await currentUser(page);
    assert.ok(old.refresh_token);
    const user = await page.evaluate(() => users.signinSilent());
    assert.equal(user.profile.sub, old.profile.sub);
    assert.notEqual(user.access_token, old.access_token);
  });

  test('renews silently in a frame', async () => {
    const page = await loggedIn();
    const old = await currentUser(page);
    const user = await page.evaluate(() => users.signinSilent({ forceIframeAuth: true }));
    assert.equal(user.profile.sub, old.profile.sub);
    assert.notEqual(user.access_token, old.access_token);
  });

  test('logs out here and there', async () => {
    const page = await loggedIn();
    await page.evaluate(() => void users.signoutRedirect());
    await page.click('form#logout button[type=submit]');
    await page.waitForURL((url) => url.href.startsWith(`${site.origin}/bye`));
    assert.equal(await currentUser(page), null);
    await page.evaluate(() => void users.signinRedirect());
    await page.waitForSelector('form#login');
  });

  test('logs out without a question where the administrator has said so', async () => {
    await issuer.updateClient(site.id, '--no-logout-question');
    const page = await loggedIn();
    await page.evaluate(() => void users.signoutRedirect());
    await page.waitForURL((url) => url.href.startsWith(`${site.origin}/bye`));
    await page.evaluate(() => void users.signinRedirect());
    await page.waitForSelector('form#login');
  });
});
