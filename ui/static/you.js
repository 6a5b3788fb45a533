/* Who looks at the page; the server writes it. It runs before all else, so that nobody sees, even for
   a moment, what the person before them left in this browser, or what they may not do. */
"use strict";

window.readoutYou = YOU;
document.documentElement.dataset.role = window.readoutYou.role;

(() => {
  const KEY = "readout-person";
  const ASIDE = "readout-aside:";   // and whose: what belongs to others, or to nobody in particular
  const LEFT = "?";                 // whose is what was kept after a logout: nobody's any more
  const mine = window.readoutYou.name ?? "";
  const keys = () => Object.keys(localStorage).filter((key) => key !== KEY);

  function rename(key, other) {
    const value = localStorage.getItem(key);
    localStorage.removeItem(key);   // first: there may be no room for both
    try { localStorage.setItem(other, value); } catch { /* rather lost than shown to another */ }
  }

  function forget() {
    for (const key of keys()) if (!key.startsWith(ASIDE)) localStorage.removeItem(key);
  }

  function change(last) {
    if (last === LEFT) forget();
    for (const key of keys()) if (!key.startsWith(ASIDE)) rename(key, `${ASIDE}${last}:${key}`);
    const back = `${ASIDE}${mine}:`;
    for (const key of keys()) if (key.startsWith(back)) rename(key, key.slice(back.length));
    if (mine) localStorage.setItem(KEY, mine);
    else localStorage.removeItem(KEY);
  }

  try {
    const last = localStorage.getItem(KEY) ?? "";
    if (last !== mine) change(last);
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
    window.readoutYou.left = true;
    try {
      forget();
      sessionStorage.clear();
      localStorage.setItem(KEY, LEFT);
    } catch { /* there is nothing to forget */ }
  });
})();
