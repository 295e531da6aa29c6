// A person with Debian's Chromium who logs in with codes of an authenticator app, which oathtool plays, or with recovery codes.
// And the pages of all factors: without JavaScript, by keyboard, on a phone and a desktop.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { auditPage } from './accessibility.mjs';
import { AuthenticatorApp, Key, KEYS } from './authenticators.mjs';
import { SCREENSHOTS } from './browser.mjs';
import {
  at, claims, demo, enrol, fillIn, forget, logIn, makeCodes, newPage, newPerson, PASSWORD, problem, register, toLogin,
  untilGone, useDemo, withApp, withKey, withoutOffer, withoutVerification,
} from './factors.mjs';
import { weigh } from './weight.mjs';

/** What a page and everything that it loads may weigh. */
const MAX_PAGE_BYTES = 50_000;

useDemo();

describe('an authenticator app', () => {
  test('r13_is_enrolled_and_then_asked_for', async () => {
    const { username, page, app } = await withApp();
    await toLogin(page);
    await fillIn(page, username);
    await page.waitForSelector('form#step #code');
    await page.fill('#code', app.code());
    await page.click('#submit');
    const told = await claims(page);
    assert.equal(told.acr, 'aal2');
    assert.deepEqual(told.amr, ['mfa', 'otp', 'pwd']);
  });

  test('r13_reads_the_same_secret_from_the_link', async () => {
    const page = await newPage();
    await logIn(page, await newPerson(), 'totp');
    const uri = new URL(await page.getAttribute('#open', 'href'));
    assert.equal(uri.protocol, 'otpauth:');
    assert.equal(uri.searchParams.get('secret'), (await page.textContent('#secret')).replaceAll(' ', ''));
  });

  test('r13_with_a_wrong_code_is_not_enrolled_and_keeps_its_secret', async () => {
    const page = await newPage();
    await logIn(page, await newPerson(), 'totp');
    const secret = await page.textContent('#secret');
    await page.fill('#code', new AuthenticatorApp(secret).oldCode());
    await page.fill('#name', 'My phone');
    await page.click('#submit');
    assert.match(await problem(page), /That code is wrong/);
    assert.equal(await page.textContent('#secret'), secret);
    assert.equal(await page.inputValue('#name'), 'My phone');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'code', 'typing goes on there');
    await enrol(page);
  });

  test('r13_a_wrong_code_is_refused_and_the_right_one_still_helps', async () => {
    const { username, page, app } = await withApp();
    await page.goto(`${demo.issuer}/login?to=account`);
    await fillIn(page, username);
    await page.fill('#code', app.oldCode());
    await page.click('#submit');
    assert.match(await problem(page), /That code is wrong, or it was used before/);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'code');
    const code = app.code();
    await untilGone(page, '#code', async () => {
      await page.fill('#code', code);
      await page.click('#submit');
    });
    await page.waitForURL(at('/account'));
  });
});

describe('recovery codes', () => {
  /** How many the page of the account says are left. */
  async function codesLeft(page) {
    const line = await page.locator('li', { has: page.locator('#recovery-codes') }).textContent();
    return Number(/(\d+)\W* left/.exec(line)[1]);
  }

  test('are shown once, and each works once', async () => {
    const username = await newPerson();
    const page = await newPage();
    await logIn(page, username, 'totp');
    const app = await enrol(page);
    await page.click('#recovery-codes');
    // One factor was enough when the person logged in. Now they have two.
    await page.waitForURL(at('/login'));
    await fillIn(page, username);
    await page.fill('#code', app.code());
    await page.click('#submit');
    await page.waitForURL(at('/account/recovery-codes'));
    const codes = await makeCodes(page);
    assert.equal(new Set(codes).size, codes.length);
    await page.goto(`${demo.issuer}/account/recovery-codes`);
    assert.equal(await page.locator('#codes').count(), 0);
    assert.ok(!(await page.content()).includes(codes[0]));
    await page.click('#account');
    assert.equal(await codesLeft(page), codes.length);

    const useCode = async (code) => {
      await page.fill('#code', code);
      await page.click('#submit');
    };
    const toCode = async () => {
      await forget(page);
      await page.goto(`${demo.issuer}/login?to=account`);
      await fillIn(page, username);
      await page.click('a.method:text("recovery code")');
      await page.waitForSelector('input[name=method][value=recovery-code]', { state: 'attached' });
    };
    await toCode();
    await useCode(codes[0]);
    await page.waitForURL(at('/account'));
    assert.equal(await codesLeft(page), codes.length - 1);
    await toCode();
    await useCode(codes[0]);
    assert.match(await problem(page), /used before/);
    // As people copy it: in capitals, with spaces.
    await untilGone(page, '#code', () => useCode(` ${codes[1].toUpperCase()} `));
    await page.waitForURL(at('/account'));
  });
});

