
// What is typed or chosen is looked for when the reader pauses.
const PAUSE_MS = 300;
let waiting = 0;
element.addEventListener('input', () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => element.querySelector('[data-action="find"]')?.click(), PAUSE_MS);
});

// The library has changed: what the fields say now is listed, not what they said when the change began.
element.addEventListener('relist', (event) => trigger('relist', { fields: fieldsAround(event.target) }));
