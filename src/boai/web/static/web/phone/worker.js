// Service worker of a phone page. The script that imports it sets BOAI_PHONE = {name, version, files}: the files are
// kept together, under one version, and given out without asking the network. Everything else, above all every
// call that carries anybody's data, passes by untouched and is never kept.
"use strict";
(() => {
  const {name, version, files} = self.BOAI_PHONE;
  const cacheName = name + version;
  const addresses = new Set(files.map(file => new URL(file, self.location).href));

  self.addEventListener("install", event => event.waitUntil((async () => {
    const cache = await caches.open(cacheName);
    await cache.addAll(files.map(file => new Request(file, {cache: "reload", credentials: "same-origin"})));
    await self.skipWaiting();
  })()));

  self.addEventListener("activate", event => event.waitUntil((async () => {
    const old = (await caches.keys()).filter(one => one.startsWith(name) && one !== cacheName);
    await Promise.all(old.map(one => caches.delete(one)));
    await self.clients.claim();
  })()));

  self.addEventListener("fetch", event => {
    const address = new URL(event.request.url);
    address.hash = "";
    if (event.request.mode === "navigate") address.search = "";
    if (event.request.method !== "GET" || !addresses.has(address.href)) return;
    event.respondWith((async () => {
      const kept = await (await caches.open(cacheName)).match(address.href);
      return kept || fetch(event.request);
    })());
  });
})();
