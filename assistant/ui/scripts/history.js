// The list of conversations: deleting asks once more in its own button, a title is renamed in its place.
const ask = 2500;

element.addEventListener('click', (event) => {
  const control = event.target.closest('button');
  const item = event.target.closest('li[data-conversation]');
  if (!control || !item) return;
  const id = item.dataset.conversation;
  if (control.dataset.ask && control.textContent !== control.dataset.ask) {
    const label = control.textContent;
    control.textContent = control.dataset.ask;
    setTimeout(() => { control.textContent = label; }, ask);
  } else if (control.dataset.action === 'delete') trigger('remove', { id });
  if (control.dataset.action === 'open') trigger('show', { id });
  if (control.dataset.edit) rename(item, id);
});

function rename(item, id) {
  const title = item.querySelector('.title');
  const box = document.createElement('input');
  box.value = title.textContent;
  box.maxLength = 80;
  box.setAttribute('aria-label', 'Title');
  title.replaceWith(box);
  box.select();
  let isDone = false; // taking the box away takes its focus away, too
  const end = (isMeant) => {
    if (isDone) return;
    isDone = true;
    box.replaceWith(title);
    title.focus();
    if (isMeant && box.value.trim() && box.value !== title.textContent) trigger('rename', { id, title: box.value });
  };
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') {
      event.preventDefault(); // else it presses the title, which has the focus next
      end(true);
    }
    if (event.key === 'Escape') end(false);
  });
  box.addEventListener('blur', () => end(true));
}
