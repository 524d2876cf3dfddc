/* Boai: what officer pages gain where JavaScript runs: tables that tick and walk, keys, htmx that fails calmly. */
(() => {
  "use strict";
  const {all, drop, safe, say, words} = window.boai, doc = document;

  /* -- htmx: a failed request says so and leaves the page as it is ----------------------------------------------- */
  doc.addEventListener("htmx:afterRequest", event => {
    const form = event.target.closest("form[data-draft]");
    if (form && event.detail.successful) drop(form);
  });
  doc.addEventListener("htmx:responseError", event => {
    const answer = event.detail.xhr, page = new DOMParser().parseFromString(answer.responseText || "", "text/html");
    const alert = page.querySelector("body > .alert p");
    say("error", answer.status === 401 ? words.signin : alert ? alert.textContent : words.failed);
  });
  ["htmx:sendError", "htmx:timeout"].forEach(name => doc.addEventListener(name, () => say("error", words.failed)));

  /* -- tables: tick all, count, open by row, keys ---------------------------------------------------------------- */
  const ticks = id => all(`input.tick[form="${id}"]:not([disabled])`);
  function count(id) {
    const boxes = ticks(id), picked = boxes.filter(b => b.checked).length;
    boxes.forEach(b => b.closest("tr").classList.toggle("picked", b.checked));
    all(`[data-count-for="${id}"]`).forEach(el => {
      el.textContent = picked ? el.dataset.some.replace("{n}", picked) : el.dataset.none;
    });
    all(`[data-select-all="${id}"]`).forEach(box => {
      box.closest("label").hidden = false;
      box.checked = picked > 0 && picked === boxes.length;
      box.indeterminate = picked > 0 && picked < boxes.length;
    });
  }
  doc.addEventListener("change", event => {
    const el = event.target;
    if (el.dataset.selectAll) {
      ticks(el.dataset.selectAll).forEach(box => { box.checked = el.checked; });
      count(el.dataset.selectAll);
    } else if (el.matches("input.tick[form]")) count(el.getAttribute("form"));
    else if ("keysSwitch" in el.dataset) safe(() => localStorage.setItem("boai:keys", el.checked ? "on" : "off"));
  });
  const keysOn = () => safe(() => localStorage.getItem("boai:keys")) !== "off";

  function walk(step) {
    const rows = all("table[data-keys] tbody tr");
    if (!rows.length) return;
    const at = rows.findIndex(r => r.classList.contains("cursor"));
    const to = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + step))];
    rows.forEach(r => r.classList.toggle("cursor", r === to));
    const target = to.querySelector("a[href]");
    if (target) target.focus({preventScroll: true});
    to.scrollIntoView({block: "nearest"});
  }
  doc.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keysOn()) return;
    if (event.target.closest("input:not(.tick, [type=radio]), textarea, select, [contenteditable], dialog")) return;
    const answer = doc.querySelector(`button[data-key="${CSS.escape(event.key)}"]`);
    if (answer) { answer.click(); return; }
    const row = doc.querySelector("tr.cursor"), search = doc.querySelector("form[data-search]");
    if (event.key === "j") walk(1);
    else if (event.key === "k") walk(-1);
    else if (event.key === "x" && row && row.querySelector("input.tick")) row.querySelector("input.tick").click();
    else if (event.key === "/" && search) { event.preventDefault(); search.elements[search.dataset.search].focus(); }
    else if (event.key === "?") open("keys");
  });
  function open(id) {
    const dialog = doc.getElementById(id);
    if (!dialog || !dialog.showModal || dialog.open) return;
    all("[data-keys-switch]", dialog).forEach(box => { box.checked = keysOn(); });
    dialog.showModal();
  }
  doc.addEventListener("click", event => {
    const el = event.target, row = el.closest("tr[data-href]"), opener = el.closest("button[data-open]");
    if (el.localName === "dialog") el.close();
    if (opener) open(opener.dataset.open);
    if (row && !el.closest("a, button, input, label, select, summary") && !String(getSelection())) {
      location.href = row.dataset.href;
    }
  });

  all("[data-open]").forEach(el => { el.hidden = false; });
  const recount = () => all("form[data-bulk]").forEach(form => count(form.getAttribute("id")));  // a field may be named "id"
  recount();
  doc.addEventListener("htmx:afterSettle", recount);
  addEventListener("pageshow", recount);
})();
