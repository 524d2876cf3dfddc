// A database in the browser (IndexedDB), as promises. It knows nothing of what it keeps.

const asked = request => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const finished = tx => new Promise((resolve, reject) => {
  tx.oncomplete = () => resolve();
  tx.onabort = tx.onerror = () => reject(tx.error || new Error("aborted"));
});

export class Store {
  // `names` are the tables; every row has a key `id`.
  static async open(name, names) {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => names.forEach(one => request.result.createObjectStore(one, {keyPath: "id"}));
    const store = new Store();
    store.db = await asked(request);
    store.names = names;
    store.db.onversionchange = () => store.db.close();
    return store;
  }

  get(name, id) { return asked(this.db.transaction(name).objectStore(name).get(id)); }

  all(name) { return asked(this.db.transaction(name).objectStore(name).getAll()); }

  // One transaction over several tables: all of it or nothing. `change` gets a function put(name, row) and drop(name, id).
  async write(names, change) {
    const tx = this.db.transaction(names, "readwrite");
    change((name, row) => tx.objectStore(name).put(row), (name, id) => tx.objectStore(name).delete(id));
    await finished(tx);
  }

  put(name, row) { return this.write([name], put => put(name, row)); }

  drop(name, id) { return this.write([name], (_put, drop) => drop(name, id)); }

  async wipe() {
    const tx = this.db.transaction(this.names, "readwrite");
    this.names.forEach(name => tx.objectStore(name).clear());
    await finished(tx);
  }
}

// A random UUID (version 4); crypto.randomUUID is missing on older phones.
export function newId() {
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 15) | 64;
  b[8] = (b[8] & 63) | 128;
  const hex = Array.from(b, one => one.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
