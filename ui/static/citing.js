/* Citing a quote: its menu, and links that open a place. Gradio draws the page late and redraws
   parts of it, so listeners sit on the document and links are dressed when they appear. */

import { draw, kept, mark, toggle } from "./basket.js";
import { $, fetched, made, placeOf, receiptOf, saveJson, tell } from "./taking.js";

const FORMS = [
  ["text", "Text with reference"], ["markdown", "Markdown"], ["apa", "APA"],
  ["chicago", "Chicago (author-date)"], ["bibtex", "BibTeX"], ["ris", "RIS"],
  ["csl-json", "CSL-JSON"], ["link", "Link to this place"],
  ["original", "Link to the original"],
];

// Where the page is not served from this machine, browsers have no other clipboard than the old.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const before = document.activeElement;
  const box = made("textarea", { value: text, readOnly: true, className: "citing-copied" });
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  before?.focus();
  if (!done) throw new Error("The browser does not let this page copy.");
}

/* ---- The menu of a quote --------------------------------------------------------------- */

const menu = made("div", { id: "cite-menu", role: "menu", hidden: true });
menu.setAttribute("aria-label", "Cite this quote");
let trigger = null;    // the link whose menu is open
let forms = null;      // a promise of its forms

const item = (name, label) =>
  made("button", { type: "button", role: "menuitem", tabIndex: -1, name, textContent: label });
menu.append(...FORMS.map(([name, label]) => item(name, label)),
            item("receipt", "Receipt (download)"));

const items = () => [...menu.querySelectorAll("button:not([hidden])")];

function openMenu(link) {
  closeMenu();
  trigger = link;
  forms = fetched(`/cite?${placeOf(link)}`).then((response) => response.json());
  const original = menu.querySelector("[name=original]");
  original.hidden = true;
  forms.then((found) => { original.hidden = found.original === ""; if (trigger) put(); },
             (error) => { closeMenu(); tell(error.message); });
  link.setAttribute("aria-expanded", "true");
  menu.hidden = false;
  put();
  items()[0].focus({ preventScroll: true });
}

// Below its link, or above where there is no room; on a phone the style sheet puts it.
function put() {
  const box = trigger.getBoundingClientRect();
  const below = box.bottom + 6 + menu.offsetHeight < innerHeight;
  menu.style.top = `${Math.max(8, below ? box.bottom + 6 : box.top - 6 - menu.offsetHeight)}px`;
  menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - menu.offsetWidth - 8))}px`;
}

// Gives the focus back, unless it went where somebody clicked.
function closeMenu(refocus = true) {
  if (!trigger) return;
  const link = trigger;
  trigger = null;
  menu.hidden = true;
  link.setAttribute("aria-expanded", "false");
  if (refocus && link.isConnected) link.focus({ preventScroll: true });
}

async function choose(button) {
  const place = placeOf(trigger);
  const pending = forms;
  closeMenu();
  try {
    if (button.name === "receipt") {
      saveJson(await receiptOf(place), "receipt.json");
      tell("Receipt saved");
    } else {
      await copy((await pending)[button.name]);
      tell(`Copied: ${button.textContent}`);
    }
  } catch (error) {
    tell(error.message);
  }
}

function onMenuKey(event) {
  const all = items();
  const at = all.indexOf(document.activeElement);
  const goal = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (goal !== undefined) all.at(goal % all.length).focus();
  else if (event.key === "Escape" || event.key === "Tab") closeMenu();
  else return;
  if (event.key !== "Tab") event.preventDefault();
  event.stopPropagation();
}

/* ---- Links to a place ------------------------------------------------------------------ */

let followed = null;     // the place in the address that was opened

function followAddress() {
  if (!location.hash.startsWith("#src?") || location.hash === followed || !$("source")) return;
  followed = location.hash;
  const link = made("a", { href: location.hash });
  document.body.append(link);
  link.click();
  link.remove();
}

/* ---- Listening ------------------------------------------------------------------------- */

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.citing, a.keeping");
  const chosen = event.target.closest("#cite-menu button");
  if (link) {
    event.preventDefault();
    if (link.classList.contains("keeping")) toggle(link);
    else if (trigger === link) closeMenu();
    else openMenu(link);
  } else if (chosen) choose(chosen);
  else if (trigger) closeMenu(false);
});

// On the window, and so before the page's own: Escape closes what lies on top.
window.addEventListener("keydown", (event) => {
  const opens = event.target.matches?.("a.citing") && [" ", "ArrowDown"].includes(event.key);
  const keeps = event.target.matches?.("a.keeping") && event.key === " ";
  if (trigger) onMenuKey(event);
  else if (opens || keeps) {
    event.preventDefault();
    event.target.click();
  }
}, true);

addEventListener("hashchange", followAddress);
addEventListener("scroll", () => { if (trigger) put(); }, { passive: true });
addEventListener("resize", () => { if (trigger) put(); });

function dress() {
  const bare = document.querySelectorAll("a.citing:not([role]), a.keeping:not([role])");
  const quotes = bare.length ? kept() : [];
  for (const link of bare) {
    const number = link.closest(".quote")?.querySelector("a.cite")?.textContent ?? "";
    link.setAttribute("role", "button");
    if (link.matches(".citing")) {
      link.setAttribute("aria-haspopup", "menu");
      link.setAttribute("aria-expanded", "false");
      link.setAttribute("aria-label", `Cite quote ${number}`);
    } else {
      link.setAttribute("aria-label", `Keep quote ${number} as evidence`);
      mark(link, quotes);
    }
  }
  const button = $("show-basket");
  if (button && !button.textContent) draw();
  followAddress();
}

document.body.append(menu);
new MutationObserver(dress).observe(document.documentElement, { childList: true, subtree: true });
dress();
