// Unusual situations in a browser: applications that redirect again, popups, second tabs, the back button, a second click, no
// scripts, text from right to left.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, afterEach, before, describe, test } from 'node:test';

import { auditPage } from './accessibility.mjs';
import { SCREENSHOTS, TestBrowser } from './browser.mjs';
import { startDemo } from './server.mjs';

/** An address with the scheme of a program that is not installed here. */
const PROGRAM = 'com.example.app:/done';

let demo;
let testBrowser;
let applications = [];

before(async () => {
  demo = await startDemo();
  testBrowser = await TestBrowser.start();
});
after(async () => {
  await testBrowser?.stop();
  await demo?.stop();
});
afterEach(async () => {
  await testBrowser.closePages();
  for (const server of applications) {
    server.closeAllConnections();
    server.close();
  }
  applications = [];
});

/** An application at its own port of `host`. If `answer(url, response)` returns false, it answers with the default page. */
async function application(answer = () => false, host = '127.0.0.1') {
  const seen = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    if (url.pathname === '/favicon.ico') return response.writeHead(204).end();
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({ method: request.method, path: url.pathname, url, body: Buffer.concat(chunks).toString() });
      if (answer(url, response) === false) {
        response.setHeader('content-type', 'text/html');
        response.end(`<!doctype html><title>app</title><h1 id="arrived">${url.pathname}</h1>`);
      }
    });
    return undefined;
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  applications.push(server);
  return { origin: `http://${host}:${server.address().port}`, seen };
}

/** An application that redirects every request to `target`. */
const redirecting = (target) => application((_, response) => {
  response.writeHead(302, { location: target }).end();
});

/** The authorization request of this application. */
function authorize(origin, more = {}) {
  const { client_id, scope } = demo.clients['e2e-web'];
  const url = new URL('/authorize', demo.issuer);
  url.search = new URLSearchParams({
    response_type: 'code', client_id, scope, redirect_uri: `${origin}/callback`, state: 's',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256', ...more,
  });
  return url.href;
}

async function fillIn(page, options) {
  await page.fill('#username', demo.username);
  await page.fill('#password', demo.password);
  await page.click('form#login button[type=submit]', options);
}

const decide = (page, decision, options) => page.click(`form#consent button[value=${decision}]`, options);

/** Logs in and gives consent, which is remembered. */
async function giveConsent() {
  const page = await testBrowser.newPage();
  const app = await application();
  await page.goto(authorize(app.origin, { prompt: 'consent' }));
  await fillIn(page);
  await page.waitForSelector('form#consent');
  await decide(page, 'allow');
  await page.waitForSelector('#arrived');
}

/** Resolves when the page tries to open the program. */
const opensProgram = (page) => page.waitForEvent('request', (request) => request.url().startsWith('com.example.app:'));

describe('an application that redirects on', () => {
  // It redirects to another site, or to a program.
  for (const kind of ['another origin', 'a program']) {
    /** Does `act` with such an application, and asserts that the browser follows. */
    const follows = async (page, act) => {
      const other = await application();
      const target = kind === 'a program' ? PROGRAM : `${other.origin.replace('127.0.0.1', 'localhost')}/done`;
      const app = await redirecting(target);
      const arrival = kind === 'a program' ? () => opensProgram(page) : () => page.waitForURL(target);
      await act(app, arrival);
      assert.ok(app.seen.length > 0, 'the application was there on the way');
      return app;
    };
    const quick = { noWaitAfter: true };

    test(`to ${kind} is followed after a login`, async () => {
      await giveConsent();
      const page = await testBrowser.newPage();
      await follows(page, async (app, arrival) => {
        await page.goto(authorize(app.origin));
        await Promise.all([arrival(), fillIn(page, quick)]);
      });
    });

    for (const decision of ['allow', 'deny']) {
      test(`to ${kind} is followed after the answer "${decision}"`, async () => {
        const page = await testBrowser.newPage();
        await follows(page, async (app, arrival) => {
          await page.goto(authorize(app.origin, { prompt: 'consent' }));
          await fillIn(page);
          await page.waitForSelector('form#consent');
          await Promise.all([arrival(), decide(page, decision, quick)]);
        });
      });
    }

    test(`to ${kind} is followed after form_post`, async () => {
      await giveConsent();
      const page = await testBrowser.newPage();
      const app = await follows(page, async (app, arrival) => {
        await page.goto(authorize(app.origin, { response_mode: 'form_post' }));
        await Promise.all([arrival(), fillIn(page, quick)]);
      });
      assert.match(app.seen[0].body, /code=/);
    });

    test(`to ${kind} is followed after a logout`, async () => {
      const page = await testBrowser.newPage();
      await page.goto(`${demo.issuer}/login`);
      await fillIn(page);
      await page.waitForURL(`${demo.issuer}/`);
      await follows(page, async (app, arrival) => {
        const { client_id } = demo.clients['e2e-web'];
        const asked = new URLSearchParams({ client_id, post_logout_redirect_uri: `${app.origin}/logged-out` });
        await page.goto(`${demo.issuer}/logout?${asked}`);
        await Promise.all([arrival(), page.click('form#logout button', quick)]);
      });
    });
  }
});

