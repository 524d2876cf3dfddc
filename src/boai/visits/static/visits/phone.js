// Visits on a phone: lock, take along, record, send. The sealed store and the queue are web/phone's.

import {DAY, Queue, call} from "../web/phone/queue.js";
import {Store} from "../web/phone/store.js";
import {Vault, Wiped, WrongPin, able, tooEasy} from "../web/phone/vault.js";
import {record} from "./record.js";
import {badge, complain, fill, part, say, show, when} from "./screens.js";

const at = document.body.dataset;
const IDLE = 10 * 60 * 1000; // locks itself when nobody has looked at it for so long
const SOON = 2000; // after so long it tries again when the signal was too weak, then after twice as long, and so on
const SELDOM = 2 * 60 * 1000;
const here = {store: null, vault: null, queue: null, session: null, screen: "", back: null, notice: "", draw: null};

// ---- the server -----------------------------------------------------------------------------------------------------

async function session() {
  const answer = await call(at.session);
  here.session = answer.kind === "ok" ? answer.body : null;
  return answer;
}

// A call that needs the token: asked for once, and once more when it has grown old.
async function post(url, make) {
  for (let turn = 0; ; turn += 1) {
    if (!here.session) {
      const answer = await session();
      if (answer.kind !== "ok") {
        here.why = answer.why || "";
        return answer.kind === "refused" ? {kind: "barred", why: here.why} : answer;
      }
    }
    const meta = await here.vault.known();
    if (meta && meta.owner !== here.session.user) return {kind: "other"};
    const {body, headers} = make();
    const answer = await call(url, {method: "POST", body, headers: {...headers, "X-CSRFToken": here.session.csrf}});
    if (answer.kind === "signin" || answer.kind === "stale") here.session = null;
    if (answer.kind !== "stale" || turn > 0) return answer.kind === "stale" ? {kind: "later"} : answer;
  }
}

function postThing(kind, thing) {
  if (kind === "entry") {
    return post(at.record, () => ({body: JSON.stringify(thing), headers: {"Content-Type": "application/json"}}));
  }
  return post(at.photo, () => {
    const body = new FormData();
    body.append("client_id", thing.id);
    body.append("record_id", thing.entry);
    body.append("photo", new Blob([thing.bytes], {type: "image/jpeg"}), `${thing.id}.jpg`);
    return {body, headers: {}};
  });
}

let retry = 0;
let pause = SOON;

async function send() {
  clearTimeout(retry);
  if (!here.vault.open) return;
  const ended = await here.queue.send();
  if (ended === "busy") return;
  pause = ended === "later" ? Math.min(pause * 2, SELDOM) : SOON;
  // A weak signal says nothing when it has become stronger; one that was gone altogether does ("online").
  if (ended === "later" && navigator.onLine) retry = setTimeout(send, pause);
  here.notice = {signin: say("signin"), later: say("later"), other: say("other"), barred: here.why}[ended] || "";
  here.needsSignIn = ended === "signin";
  if (["home", "queue"].includes(here.screen)) await here.draw();
}

// ---- what is too old goes ---------------------------------------------------------------------------------------------

async function sweep() {
  const now = await here.vault.now();
  const gone = {};
  for (const name of ["packs", "entries", "photos", "drafts"]) {
    gone[name] = (await here.store.all(name)).filter(row => row.expires <= now).map(row => row.id);
  }
  await here.store.write(Object.keys(gone), (_put, drop) => {
    Object.entries(gone).forEach(([name, ids]) => ids.forEach(id => drop(name, id)));
  });
  return gone.packs.length > 0;
}

async function packs() {
  const rows = (await here.store.all("packs")).sort((a, b) => (a.id < b.id ? -1 : 1));
  return Promise.all(rows.map(row => here.vault.unseal(`packs/${row.id}`, row)));
}

// ---- screens ----------------------------------------------------------------------------------------------------------

const go = (name, draw, back) => {
  here.screen = name;
  here.back = back;
  here.draw = draw;
  document.querySelector("[data-do=lock]").hidden = !here.vault.open;
  return draw();
};

async function waitingLine() {
  const {entries, photos, refused} = await here.queue.waiting();
  if (refused) return say("hasRefused", {n: refused});
  if (!(await here.store.all("entries")).length) return "";
  return entries || photos ? say("waiting", {n: entries, m: photos}) : say("nothingWaits");
}

function start(notice = "") {
  return go("start", async () => {
    const known = await here.vault.known();
    if (known) return locked(notice);
    const answer = await session();
    if (answer.kind === "ok") return make(notice);
    const root = show("signin", say("title"), false);
    fill(root, {why: notice || (answer.kind === "later" ? say("needNet") : answer.why || say("signinFirst"))});
    return undefined;
  }, null);
}

