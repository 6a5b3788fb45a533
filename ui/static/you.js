/* Who looks at the page; the server writes it. It runs before all else, so that nobody sees, even for
   a moment, what the person before them left in this browser, or what they may not do. */
"use strict";

window.readoutYou = YOU;
document.documentElement.dataset.role = window.readoutYou.role;

(() => {
  const KEY = "readout-person";
  const mine = window.readoutYou.name ?? "";
  const forget = () => { localStorage.clear(); sessionStorage.clear(); };

  try {
    if ((localStorage.getItem(KEY) ?? "") !== mine) forget();
    if (mine) localStorage.setItem(KEY, mine);
  } catch { /* a browser that keeps nothing */ }

  // Gradio draws the page late.
  if (mine) {
    new MutationObserver((_, observer) => {
      const leave = document.getElementById("leave");
      if (!leave) return;
      observer.disconnect();
      document.getElementById("person").textContent = mine;
      leave.hidden = false;
    }).observe(document.documentElement, { childList: true, subtree: true });
  }

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "leave") return;
    try { forget(); } catch { /* there is nothing to forget */ }
  });
})();
