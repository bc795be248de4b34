"use strict";
// Looks after the pages of forms while there is no connection: tries again a little, then shows what the device keeps.
// Touches nothing else: what scripts fetch themselves, programs and evaluators go straight to the service.
const CACHE = "survey-{{ shell | map("replace", "/static/", "") | join("-") | replace("?v=", "") }}";
const SHELL = ["/offline", {% for address in shell %}"{{ address }}", {% endfor %}];
const PATIENCE = 20000;
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)));
});

addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("survey-") && name !== CACHE && name !== "survey-forms";
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
});

addEventListener("message", (event) => event.waitUntil(clients.claim()));

/** A reply once all of it is there: half a page would be shown as if it were one. */
async function whole(request) {
  const reply = await fetch(request);
  await reply.clone().arrayBuffer();
  return reply;
}

async function fetched(request) {
  const late = wait(PATIENCE).then(() => null); // of all tries: whoever waits in vain is not helped by waiting again
  // A page that was posted may be posted again: the service keeps the same page, and the same response, once.
  for (const pause of navigator.onLine ? [0, 600, 1800] : [0]) {
    await wait(pause);
    try {
      return await Promise.race([whole(request.clone()), late]);
    } catch {
      // lost on the way: once more
    }
  }
  return null;
}

let led = ""; // where somebody was just led for want of a connection, which need not be tried again

async function visited(request, path) {
  const reply = path === led ? null : await fetched(request);
  led = "";
  if (reply) return reply;
  const kept = `/s/${path.split("/")[2]}/offline`;
  const page = path.startsWith("/s/") && (await caches.match(kept));
  if (!page) return (await caches.match("/offline")) || Response.error();
  if (path === kept) return page;
  led = kept;
  return Response.redirect(kept, 303);
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode === "navigate" && /^\/(?:[sr]\/|offline$|$)/.test(url.pathname)) {
    event.respondWith(visited(request, url.pathname));
  } else if (url.pathname.startsWith("/static/")) {
    event.respondWith(caches.match(request).then((hit) => hit || fetch(request)));
  }
});
