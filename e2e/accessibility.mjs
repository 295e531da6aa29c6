// Automatic checks of accessibility (WCAG 2.2): names, landmarks, order and contrast of one page.

import assert from 'node:assert/strict';

/** Fails with a list of all problems on the page. */
export async function auditPage(page) {
  assert.deepEqual(await page.evaluate(findings), [], `accessibility of ${page.url()}`);
}

/** Runs in the page. */
function findings() {
  const found = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const named = (element) => element.textContent.trim() || element.getAttribute('aria-label') || element.title;
  const shown = (element) => element.getClientRects().length > 0;
  const describe = (element) => `<${element.tagName.toLowerCase()} id="${element.id}">`;

  if (!document.documentElement.lang) found.push('the document has no lang');
  if (!document.title.trim()) found.push('the document has no title');
  if (all('main').length !== 1) found.push('there is not exactly one main');
  if (all('h1').length !== 1) found.push('there is not exactly one h1');

  for (const input of all('input:not([type=hidden]), select, textarea')) {
    const label = [...(input.labels ?? [])].some((label) => label.textContent.trim());
    if (!label && !input.getAttribute('aria-label')) found.push(`${describe(input)} has no label`);
  }
  for (const element of all('button, a[href]')) {
    if (!named(element)) found.push(`${describe(element)} has no name`);
  }
  for (const image of all('img')) {
    if (!image.hasAttribute('alt')) found.push('an image has no alt');
  }
  for (const element of all('[tabindex]')) {
    if (element.tabIndex > 0) found.push(`${describe(element)} jumps the tab order`);
  }
  for (const element of all('[aria-describedby], [aria-labelledby]')) {
    const ids = `${element.getAttribute('aria-describedby') ?? ''} ${element.getAttribute('aria-labelledby') ?? ''}`;
    for (const id of ids.split(/\s+/).filter(Boolean)) {
      if (!document.getElementById(id)) found.push(`${describe(element)} points at #${id}, which is not there`);
    }
  }
  const ids = all('[id]').map((element) => element.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) found.push(`#${id} is there twice`);

  // Contrast by the formula of WCAG. A canvas converts every notation of a colour into bytes.
  const brush = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const bytes = (colour) => {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    return [...brush.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour) => {
    const [red, green, blue] = colour.slice(0, 3).map((byte) => {
      const part = byte / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const background = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = bytes(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return bytes(matchMedia('(prefers-color-scheme: dark)').matches ? '#121212' : '#ffffff');
  };
  for (const element of all('h1, h2, p, li, label, button, a, code, td, th, input:not([type=hidden])').filter(shown)) {
    const style = getComputedStyle(element);
    const pair = [luminance(bytes(style.color)), luminance(background(element))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    const size = Number.parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (!element.disabled && ratio < (large ? 3 : 4.5)) {
      found.push(`${describe(element)} has contrast ${ratio.toFixed(2)}: ${style.color}`);
    }
  }
  return found;
}
