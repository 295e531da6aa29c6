// A person with Debian's Chromium, who logs in at the demo application with the pages of the issuer.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';

import { auditPage } from './accessibility.mjs';
import { SCREENSHOTS, TestBrowser } from './browser.mjs';
import { PAGE_TIMEOUT_MS } from './chromium.mjs';
import { startDemo } from './server.mjs';

let demo;
let testBrowser;
const newPage = (options) => testBrowser.newPage(options);

before(async () => {
  demo = await startDemo();
  testBrowser = await TestBrowser.start();
});
after(async () => {
  await testBrowser?.stop();
  await demo?.stop();
});
afterEach(() => testBrowser.closePages());

/** Goes from the demo application to the issuer's login page. */
async function toLogin(page) {
  await page.goto(demo.web);
  await page.click('#login-link');
  await page.waitForSelector('form#login');
  assert.equal(new URL(page.url()).origin, demo.issuer);
}

/** Goes to the login page of a request with `prompt=consent`. */
async function toLoginWithConsent(page) {
  await page.goto(demo.web);
  let url = new URL(await page.getAttribute('#login-link', 'href'), page.url());
  if (url.origin !== demo.issuer) {
    const sent = await page.context().request.get(url.href, { maxRedirects: 0 });
    url = new URL(sent.headers().location, url);
  }
  url.searchParams.set('prompt', 'consent');
  await page.goto(url.href);
  await page.waitForSelector('form#login');
}

async function fillIn(page, password = demo.password) {
  await page.fill('#username', demo.username);
  await page.fill('#password', password);
  await page.click('form#login button[type=submit]');
}

const decide = (page, decision) => page.click(`form#consent button[name=decision][value=${decision}]`);

/** Logs in at the demo application. Gives consent if the page asks for it. */
async function logIn(page) {
  await toLogin(page);
  await fillIn(page);
  await page.waitForSelector('#tokens, form#consent');
  if (await page.$('form#consent')) await decide(page, 'allow');
  await page.waitForSelector('#tokens');
}

/** Repeats `act` until `holds`, for effects that take a moment, like those of the revocation feed. */
async function until(act, holds) {
  const end = Date.now() + PAGE_TIMEOUT_MS;
  for (;;) {
    await act();
    if (await holds()) return;
    assert.ok(Date.now() < end, 'it never came to hold');
  }
}

/** Logs in after a wrong password. The delay is at most a second (policy P3), so it repeats the attempt. */
async function untilLoggedIn(page) {
  await until(() => fillIn(page).then(() => page.waitForLoadState()), () => page.$('#tokens, form#consent'));
}

/** Sends a form from a page of another site. For a browser, 127.0.0.1 is another site than localhost. */
async function postFromOtherSite(page, action, fields) {
  await page.goto(demo.web.replace('localhost', '127.0.0.1'));
  await page.evaluate(([action, fields]) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action });
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
    }
    document.body.append(form);
    form.submit();
  }, [action, fields]);
}

async function callApi(page) {
  await page.click('#call-api');
  await page.waitForFunction(() => /\d{3}/.test(document.querySelector('#api-result')?.textContent ?? ''));
  return (await page.textContent('#api-result')).trim();
}

