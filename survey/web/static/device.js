"use strict";
// Keeps what is typed on this device until the service has it, and sends what was filled in without a connection.
//
// One record a response, in localStorage under "survey." and the response's id:
//   slug, id, page, until, key   whose form, where in it, when it is forgotten, which offline page belongs to it
//   known                        earlier answers that routing looks at
//   typed   {page: {name: [values]}}   typed on a page, and not known to have arrived
//   left    the page whose post is under way; once another page of the form is shown, it has arrived
//   here                         what the page shown last held when it was shown
//   submits                      whether what is under way submits
//   turn                         a name for this device, and how often it has sent: what is overtaken does not count
//   fields, shown                filled in without a connection: fields, and the items that were asked
//   queued  submitted, and not known to have arrived; "skip" when the optional page was skipped
globalThis.device = (() => {
  const root = document.getElementById("device");
  const data = root?.dataset.device ? JSON.parse(root.dataset.device) : null;
  const received = document.querySelector("[data-received]")?.dataset.received;
  const PREFIX = "survey.";
  const OFF = "survey-off";
  const store = usable();
  const form = document.getElementById("answers");

  function usable() {
    try {
      localStorage.setItem(OFF, "1");
      localStorage.removeItem(OFF);
      return sessionStorage.getItem(OFF) ? null : localStorage;
    } catch {
      return null; // storage is forbidden here: everything works as without this script
    }
  }

  function all() {
    const names = store ? Object.keys(store).filter((name) => name.startsWith(PREFIX)) : [];
    return names.map((name) => JSON.parse(store.getItem(name)));
  }

  const load = (id) => JSON.parse(store?.getItem(PREFIX + id) ?? "null");

  function save(record) {
    try {
      store?.setItem(PREFIX + record.id, JSON.stringify(record));
    } catch {
      say("kept", false); // the device is full: nothing is promised
    }
  }

  function drop(id) {
    const record = load(id);
    store?.removeItem(PREFIX + id);
    if (record && globalThis.caches) caches.open("survey-forms").then((cache) => cache.delete(`/s/${record.slug}/offline`));
  }

  /** Show what is said in a state, with the address it leads to. */
  function say(state, shown = true, address = "") {
    if (!root) return;
    root.hidden = false;
    const others = { waiting: ["sending", "restored"], sending: ["waiting", "restored"], received: ["waiting", "sending"] };
    for (const other of others[state] ?? []) root.querySelector(`[data-state=${other}]`).hidden = true;
    const line = root.querySelector(`[data-state=${state}]`);
    line.hidden = !shown;
    if (address) line.querySelector("a").href = address;
    const status = root.querySelector(".status");
    status.hidden = !status.querySelector("[data-state]:not([hidden])");
  }

  /** What a form holds: by field name its values. */
  function fieldsOf(element) {
    const fields = {};
    for (const { name, value, type, checked } of element.elements) {
      const counts = type === "radio" || type === "checkbox" ? checked : !["hidden", "submit", "button", "fieldset"].includes(type);
      if (name && counts) (fields[name] ??= []).push(value);
    }
    return fields;
  }

  /** Put values back into a form. */
  function fill(element, fields) {
    for (const control of element.elements) {
      const values = fields[control.name];
      if (control.type === "radio" || control.type === "checkbox") control.checked = values?.includes(control.value) ?? false;
      else if (values && control.type !== "hidden") control.value = values[0];
    }
  }

  /** Number what is sent next. */
  function count(record) {
    const [device, sent] = record.turn?.split(".") ?? [Math.random().toString(36).slice(2, 10) || "0", 0];
    record.turn = `${device}.${Number(sent) + 1}`;
  }

  const waits = (record) => Boolean(record && (record.queued || record.shown?.length));

  /**
   * Send what was filled in without a connection; the address to go on at, or null when it did not get through.
   * When another tab was faster, there is nothing left to send, and the service says what became of it.
   */
  async function send(id, slug) {
    const record = load(id) ?? { id, slug };
    const body = new URLSearchParams([["response_id", id]]);
    for (const [name, values] of Object.entries(record.fields ?? {})) for (const value of values) body.append(name, value);
    for (const item of record.shown ?? []) body.append("shown", item);
    if (record.queued) body.append("submit", "1");
    if (record.queued === "skip") body.append("skip", "1");
    body.append("turn", record.turn ?? "");
    let reply;
    try {
      reply = await fetch(`/s/${record.slug}/offline`, { method: "POST", body, signal: AbortSignal.timeout?.(30000) });
    } catch {
      return null;
    }
    if (reply.status >= 500 || reply.status === 429) return null;
    const path = new URL(reply.url).pathname;
    if (path.startsWith("/r/") || path.includes("/end/")) {
      drop(id);
      return { address: reply.url };
    }
    const now = load(id);
    // What was typed meanwhile, in another tab too, has not been sent.
    if (now && JSON.stringify(now) !== JSON.stringify(record)) return null;
    if (!now) return { address: reply.url, refused: !reply.ok };
    save(reply.ok ? { ...record, fields: {}, shown: [], queued: false } : { ...record, queued: false, refused: true });
    return { address: reply.ok ? reply.url : `/s/${record.slug}/check`, refused: !reply.ok };
  }

  /** One sender at a time, however many tabs there are. */
  const sendOnce = (id, slug) =>
    navigator.locks ? navigator.locks.request(PREFIX + id, () => send(id, slug)) : send(id, slug);

  /** Send until it has arrived: at once, when the connection comes back, and now and then. */
  async function deliver(id, arrived) {
    const { slug } = load(id);
    let wake = () => {};
    addEventListener("online", () => wake());
    document.addEventListener("visibilitychange", () => wake());
    device.hurry = () => wake();
    for (let pause = 2000; ; pause = Math.min(2 * pause, 60000)) {
      say("sending");
      const reply = await sendOnce(id, slug);
      if (reply) return arrived(reply);
      say("waiting");
      await new Promise((done) => {
        wake = done;
        setTimeout(done, pause * (0.75 + Math.random() / 2));
      });
    }
  }

  function forget() {
    if (all().some(waits) && !confirm(root.dataset.sure)) return;
    for (const record of all()) drop(record.id);
    sessionStorage.setItem(OFF, "1");
    say("kept", false);
    say("waiting", false);
    say("restored", false);
    say("forgotten");
    form?.removeEventListener("input", keep);
    form?.removeEventListener("submit", leave);
  }

  function keep() {
    const record = load(data.id);
    if (!record) return;
    record.typed[data.page] = fieldsOf(form);
    save(record);
    say("kept");
  }

  function leave(event) {
    const record = load(data.id);
    const button = event.submitter?.name ?? "";
    if (!record) return;
    count(record);
    record.typed[data.page] = button === "skip" ? {} : fieldsOf(form);
    record.left = data.page;
    const submits = data.last && (button === "" || button === "skip");
    record.submits = submits && (data.page === "check" ? true : "skip");
    save(record);
  }

  /** A page of the form was shown: what other pages posted has arrived, what was typed on this one is put back. */
  function arrive() {
    const before = load(data.id);
    const record = { typed: {}, ...before, ...data, here: { ...data.fields, ...fieldsOf(form) } };
    if (record.left && record.left !== data.page) delete record.typed[record.left];
    if (record.left !== data.page) delete record.left;
    record.submits = false;
    const typed = record.typed[data.page];
    if (typed && JSON.stringify(typed) !== JSON.stringify(fieldsOf(form))) {
      fill(form, typed);
      say("restored");
    }
    say("kept", Boolean(typed));
    save(record);
    form.addEventListener("input", keep);
    form.addEventListener("submit", leave);
    form.addEventListener("formdata", ({ formData }) => formData.set("turn", load(data.id)?.turn ?? "")); // after `leave`
    if (globalThis.caches && before?.key !== data.key) take(data.slug);
  }

  /** Take the rest of the form along, once for each form, language and variant. */
  async function take(slug) {
    const address = `/s/${slug}/offline`;
    try {
      const reply = await fetch(address);
      if (!reply.ok || reply.redirected) throw new Error("not the form");
      await (await caches.open("survey-forms")).put(address, reply);
    } catch {
      const record = load(data.id);
      if (record) save({ ...record, key: "" }); // next page, next try
    }
  }

  /** A page that was on its way while the worker began is not looked after by it, until it is asked to. */
  async function claimed() {
    const { active } = await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) active.postMessage("claim");
  }

  async function begin() {
    for (const record of all()) if (new Date(record.until) < new Date()) drop(record.id);
    if (received) drop(received);
    if (globalThis.isSecureContext) navigator.serviceWorker?.register("/device.worker.js").then(claimed).catch(() => {});
    root?.querySelector("[data-do=forget]").addEventListener("click", forget);
    if (data?.page === "offline") return; // offline.js goes on from here
    for (const record of all().filter(waits)) {
      const here = record.id === data?.id || location.pathname.startsWith(`/s/${record.slug}`) || !data;
      deliver(record.id, (reply) => {
        if (record.id === data?.id || (!data && !form && document.querySelector("[href='']"))) location.replace(reply.address);
        else if (here) say(reply.refused ? "refused" : "received", true, reply.address);
      });
    }
    if (data && form && store && !waits(load(data.id))) arrive();
    if (!data && all().length) say("kept");
    for (const start of document.querySelectorAll("form[data-begin]")) {
      start.addEventListener("submit", (event) => {
        const mine = all().filter((record) => record.slug === start.dataset.begin && waits(record));
        if (!mine.length) return;
        event.preventDefault(); // beginning anew deletes the form that has not been sent yet
        Promise.all(mine.map((record) => sendOnce(record.id, record.slug))).then((replies) => {
          if (replies.every(Boolean)) start.submit();
          else say("waiting");
        });
      });
    }
  }

  return { data, form, root, load, save, all, say, fill, fieldsOf, deliver, begin, waits, count };
})();
device.begin();