function make(notice) {
  return go("make", () => {
    const root = show("make", say("title"), false);
    if (notice) complain(root, notice);
    root.querySelector("form").addEventListener("submit", async event => {
      event.preventDefault();
      const [pin, again] = ["#pin", "#pin2"].map(id => root.querySelector(id).value);
      const {pin_length: least, pin_tries: limit} = here.session.rules;
      const fault = Array.from(pin).length < least ? say("pinShort", {n: least})
        : tooEasy(pin) ? say("pinEasy") : pin !== again ? say("pinDiffers") : "";
      complain(root, fault);
      if (fault) return;
      await here.vault.make(pin, {owner: here.session.user, limit});
      if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
      await home();
    });
  }, null);
}

function locked(notice = "") {
  return go("locked", async () => {
    const root = show("locked", say("title"), false);
    fill(root, {notice, waiting: await waitingLine()});
    const form = root.querySelector("form");
    root.querySelector("[data-do=wipe]").onclick = wipe;
    form.addEventListener("submit", async event => {
      event.preventDefault();
      const button = form.querySelector("button");
      button.disabled = true;
      try {
        await here.vault.unlock(root.querySelector("#pin").value);
        await home();
        send();
      } catch (error) {
        if (error instanceof WrongPin) complain(root, say("pinLeft", {n: error.left}));
        else if (error instanceof Wiped) await start(say("wiped"));
        else throw error;
      } finally {
        button.disabled = false;
      }
    });
  }, null);
}

async function wipe() {
  const {entries, refused} = await here.queue.waiting();
  if (!window.confirm(say("wipeSure", {n: entries + refused}))) return;
  await here.vault.wipe();
  await start();
}

function home() {
  return go("home", async () => {
    const found = await packs();
    const entries = await here.queue.list();
    const drafts = new Set((await here.store.all("drafts")).map(row => row.id));
    const root = show("home", say("title"), false);
    const line = await waitingLine();
    fill(root, {waiting: line}, {empty: found.length === 0, entries: entries.length > 0});
    root.querySelector("[data-slot=notice]").textContent = here.notice;
    const slot = root.querySelector("[data-slot=days]");
    slot.className = "stops";
    found.forEach(pack => {
      const heading = part("part-day");
      fill(heading, {day: pack.day});
      slot.append(heading);
      pack.visits.forEach(stop => {
        const piece = part("part-stop");
        const entry = entries.find(one => one.visit === stop.id);
        fill(piece, {name: stop.name, address: `${stop.place} ${stop.address}`, purpose: stop.purpose});
        if (entry) badge(piece, entry.state, say(entry.state));
        else if (drafts.has(stop.id)) badge(piece, "kept", say("draft"));
        piece.querySelector("button").onclick = () => door(stop, pack.rules, entry);
        slot.append(piece);
      });
    });
    root.querySelector("[data-do=queue]").onclick = queueScreen;
    root.querySelector("[data-do=take]").onclick = take;
  }, null);
}

function door(stop, rules, entry) {
  return go("stop", () => {
    const root = show("stop", stop.name, true);
    fill(root, {address: `${stop.place} ${stop.address}`, purpose: stop.purpose, ask: stop.ask,
      who: [stop.first, stop.second].filter(Boolean).join("、")}, {ask: Boolean(stop.ask), phone: Boolean(stop.phone), state: Boolean(entry)});
    const tel = root.querySelector("[data-tel]");
    tel.href = `tel:${stop.phone}`;
    tel.textContent = say("call", {phone: stop.phone});
    const button = root.querySelector("[data-do=record]");
    if (entry) badge(root, entry.state, say(entry.state));
    button.hidden = Boolean(entry) && entry.state !== "refused";
    button.onclick = () => go("record", () => record({stop, rules, ...here, done: async () => { await queueScreen(); send(); }}),
      () => door(stop, rules, entry));
  }, home);
}

function take() {
  return go("take", async () => {
    const root = show("take", say("title"), true);
    const answer = await session();
    const why = {later: say("needNet"), signin: say("signin"), refused: answer.why}[answer.kind] || "";
    const known = await here.vault.known();
    const other = here.session && known && known.owner !== here.session.user;
    fill(root, {why: other ? say("other") : why}, {none: answer.kind === "ok" && !other && !answer.body.days.length});
    if (answer.kind !== "ok" || other) return;
    const slot = root.querySelector("[data-slot=days]");
    answer.body.days.forEach(({day, visits}) => {
      const piece = part("part-stop");
      fill(piece, {name: day, address: say("visits", {n: visits}), purpose: ""});
      piece.querySelector("button").onclick = () => takeDay(day, root);
      slot.append(piece);
    });
  }, home);
}

