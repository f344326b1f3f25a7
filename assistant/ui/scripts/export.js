
// A file that came is handed to the reader. It is made here: the server keeps none, and its file route is shut.
watch('value', () => {
  const file = element.querySelector('[data-file]');
  if (!file) return;
  const address = URL.createObjectURL(new Blob([file.textContent], { type: `${file.dataset.kind};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = address;
  link.download = file.dataset.file;
  link.click();
  file.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
});