describe('login', () => {
  test('leads through password and consent back to the application', async () => {
    const page = await newPage();
    await toLoginWithConsent(page);
    await fillIn(page);
    await page.waitForSelector('form#consent');
    await decide(page, 'allow');
    await page.waitForSelector('#tokens');
    assert.equal(new URL(page.url()).origin, demo.web);
    assert.doesNotMatch(page.url(), /code=/, 'the code stays in the address bar');
  });

  test('tells the application who that is', async () => {
    const page = await newPage();
    await logIn(page);
    const claims = JSON.parse(await page.textContent('#user-info pre'));
    assert.equal(claims.preferred_username, demo.username);
    assert.equal(claims.name, 'Alice Example');
    assert.match(await page.textContent('main'), /Logged in as Alice Example/);
  });

  test('works by keyboard alone', async () => {
    const page = await newPage();
    await toLogin(page);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'username');
    await page.keyboard.type(demo.username);
    await page.keyboard.press('Tab');
    await page.keyboard.type(demo.password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('#tokens, form#consent');
  });

  test('works without JavaScript', async () => {
    const page = await newPage({ javaScriptEnabled: false });
    await toLoginWithConsent(page);
    await fillIn(page);
    await page.waitForSelector('form#consent');
    await decide(page, 'allow');
    await page.waitForURL((url) => url.origin === demo.web);
    await page.goto(`${demo.issuer}/logout`);
    await page.click('form#logout button[type=submit]');
    await page.waitForSelector('form#logout', { state: 'detached' });
    await page.goto(`${demo.issuer}/login`);
    await page.waitForSelector('form#login');
  });

  test('keeps its session in a cookie that no script can read', async () => {
    const page = await newPage();
    await logIn(page);
    const cookies = await page.context().cookies(demo.issuer);
    assert.ok(cookies.length > 0);
    for (const cookie of cookies) assert.ok(cookie.httpOnly && cookie.sameSite === 'Lax', cookie.name);
  });

  test('is not asked for twice, even by an application that forgot everything', async () => {
    const page = await newPage();
    await logIn(page);
    await page.context().clearCookies({ name: /^(?!tessera_session$|tessera_browser$)/ });
    await page.goto(demo.web);
    await page.click('#login-link');
    await page.waitForSelector('#tokens');
  });

  test('with a wrong password shows the same page with an alert, and the right one still helps', async () => {
    const page = await newPage();
    await toLogin(page);
    await fillIn(page, 'not the password');
    const alert = await page.waitForSelector('[role=alert]');
    assert.ok((await alert.textContent()).trim());
    assert.equal(await page.inputValue('#username'), demo.username);
    assert.equal(await page.inputValue('#password'), '');
    const focused = await page.evaluate(() => document.activeElement.getAttribute('aria-describedby'));
    assert.equal(await page.evaluate(() => document.activeElement.id), 'password', 'typing goes on there');
    assert.equal(focused, await alert.getAttribute('id'), 'and the problem is read out with it');
    for (const field of ['#username', '#password']) assert.equal(await page.getAttribute(field, 'aria-invalid'), 'true');
    await auditPage(page);
    await page.screenshot({ path: `${SCREENSHOTS}login-refused.png` });
    await untilLoggedIn(page);
  });

  test('tells nothing about who exists', async () => {
    const refused = async (username) => {
      const page = await newPage();
      await toLogin(page);
      await page.fill('#username', username);
      await page.fill('#password', 'not the password');
      await page.click('form#login button[type=submit]');
      return { page, text: await (await page.waitForSelector('[role=alert]')).textContent() };
    };
    const unknown = await refused('nobody-of-this-name');
    const known = await refused(demo.username);
    assert.equal(known.text, unknown.text);
    await untilLoggedIn(known.page);
  });
});

describe('consent', () => {
  test('denied, the application hears access_denied', async () => {
    const page = await newPage();
    await toLoginWithConsent(page);
    await fillIn(page);
    await page.waitForSelector('form#consent');
    await decide(page, 'deny');
    await page.waitForURL((url) => url.origin === demo.web);
    assert.match(await page.textContent('body'), /access_denied/);
    assert.equal(await page.$('#tokens'), null);
  });

  test('says in words what is asked, and lets somebody else log in', async () => {
    const page = await newPage();
    await toLoginWithConsent(page);
    await fillIn(page);
    await page.waitForSelector('form#consent');
    const asked = await page.locator('.scopes li').allTextContents();
    assert.deepEqual(asked.slice(0, 2), ['Know that it is you', 'See your name, user name and other details of your profile']);
    assert.match(asked.at(-1), /^See your orders/);
    await page.click('#other');
    await page.waitForSelector('form#login');
  });
});

describe('a form on another site', () => {
  test('asks for a login, and whoever is logged in does not log in again', async () => {
    const page = await newPage();
    await logIn(page);
    const { client_id, scope } = demo.clients['e2e-web'];
    await postFromOtherSite(page, `${demo.issuer}/authorize`, {
      response_type: 'code', client_id, scope, redirect_uri: `${demo.web.replace('localhost', '127.0.0.1')}/callback`,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256', prompt: 'consent',
    });
    await page.waitForSelector('form#login, form#consent');
    assert.ok(await page.$('form#consent'), 'single sign-on');
  });

  test('asks for a logout, and the person is asked while the token stays out of the address', async () => {
    const page = await newPage();
    await logIn(page);
    await postFromOtherSite(page, `${demo.issuer}/logout`, { id_token_hint: 'eyJhbGciOiJub25lIn0.secret.' });
    await page.waitForSelector('form#logout');
    assert.match(await page.textContent('main'), /alice/);
    assert.doesNotMatch(page.url(), /eyJ|secret/);
  });
});