describe('without JavaScript', () => {
  test('an authenticator app is enrolled and asked for', async () => {
    const { username, page, app } = await withApp({ javaScriptEnabled: false });
    await page.goto(`${demo.issuer}/login?to=account`);
    assert.ok(await page.isHidden('#use-passkey'), 'nothing would happen');
    await fillIn(page, username);
    await page.fill('#code', app.code());
    await page.click('#submit');
    await page.waitForURL(at('/account'));
  });

  test('the pages of passkeys say what they need', async () => {
    const { username, page: withScripts, key } = await withKey(KEYS.u2f);
    await key.unplug();
    await withScripts.close();
    const page = await newPage({ javaScriptEnabled: false });
    await page.goto(`${demo.issuer}/login?to=passkey`);
    await fillIn(page, username);
    await page.waitForURL(at('/login/step'));
    assert.match(await page.textContent('noscript'), /need JavaScript/);
    await page.screenshot({ path: `${SCREENSHOTS}step-passkey-no-script.png` });
    const other = await newPage({ javaScriptEnabled: false });
    await logIn(other, await newPerson(), 'passkey');
    assert.match(await other.textContent('noscript'), /need JavaScript/);
    await other.screenshot({ path: `${SCREENSHOTS}passkey-no-script.png` });
    await other.click('#account');
    await other.waitForURL(at('/account'));
  });
});

describe('by keyboard alone', () => {
  /** Presses Tab until this element has the focus. */
  async function tabTo(page, selector) {
    for (let pressed = 0; pressed < 20; pressed += 1) {
      if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`Tab does not reach ${selector}`);
  }

  test('an authenticator app is enrolled and asked for', async () => {
    const username = await newPerson();
    const page = await newPage();
    const logInByKeyboard = async () => {
      await page.goto(`${demo.issuer}/login?to=account`);
      await tabTo(page, '#username');
      await page.keyboard.type(username);
      await tabTo(page, '#password');
      await page.keyboard.type(PASSWORD);
      await page.keyboard.press('Enter');
    };
    await logInByKeyboard();
    await page.waitForURL(at('/account'));
    await tabTo(page, '#add-totp');
    await page.keyboard.press('Enter');
    await page.waitForURL(at('/account/totp'));
    const app = new AuthenticatorApp(await page.textContent('#secret'));
    await tabTo(page, '#code');
    await page.keyboard.type(app.code());
    await tabTo(page, '#submit');
    await page.keyboard.press('Space');
    await page.waitForURL(at('/account'));
    await forget(page);
    await logInByKeyboard();
    await page.waitForURL(at('/login/step'));
    await tabTo(page, '#code');
    await page.keyboard.type(app.code());
    await page.keyboard.press('Enter');
    await page.waitForURL(at('/account'));
  });

  test('a passkey is registered and used', async () => {
    const username = await newPerson();
    const page = await newPage();
    await withoutOffer(page);
    await Key.at(page, KEYS.verifying);
    await logIn(page, username);
    await tabTo(page, '#add-passkey');
    await page.keyboard.press('Enter');
    await page.waitForURL(at('/account/passkey'));
    await tabTo(page, '#submit');
    await page.keyboard.press('Enter');
    await page.waitForURL(at('/account'));
    await forget(page);
    await page.goto(`${demo.issuer}/login?to=account`);
    await tabTo(page, '#use-passkey');
    await page.keyboard.press('Enter');
    await page.waitForURL(at('/account'));
  });
});

