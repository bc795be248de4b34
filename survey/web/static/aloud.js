"use strict";
// Reads a question aloud with the device's own voice: what stands there, then option by option, each with a pause of
// its own. The button is there only where the device has a voice for the language of the page.
(() => {
  const words = document.getElementById("aloud");
  const speech = globalThis.speechSynthesis;
  if (!words || !speech || !globalThis.SpeechSynthesisUtterance) return;
  const lang = document.documentElement.lang;
  const [language] = lang.split("-");
  const place = { "zh-Hans": "zh-CN", "zh-Hant": "zh-TW" }[lang] ?? lang;
  let speaking = null;

  const norm = (tag) => tag.replace("_", "-").toLowerCase();

  function voice() {
    const fitting = speech.getVoices().filter((one) => norm(one.lang).split("-")[0] === language);
    return fitting.find((one) => norm(one.lang) === place.toLowerCase()) ?? fitting[0];
  }

  /** What can be seen of a question, a piece for each breath. */
  function pieces(question) {
    const found = question.querySelectorAll(".stem, .said, .statement, .hint, .error, .odd-note, .info p, .option label, .or, .unit, .specify label");
    const texts = [...found].filter((one) => one.offsetParent !== null && !one.closest("button")).map((one) => one.innerText.trim());
    return texts.filter(Boolean);
  }

  function stop() {
    speech.cancel();
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

  offer();
  speech.addEventListener?.("voiceschanged", offer); // some devices know their voices only after a while
  addEventListener("pagehide", stop);
  addEventListener("keydown", ({ key }) => key === "Escape" && stop());
})();