describe('a popup', () => {
  test('logs in and tells the page that opened it', async () => {
    const app = await application((url, response) => {
      if (url.pathname !== '/callback') return false;
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>in</title><script>opener.postMessage(location.search, location.origin); close();</script>');
      return true;
    });
    const page = await testBrowser.newPage();
    await page.goto(app.origin);
    await page.evaluate(() => {
      window.heard = new Promise((resolve) => addEventListener('message', (event) => resolve(event.data)));
    });
    const opened = page.waitForEvent('popup');
    await page.evaluate((url) => { window.open(url, 'login', 'width=480,height=640'); }, authorize(app.origin, { prompt: 'consent' }));
    const popup = await opened;
    await popup.waitForSelector('form#login');
    await fillIn(popup);
    await popup.waitForSelector('form#consent');
    await decide(popup, 'allow', { noWaitAfter: true });
    assert.match(await page.evaluate(() => window.heard), /code=.*state=s/);
  });
});

describe('a page that is not fresh', () => {
  test('in a second tab leads on once the first has logged in', async () => {
    await giveConsent();
    const app = await application();
    const first = await testBrowser.newPage();
    const second = await first.context().newPage();
    await Promise.all([first.goto(authorize(app.origin)), second.goto(authorize(app.origin))]);
    await Promise.all([first.waitForSelector('form#login'), second.waitForSelector('form#login')]);
    await fillIn(first);
    // Its form may belong to a cookie that the browser has replaced. Then the form is shown again, and works.
    await first.waitForSelector('#arrived, #problem');
    if (await first.$('#problem')) {
      assert.match(await first.textContent('#problem'), /out of date/);
      assert.equal(await first.inputValue('#username'), demo.username);
      await fillIn(first);
      await first.waitForSelector('#arrived');
    }
    await second.reload();
    await second.waitForSelector('#arrived');
  });

  test('whose cookies went away is shown again and says so', async () => {
    const app = await application();
    const page = await testBrowser.newPage();
    await page.goto(authorize(app.origin));
    await page.context().clearCookies();
    await fillIn(page);
    await page.waitForSelector('#problem');
    await auditPage(page);
    assert.match(await page.textContent('#problem'), /out of date/);
    assert.equal(await page.inputValue('#username'), demo.username);
    await page.screenshot({ path: `${SCREENSHOTS}login-out-of-date.png` });
    await fillIn(page);
    await page.waitForSelector('form#consent, #arrived');
  });

  test('reached with the back button leads on', async () => {
    await giveConsent();
    const app = await application();
    const page = await testBrowser.newPage();
    await page.goto(authorize(app.origin));
    await fillIn(page);
    await page.waitForSelector('#arrived');
    await page.goBack();
    await page.waitForSelector('#arrived');
    assert.equal(app.seen.length, 2, 'another code, and no second login');
  });

  test('bookmarked, and opened in another browser, works there', async () => {
    const app = await application();
    const page = await testBrowser.newPage();
    await page.goto(authorize(app.origin));
    const bookmark = page.url();
    const other = await testBrowser.newPage();
    await other.goto(bookmark);
    await fillIn(other);
    await other.waitForSelector('form#consent, #arrived');
  });

  test('sent with two clicks is sent once', async () => {
    await giveConsent();
    const app = await application();
    const page = await testBrowser.newPage();
    let posts = 0;
    page.on('request', (request) => { posts += request.method() === 'POST' ? 1 : 0; });
    await page.goto(authorize(app.origin));
    await page.fill('#username', demo.username);
    await page.fill('#password', demo.password);
    await page.dblclick('form#login button[type=submit]', { noWaitAfter: true });
    await page.waitForSelector('#arrived');
    assert.equal(posts, 1);
  });
});

