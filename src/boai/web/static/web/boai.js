/* Boai: what pages gain where JavaScript runs. Nothing depends on it. No framework, no inline code, CSP-safe. */
(() => {
  "use strict";
  const doc = document, root = doc.documentElement;
  const all = (selector, from = doc) => Array.from(from.querySelectorAll(selector));
  const words = (doc.getElementById("words") || {dataset: {}}).dataset;
  root.classList.add("js");

  /* -- say something in the messages area ------------------------------------------------------------------------ */
  function say(kind, text, extra) {
    const box = doc.createElement("div"), inner = doc.createElement("div"), p = doc.createElement("p");
    box.className = "alert tone-" + ({error: "stop", warning: "wait"}[kind] || "info");
    box.setAttribute("role", kind === "error" ? "alert" : "status");
    p.textContent = text;
    inner.append(p);
    if (extra) { inner.className = "draft"; inner.append(extra); }
    box.append(inner);
    const place = doc.getElementById("messages") || doc.getElementById("main") || doc.body;
    place.prepend(box);
    box.scrollIntoView({block: "nearest"});
    return box;
  }

  /* -- drafts: what is typed outlives a lost session or a failed request ----------------------------------------- */
  const DAY = 864e5, PREFIX = "boai:draft:";
  const store = form => ("draftDevice" in form.dataset ? localStorage : sessionStorage);
  const key = form => PREFIX + form.dataset.draft;
  const safe = work => { try { return work(); } catch { return null; } };  // storage may be full or forbidden
  const keepable = el => el.name && !/^(hidden|password|file|submit|button|reset)$/.test(el.type) &&
    !el.closest("[data-no-draft]") && el.name !== "csrfmiddlewaretoken";
  const read = (where, name) => safe(() => JSON.parse(where.getItem(name)));

  function keep(form, sent) {
    const values = Array.from(form.elements).filter(keepable).map(el =>
      /^(checkbox|radio)$/.test(el.type) ? [el.name, el.value, el.checked] : [el.name, el.value]);
    safe(() => store(form).setItem(key(form), JSON.stringify({at: Date.now(), sent, values})));
  }
  const pending = new Map();  // forms typed in a moment ago, not yet written down
  const settle = form => { clearTimeout(pending.get(form)); pending.delete(form); };
  const drop = form => safe(() => store(form).removeItem(key(form)));

  function restore(form, draft) {
    let changed = false;
    for (const [name, value, checked] of draft.values) {
      for (const el of Array.from(form.elements)) {
        if (el.name !== name || !keepable(el)) continue;
        if (checked === undefined) { if (el.value !== value) { el.value = value; changed = true; } }
        else if (el.value === value && el.checked !== checked) { el.checked = checked; changed = true; }
      }
    }
    if (!changed) return;
    const again = doc.createElement("button");
    again.type = "button";
    again.className = "button small";
    again.textContent = words.drop;
    const note = say("info", words.restored, again);
    again.addEventListener("click", () => { drop(form); form.reset(); note.remove(); });
  }

  function drafts() {
    const page = doc.body.dataset.page, here = all("form[data-draft]");
    const confirmed = doc.querySelector('#messages [data-kind="success"]');
    for (const where of [sessionStorage, localStorage]) {
      for (const name of Object.keys(where).filter(k => k.startsWith(PREFIX))) {
        const draft = read(where, name), form = here.find(f => key(f) === name);
        const old = !draft || Date.now() - draft.at > DAY;
        const taken = draft && draft.sent && page !== "entrance" && page !== "error" && (!form || confirmed);
        if (old || taken) safe(() => where.removeItem(name));
        else if (form && "bound" in form.dataset) keep(form);
        else if (form) restore(form, draft);
      }
    }
    for (const form of here) form.addEventListener("input", () => {
      settle(form);
      pending.set(form, setTimeout(() => { settle(form); keep(form); }, 300));
    });
    addEventListener("pagehide", () => pending.forEach((_, form) => { settle(form); keep(form); }));
  }

  /* -- a form is sent once --------------------------------------------------------------------------------------- */
  function release(form) {
    delete form.dataset.sending;
    const id = form.getAttribute("id");  // not form.id: a field may be named "id"
    all(".busy", form).concat(id ? all(`.busy[form="${id}"]`) : []).forEach(button => {
      button.classList.remove("busy");
      button.removeAttribute("aria-disabled");
      if (button.dataset.text) button.textContent = button.dataset.text;
    });
  }
  doc.addEventListener("submit", event => {
    const form = event.target, button = event.submitter, post = form.getAttribute("method") === "post";
    if (event.defaultPrevented) return;
    if (form.dataset.sending) { event.preventDefault(); return; }
    if (post && navigator.onLine === false) {
      event.preventDefault();
      say("error", words.offline);
      return;
    }
    if ("clearDrafts" in form.dataset) {
      for (const where of [sessionStorage, localStorage])
        Object.keys(where).filter(k => k.startsWith(PREFIX)).forEach(k => safe(() => where.removeItem(k)));
    }
    if (form.dataset.draft) { settle(form); keep(form, true); }
    if (!post) return;
    form.dataset.sending = "1";
    if (button && button.classList.contains("button")) {
      if (!button.querySelector("svg")) {
        button.dataset.text = button.textContent;
        button.textContent = button.dataset.busy || words.busy || button.textContent;
      }
      button.classList.add("busy");
      button.setAttribute("aria-disabled", "true");
    }
    if ("download" in form.dataset) setTimeout(() => release(form), 3000);
    else setTimeout(() => { if (form.dataset.sending && form.isConnected && !form.closest(".htmx-request")) {
      release(form);
      say("warning", words.slow);
    } }, 30000);
  });
  addEventListener("pageshow", () => all("form[data-sending]").forEach(release));

  /* -- menus, theme, copy, print ---------------------------------------------------------------------------------- */
  doc.addEventListener("keydown", event => {
    if (event.key === "Escape") all("details[data-menu][open]").forEach(menu => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });
  doc.addEventListener("click", event => {
    const button = event.target.closest("button");
    all("details[data-menu][open]").forEach(menu => { if (!menu.contains(event.target)) menu.open = false; });
    if (!button) return;
    if ("themeToggle" in button.dataset) {
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      doc.cookie = `boai_theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax`;
    } else if ("print" in button.dataset) print();
    else if (button.dataset.copy) navigator.clipboard.writeText(button.dataset.copy).then(() => {
      button.lastElementChild.textContent = button.dataset.done;
    });
  });

  /* -- on paper nothing is folded away ------------------------------------------------------------------------------ */
  addEventListener("beforeprint", () => all("main details:not([open])").forEach(fold => {
    fold.open = true;
    fold.dataset.forPaper = "";
  }));
  addEventListener("afterprint", () => all("details[data-for-paper]").forEach(fold => {
    fold.open = false;
    delete fold.dataset.forPaper;
  }));

  /* -- when the page is there ------------------------------------------------------------------------------------ */
  all("[data-theme-toggle], [data-print]").forEach(el => { el.hidden = false; });
  if (navigator.clipboard) all("[data-copy]").forEach(el => { el.hidden = false; });
  safe(drafts);
  const summary = doc.querySelector("[data-error-summary]");
  if (summary) summary.focus();
  window.boai = {all, drop, safe, say, words};
})();
