/* No question is lost on its way: one that the server did not take comes back into the box, and what
   is half typed outlives the page, for the person who typed it. */
"use strict";

(() => {
  const KEY = `readout-draft:${window.readoutYou.name ?? ""}`;
  const JOIN = "/gradio_api/queue/join";
  const under = new Set();   // questions that are on their way to the server
  const box = () => document.querySelector("#question textarea");
  const lines = (...texts) => texts.filter(Boolean).join("\n");

  function put(text) {
    if (box().value.includes(text)) return;   // as asking.js puts it there from the address, too
    box().value = lines(text, box().value);
    box().dispatchEvent(new Event("input", { bubbles: true }));
  }

  // What is asked again stands in the conversation, and so need not come back.
  function questionIn(body) {
    try {
      const { data } = JSON.parse(body);
      return data.length === 6 && !data[1] && typeof data[0] === "string" ? data[0].trim() : "";
    } catch { return ""; }
  }

  async function why(response) {
    if (response.status === 401) return "log in again";
    const told = await response.clone().json().catch(() => ({}));
    return told.error || told.detail || "the server could not say why";
  }

  // Gradio tells nobody what became of a request of its own, so it is watched on its way.
  const real = window.fetch;
  window.fetch = async (resource, options) => {
    const address = String(resource?.url ?? resource);
    const question = address.includes(JOIN) && questionIn(options?.body);
    if (!question) return real(resource, options);
    const asked = { question };
    under.add(asked);
    try {
      const response = await real(resource, options);
      if (!response.ok) {
        put(question);
        window.readout.untaken(await why(response));
      }
      return response;
    } catch (error) {
      put(question);
      window.readout.untaken("the server does not answer");
      throw error;
    } finally {
      under.delete(asked);
    }
  };

  window.addEventListener("pagehide", () => {
    const draft = lines(...[...under].map(({ question }) => question),
                        ...window.readout.waiting(), box()?.value.trim());
    try {
      if (draft && !window.readoutYou.left) sessionStorage.setItem(KEY, draft);
      else sessionStorage.removeItem(KEY);
    } catch { /* a browser that keeps nothing */ }
  });

  // Gradio draws the box late.
  let draft = null;
  try { draft = sessionStorage.getItem(KEY); } catch { /* as above */ }
  if (draft && draft !== new URLSearchParams(location.search).get("q")) {   // which is asked again
    new MutationObserver((_, observer) => {
      if (!box()) return;
      observer.disconnect();
      put(draft);
    }).observe(document.documentElement, { childList: true, subtree: true });
  }
})();
