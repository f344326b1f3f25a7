
// The reader pane: it shows the cited sentence, steps from one to the next, takes the focus and gives it back.
let isReading = false;
let opener = null;

element.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') element.querySelector('.close')?.click();
});

element.addEventListener('click', (event) => {
  const step = event.target.closest('[data-step]');
  if (step) show(Number(step.dataset.step));
});

watch('value', () => {
  const reader = element.querySelector('.reader');
  if (!reader) {
    if (isReading && opener?.isConnected && isFree()) opener.focus();
    isReading = false;
    return;
  }
  if (!reader.contains(document.activeElement)) {
    opener = document.activeElement === document.body ? null : document.activeElement;
  }
  isReading = true;
  (reader.querySelector('h2') ?? reader.querySelector('.close')).focus({ preventScroll: true });
  (reader.querySelector('mark.is-current') ?? reader).scrollIntoView({ block: 'center' });
});

// Whether nothing else has taken the focus, such as the question box of a new conversation.
function isFree() {
  return document.activeElement === document.body || element.contains(document.activeElement);
}

// A cited sentence may be in several parts, one a line: those with the same number belong together.
function show(by) {
  const marks = [...element.querySelectorAll('mark')];
  const numbers = [...new Set(marks.map((mark) => mark.dataset.cited))];
  const at = numbers.indexOf(element.querySelector('mark.is-current')?.dataset.cited);
  const next = (at + by + numbers.length) % numbers.length;
  marks.forEach((mark) => mark.classList.toggle('is-current', mark.dataset.cited === numbers[next]));
  element.querySelector('.at').textContent = `Citation ${next + 1} of ${numbers.length}`;
  element.querySelector('mark.is-current')?.scrollIntoView({ block: 'center' });
}
