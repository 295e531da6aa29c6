// What the pages do beyond HTML: show the password, send no form twice, send by itself what needs no question.
// Every page is complete without it.

const reveal = document.getElementById('reveal');
if (reveal) {
  const field = document.getElementById('password');
  const show = (shown) => {
    field.type = shown ? 'text' : 'password';
    reveal.setAttribute('aria-pressed', String(shown));
  };
  reveal.hidden = false;
  reveal.addEventListener('click', () => {
    show(field.type === 'password');
    field.focus();
  });
  // Browsers remember what is sent from a plain field.
  field.form.addEventListener('submit', () => show(false));
}

// Long enough for an impatient second click. What leads to another program leaves the page here, and may be sent again.
const PAUSE_MS = 3000;

for (const form of document.forms) {
  let sent = false;
  const free = () => {
    sent = false;
    form.removeAttribute('aria-busy');
  };
  form.addEventListener('submit', (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
    form.setAttribute('aria-busy', 'true');
    setTimeout(free, PAUSE_MS);
  });
  // The back button may bring the page as it was left.
  addEventListener('pageshow', (event) => event.persisted && free());
}

document.querySelector('form[data-at-once]')?.requestSubmit();
