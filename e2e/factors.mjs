// People who log in with more than a password, each with an account of their own, and what they do in a browser.

import assert from 'node:assert/strict';
import { after, afterEach, before } from 'node:test';

import { AuthenticatorApp, Key } from './authenticators.mjs';
import { TestBrowser } from './browser.mjs';
import { PAGE_TIMEOUT_MS } from './chromium.mjs';
import { startDemo } from './server.mjs';

export const PASSWORD = 'correct horse battery staple';

/** The demo of the test file. */
export let demo;
let testBrowser;
let people = 0;

/** Starts the demo and a browser for the tests of a file, and closes the pages after each. */
export function useDemo() {
  before(async () => {
    demo = await startDemo();
    testBrowser = await TestBrowser.start();
  });
  after(async () => {
    await testBrowser?.stop();
    await demo?.stop();
  });
  afterEach(() => testBrowser.closePages());
}

export const newPage = (options) => testBrowser.newPage(options);


/** Somebody new, so that no test finds what another one has enrolled. */
export async function newPerson() {
  people += 1;
  const username = `person-${people}`;
  await demo.addUser({ username, password: PASSWORD, name: `Person ${people}`, email: `${username}@example.com` });
  return username;
}

export const at = (path) => (url) => url.origin === demo.issuer && url.pathname === path;

/** Gives the name and the password on the page that is open. */
export async function fillIn(page, username) {
  await page.fill('#username', username);
  await page.fill('#password', PASSWORD);
  await page.click('form#login button[type=submit]');
}

/** Logs in with the password alone, on the way to a page of the account. */
export async function logIn(page, username, to = 'account') {
  await page.goto(`${demo.issuer}/login?to=${to}`);
  await fillIn(page, username);
  await page.waitForURL(at(to === 'account' ? '/account' : `/account/${to}`));
}

/** The browser forgets who was here. The keys stay. */
export const forget = (page) => page.context().clearCookies();

/** The tab does not offer passkeys in the field for the user name, like a browser that cannot. */
export const withoutOffer = (page) => page.addInitScript(() => {
  delete PublicKeyCredential.isConditionalMediationAvailable;
});

/** The browser lets the key skip its question for a PIN or a finger. */
export const withoutVerification = (page) => page.addInitScript(() => {
  const get = navigator.credentials.get.bind(navigator.credentials);
  navigator.credentials.get = (options) => get({ publicKey: { ...options.publicKey, userVerification: 'discouraged' } });
});

/** Registers a key on its page, and ends on the page of the account. */
export async function register(page, name) {
  await page.fill('#name', name);
  await page.click('#submit');
  await page.waitForURL(at('/account'));
  assert.ok((await page.locator('.authenticator').allTextContents()).includes(name));
}

/** A person, and a tab with their new key in which nobody is logged in. */
export async function withKey(kind, transport) {
  const username = await newPerson();
  const page = await newPage();
  await withoutOffer(page);
  const key = await Key.at(page, kind, transport);
  await logIn(page, username, 'passkey');
  await register(page, 'My key');
  await forget(page);
  return { username, page, key };
}

/** Enrols an app on its page, and ends on the page of the account. */
export async function enrol(page) {
  const app = new AuthenticatorApp(await page.textContent('#secret'));
  await page.fill('#code', app.code());
  await page.click('#submit');
  await page.waitForURL(at('/account'));
  return app;
}

/** A person, and a tab with nobody logged in, and the app of the person. */
export async function withApp(options) {
  const username = await newPerson();
  const page = await newPage(options);
  await logIn(page, username, 'totp');
  const app = await enrol(page);
  await forget(page);
  return { username, page, app };
}

/** Makes recovery codes on their page, and ends on the page of the account. */
export async function makeCodes(page) {
  await page.click('form#make #submit');
  const codes = await page.locator('#codes code').allTextContents();
  assert.ok(codes.length >= 8, codes.join());
  return codes;
}

/** Goes from the demo application to the login page. */
export async function toLogin(page) {
  await page.goto(demo.web);
  await page.click('#login-link');
  await page.waitForSelector('form#login');
}

/** The claims of the ID token at the demo application, after consent if that is asked for. */
export async function claims(page) {
  await page.waitForSelector('#tokens, form#consent');
  if (await page.$('form#consent')) await page.click('form#consent button[value=allow]');
  await page.waitForSelector('#tokens');
  const text = await page.locator('#tokens pre').first().textContent();
  return JSON.parse(text.slice(text.indexOf('{')));
}

/** The problem that the page shows. */
export async function problem(page) {
  return (await page.waitForSelector('[role=alert]:visible')).textContent();
}

/** A code or password after a mistake. The delay is at most a second (policy P3), so it repeats the attempt. */
export async function untilGone(page, field, act) {
  const end = Date.now() + PAGE_TIMEOUT_MS;
  while (await page.$(field)) {
    assert.ok(Date.now() < end, await page.textContent('main'));
    await Promise.all([page.waitForEvent('load'), act()]);
  }
}

/** Logs in with the key alone, and ends on the page of the account. */
export async function logInWithKey(page) {
  await page.goto(`${demo.issuer}/login?to=account`);
  await page.click('#use-passkey');
  await page.waitForURL(at('/account'));
}
