// Recording one visit. What is typed is sealed on the phone as it is typed: a call, the camera or an empty battery loses
// nothing. "Save" turns the draft into an entry of the queue.

import {DAY} from "../web/phone/queue.js";
import {redraw} from "../web/phone/pictures.js";
import {newId} from "../web/phone/store.js";
import {complain, fill, part, say, show} from "./screens.js";

const LISTS = ["there", "needs"];

export function read(form) {
  const said = {};
  new FormData(form).forEach((value, name) => {
    if (!LISTS.includes(name)) said[name] = value;
  });
  LISTS.forEach(name => { said[name] = new FormData(form).getAll(name); });
  said.related = form.elements.related.checked;
  return said;
}

function write(form, said) {
  Array.from(form.elements).forEach(one => {
    if (!one.name) return;
    const value = said[one.name];
    if (one.type === "checkbox") one.checked = Array.isArray(value) ? value.includes(one.value) : Boolean(value);
    else if (one.type === "radio") one.checked = one.value === value;
    else if (value !== undefined) one.value = value;
  });
}

// What is missing, in a sentence; "" when nothing is. The server checks the same again.
export function missing(said) {
  if (!said.outcome) return say("needOutcome");
  if (!said.there.length) return say("needThere");
  if (said.outcome === "not_met" && !said.missed) return say("needMissed");
  const answered = said.house || said.needs.length || said.needs_words.trim() || said.entry || said.entry_words.trim();
  if (said.outcome === "met" && !said.notes.trim() && !answered) return say("needNotes");
  return "";
}

// Show the form for a stop. `rules` are those that came with the stop; `done` is called when the entry is kept.
export async function record({stop, rules, store, vault, queue, done}) {
  const place = `drafts/${stop.id}`;
  const row = await store.get("drafts", stop.id);
  const draft = row ? await vault.unseal(place, row)
    : {client_id: newId(), said: {there: stop.second ? ["first", "second"] : ["first"]}};
  const root = show("record", stop.name, true);
  const form = root.querySelector("form");
  fill(root, {first: stop.first, second: stop.second}, {second: Boolean(stop.second)});
  write(form, draft.said);

  const arrange = () => form.querySelectorAll("[data-when]").forEach(one => {
    one.hidden = form.elements.outcome.value !== one.dataset.when;
  });
  let line = Promise.resolve();
  const keep = () => {
    const said = read(form);
    line = line.then(async () => {
      if (!vault.open) return;
      const expires = (await vault.now()) + rules.unsent_days * DAY;
      const sealed = await vault.seal(place, {client_id: draft.client_id, said});
      await store.put("drafts", {id: stop.id, entry: draft.client_id, expires, ...sealed});
    }).catch(() => complain(root, say("full")));
    return line;
  };
  form.addEventListener("input", () => { arrange(); keep(); });
  arrange();

  const thumbs = root.querySelector("[data-slot=photos]");
  const pictures = async () => {
    const rows = await queue.photosOf(draft.client_id);
    thumbs.querySelectorAll("img").forEach(one => URL.revokeObjectURL(one.src));
    thumbs.replaceChildren(...await Promise.all(rows.map(async (photo, n) => {
      const piece = part("part-photo");
      const image = piece.querySelector("img");
      image.src = URL.createObjectURL(new Blob([await queue.photoBytes(photo)], {type: "image/jpeg"}));
      image.alt = say("photo", {n: n + 1});
      const button = piece.querySelector("button");
      button.textContent = say("remove");
      button.onclick = async () => { await queue.dropPhoto(photo.id); await pictures(); };
      return piece;
    })));
  };
  root.querySelector("[data-camera]").addEventListener("change", async event => {
    const file = event.target.files[0];
    event.target.value = "";
    if (!file) return;
    if ((await queue.photosOf(draft.client_id)).length >= rules.photos) {
      complain(root, say("photosMost", {n: rules.photos}));
      return;
    }
    let bytes;
    try { bytes = await redraw(file); } catch (error) { complain(root, say("notPicture")); return; }
    try {
      await keep();
      await queue.addPhoto(draft.client_id, bytes, rules.unsent_days);
      complain(root, "");
    } catch (error) { complain(root, say("full")); }
    await pictures();
  });
  await pictures();

  form.addEventListener("submit", async event => {
    event.preventDefault();
    const said = read(form);
    const fault = missing(said);
    complain(root, fault);
    if (fault || form.dataset.busy) return;
    form.dataset.busy = "1";
    try {
      await keep();
      const entry = {...said, visit: stop.id, client_id: draft.client_id, based_on: stop.version, made_at: new Date().toISOString()};
      await queue.add(entry, stop.name, {keepDays: rules.keep_days, unsentDays: rules.unsent_days});
      await store.drop("drafts", stop.id);
      done();
    } catch (error) {
      delete form.dataset.busy;
      complain(root, say("full"));
    }
  });
}
