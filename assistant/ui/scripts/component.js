// Runs once for each HTML component of ours: `element`, `trigger` and `watch` are Gradio's. A click on an element
// with data-action becomes the event of that name, with the element's data and text, and the values of the
// fields around it, if it stands in a data-form.
const actions = ACTIONS;

element.addEventListener('click', (event) => {
  const control = event.target.closest('[data-action]');
  if (!control || !actions.includes(control.dataset.action)) return;
  const isAsking = ['ask', 'again'].includes(control.dataset.action);
  if (isAsking && document.querySelector('#transcript .working')) return; // one answer after the other
  trigger(control.dataset.action, { ...control.dataset, text: control.textContent, fields: fieldsAround(control) });
});

function fieldsAround(control) {
  const named = control.closest('[data-form]')?.querySelectorAll('[name]') ?? [];
  return Object.fromEntries([...named].map((field) => [field.name, field.value]));
}

// Enter in a field is a click on the form's last button.
element.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.target.tagName !== 'INPUT') return;
  const buttons = event.target.closest('[data-form]')?.querySelectorAll('button[data-action]') ?? [];
  buttons[buttons.length - 1]?.click();
});
