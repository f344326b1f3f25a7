
// The filter's fields stay open while the strip is drawn anew, until they are applied or shut.
let isOpen = false;

element.addEventListener('click', (event) => {
  const fields = element.querySelector('.choose');
  if (event.target.closest('.choose > summary')) isOpen = !fields.open;
  if (event.target.closest('.apply')) isOpen = false;
});

element.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !isOpen) return;
  isOpen = false;
  element.querySelector('.choose').open = false;
  element.querySelector('.choose > summary').focus();
});

watch('value', () => { element.querySelector('.choose').open = isOpen; });
