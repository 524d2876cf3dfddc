// What waits to be sent. Every entry and every photo travels alone, under a number that was made here, so that a broken
// connection loses nothing and the same thing sent twice is one. An entry's state is one of
//   kept      only on this phone        sending   on its way          sent      the server has it
//   conflict  the server has it, beside something that contradicts it   refused   the server does not take it (why)

import {newId} from "./store.js";

export const DAY = 86400000;
const WAITS = ["kept", "sending"];

// One call to the server. kind: ok | signin | refused | stale (the token) | later (no network, or the server is busy).
export async function call(url, options = {}) {
  let answer;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 60000);
  try {
    answer = await fetch(url, {credentials: "same-origin", cache: "no-store", redirect: "manual", signal: stop.signal, ...options});
    const isJson = (answer.headers.get("Content-Type") || "").startsWith("application/json");
    const body = isJson ? await answer.json() : null;
    if (answer.type === "opaqueredirect" || answer.status === 401) return {kind: "signin", body};
    if (answer.ok && body) return {kind: "ok", body};
    if (answer.status === 403 && !body) return {kind: "stale"};
    if (body && [400, 403, 404, 409, 413, 422].includes(answer.status)) return {kind: "refused", why: body.error, body};
    if (answer.status === 413) return {kind: "refused", why: ""};
    return {kind: "later", why: body ? body.error : ""};
  } catch (error) {
    return {kind: "later", offline: true};
  } finally {
    clearTimeout(timer);
  }
}

export class Queue {
  // post(kind, payload) → the answer of `call`; kind is "entry" (an object) or "photo" ({id, entry, bytes}).
  constructor({store, vault, post, changed}) {
    Object.assign(this, {store, vault, post, changed, running: false, asked: false});
  }

  // Keep an entry with the words by which its owner knows it. `keepDays`: how long once sent; `unsentDays`: before that.
  async add(entry, label, {keepDays, unsentDays}) {
    const id = entry.client_id;
    const now = await this.vault.now();
    const sealed = await this.vault.seal(`entries/${id}`, {entry, label, why: ""});
    await this.store.put("entries", {id, state: "kept", at: now, expires: now + unsentDays * DAY, keepDays, ...sealed});
    this.changed();
  }

  async addPhoto(entryId, bytes, unsentDays) {
    const id = newId();
    const sealed = await this.vault.seal(`photos/${id}`, bytes);
    await this.store.put("photos", {id, entry: entryId, state: "kept", why: "",
      expires: (await this.vault.now()) + unsentDays * DAY, ...sealed});
    return id;
  }

  async photosOf(entryId) { return (await this.store.all("photos")).filter(one => one.entry === entryId); }

  photoBytes(row) { return this.vault.unsealBytes(`photos/${row.id}`, row); }

  async dropPhoto(id) { await this.store.drop("photos", id); }

  // Every entry, the newest first, with what is still to come of its photos.
  async list() {
    const photos = await this.store.all("photos");
    const rows = (await this.store.all("entries")).sort((a, b) => b.at - a.at);
    return Promise.all(rows.map(async row => {
      const inside = await this.vault.unseal(`entries/${row.id}`, row);
      const own = photos.filter(one => one.entry === row.id);
      return {id: row.id, state: row.state, at: row.at, expires: row.expires, visit: inside.visit || inside.entry.visit, ...inside,
        photosLeft: own.filter(one => one.state !== "refused").length,
        photosRefused: own.filter(one => one.state === "refused").length};
    }));
  }

  // How many things wait, without the key: entries, and photos of entries that are there.
  async waiting() {
    const entries = await this.store.all("entries");
    const ids = new Set(entries.filter(one => one.state !== "refused").map(one => one.id));
    const photos = (await this.store.all("photos")).filter(one => ids.has(one.entry) && one.state !== "refused");
    return {entries: entries.filter(one => WAITS.includes(one.state)).length, photos: photos.length,
      refused: entries.filter(one => one.state === "refused").length};
  }

  async retry(id) { await this._state(id, "kept"); }

  async forget(id) {
    const photos = await this.photosOf(id);
    await this.store.write(["entries", "photos"], (_put, drop) => {
      drop("entries", id);
      photos.forEach(one => drop("photos", one.id));
    });
    this.changed();
  }

  // Send what waits. Says why it stopped: "done" | "signin" | "later". One run at a time, over all tabs where possible;
  // whoever asks meanwhile (the signal is back) is not forgotten: what stopped for want of it is tried once more.
  async send() {
    if (!this.vault.open) return "busy";
    if (this.running) {
      this.asked = true;
      return "busy";
    }
    this.running = true;
    try {
      let ended;
      do {
        this.asked = false;
        ended = navigator.locks
          ? await navigator.locks.request("boai-phone-queue", {ifAvailable: true}, lock => lock ? this._run() : "busy")
          : await this._run();
      } while (this.asked && ended === "later");
      return ended;
    } finally {
      this.running = false;
      this.changed();
    }
  }

  async _run() {
    const rows = (await this.store.all("entries")).sort((a, b) => a.at - b.at);
    for (const row of rows) {
      if (WAITS.includes(row.state)) {
        const stop = await this._sendEntry(row);
        if (stop) return stop;
      }
      const now = await this.store.get("entries", row.id);
      if (!now || !["sent", "conflict"].includes(now.state)) continue;
      for (const photo of await this.photosOf(row.id)) {
        if (photo.state === "refused") continue;
        const stop = await this._sendPhoto(photo);
        if (stop) return stop;
      }
    }
    return "done";
  }

  async _sendEntry(row) {
    const inside = await this.vault.unseal(`entries/${row.id}`, row);
    await this._state(row.id, "sending");
    const answer = await this.post("entry", inside.entry);
    if (answer.kind === "ok") {
      // The server has it: what was written is no longer needed here, only that it went.
      const left = {visit: inside.entry.visit, label: inside.label, why: answer.body.why || ""};
      const sealed = await this.vault.seal(`entries/${row.id}`, left);
      const expires = (await this.vault.now()) + row.keepDays * DAY;
      await this.store.put("entries", {id: row.id, at: row.at, keepDays: row.keepDays, state: answer.body.state, expires, ...sealed});
    } else if (answer.kind === "refused") {
      const sealed = await this.vault.seal(`entries/${row.id}`, {...inside, why: answer.why || ""});
      await this.store.put("entries", {...row, state: "refused", ...sealed});
    } else {
      await this._state(row.id, "kept");
    }
    this.changed();
    return ["ok", "refused"].includes(answer.kind) ? "" : answer.kind;
  }

  async _sendPhoto(row) {
    const answer = await this.post("photo", {id: row.id, entry: row.entry, bytes: await this.photoBytes(row)});
    if (answer.kind === "ok") await this.store.drop("photos", row.id);
    else if (answer.kind === "refused") await this.store.put("photos", {...row, state: "refused"});
    this.changed();
    return ["ok", "refused"].includes(answer.kind) ? "" : answer.kind;
  }

  async _state(id, state) {
    const row = await this.store.get("entries", id);
    if (row && row.state !== state) {
      await this.store.put("entries", {...row, state});
      this.changed();
    }
  }
}
