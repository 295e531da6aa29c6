// A person with a minimal browser: cookies, redirects and forms, but no JavaScript. Fills in the form that a page shows.

import { request as send } from 'node:http';

const MAX_STEPS = 12;

/** The headers of a navigation. Some applications only redirect navigations. */
const NAVIGATION = { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

/** One browser profile. It follows no redirect that the caller did not ask for. */
export class Person {
  #cookies = new Map();

  constructor({ username, password }) {
    this.username = username;
    this.password = password;
  }

  /** One request without following redirects. Each host and port has cookies of its own. */
  async request(url, { method = 'GET', form, headers = {} } = {}) {
    const { host, origin } = new URL(url);
    const sent = { ...NAVIGATION, ...headers };
    const jar = this.#jar(host);
    if (jar.size > 0) sent.cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    if (method !== 'GET') sent.origin ??= origin;
    if (form) sent['content-type'] = 'application/x-www-form-urlencoded';
    const answer = await exchange(url, { method, headers: sent }, form && String(new URLSearchParams(form)));
    for (const cookie of answer.headers.getSetCookie()) this.#keep(jar, cookie);
    return { ...answer, url };
  }

  /** Posts the form of a page, like the press of its button. */
  async submit(page, id, values = {}, headers = {}) {
    const form = formOf(page.text, id);
    if (!form) throw new Error(`no form ${id} on ${page.url} (${page.status}):\n${page.text}`);
    const action = new URL(form.action || page.url, page.url).href;
    return this.request(action, { method: form.method, form: { ...form.fields, ...values }, headers });
  }

  /**
   * Follows redirects and fills in forms until the browser would go to `destination` (a URL without query), or until a page has no
   * known form. Returns `{ left }`, the URL of the destination, or `{ page }`, the last page.
   */
  async walk(start, destination, { decision = 'allow', logIn = true, request = {} } = {}) {
    let page = await this.request(start, request);
    const seen = [];
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const location = page.headers.get('location');
      if (location) {
        const next = new URL(location, page.url);
        if (next.origin + next.pathname === destination) return { left: next, seen };
        page = await this.request(next.href);
      } else if (page.status === 200 && formOf(page.text, 'login') && logIn) {
        seen.push('login');
        page = await this.submit(page, 'login', { username: this.username, password: this.password });
      } else if (page.status === 200 && formOf(page.text, 'consent')) {
        seen.push('consent');
        page = await this.submit(page, 'consent', { decision });
      } else {
        return { page, seen };
      }
    }
    throw new Error(`still going after ${MAX_STEPS} steps, now at ${page.url}`);
  }

  #jar(host) {
    if (!this.#cookies.has(host)) this.#cookies.set(host, new Map());
    return this.#cookies.get(host);
  }

  #keep(jar, cookie) {
    const [pair, ...attributes] = cookie.split(';').map((part) => part.trim());
    const [name, ...value] = pair.split('=');
    const removed = attributes.some((attribute) => /^max-age=0$/i.test(attribute));
    if (removed) jar.delete(name);
    else jar.set(name, value.join('='));
  }
}

/** One request on a connection of its own. (`fetch` would send another `sec-fetch-mode`.) */
function exchange(url, options, body) {
  return new Promise((resolve, reject) => {
    const read = async (answer) => {
      const headers = new Headers();
      for (const [name, values] of Object.entries(answer.headersDistinct)) {
        for (const value of values) headers.append(name, value);
      }
      const text = (await answer.setEncoding('utf8').toArray()).join('');
      return { status: answer.statusCode, headers, text };
    };
    const request = send(url, { ...options, agent: false }, (answer) => read(answer).then(resolve, reject));
    request.on('error', reject).end(body);
  });
}

/** `{ action, method, fields }` of the form with this id. `fields` are its hidden inputs. */
export function formOf(html, id) {
  for (const [, tag, content] of html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)) {
    const attributes = attributesOf(tag);
    if (attributes.id !== id) continue;
    const fields = {};
    for (const [, input] of content.matchAll(/<input\b([^>]*)>/g)) {
      const { type, name, value = '' } = attributesOf(input);
      if (type === 'hidden') fields[name] = value;
    }
    return { action: attributes.action ?? '', method: (attributes.method ?? 'get').toUpperCase(), fields };
  }
  return undefined;
}

function attributesOf(tag) {
  const found = tag.matchAll(/([\w-]+)(?:\s*=\s*"([^"]*)")?/g);
  return Object.fromEntries([...found].map(([, name, value]) => [name, unescape(value ?? '')]));
}

function unescape(text) {
  const named = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name) return named[name] ?? whole;
    return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal));
  });
}
