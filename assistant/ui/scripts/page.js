// For the whole page: which marker is open, and controls with data-tab that show another tab.
document.addEventListener('click', (event) => {
  const control = event.target.closest('[data-action]');
  if (!control) return;
  if (control.dataset.action === 'tab') document.getElementById(`tab-${control.dataset.tab}-button`)?.click();
  if (!['read', 'close'].includes(control.dataset.action)) return;
  document.querySelectorAll('.is-open').forEach((other) => other.classList.remove('is-open'));
  if (control.dataset.action === 'read') control.classList.add('is-open');
});
