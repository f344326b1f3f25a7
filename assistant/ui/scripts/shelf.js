
// What is typed or chosen is looked for when the reader pauses.
const PAUSE_MS = 300;
let waiting = 0;
element.addEventListener('input', () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => element.querySelector('[data-action="find"]')?.click(), PAUSE_MS);
});
