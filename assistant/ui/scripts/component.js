// Runs once for each HTML component of ours: `element`, `trigger` and `watch` are Gradio's. A click on an element
// with data-action becomes the event of that name, with the element's data and text.
const actions = ACTIONS;

element.addEventListener('click', (event) => {
  const control = event.target.closest('[data-action]');
  if (!control || !actions.includes(control.dataset.action)) return;
  trigger(control.dataset.action, { ...control.dataset, text: control.textContent });
});
