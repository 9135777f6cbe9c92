// The page works without this: then each form loads it anew. With it, forms are
// sent in the background, and what changes comes by itself.
'use strict';

// update makes the children of one element like those of another. What has the
// same version stays as it is, with its focus, its open menus and what is
// typed in it.
function update(old, fresh) {
  const known = new Map([...old.children].filter((e) => e.id).map((e) => [e.id, e]));
  const out = [...fresh.childNodes].map((node) => {
    const was = known.get(node.id);
    if (!was) return node;
    if (node.dataset.v !== undefined) return was.dataset.v === node.dataset.v ? was : node;
    if (node.dataset.keep === undefined) return node;
    for (const a of [...node.attributes]) if (a.name !== 'open') was.setAttribute(a.name, a.value);
    for (const part of node.children) {
      const same = part.id && document.getElementById(part.id);
      if (same && same.parentElement === was) {
        if (part.dataset.v === undefined) update(same, part);
      } else if (part.tagName === 'SUMMARY') {
        was.querySelector(':scope > summary').textContent = part.textContent;
      }
    }
    return was;
  });
  if (out.length !== old.childNodes.length || out.some((n, i) => n !== old.childNodes[i])) old.replaceChildren(...out);
}

function show({id, html}) {
  const old = document.getElementById(id);
  if (!old) return;
  const atEnd = old.scrollHeight - old.scrollTop - old.clientHeight < 80;
  const had = document.activeElement && old.contains(document.activeElement) ? document.activeElement.id : '';
  const fresh = new DOMParser().parseFromString(html, 'text/html').body;
  update(old, fresh);
  if (had && document.getElementById(had)) document.getElementById(had).focus();
  if (old.classList.contains('log') && atEnd) old.scrollTop = old.scrollHeight;
  if (id.endsWith('-form')) {
    const first = old.querySelector('.modal input:not([type=hidden])');
    if (first && !old.contains(document.activeElement)) first.focus();
  }
}

addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const body = new URLSearchParams(new FormData(form, event.submitter));
  if (form.dataset.clear !== undefined) form.reset();
  for (const menu of form.querySelectorAll('details.overflow[open]')) menu.open = false;
  const answer = await fetch(form.getAttribute('action'), {method: 'POST', body, headers: {'X-Script': '1'}}).catch(() => null);
  if (!answer || !answer.ok) lost(answer ? await answer.text() : 'The program that shows this page has ended.');
});

// A choice in a list under a message is made at once, as the platforms do it.
addEventListener('change', (event) => {
  const go = event.target.matches('.actions select') && event.target.value && event.target.nextElementSibling;
  if (go) event.target.form.requestSubmit(go);
});

// What the bot proposes for an option is asked for while one types.
addEventListener('input', async ({target}) => {
  if (!target.dataset.suggest) return;
  const query = new URLSearchParams(new FormData(target.form));
  query.set('option', target.dataset.suggest);
  query.set('typed', target.value);
  const answer = await fetch('suggest?' + query).catch(() => null);
  if (!answer || !answer.ok) return;
  const options = ((await answer.json()) || []).map((value) => Object.assign(document.createElement('option'), {value}));
  target.list.replaceChildren(...options);
});

addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  const close = document.querySelector('.modal button[value=close]');
  if (close) close.click();
});

function lost(why) {
  let box = document.getElementById('lost');
  if (!box) {
    box = document.createElement('p');
    box.id = 'lost';
    box.className = 'wrong';
    box.setAttribute('role', 'alert');
    document.body.prepend(box);
  }
  box.textContent = why;
}

const source = new EventSource(document.body.dataset.events);
source.onmessage = (event) => show(JSON.parse(event.data));
source.onopen = () => document.getElementById('lost')?.remove();
source.onerror = () => lost('The program that shows this page does not answer. It may have ended.');
for (const log of document.querySelectorAll('.log')) log.scrollTop = log.scrollHeight;
