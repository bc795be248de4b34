"use strict";
// A kiosk clears itself: after a while without a touch or a key it asks, and goes back to its start when nobody answers.
(() => {
  const dialog = document.getElementById("idle");
  const leave = document.getElementById("leave");
  const left = dialog.querySelector("[data-left]");
  let waiting = 0;
  let counting = 0;

  function begin() {
    clearTimeout(waiting);
    clearInterval(counting);
    waiting = setTimeout(ask, 1000 * Number(dialog.dataset.after));
  }

  function ask() {
    let seconds = Number(dialog.dataset.warning);
    left.textContent = seconds;
    dialog.showModal();
    counting = setInterval(() => {
      seconds -= 1;
      left.textContent = seconds;
      if (seconds <= 0) go();
    }, 1000);
  }

  function go() {
    clearInterval(counting);
    leave.submit();
  }

  for (const sign of ["pointerdown", "keydown", "input", "scroll"]) {
    addEventListener(sign, () => { if (!dialog.open) begin(); }, { capture: true, passive: true });
  }
  dialog.querySelector("[data-stay]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", begin); // the Escape key closes it too
  begin();
})();
