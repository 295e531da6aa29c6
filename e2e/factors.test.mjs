// A person with Debian's Chromium who logs in with passkeys and security keys, which Chromium plays.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';

import { auditPage } from './accessibility.mjs';
import { Key, KEYS } from './authenticators.mjs';
import { SCREENSHOTS } from './browser.mjs';
import {
  at, claims, demo, fillIn, forget, logIn, logInWithKey, newPage, newPerson, PASSWORD, problem, register, toLogin, untilGone,
  useDemo, withKey, withoutVerification,
} from './factors.mjs';

/** How a key reaches the browser, and the requirement that names it. */
const TRANSPORTS = [['r01', 'usb'], ['r04', 'nfc'], ['r04', 'ble'], ['r05', 'hybrid'], ['r01', 'internal']];

useDemo();

describe('a passkey', () => {
  for (const [number, transport] of TRANSPORTS) {
    test(`${number}_by_${transport}_with_a_pin_is_enough_alone`, async () => {
      const { username, page } = await withKey(KEYS.verifying, transport);
      await toLogin(page);
      await page.click('#use-passkey');
      const { acr, amr } = await claims(page);
      assert.deepEqual([acr, amr], ['aal2', ['mfa', 'pop', 'user']]);
      assert.match(await page.textContent('#user-info pre'), new RegExp(`"${username}"`));
    });
  }

  test('r20_without_a_pin_is_one_factor_and_the_password_is_the_other', async () => {
    const { page } = await withKey(KEYS.casual, 'internal');
    await withoutVerification(page);
    await toLogin(page);
    await page.click('#use-passkey');
    // The key could do more, so it is asked again. The person chooses the password.
    await page.click('a.method:text("password")');
    await page.fill('form#step #password', 'not the password');
    await page.click('#submit');
    assert.match(await problem(page), /That password is wrong/);
    await untilGone(page, '#password', async () => {
      await page.fill('#password', PASSWORD);
      await page.click('#submit');
    });
    const { acr, amr } = await claims(page);
    assert.deepEqual([acr, amr], ['aal2', ['mfa', 'pop', 'pwd', 'user']]);
  });

  test('r05_that_is_copied_to_other_devices_is_called_a_passkey', async () => {
    const { page } = await withKey(KEYS.synchronised, 'internal');
    await page.goto(`${demo.issuer}/login?to=account`);
    await page.click('#use-passkey');
    await page.waitForURL(at('/account'));
    const line = await page.locator('li', { has: page.locator('.authenticator') }).textContent();
    assert.match(line, /Passkey, added on \W?\d{4}-\d\d-\d\d\W?, last used on/);
  });

  test('r98_is_offered_in_the_field_for_the_user_name', async () => {
    const username = await newPerson();
    const page = await newPage();
    await logIn(page, username, 'passkey');
    const key = await Key.at(page, KEYS.verifying, 'internal');
    await register(page, 'This computer');
    await forget(page);
    assert.equal((await key.credentials()).length, 1);
    await page.goto(demo.web);
    // Chromium chooses the only passkey in the list, so nobody presses anything.
    await page.click('#login-link');
    assert.equal((await claims(page)).acr, 'aal2');
  });

  test('by its button works while the field offers it', async () => {
    const username = await newPerson();
    const page = await newPage();
    await logIn(page, username, 'passkey');
    const key = await Key.at(page, KEYS.verifying, 'internal');
    await register(page, 'This computer');
    await forget(page);
    await key.isTouched(false);
    await toLogin(page);
    await key.isTouched(true);
    await page.click('#use-passkey');
    assert.equal((await claims(page)).acr, 'aal2');
  });

  test('that was removed is refused, and the password still works', async () => {
    const { username, page } = await withKey(KEYS.verifying);
    await logInWithKey(page);
    await page.click('.authenticator');
    await page.click('form#remove button');
    // Nothing else was proven for the session, so it has ended.
    await page.waitForURL(at('/login'));
    await forget(page);
    await page.goto(`${demo.issuer}/login?to=account`);
    await page.click('#use-passkey');
    assert.match(await problem(page), /That passkey cannot be used here/);
    await fillIn(page, username);
    await page.waitForURL(at('/account'));
  });
});

describe('a security key', () => {
  for (const [number, transport] of TRANSPORTS) {
    test(`${number}_by_${transport}_with_a_touch_is_a_second_factor`, async () => {
      // The first standard knew only these.
      const kind = ['usb', 'nfc', 'ble'].includes(transport) ? KEYS.u2f : KEYS.touch;
      const { username, page } = await withKey(kind, transport);
      await toLogin(page);
      await fillIn(page, username);
      await page.waitForSelector('form#step[data-ceremony]');
      assert.match(await page.textContent('#lead'), /Use your passkey or security key/);
      await page.click('#submit');
      const { acr, amr } = await claims(page);
      assert.deepEqual([acr, amr], ['aal2', ['mfa', 'pop', 'pwd', 'user']]);
    });
  }

  test('that names nobody says on the login page that another way is needed', async () => {
    const { username, page } = await withKey(KEYS.u2f);
    await page.goto(`${demo.issuer}/login`);
    await page.click('#use-passkey');
    assert.match(await problem(page), /That did not work. Try again, or choose another way/);
    await fillIn(page, username);
    await page.waitForURL(at('/login/step'));
  });

  test('that is registered already is named as such', async () => {
    const { username, page } = await withKey(KEYS.verifying);
    await logInWithKey(page);
    await page.goto(`${demo.issuer}/account/passkey`);
    await page.click('#submit');
    assert.match(await problem(page), /registered already/, username);
    assert.equal(await page.locator('[role=alert]:visible').count(), 1);
    await auditPage(page);
    await page.screenshot({ path: `${SCREENSHOTS}passkey-registered-already.png` });
  });
});

