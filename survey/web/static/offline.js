"use strict";
// Walks the rest of a form without a connection, one screen after the other. The twin of survey/forms/reading.py and
// screens.py, for showing only: the service reads everything again, and what it would not have asked does not count.
(() => {
  const { data, load, save, say, fill, deliver, waits, count } = device;
  const form = document.getElementById("offline");
  const submit = document.getElementById("submit");
  const again = document.getElementById("again");
  const missing = document.getElementById("missing");
  const head = form.querySelector("[data-head]");
  const legs = JSON.parse(document.getElementById("route").textContent);
  const screens = [...form.querySelectorAll("[data-screen]")];
  const parts = (item) => form.querySelectorAll(`[data-item="${item}"]`);
  let record = load(data.id);
  let end = null;
  let at = 0;

  if (!record) return; // nothing was begun on this device, or it was deleted

  const controls = (item) => [...form.elements].filter(({ name }) => name === item || name.startsWith(`${item}.`));
  const counts = (control) =>
    !control.closest("[data-off]") && (control.type === "radio" || control.type === "checkbox" ? control.checked : control.value.trim());
  const chosen = (name) => controls(name.split(".")[0]).filter((one) => one.name === name && counts(one)).map((one) => one.value);

  /** The answer to an item as its controls stand: a value, a list, or why there is none. */
  function answer(leg) {
    let given = controls(leg.id).filter((one) => counts(one) && one.value !== "more");
    const typed = given.filter((one) => one.name !== `${leg.id}.escape`);
    if (leg.bounds && typed.length) given = typed; // a number typed counts before the escape beside it
    const strong = given.find((one) => one.name.startsWith(`${leg.id}.strong.`));
    if (strong?.value === "1") return Number(strong.closest("[data-code]").dataset.code);
    const codes = given.filter((one) => one !== strong).map((one) => one.value.replace(/^escape-/, ""));
    if (!codes.length) return { missing: "skipped" };
    if (leg.many && wrong(leg, codes)) return { missing: "skipped", wrong: true };
    const state = codes.map((code) => leg.missing?.[code]).find(Boolean);
    if (state) return { missing: state };
    if (!leg.many && wrong(leg, codes)) return { missing: "skipped", wrong: true };
    const plain = (code) => (/^-?\d+(\.\d+)?$/.test(code) ? Number(code) : code);
    return leg.many ? codes.map(plain) : plain(given.length > 1 ? codes.at(-1) : codes[0]);
  }

  /** What the service would certainly refuse. */
  function wrong(leg, codes) {
    if (leg.many) return codes.length > (leg.most || Infinity) || (codes.length > 1 && codes.some((code) => leg.alone?.includes(code)));
    if (!leg.bounds) return false;
    const number = Number(codes.at(-1));
    return !(number >= leg.bounds[0] && number <= leg.bounds[1]) || (leg.whole && !Number.isInteger(number));
  }

  const isMissing = (value) => value === undefined || value === null || value.missing !== undefined;

  /** How many characters a person counts, where the browser can tell. */
  const size = (text) => (Intl.Segmenter ? [...new Intl.Segmenter().segment(text.trim())] : [...text.trim()]).length;

  /** The closed algebra of survey/forms/conditions.py. */
  function holds(condition, known) {
    const value = known[condition.item];
    switch (condition.op) {
      case "equals": return value === condition.value;
      case "any-of": return [value].flat().some((one) => condition.values.includes(one));
      case "at-most": return typeof value === "number" && value <= condition.value;
      case "at-least": return typeof value === "number" && value >= condition.value;
      case "shorter": return typeof value === "string" && size(value) < condition.length;
      case "answered": return !isMissing(value);
      case "is-missing": return condition.states.includes(value?.missing);
      case "all": return condition.of.every((one) => holds(one, known));
      case "any": return condition.of.some((one) => holds(one, known));
      case "not": return !holds(condition.of, known);
      default: throw new Error(`no condition ${condition.op}`);
    }
  }

  /** Decide anew what is asked; the items left blank that must not be. */
  function walk() {
    const known = { ...record.known };
    const must = new Set();
    const from = start();
    end = null;
    for (const leg of legs) {
      const here = [...parts(leg.id)];
      const screen = (here[0] ?? controls(leg.id)[0])?.closest("[data-screen]");
      if (!screen || screens.indexOf(screen) < from) continue; // on an earlier page, which has arrived
      const asked = !end && (!leg.when || holds(leg.when, known));
      for (const part of here) {
        const [name, value] = (part.dataset.shows ?? "").split("=");
        part.toggleAttribute("data-off", !asked || Boolean(name && !chosen(name).includes(value)));
        part.hidden = part.hasAttribute("data-off");
      }
      delete known[leg.id];
      if (!asked) continue;
      reword(leg, here, known);
      if (leg.info) continue;
      known[leg.id] = answer(leg);
      const required = typeof leg.required === "object" ? holds(leg.required, known) : leg.required;
      if ((required && known[leg.id].missing === "skipped") || known[leg.id].wrong) must.add(leg.id);
      end = leg.stops?.find(([condition]) => holds(condition, known))?.[1] ?? null;
    }
    for (const group of [...form.querySelectorAll("[data-part]")].filter((part) => part.querySelector("[data-item]"))) {
      group.hidden = !group.querySelector("[data-item]:not([data-off])");
      group.toggleAttribute("data-off", group.hidden);
    }
    return must;
  }

  function reword(leg, here, known) {
    if (!leg.piped) return;
    const said = here[0].querySelector(".said");
    said.dataset.plain ??= said.textContent;
    said.textContent = leg.piped.find(([condition]) => holds(condition, known))?.[1] ?? said.dataset.plain;
  }

  function start() {
    const found = screens.find((screen) => screen.dataset.screen === record.page);
    const item = found?.querySelector("[data-item]").dataset.item;
    // An item that takes several pages is asked from its first one.
    return found ? screens.findIndex((screen) => screen.querySelector(`[data-item="${item}"]`)) : screens.length;
  }

  const open = () => screens.slice(start()).filter((screen) => screen.querySelector("[data-part]:not([data-off])"));

  function show(element) {
    const title = element?.querySelector("h1");
    title?.setAttribute("tabindex", "-1");
    title?.focus();
    scrollTo(0, 0);
  }

  /** Draw the screen that is reached: one of the form, a way out, or everything once more to be checked. */
  function draw() {
    const pages = open();
    const way = at >= pages.length && end;
    const check = at >= pages.length && !way;
    for (const screen of screens) screen.hidden = !(screen === pages[at] || (check && pages.includes(screen)));
    for (const exit of form.querySelectorAll("[data-end]")) exit.hidden = exit.dataset.end !== way;
    head.hidden = !check;
    submit.hidden = !(check || way);
    form.querySelector(".actions .button").hidden = check || Boolean(way);
    form.querySelector("[data-do=back]").hidden = at === 0;
    missing.hidden = true;
    show(check ? head : way ? form.querySelector(`[data-end="${way}"]`) : pages[at]);
  }

  /** Keep what is on the screens that were reached, and which items they asked. */
  function keep() {
    const asked = new Set(open().slice(0, at + 1).flatMap((screen) => legs.filter((leg) => controls(leg.id).some((one) => screen.contains(one) && !one.closest("[data-off]"))).map((leg) => leg.id)));
    const earlier = Object.entries(record.typed ?? {}).filter(([page]) => screens.findIndex((one) => one.dataset.screen === page) < start());
    record = { ...record, typed: Object.fromEntries(earlier), left: undefined, shown: [...asked], fields: {} };
    for (const control of form.elements) {
      if (control.name && asked.has(control.name.split(".")[0]) && counts(control)) (record.fields[control.name] ??= []).push(control.value);
    }
    count(record);
    save(record);
    say("kept");
  }

  function blank(must) {
    const here = [...must].flatMap((item) => controls(item)).find((one) => !one.closest("[hidden]"));
    missing.hidden = !here;
    here?.focus();
    return Boolean(here);
  }

  form.addEventListener("input", () => { walk(); keep(); });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const must = walk();
    keep();
    if (blank(must)) return;
    at += 1;
    walk();
    keep();
    draw();
  });
  form.querySelector("[data-do=back]").addEventListener("click", () => { at = Math.max(0, at - 1); draw(); });
  submit.addEventListener("click", () => {
    if (!end && blank(walk())) return;
    keep();
    record.queued = open().some((screen) => screen.hasAttribute("data-late")) ? "skip" : true;
    save(record);
    go();
  });
  again.addEventListener("click", () => device.hurry());

  /** Submitted: nothing more to do here but to send it. */
  function go() {
    form.hidden = submit.hidden = true;
    again.hidden = false;
    deliver(data.id, (reply) => location.replace(reply.address));
  }

  const typed = Object.assign({}, record.here, ...Object.values(record.typed ?? {}), record.fields);
  fill(form, typed);
  if (record.submits) {
    record.queued = record.submits;
    record.fields = record.typed?.[record.page] ?? {};
    record.shown = [...new Set(Object.keys(record.fields).map((name) => name.split(".")[0]))];
    record.submits = false;
    count(record);
    save(record);
  }
  if (record.queued) go();
  else {
    form.hidden = false;
    walk();
    draw();
  }
})();
