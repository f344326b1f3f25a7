// For the whole page: the card of the marker that is pointed at, copying, and the way to another tab.
const GAP = 8; // pixels between a card and its marker, and the edge of the window
const LEAVE_MS = 150; // to move from a marker to its card
let card = null;
let marker = null;
let leaving = 0;

document.addEventListener('click', (event) => {
  const control = event.target.closest('[data-action]');
  if (!control) return;
  const { action } = control.dataset;
  if (action === 'tab') document.getElementById(`tab-${control.dataset.tab}-button`)?.click();
  if (action === 'begin') document.querySelector('#question textarea')?.focus();
  if (action === 'copy') copy(control);
  if (action === 'all') empty('#shelf-bar [name]');
  if (!['read', 'close'].includes(action)) return;
  hideCard();
  document.querySelectorAll('.is-open').forEach((other) => other.classList.remove('is-open'));
  if (action === 'read') control.classList.add('is-open');
});

document.addEventListener('pointerover', (event) => {
  if (event.pointerType === 'touch') return;
  if (card?.contains(event.target)) clearTimeout(leaving);
  else showCard(event.target);
});
document.addEventListener('pointerout', (event) => {
  if (event.target.closest('.marker') || card?.contains(event.target)) leaving = setTimeout(hideCard, LEAVE_MS);
});
document.addEventListener('focusin', (event) => {
  if (event.target.matches(':focus-visible')) showCard(event.target);
});
document.addEventListener('focusout', hideCard);
document.addEventListener('scroll', () => { if (card) place(); }, { capture: true, passive: true });
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') hideCard();
});

// What was typed stays in a field when the server draws it with the value that it had before.
function empty(fields) {
  for (const field of document.querySelectorAll(fields)) {
    field.value = field.options?.[0].value ?? '';
  }
}

function showCard(target) {
  const pointed = target.closest?.('.marker');
  const found = pointed && document.getElementById(pointed.getAttribute('aria-describedby'));
  if (!found) return;
  hideCard();
  [card, marker] = [found, pointed];
  card.classList.add('is-shown');
  place();
}

// Below its marker, or above where there is more room, and always inside of the window.
function place() {
  const at = marker.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = card;
  const below = at.bottom + GAP;
  const isRoom = window.innerHeight > below + offsetHeight + GAP || offsetHeight + 2 * GAP > at.top;
  card.style.left = `${Math.max(GAP, Math.min(at.left - GAP, window.innerWidth - offsetWidth - GAP))}px`;
  card.style.top = `${isRoom ? below : at.top - offsetHeight - GAP}px`;
}

function hideCard() {
  clearTimeout(leaving);
  card?.classList.remove('is-shown');
  card = null;
}

async function copy(control) {
  const said = control.textContent;
  control.textContent = (await put(control.dataset.copy)) ? 'Copied' : 'Copying is not allowed here';
  setTimeout(() => { control.textContent = said; }, 1500);
}

// Without a secure connection there is no clipboard, only the old command.
async function put(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = document.createElement('textarea');
    box.value = text;
    document.body.append(box);
    box.select();
    const isDone = document.execCommand('copy');
    box.remove();
    return isDone;
  }
}
