// Addresses of this page and the way back: #TAB, #conversation/ID and #article/ID/VERSION/START-END lead to where
// they were taken. What someone does (another tab or conversation, opening the reader) is a step that Back undoes;
// what the page does by itself, such as keeping an answer, only changes the step that it is at.
const TOGETHER_MS = 50; // what one event changes is all there within this
const PATIENCE_MS = 5000; // for a conversation to come
const CONVERSATION = /^conversation\/([^/]+)$/;
const ARTICLE = /^article\/([^/]+)\/([^/]+)\/([^/-]*)-([^/-]*)$/;
const kept = {}; // ids of conversations that had none at their first step, by when they began
let asked = null; // the conversation that a step needs and that did not come yet
let askedAt = 0;
let again = 0;
let began = Date.now();
let shown = '';
let read = {}; // what the reader was asked for last
let seen = { shown, isReading: false }; // when the page was looked at last
let here = null; // the step: tab, conversation, when that began, what is read, and how many steps back it was not
let settling = 0;

const tabButton = (name) => document.getElementById(`tab-${name}-button`);
const selected = () => document.querySelector('#tabs [role="tab"][aria-selected="true"]')?.dataset.tabId ?? 'ask';
const isReading = () => Boolean(document.querySelector('#panel .reader'));
const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function address({ tab, conversation }) {
  if (tab !== 'ask') return `#${tab}`;
  return conversation ? `#conversation/${conversation}` : location.pathname + location.search;
}

function step(changes) {
  here = { ...here, ...changes };
  history.pushState(here, '', address(here));
}

function amend(changes, isAddressRight = false) {
  here = { ...here, ...changes };
  history.replaceState(here, '', isAddressRight ? location.href : address(here));
}

// The step that an address means which someone followed or typed.
function named() {
  const now = here ?? { tab: selected(), conversation: shown, began, read: null, back: 0 };
  const place = location.hash.slice(1);
  const [, conversation] = place.match(CONVERSATION) ?? [];
  const [, article, version, start, end] = place.match(ARTICLE) ?? [];
  if (conversation) return { ...now, tab: 'ask', conversation, read: null };
  if (tabButton(place)) return { ...now, tab: place, conversation: shown, began, read: null };
  if (!article) return now;
  const back = now.read ? now.back && now.back + 1 : Number(Boolean(here));
  return { ...now, read: { article, version, start, end, turn: '99999999' }, back }; // of no answer
}

// One conversation after the other: the server would mix up two. One that is not there never comes.
function request(conversation) {
  const wait = askedAt + PATIENCE_MS - Date.now();
  if (asked !== null && wait > 0) {
    again = setTimeout(arrive, wait);
    return;
  }
  [asked, askedAt] = [conversation, Date.now()];
  trigger(conversation ? 'show' : 'begin', { id: conversation });
}

// Show the step that Back, Forward, an address or loading the page led to.
function arrive() {
  clearTimeout(settling);
  clearTimeout(again);
  if (shown === asked) asked = null;
  const isKnown = Boolean(history.state?.tab);
  here = isKnown ? history.state : named();
  const conversation = here.conversation || kept[here.began] || '';
  amend({ conversation }, !isKnown || Boolean(here.read));
  if (here.tab === 'ask' && !conversation) began = here.began;
  if (selected() !== here.tab) tabButton(here.tab)?.click();
  const isThere = isReading() && isSame(read, here.read);
  read = here.read ?? read;
  if (here.tab === 'ask' && conversation !== shown) {
    request(conversation);
  } else if (here.read && !isThere) trigger('read', here.read);
  else if (!here.read && isReading()) document.querySelector('#panel .close')?.click();
}

// See what has become of the page, and whether that is a step. What `arrive` asked for is as the step has it.
function settle() {
  const before = seen;
  seen = { shown, isReading: isReading() };
  const tab = selected();
  const isOther = shown !== before.shown;
  const isNew = isOther && shown !== here.conversation;
  if (isOther && shown === asked) {
    arrive(); // what is read waited for its conversation, and meanwhile someone may have gone on
    return;
  }
  if (isNew && !shown) began = Date.now();
  if (tab !== here.tab || (tab === 'ask' && isNew && before.shown)) {
    step({ tab, conversation: shown, began, read: seen.isReading ? read : null, back: 0 });
  } else if (isNew) {
    if (shown && !before.shown) kept[began] = shown;
    amend({ conversation: shown, began });
  }
  if (seen.isReading && !before.isReading && !here.read) step({ read, back: 1 });
  else if (seen.isReading && here.read && !isSame(read, here.read)) amend({ read });
  else if (!seen.isReading && before.isReading && here.read) leave();
}

// The reader was closed: a step that only opened it is gone back on, so that Back has no step without effect.
function leave() {
  if (here.back) history.go(-here.back);
  else amend({ read: null });
}

function look() {
  if (!here) return;
  clearTimeout(settling);
  settling = setTimeout(settle, TOGETHER_MS);
}

watch('value', () => {
  document.dispatchEvent(new Event('votes'));
  shown = element.querySelector('[data-conversation]')?.dataset.conversation ?? '';
  look();
});

document.addEventListener('click', (event) => {
  const control = event.target.closest('[data-action="read"]');
  if (control) read = { ...control.dataset };
  if (event.target.closest('[data-action="close"]')) seen.isReading = true; // it may be shut before it was seen
}, true);

// Gradio lays out the tabs and the pane after this has begun to run.
function begin() {
  const [tabs, panel] = ['#tabs [role="tablist"]', '#panel'].map((name) => document.querySelector(name));
  if (!tabs || !panel) {
    setTimeout(begin, TOGETHER_MS);
    return;
  }
  const observer = new MutationObserver(look);
  observer.observe(tabs, { attributeFilter: ['aria-selected'], subtree: true });
  observer.observe(panel, { childList: true, subtree: true });
  window.addEventListener('popstate', arrive);
  arrive();
}

setTimeout(begin);
