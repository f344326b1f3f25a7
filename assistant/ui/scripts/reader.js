
// The reader pane: it shows the cited sentence, takes the focus, and gives it back where it was opened from.
let isReading = false;
let opener = null;

element.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') element.querySelector('.close')?.click();
});

watch('value', () => {
  const reader = element.querySelector('.reader');
  if (!reader) {
    if (isReading && opener?.isConnected) opener.focus();
    isReading = false;
    return;
  }
  if (!reader.contains(document.activeElement)) {
    opener = document.activeElement === document.body ? null : document.activeElement;
  }
  isReading = true;
  (reader.querySelector('h2') ?? reader.querySelector('.close')).focus({ preventScroll: true });
  (reader.querySelector('mark') ?? reader).scrollIntoView({ block: 'center' });
});