describe('every page', () => {
  const LOOKS = [
    { name: 'phone', width: 390, height: 844 },
    { name: 'desktop', width: 1280, height: 800 },
  ];

  /** Looks at the page on a phone and on a desktop, in both colours, and ends as it began. */
  async function look(page, name, weight) {
    assert.ok(weight.bytes() > 1000 && weight.bytes() < MAX_PAGE_BYTES, `${name} weighs ${weight.bytes()} bytes`);
    for (const { name: size, ...viewport } of LOOKS) {
      await page.setViewportSize(viewport);
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name}, ${size}`);
        await auditPage(page);
        await page.screenshot({ path: `${SCREENSHOTS}${name}-${size}-${colorScheme}.png`, fullPage: true });
      }
    }
  }

  test('is for everyone, on a phone and a desktop, in both colours, and weighs little', async () => {
    const username = await newPerson();
    const page = await newPage({ viewport: { width: 390, height: 844 } });
    const errors = [];
    page.on('console', (message) => {
      // A code that comes too soon after a wrong one is refused with 429, and Chromium notes that.
      if (message.type() === 'error' && !message.text().includes('429')) errors.push(message.text());
    });
    await withoutOffer(page);
    const weight = await weigh(page);
    const key = await Key.at(page, KEYS.u2f);
    await page.goto(`${demo.issuer}/login?to=account`);
    await look(page, 'login-with-passkey', weight);
    await fillIn(page, username);
    await page.waitForURL(at('/account'));
    await look(page, 'account-password', weight);
    await page.click('#add-totp');
    await page.waitForURL(at('/account/totp'));
    await look(page, 'totp', weight);
    await page.fill('#code', 'abcdef');
    await page.click('#submit');
    await problem(page);
    await look(page, 'totp-wrong', weight);
    const app = await enrol(page);
    await page.click('#add-passkey');
    await page.waitForSelector('form#login');
    await fillIn(page, username);
    await page.waitForSelector('form#step #code');
    await look(page, 'step-totp', weight);
    await page.fill('#code', 'abcdef');
    await page.click('#submit');
    await problem(page);
    await look(page, 'step-totp-wrong', weight);
    const code = app.code();
    await untilGone(page, '#code', async () => {
      await page.fill('#code', code);
      await page.click('#submit');
    });
    await page.waitForURL(at('/account/passkey'));
    await look(page, 'passkey', weight);
    await register(page, 'The blue one');
    await look(page, 'account', weight);
    await page.click('.authenticator');
    await page.waitForURL(at('/account/authenticator'));
    await look(page, 'authenticator', weight);
    await page.click('#account');
    await page.click('#recovery-codes');
    await page.waitForURL(at('/account/recovery-codes'));
    await look(page, 'recovery-codes', weight);
    await makeCodes(page);
    await look(page, 'recovery-codes-made', weight);
    await page.click('#account');
    await page.click('#recovery-codes');
    await page.waitForURL(at('/account/recovery-codes'));
    await look(page, 'recovery-codes-again', weight);
    await forget(page);
    await page.goto(`${demo.issuer}/login?to=account`);
    await fillIn(page, username);
    await page.waitForSelector('form#step[data-ceremony]');
    await look(page, 'step-passkey', weight);
    await page.click('a.method:text("recovery code")');
    await page.waitForSelector('form#step #code');
    await look(page, 'step-recovery-code', weight);
    await key.unplug();
    await forget(page);
    await Key.at(page, KEYS.casual, 'internal');
    await logIn(page, await newPerson(), 'passkey');
    await register(page, 'Mine');
    await forget(page);
    await withoutVerification(page);
    await page.goto(`${demo.issuer}/login?to=account`);
    await page.click('#use-passkey');
    await page.click('a.method:text("password")');
    await page.waitForSelector('form#step #password');
    await look(page, 'step-password', weight);
    assert.deepEqual(errors, []);
  });

  test('is there in every language, on a narrow screen too', async () => {
    const { username, page, app } = await withApp();
    await page.goto(`${demo.issuer}/login?to=account`);
    await fillIn(page, username);
    await page.fill('#code', app.code());
    await page.click('#submit');
    await page.waitForURL(at('/account'));
    const storageState = await page.context().storageState();
    for (const locale of ['de-DE', 'fr-FR', 'es-MX', 'it-IT', 'pt-BR', 'nl-NL', 'pl-PL', 'ja-JP', 'zh-CN']) {
      const translated = await newPage({ locale, storageState, viewport: { width: 320, height: 640 } });
      for (const path of ['/account', '/account/passkey', '/account/totp', '/account/recovery-codes']) {
        await translated.goto(`${demo.issuer}${path}`);
        assert.ok(at(path)(new URL(translated.url())), translated.url());
        assert.equal(await translated.getAttribute('html', 'lang'), locale.slice(0, 2));
        const fits = await translated.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
        assert.ok(fits, `${path} in ${locale}`);
        await auditPage(translated);
      }
      await translated.close();
    }
  });
});
