/* Reading an answer: a look at a passage from its number, and keys that step through citations.
   What was said of documents is copied as text or as nodes that are on the page already. */

import { closeSource, isOpen, openLink, openSource } from "./source.js";
import { $, made } from "./taking.js";

const CITE = "#chat a.cite";

/* ---- A look at the passage ------------------------------------------------------------- */

// Milliseconds that the pointer rests on a number before, and may leave it for the passage after.
const BEFORE = 150;
const AFTER = 250;

const peek = made("div", { id: "peek", role: "tooltip", hidden: true });
let peeked = null;     // the link whose passage is shown
let waiting = null;
let quiet = false;     // whether a focus that we set shows nothing

function cardOf(link) {
  const number = link.textContent.replace(/\D/g, "");
  const words = link.closest(".answer")?.querySelector(`.card .quoted.q${number}`);
  return words ? { card: words.closest(".card"), number } : null;
}

function showPeek(link) {
  const found = cardOf(link);
  if (!found || (isOpen() && link.hash === openLink()?.hash)) return;
  hidePeek();
  const { card, number } = found;
  const context = card.querySelector(".context").cloneNode(true);
  for (const words of context.querySelectorAll(`.quoted:not(.q${number})`)) words.className = "also";
  peek.replaceChildren(
    made("p", { className: "title", dir: "auto", textContent: card.querySelector(".title").textContent }),
    card.querySelector(".about").cloneNode(true),
    context);
  peeked = link;
  link.setAttribute("aria-describedby", "peek");
  peek.hidden = false;
  put();
}

// Below its number, or above where there is more room.
function put() {
  const box = peeked.getBoundingClientRect();
  const below = box.bottom + 8 + peek.offsetHeight < innerHeight - 8 || box.top < peek.offsetHeight + 16;
  const left = Math.max(8, Math.min(box.left - 24, innerWidth - peek.offsetWidth - 8));
  peek.style.top = `${below ? box.bottom + 8 : box.top - 8 - peek.offsetHeight}px`;
  peek.style.left = `${left}px`;
}

function hidePeek() {
  clearTimeout(waiting);
  peeked?.removeAttribute("aria-describedby");
  peeked = null;
  peek.hidden = true;
}

function soon(act, milliseconds) {
  clearTimeout(waiting);
  waiting = setTimeout(act, milliseconds);
}

document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const link = event.target.closest?.(CITE);
  if (link && link !== peeked) soon(() => showPeek(link), BEFORE);
  else if (link || event.target.closest?.("#peek")) clearTimeout(waiting);
  else if (peeked && document.activeElement !== peeked) soon(hidePeek, AFTER);
  else if (!peeked) clearTimeout(waiting);
});

document.addEventListener("focusin", ({ target }) => {
  if (!quiet && target.matches(`${CITE}:focus-visible`)) showPeek(target);
});
document.addEventListener("focusout", ({ target }) => { if (target === peeked) hidePeek(); });
addEventListener("scroll", () => { if (peeked) put(); }, { passive: true });
addEventListener("resize", hidePeek);
document.addEventListener("click", (event) => { if (event.target.closest(CITE)) hidePeek(); });

function quietly(act) {
  quiet = true;
  act();
  quiet = false;
}

/* ---- Keys ------------------------------------------------------------------------------ */

const OFF = "readout-keys-off";
const KEYS = [["j", "Next citation"], ["k", "Citation before"], ["Enter", "Open its source"],
              ["Esc", "Back to the citation"], ["/", "Ask a question"], ["?", "These keys"]];

const single = made("input", { type: "checkbox", id: "keys-single" });
const keys = made("dialog", { id: "keys" },
  made("h2", { textContent: "Keys", id: "keys-title" }),
  made("dl", {}, ...KEYS.map(([key, does]) => made("div", {},
    made("dt", {}, made("kbd", { textContent: key })), made("dd", { textContent: does })))),
  made("p", {}, made("label", { htmlFor: "keys-single" }, single, " Single keys are on")),
  made("button", { type: "button", className: "plain", id: "keys-close", textContent: "Close" }));
keys.setAttribute("aria-labelledby", "keys-title");

function areOn() {
  try { return localStorage.getItem(OFF) === null; } catch { return true; }
}

function turn(on) {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  } catch { single.checked = true; } // a browser that keeps nothing
}

function showKeys() {
  hidePeek();
  single.checked = areOn();
  keys.showModal();
}

// Goes to the citation after or before the one at hand; an open pane follows.
function step(by) {
  const links = [...document.querySelectorAll(CITE)].filter((link) => link.checkVisibility());
  const answer = [...document.querySelectorAll("#chat .answer")].at(-1);
  const at = links.indexOf([document.activeElement, openLink()].find((link) => links.includes(link)));
  const newest = links.findIndex((link) => answer.contains(link));
  const next = at >= 0 ? at + by : by > 0 && newest >= 0 ? newest : links.length - 1;
  const link = links[next];
  if (!link) return;
  // Where the pane lies over the answer, the focus stays in it.
  const over = isOpen() && matchMedia("(max-width: 999px)").matches;
  if (!over) {
    link.scrollIntoView({ block: "center" });
    if (isOpen()) quietly(() => link.focus({ preventScroll: true }));
    else link.focus({ preventScroll: true });
  }
  if (isOpen()) openSource(link, !over);
}

const actions = {
  "j": () => step(1),
  "k": () => step(-1),
  "/": () => document.querySelector("#question textarea").focus(),
  "?": showKeys,
};

const TYPING = "input, textarea, select, [contenteditable], [role=menu], dialog, #basket";

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !keys.open) {
    if (peeked) hidePeek();
    else quietly(closeSource);
    return;
  }
  if (event.key === " " && event.target.matches?.("a.keys")) {
    event.preventDefault();
    showKeys();
    return;
  }
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;
  const here = !keys.open && !event.target.closest?.(TYPING);
  if (!plain || !here || !Object.hasOwn(actions, event.key) || !areOn()) return;
  event.preventDefault();
  actions[event.key]();
}, true);

document.addEventListener("click", (event) => {
  if (event.target.closest("a.keys")) {
    event.preventDefault();
    showKeys();
  } else if (event.target === keys || event.target.closest("#keys-close")) keys.close();
});
document.addEventListener("change", (event) => { if (event.target === single) turn(single.checked); });

/* ---- Names for those who hear the page ------------------------------------------------- */

// Gradio draws the page late and redraws parts of it.
function dress() {
  for (const link of document.querySelectorAll("#chat a.open:not([aria-label])")) {
    const number = link.closest(".quote")?.querySelector("a.cite")?.textContent ?? "";
    link.setAttribute("aria-label", `Open source of quote ${number}`);
  }
  for (const link of document.querySelectorAll("#chat a.keys:not([role])")) {
    link.setAttribute("role", "button");
    link.setAttribute("aria-haspopup", "dialog");
  }
  if (peeked && !peeked.isConnected) hidePeek();
}

document.body.append(peek, keys);
new MutationObserver(dress).observe(document.documentElement, { childList: true, subtree: true });
dress();
