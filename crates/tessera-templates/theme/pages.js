// Shows the password, sends no form twice, and sends the logout that needs no question.
// Every page works without it.

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
  // A browser remembers what it sends from a plain text field, so the password is hidden again first.
  field.form.addEventListener('submit', () => show(false));
}

// Long enough for an impatient second click. If the form led to another program (a native application), this page stays open, and
// after the pause the person may send the form again.
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
  // The back button may bring the page back in the state in which it was left.
  addEventListener('pageshow', (event) => event.persisted && free());
}

document.querySelector('form[data-at-once]')?.requestSubmit();
