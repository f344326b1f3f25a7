
// The transcript: it follows the answer that grows until the reader scrolls, and puts questions into the box.
let turns = element.querySelectorAll('.turn').length;
let isFollowing = false;
const opened = new Set(); // turns whose fold-out is open: a new value of the transcript would shut it

document.querySelector('#question textarea')?.setAttribute('dir', 'auto');

element.addEventListener('click', (event) => {
  const control = event.target.closest('[data-action]');
  const box = document.querySelector('#question textarea');
  if (!control || !box) return;
  if (control.dataset.action === 'edit') {
    box.value = control.dataset.question;
    box.dispatchEvent(new Event('input', { bubbles: true }));
  }
  if (['edit', 'revise'].includes(control.dataset.action)) box.focus();
});

element.addEventListener('click', (event) => {
  const turn = event.target.closest('.found > summary')?.parentElement.dataset.turn;
  if (turn && !opened.delete(turn)) opened.add(turn);
});

['wheel', 'touchmove', 'keydown'].forEach((name) => {
  element.addEventListener(name, () => { isFollowing = false; }, { passive: true });
});

// What was thought of each answer; places.js tells when that has changed.
function showVotes() {
  const votes = JSON.parse(document.querySelector('#places [data-votes]')?.dataset.votes ?? '{}');
  element.querySelectorAll('[data-vote]').forEach((button) => {
    if (button.dataset.vote === 'again') return;
    button.setAttribute('aria-pressed', String(votes[button.dataset.turn] === button.dataset.vote));
  });
}
document.addEventListener('votes', showVotes);

watch(['value', 'earlier'], () => {
  showVotes();
  element.querySelectorAll('.found').forEach((found) => { found.open = opened.has(found.dataset.turn); });
  const all = element.querySelectorAll('.turn');
  if (all.length > turns) isFollowing = true;
  turns = all.length;
  if (isFollowing && turns > 0) all[turns - 1].scrollIntoView({ block: 'start' });
});
