"use strict";
// Reads a question aloud with the device's own voice: what stands there, then option by option, each with a pause of
// its own. The button is there only where the device has a voice for the language of the page. A recording that does
// not play makes room for it.
(() => {
  const words = document.getElementById("aloud");
  const speech = globalThis.SpeechSynthesisUtterance && globalThis.speechSynthesis;
  if (!words) return;
  const lang = document.documentElement.lang;
  const [language] = lang.split("-");
  const place = { "zh-Hans": "zh-CN", "zh-Hant": "zh-TW" }[lang] ?? lang;
  const kinds = { mp3: "audio/mpeg", m4a: 'audio/mp4; codecs="mp4a.40.2"' };
  let speaking = null;

  const norm = (tag) => tag.replace("_", "-").toLowerCase();

  function voice() {
    const fitting = (speech?.getVoices() ?? []).filter((one) => norm(one.lang).split("-")[0] === language);
    return fitting.find((one) => norm(one.lang) === place.toLowerCase()) ?? fitting[0];
  }

  /** What can be seen of a question, a piece for each breath. */
  function pieces(question) {
    const found = question.querySelectorAll(".stem, .said, .statement, .hint, .error, .odd-note, .info p, .option label, .or, .unit, .specify label");
    const texts = [...found].filter((one) => one.offsetParent !== null && !one.closest("button")).map((one) => one.innerText.trim());
    return texts.filter(Boolean);
  }

  function stop() {
    speech?.cancel();
    speaking?.setAttribute("aria-pressed", "false");
    speaking = null;
  }

  function start(button, question) {
    stop();
    speaking = button;
    button.setAttribute("aria-pressed", "true");
    const texts = pieces(question);
    texts.forEach((text, n) => {
      const piece = new SpeechSynthesisUtterance(text);
      piece.lang = place;
      piece.voice = voice() ?? null;
      piece.rate = 0.9;
      piece.onend = piece.onerror = () => {
        if (speaking === button && n === texts.length - 1) stop();
      };
      speech.speak(piece);
    });
  }

  function offer() {
    if (!voice()) return;
    for (const question of document.querySelectorAll(".question")) {
      const said = question.querySelector(".said, .statement, .info");
      if (!said || question.querySelector(".aloud, audio")) continue; // a person has read it out
      const button = document.createElement("button");
      button.type = "button";
      button.className = "aloud";
      button.textContent = words.dataset.read;
      button.setAttribute("aria-pressed", "false");
      // Which question: a list of buttons alone must be told apart.
      button.setAttribute("aria-label", `${words.dataset.read}: ${said.innerText.trim()}`);
      button.addEventListener("click", () => (speaking === button ? stop() : start(button, question)));
      question.prepend(button);
    }
  }

  /** The recordings of a question do not play here: the device's own voice reads it, at once if it was asked to. */
  function silent(player, asked) {
    const question = player.closest(".question");
    const focused = document.activeElement?.localName === "audio" && question.contains(document.activeElement);
    const note = document.createElement("p");
    note.className = "hint";
    note.textContent = words.dataset.silent;
    note.tabIndex = -1;
    if (asked) player.before(note);
    for (const one of question.querySelectorAll("audio")) one.remove();
    offer();
    const button = question.querySelector(".aloud");
    if (button) note.remove();
    if (focused) (button ?? note).focus();
    if (asked && button) start(button, question);
  }

  for (const player of document.querySelectorAll("audio")) {
    if (!player.canPlayType(kinds[player.src.split(".").pop()])) silent(player, false);
    else player.addEventListener("error", () => player.isConnected && silent(player, true));
  }
  offer();
  speech?.addEventListener?.("voiceschanged", offer); // some devices know their voices only after a while
  addEventListener("pagehide", stop);
  addEventListener("keydown", ({ key }) => key === "Escape" && stop());
})();
