// Asks the browser for a passkey or a security key (WebAuthn level 3 section 5), and sends what it answers.

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
const text = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const known = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

/** The options of the page, with bytes where the browser wants bytes. */
const options = (form) => {
  const publicKey = JSON.parse(form.dataset.options);
  publicKey.challenge = bytes(publicKey.challenge);
  publicKey.allowCredentials = known(publicKey.allowCredentials);
  publicKey.excludeCredentials = known(publicKey.excludeCredentials);
  if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
  return publicKey;
};

/** The answer as JSON (section 5.1), with text where the browser has bytes. */
const json = (credential) => {
  const { response } = credential;
  const members = {};
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (response[name]) members[name] = text(response[name]);
  }
  if (response.getTransports) members.transports = response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: members,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
};

const send = (form, credential) => {
  form.elements.credential.value = json(credential);
  // A button with the id "submit" hides the method of the form.
  HTMLFormElement.prototype.submit.call(form);
};

// The server takes an answer for five minutes. After that the page needs another challenge.
const LIFETIME_MS = 270_000;
let isOld = false;

/** Fetches the page anew. A page that answered a form has the address of the form, so its parameters are put together again. */
const renew = (form) => {
  const url = new URL(form.action);
  for (const name of ['login', 'flow', 'to', 'method']) {
    if (form.elements[name]?.value) url.searchParams.set(name, form.elements[name].value);
  }
  location.replace(url);
};

/** Shows what the page says about an error of this name, or else what it says about any error. Without a name it shows nothing. */
const tell = (form, name) => {
  const problems = [...form.querySelectorAll('[data-problem]')];
  const about = (text) => problems.find((one) => one.dataset.problem === text);
  const shown = name && (about(name) ?? about(''));
  for (const one of problems) one.hidden = one !== shown;
};

let waiting;
let asking = false;

const ask = async (form) => {
  if (isOld) {
    renew(form);
    return;
  }
  // The browser refuses a second question while it asks the first.
  if (asking) return;
  asking = true;
  tell(form);
  waiting?.abort();
  try {
    const publicKey = options(form);
    const create = form.dataset.ceremony === 'create';
    send(form, await (create ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey })));
  } catch (error) {
    tell(form, error.name);
    if ('conditional' in form.dataset) offer(form);
  } finally {
    asking = false;
  }
};

/** Offers passkeys in the list of the field for the user name. */
const offer = async (form) => {
  if (isOld || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  waiting = new AbortController();
  const { signal } = waiting;
  try {
    send(form, await navigator.credentials.get({ publicKey: options(form), mediation: 'conditional', signal }));
  } catch {
    // The person did something else.
  }
};

setTimeout(() => {
  isOld = true;
  waiting?.abort();
}, LIFETIME_MS);

for (const form of document.querySelectorAll('form[data-ceremony]')) {
  if (!window.PublicKeyCredential) break;
  form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    ask(form);
  });
  if ('conditional' in form.dataset) offer(form);
}
