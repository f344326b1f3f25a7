
// The filter's fields stay open while the strip is drawn anew, until they are applied or shut.
const fields = () => element.querySelector('.choose');
let isOpen = fields().open; // it may have been opened before this ran

function shut() {
  isOpen = false;
  fields().open = false;
}

element.addEventListener('toggle', () => { isOpen = fields().open; }, true);

element.addEventListener('click', (event) => {
  if (event.target.closest('.choose > summary')) isOpen = !fields().open; // what it will be after the click
  if (event.target.closest('.apply')) shut();
});

element.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !isOpen) return;
  shut();
  fields().querySelector('summary').focus();
});

watch('value', () => { fields().open = isOpen; });