async function takeDay(day, root) {
  const answer = await post(at.take, () => ({body: new URLSearchParams({day}), headers: {}}));
  if (answer.kind !== "ok") {
    fill(root, {why: {later: say("needNet"), signin: say("signin"), other: say("other")}[answer.kind] || answer.why || ""});
    return;
  }
  const pack = answer.body;
  // What is open and was taken before stays as it was recorded: a visit that is already done keeps its line and its state.
  const row = await here.store.get("packs", day);
  if (row) {
    const before = await here.vault.unseal(`packs/${day}`, row);
    const entries = new Set((await here.queue.list()).map(one => one.visit));
    const fresh = new Set(pack.visits.map(one => one.id));
    pack.visits.push(...before.visits.filter(one => entries.has(one.id) && !fresh.has(one.id)));
  }
  const expires = (await here.vault.now()) + pack.rules.keep_days * DAY;
  await here.store.put("packs", {id: day, expires, ...await here.vault.seal(`packs/${day}`, pack)});
  here.notice = say("taken", {n: pack.visits.length});
  await home();
}

function queueScreen() {
  return go("queue", async () => {
    const rows = await here.queue.list();
    const root = show("queue", say("title"), true);
    fill(root, {waiting: await waitingLine() || say("noEntries"), why: here.notice});
    const waits = await here.queue.waiting();
    root.querySelector("[data-do=send]").hidden = !waits.entries && !waits.photos;
    root.querySelector(".phone-thumb").hidden = !waits.entries && !waits.photos && !here.needsSignIn;
    root.querySelector("[data-signin]").hidden = !here.needsSignIn;
    root.querySelector("[data-slot=rows]").replaceChildren(...rows.map(queueRow));
    root.querySelector("[data-do=send]").onclick = send;
  }, home);
}

function queueRow(row) {
  const piece = part("part-row");
  const photos = [row.photosLeft && say("photosLeft", {n: row.photosLeft}), row.photosRefused && say("photosRefused", {n: row.photosRefused})];
  const refused = row.state === "refused";
  const why = refused ? row.why || say("refusedUnsaid") : row.state === "conflict" ? `${row.why} ${say("conflictAlso")}` : "";
  const until = row.state === "kept" ? `（${say("unsentUntil", {day: when(row.expires).split(" ")[0]})}）` : "";
  fill(piece, {label: row.label, at: when(row.at) + until, why, photos: photos.filter(Boolean).join("；"),
    copy: refused ? [row.entry.notes, row.entry.needs_words, row.entry.entry_words].filter(Boolean).join("；") : ""}, {refused});
  badge(piece, row.state, say(row.state));
  piece.querySelector("[data-row=retry]").onclick = async () => { await here.queue.retry(row.id); await send(); };
  piece.querySelector("[data-row=forget]").onclick = async () => {
    if (window.confirm(say("forgetSure"))) await here.queue.forget(row.id);
  };
  return piece;
}

// ---- beginning --------------------------------------------------------------------------------------------------------

function network() {
  const line = document.getElementById("net");
  line.textContent = navigator.onLine ? say("online") : say("offline");
  line.classList.toggle("off", !navigator.onLine);
}

async function lock() {
  if (!here.vault.open) return;
  here.vault.lock();
  here.notice = "";
  await locked();
}

async function begin() {
  network();
  if (!able()) { show("unable", say("title"), false); return; }
  if (navigator.serviceWorker) navigator.serviceWorker.register(at.worker).catch(() => {});
  try {
    here.store = await Store.open("boai-visits", ["meta", "packs", "entries", "photos", "drafts"]);
  } catch (error) { show("unable", say("title"), false); return; }
  here.vault = new Vault(here.store);
  let redraw = 0;
  const changed = () => { // many changes in a row are one drawing
    clearTimeout(redraw);
    redraw = setTimeout(() => { if (["home", "queue"].includes(here.screen) && here.vault.open) here.draw(); }, 60);
  };
  here.queue = new Queue({store: here.store, vault: here.vault, post: postThing, changed});
  window.addEventListener("online", () => { network(); pause = SOON; send(); });
  window.addEventListener("offline", network);
  document.querySelector("[data-do=back]").onclick = () => here.back && here.back();
  document.querySelector("[data-do=lock]").onclick = lock;
  let left = 0;
  let timer = 0;
  document.addEventListener("visibilitychange", async () => {
    clearTimeout(timer);
    if (document.hidden) {
      left = Date.now();
      timer = setTimeout(lock, IDLE);
      return;
    }
    if (Date.now() - left > IDLE) await lock();
    if (await sweep() && here.screen === "home") await here.draw();
    send();
  });
  await start(await sweep() ? say("aged") : "");
}

begin();