describe('whoever cancels', () => {
  test('a registration is told, and tries again', async () => {
    const page = await newPage();
    await logIn(page, await newPerson(), 'passkey');
    const key = await Key.at(page, KEYS.verifying);
    await key.verifies(false);
    await page.click('#submit');
    assert.match(await problem(page), /That did not work. Try again/);
    await auditPage(page);
    await page.screenshot({ path: `${SCREENSHOTS}passkey-cancelled.png` });
    await key.verifies(true);
    await register(page, 'My key');
  });

  test('a login with a passkey is told, and goes on with it or with the password', async () => {
    const { username, page, key } = await withKey(KEYS.verifying);
    await page.goto(`${demo.issuer}/login?to=account`);
    await key.verifies(false);
    await page.click('#use-passkey');
    assert.match(await problem(page), /That did not work. Try again/);
    await auditPage(page);
    await page.screenshot({ path: `${SCREENSHOTS}login-passkey-cancelled.png` });
    await fillIn(page, username);
    await page.waitForURL(at('/login/step'));
    await page.click('#submit');
    assert.match(await problem(page), /That did not work. Try again/);
    await key.verifies(true);
    await page.click('#submit');
    await page.waitForURL(at('/account'));
  });

  test('is offered passkeys in the field for the user name again', async () => {
    const page = await newPage();
    // The person never chooses from the list of the field.
    await page.addInitScript(() => {
      const get = navigator.credentials.get.bind(navigator.credentials);
      window.offers = 0;
      navigator.credentials.get = (options) => {
        if (options.mediation !== 'conditional') return get(options);
        window.offers += 1;
        return new Promise((_, reject) => { options.signal.onabort = () => reject(options.signal.reason); });
      };
    });
    await Key.at(page, KEYS.verifying, 'internal');
    await page.goto(`${demo.issuer}/login`);
    await page.waitForFunction(() => window.offers === 1);
    await page.click('#use-passkey');
    assert.match(await problem(page), /That did not work/);
    await page.waitForFunction(() => window.offers === 2);
  });

  test('with more clicks while the key waits is asked once', async () => {
    const { page, key } = await withKey(KEYS.verifying);
    await page.addInitScript(() => {
      const get = navigator.credentials.get.bind(navigator.credentials);
      window.asked = 0;
      navigator.credentials.get = (options) => {
        window.asked += 1;
        return get(options);
      };
    });
    await page.goto(`${demo.issuer}/login`);
    await key.isTouched(false);
    await page.dblclick('#use-passkey');
    await page.click('#use-passkey');
    assert.equal(await page.evaluate(() => window.asked), 1);
    assert.ok(await page.isHidden('[data-problem]'));
  });
});

describe('the page of the account', () => {
  test('r21_names_renames_and_removes', async () => {
    const { username, page } = await withKey(KEYS.verifying);
    await logInWithKey(page);
    await page.click('.authenticator');
    await page.fill('#name', '  ');
    await page.click('form#rename button');
    assert.match(await problem(page), /1 to 60 characters/);
    await page.fill('#name', 'The <b>blue</b> one');
    await page.click('form#rename button');
    await page.waitForURL(at('/account'));
    assert.equal(await page.textContent('.authenticator'), 'The <b>blue</b> one');
    await page.click('.authenticator');
    await page.click('form#remove button');
    await page.waitForURL(at('/login'));
    await fillIn(page, username);
    await page.waitForURL(at('/account'));
    assert.equal(await page.locator('.authenticator').count(), 0);
  });

  test('keeps the last way to sign in', async () => {
    const { username, page } = await withKey(KEYS.verifying);
    removePassword(username);
    await logInWithKey(page);
    await page.click('.authenticator');
    await page.click('form#remove button');
    assert.match(await problem(page), /your last way to sign in/);
    await auditPage(page);
    await page.screenshot({ path: `${SCREENSHOTS}authenticator-last.png` });
    await page.click('#account');
    assert.equal(await page.locator('.authenticator').count(), 1);
  });
});

/** No command takes away a password, so this goes past the server. */
function removePassword(username) {
  const program = [
    'import sqlite3, sys',
    'with sqlite3.connect(sys.argv[1], timeout=10) as database:',
    '    database.execute("UPDATE users SET password_hash = NULL WHERE username = ?", [sys.argv[2]])',
  ].join('\n');
  execFileSync('/usr/bin/python3', ['-c', program, demo.database, username]);
}
