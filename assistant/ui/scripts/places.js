// Addresses of this page: #conversation/ID and #article/ID/VERSION/START-END lead to where they were taken.
let shown = '';

function arrive() {
  const parts = location.hash.slice(1).split('/');
  if (parts[0] === 'article' && parts.length === 4) {
    const [start, end] = parts[3].split('-');
    trigger('read', { article: parts[1], version: parts[2], start, end, turn: '99999999' }); // of no answer
  } else if (parts[0] === 'conversation' && parts.length === 2 && parts[1] !== shown) {
    trigger('show', { id: parts[1] });
  }
}

watch('value', () => {
  document.dispatchEvent(new Event('votes'));
  shown = element.querySelector('[data-conversation]')?.dataset.conversation ?? '';
  if (shown) history.replaceState(null, '', `#conversation/${shown}`);
  else if (location.hash.startsWith('#conversation/')) history.replaceState(null, '', location.pathname);
});

window.addEventListener('hashchange', arrive);
setTimeout(arrive);