describe('the password', () => {
  test('can be shown and hidden, and goes on where typing was', async () => {
    const page = await testBrowser.newPage();
    await page.goto(`${demo.issuer}/login?username=alice`);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'password', 'the name is there already');
    await page.keyboard.type('secret');
    await page.click('#reveal');
    assert.deepEqual(
      [await page.getAttribute('#password', 'type'), await page.getAttribute('#reveal', 'aria-pressed')], ['text', 'true'],
    );
    assert.equal(await page.evaluate(() => document.activeElement.id), 'password');
    await auditPage(page);
    await page.screenshot({ path: `${SCREENSHOTS}login-revealed.png` });
    await page.click('#reveal');
    assert.equal(await page.getAttribute('#password', 'type'), 'password');
    assert.equal(await page.inputValue('#password'), 'secret');
  });

  test('has no such button where nothing would happen', async () => {
    const page = await testBrowser.newPage({ javaScriptEnabled: false });
    await page.goto(`${demo.issuer}/login`);
    assert.ok(await page.isHidden('#reveal'));
  });
});

describe('the start page', () => {
  test('says who is logged in, which applications have access, and lets the person leave or stay', async () => {
    await giveConsent();
    const page = await testBrowser.newPage();
    await page.goto(demo.issuer);
    await page.waitForSelector('form#login');
    await fillIn(page);
    await page.waitForURL(`${demo.issuer}/`);
    await auditPage(page);
    const shown = await page.textContent('main');
    for (const text of ['alice', 'End-to-end tests']) assert.ok(shown.includes(text), shown);
    await page.screenshot({ path: `${SCREENSHOTS}home.png` });
    await page.click('#logout');
    await page.waitForSelector('form#logout');
    await page.screenshot({ path: `${SCREENSHOTS}logout.png` });
    await page.click('#cancel');
    await page.waitForURL(`${demo.issuer}/`);
    assert.ok((await page.textContent('main')).includes('alice'), 'still there');
  });

  test('offers the account to an application that wants one chosen', async () => {
    await giveConsent();
    const app = await application();
    const page = await testBrowser.newPage();
    await page.goto(`${demo.issuer}/login`);
    await fillIn(page);
    await page.goto(authorize(app.origin, { prompt: 'select_account' }));
    await page.waitForSelector('form#accounts');
    await auditPage(page);
    await page.screenshot({ path: `${SCREENSHOTS}accounts.png` });
    await page.click('#continue');
    await page.waitForSelector('#arrived');
    await page.goto(authorize(app.origin, { prompt: 'select_account' }));
    await page.click('#other');
    await page.waitForSelector('form#login');
    assert.equal(await page.inputValue('#username'), '');
  });
});

describe('a logout without a question', () => {
  test('sends itself', async () => {
    const page = await testBrowser.newPage();
    await page.goto(`${demo.issuer}/login`);
    await fillIn(page);
    await page.waitForURL(`${demo.issuer}/`);
    await page.goto(`${demo.issuer}/logout`);
    // The elements that only such a page has.
    await page.evaluate(() => {
      document.querySelector('form#logout').setAttribute('data-at-once', '');
      const script = document.querySelector('script[type=module]').src;
      return import(`${script}?again`).catch(() => {});
    }).catch(() => {});
    await page.waitForSelector('form#logout', { state: 'detached' });
    assert.match(await page.textContent('h1'), /You are signed out/);
    await auditPage(page);
    await page.screenshot({ path: `${SCREENSHOTS}logged-out.png` });
    await page.goto(`${demo.issuer}/logout`);
    assert.match(await page.textContent('h1'), /You are not signed in here/);
    await page.screenshot({ path: `${SCREENSHOTS}nobody.png` });
  });
});

describe('a language that is written from right to left', () => {
  test('has everything on the other side and fits', async () => {
    const page = await testBrowser.newPage({ viewport: { width: 320, height: 640 }, colorScheme: 'dark' });
    await page.goto(`${demo.issuer}/login`);
    const side = () => page.evaluate(() => {
      const [field, button] = ['#password', '#reveal'].map((id) => document.querySelector(id).getBoundingClientRect());
      return button.left - field.left < field.width / 2 ? 'left' : 'right';
    });
    assert.equal(await side(), 'right');
    await page.evaluate(() => { document.documentElement.dir = 'rtl'; });
    assert.equal(await side(), 'left');
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('label')).textAlign), 'start');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
    await page.screenshot({ path: `${SCREENSHOTS}login-right-to-left.png`, fullPage: true });
  });
});

describe('an address that is not registered', () => {
  test('is named, and how to register one', async () => {
    const page = await testBrowser.newPage();
    await page.goto(authorize('https://elsewhere.example'));
    assert.match(await page.textContent('#address'), /^https:\/\/elsewhere\.example\/callback$/);
    await auditPage(page);
    await page.screenshot({ path: `${SCREENSHOTS}unknown-address.png` });
  });
});
