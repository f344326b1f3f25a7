
// Offered questions go once another one is asked; those that come too late for their answer never show.
const transcript = document.querySelector('#transcript');

function fit() {
  const offer = element.querySelector('.next');
  const turns = transcript?.querySelectorAll('.turn').length ?? 0;
  if (offer) offer.hidden = Number(offer.dataset.turns) !== turns || Boolean(transcript.querySelector('.working'));
}

watch('value', fit);
if (transcript) new MutationObserver(fit).observe(transcript, { childList: true, subtree: true });
