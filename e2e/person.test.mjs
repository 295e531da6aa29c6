// The form reader that the other tests use.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { formOf } from './person.mjs';

const PAGE = `<form id="other" action="/no"></form>
<form id="login" method="post"
  action="/login?a=1&amp;b=2">
<input type="hidden" name="flow" value="&quot;x&#x2F;&#47;&lt;"><input type="hidden" name="csrf" value="t=">
<input id="username" name="username" type="text" value="shown" required>
</form>`;

test('a form is read with its hidden fields and without the visible ones', () => {
  assert.deepEqual(formOf(PAGE, 'login'), {
    action: '/login?a=1&b=2',
    method: 'POST',
    fields: { flow: '"x//<', csrf: 't=' },
  });
});

test('a form that is not there is not made up', () => {
  assert.equal(formOf(PAGE, 'consent'), undefined);
});
