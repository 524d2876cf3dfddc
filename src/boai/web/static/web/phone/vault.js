// What lies on the phone is sealed: AES-256-GCM under a random key, which a PIN wraps (PBKDF2-SHA-256).
// The key itself is never stored and never leaves the page; it is gone when the page closes or locks.
// docs/security.md says what this holds against and what it does not.

export const ROUNDS = 600000; // OWASP Password Storage Cheat Sheet, PBKDF2-HMAC-SHA256
const META = "meta";
const coder = new TextEncoder();

export class WrongPin extends Error {
  constructor(left) { super("wrong pin"); this.left = left; }
}

export class Wiped extends Error {}

// Can this browser keep anything safely? Without a secure address there is no WebCrypto.
export const able = () => Boolean(
  window.isSecureContext && window.crypto && crypto.subtle && window.indexedDB && window.Blob && Blob.prototype.arrayBuffer);

// Too easy to guess: one sign only, or a run such as 123456 or 654321.
export function tooEasy(pin) {
  const steps = new Set(Array.from(pin).slice(1).map((sign, n) => sign.charCodeAt(0) - pin.charCodeAt(n)));
  return steps.size < 2 && [undefined, 0, 1, -1].includes([...steps][0]);
}

async function wrapper(pin, salt, rounds) {
  const raw = await crypto.subtle.importKey("raw", coder.encode(pin.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey({name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds}, raw,
    {name: "AES-GCM", length: 256}, false, ["wrapKey", "unwrapKey"]);
}

export class Vault {
  constructor(store) { this.store = store; this.key = null; }

  get open() { return this.key !== null; }

  // What is known without the PIN: whose it is and how many wrong PINs came in a row. Undefined when there is none.
  known() { return this.store.get(META, "vault"); }

  async make(pin, {owner, limit}) {
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const fresh = await crypto.subtle.generateKey({name: "AES-GCM", length: 256}, true, ["encrypt", "decrypt"]);
    const wrapped = await crypto.subtle.wrapKey("raw", fresh, await wrapper(pin, salt, ROUNDS), {name: "AES-GCM", iv});
    await this.store.wipe();
    await this.store.put(META, {id: "vault", owner, limit, salt, iv, wrapped, rounds: ROUNDS, tries: 0, seen: Date.now()});
    await this.unlock(pin);
  }

  // Counts the try before it is made, so that closing the page in between does not undo it.
  async unlock(pin) {
    const meta = await this.known();
    if (!meta || meta.tries >= meta.limit) { await this.wipe(); throw new Wiped(); }
    meta.tries += 1;
    await this.store.put(META, meta);
    try {
      this.key = await crypto.subtle.unwrapKey("raw", meta.wrapped, await wrapper(pin, meta.salt, meta.rounds),
        {name: "AES-GCM", iv: meta.iv}, {name: "AES-GCM"}, false, ["encrypt", "decrypt"]);
    } catch (error) {
      if (meta.tries >= meta.limit) { await this.wipe(); throw new Wiped(); }
      throw new WrongPin(meta.limit - meta.tries);
    }
    meta.tries = 0;
    await this.store.put(META, meta);
  }

  lock() { this.key = null; }

  async wipe() { this.lock(); await this.store.wipe(); }

  // The time, never earlier than it has been here before: turning the clock back keeps nothing alive.
  async now() {
    const meta = await this.known();
    if (!meta) return Date.now();
    if (Date.now() > meta.seen) {
      meta.seen = Date.now();
      await this.store.put(META, meta);
    }
    return meta.seen;
  }

  // `place` (table and key) is bound into the seal: a row cannot be passed off as another.
  async seal(place, value) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = value instanceof ArrayBuffer ? value : coder.encode(JSON.stringify(value));
    const box = await crypto.subtle.encrypt({name: "AES-GCM", iv, additionalData: coder.encode(place)}, this.key, plain);
    return {iv, box};
  }

  async unsealBytes(place, {iv, box}) {
    return crypto.subtle.decrypt({name: "AES-GCM", iv, additionalData: coder.encode(place)}, this.key, box);
  }

  async unseal(place, sealed) {
    return JSON.parse(new TextDecoder().decode(await this.unsealBytes(place, sealed)));
  }
}
