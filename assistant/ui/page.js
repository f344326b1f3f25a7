// Runs once each for the welcome, the transcript and the panel: `element`, `trigger` and `watch` are Gradio's.
// Clicks on [data-action] become the events 'ask', 'read' and 'sources', with the control's data and text.
const isPanel = element.closest('#panel') !== null;
let isReading = false;
let opener = null; // what had the focus when the reader opened, and gets it back
let turns = 0;
let isFollowing = false;

element.addEventListener('click', (event) => {
  const control = event.target.closest('[data-action]');
  if (!control) return;
  const data = { ...control.dataset, text: control.textContent };
  if (data.action === 'edit') edit(data.question);
  if (!['ask', 'read', 'sources'].includes(data.action)) return;
  document.querySelectorAll('.is-open').forEach((other) => other.classList.remove('is-open'));
  if (data.action === 'read') control.classList.add('is-open');
  trigger(data.action, data);
});

element.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') element.querySelector('.back')?.click();
});

['wheel', 'touchmove', 'keydown'].forEach((name) => {
  element.addEventListener(name, () => { isFollowing = false; }, { passive: true });
});

if (!isPanel) document.querySelector('#question textarea')?.setAttribute('dir', 'auto');

// Puts a question into the box, to be changed and sent.
function edit(text) {
  const box = document.querySelector('#question textarea');
  if (!box) return;
  box.value = text;
  box.dispatchEvent(new Event('input', { bubbles: true }));
  box.focus();
}

watch('value', () => (isPanel ? showCitation() : followAnswer()));

function showCitation() {
  const reader = element.querySelector('.reader');
  if (!reader) {
    if (isReading) (opener?.isConnected ? opener : element.querySelector('h2')).focus();
    isReading = false;
    return;
  }
  if (!reader.contains(document.activeElement)) {
    opener = document.activeElement === document.body ? null : document.activeElement;
  }
  isReading = true;
  (reader.querySelector('h2') ?? reader.querySelector('.back')).focus({ preventScroll: true });
  (reader.querySelector('mark') ?? reader).scrollIntoView({ block: 'center' });
}

function followAnswer() {
  const all = element.querySelectorAll('.turn');
  if (all.length > turns) isFollowing = true;
  turns = all.length;
  if (isFollowing && turns > 0) all[turns - 1].scrollIntoView({ block: 'start' });
}
