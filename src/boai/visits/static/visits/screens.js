// Showing a screen: a <template> of the page with its words filled in. Text only, never HTML.

const words = document.getElementById("words").dataset;

// A sentence of the page, with {n} and its like filled in.
export function say(key, values = {}) {
  return Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), words[key] || "");
}

export const toneOf = state => words[`${state}Tone`] || "";

export function part(name) {
  return document.getElementById(name).content.cloneNode(true);
}

// Fill the slots of an element: text by data-text, visibility by data-if.
export function fill(root, texts, shown = {}) {
  root.querySelectorAll("[data-text]").forEach(one => {
    const text = texts[one.dataset.text];
    if (text === undefined) return;
    one.textContent = text;
    one.hidden = text === "";
  });
  root.querySelectorAll("[data-if]").forEach(one => {
    if (one.dataset.if in shown) one.hidden = !shown[one.dataset.if];
  });
}

// A state in words; the colour only repeats them.
export function badge(root, state, text) {
  const found = root.querySelector(".badge");
  found.textContent = text;
  found.className = `badge tone-${toneOf(state)}`;
  found.hidden = !text;
}

// Put a screen into the page and give its root; `title` goes into the head, `back` shows the way back.
export function show(name, title, back) {
  const main = document.getElementById("main");
  const piece = part(`screen-${name}`);
  const section = piece.querySelector("section");
  main.replaceChildren(piece);
  document.getElementById("title").textContent = title;
  document.querySelector("[data-do=back]").hidden = !back;
  main.querySelectorAll("[data-signin]").forEach(one => { one.href = document.body.dataset.signin; });
  main.focus({preventScroll: true});
  window.scrollTo(0, 0);
  return section;
}

export function complain(root, text) {
  const line = root.querySelector("[data-text=error]");
  line.textContent = text;
  line.hidden = !text;
  if (text) line.scrollIntoView({block: "center"});
}

export const when = at => new Intl.DateTimeFormat("zh-CN", {month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false}).format(new Date(at));