describe('the application', () => {
  test('calls its API', async () => {
    const page = await newPage();
    await logIn(page);
    assert.match(await callApi(page), /200/);
  });

  test('shows its access token for whoever wants to call the API by hand', async () => {
    const page = await newPage();
    await logIn(page);
    assert.notEqual(await page.getAttribute('#access-token', 'readonly'), null);
    const token = await page.inputValue('#access-token');
    const answer = await fetch(`${demo.api}/orders`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 200, token);
  });

  test('refreshes and still gets in', async () => {
    const page = await newPage();
    await logIn(page);
    const before = await page.textContent('#tokens');
    await page.click('#refresh');
    await page.waitForFunction((old) => {
      const now = document.querySelector('#tokens')?.textContent;
      return now !== undefined && now !== old;
    }, before);
    assert.match(await callApi(page), /200/);
  });

  test('revokes, and the API refuses within moments', async () => {
    const page = await newPage();
    await logIn(page);
    assert.match(await callApi(page), /200/);
    await page.click('#revoke');
    await page.waitForLoadState();
    let result;
    await until(async () => { result = await callApi(page); }, () => /401/.test(result));
  });
});

describe('logout', () => {
  test('asks, then ends the session', async () => {
    const page = await newPage();
    await logIn(page);
    await page.click('#logout');
    await page.waitForSelector('form#logout');
    await auditPage(page);
    await page.click('form#logout button[type=submit]');
    await page.waitForSelector('form#logout', { state: 'detached' });
    await page.waitForLoadState();
    await toLogin(page);
  });

  test('left unconfirmed, the session stays', async () => {
    const page = await newPage();
    await logIn(page);
    await page.goto(`${demo.issuer}/logout`);
    await page.waitForSelector('form#logout');
    await page.goto(`${demo.issuer}/login`);
    assert.equal(await page.$('form#login'), null);
  });
});

describe('pages are for everyone', () => {
  for (const colorScheme of ['light', 'dark']) {
    test(`in ${colorScheme} colours`, async () => {
      const page = await newPage({ colorScheme });
      await page.goto(demo.web);
      await auditPage(page);
      await toLoginWithConsent(page);
      await auditPage(page);
      await page.screenshot({ path: `${SCREENSHOTS}login-${colorScheme}.png` });
      await fillIn(page);
      await page.waitForSelector('form#consent');
      await auditPage(page);
      await page.screenshot({ path: `${SCREENSHOTS}consent-${colorScheme}.png` });
      await decide(page, 'allow');
      await page.waitForSelector('#tokens');
      await auditPage(page);
      await page.screenshot({ path: `${SCREENSHOTS}application-${colorScheme}.png`, fullPage: true });
      await page.goto(`${demo.issuer}/no/such/page`);
      await auditPage(page);
    });
  }

  test('on a narrow screen without scrolling sideways', async () => {
    const page = await newPage({ viewport: { width: 320, height: 640 } });
    const fits = async (name) => {
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), name);
      await page.screenshot({ path: `${SCREENSHOTS}${name}-narrow.png`, fullPage: true });
    };
    await toLoginWithConsent(page);
    await fits('login');
    await fillIn(page);
    await page.waitForSelector('form#consent');
    await fits('consent');
    await page.goto(demo.issuer);
    await fits('home');
    await page.goto(`${demo.issuer}/logout`);
    await fits('logout');
    await page.goto(`${demo.issuer}/no/such/page`);
    await fits('error');
  });

  test('before and after a session', async () => {
    const page = await newPage();
    await page.goto(`${demo.issuer}/logout`);
    await auditPage(page);
    await logIn(page);
    await page.goto(`${demo.issuer}/login`);
    await auditPage(page);
    await page.click('#logout');
    await page.waitForSelector('form#logout');
    await auditPage(page);
  });

  for (const locale of ['de-DE', 'fr-FR', 'es-MX', 'it-IT', 'pt-BR', 'nl-NL', 'pl-PL', 'ja-JP', 'zh-CN']) {
    test(`in the language of ${locale}, on a narrow screen too`, async () => {
      const page = await newPage({ locale, viewport: { width: 320, height: 640 } });
      const reads = async (name) => {
        const language = await page.getAttribute('html', 'lang');
        assert.equal(language, locale.slice(0, 2));
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), name);
        await auditPage(page);
        await page.screenshot({ path: `${SCREENSHOTS}${name}-${language}.png`, fullPage: true });
      };
      await toLoginWithConsent(page);
      await reads('login');
      await fillIn(page);
      await page.waitForSelector('form#consent');
      await reads('consent');
      await page.goto(`${demo.issuer}/logout`);
      await reads('logout');
    });
  }
});
