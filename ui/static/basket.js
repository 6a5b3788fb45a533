/* The basket of quotes that are kept as evidence; all of it lies in this browser. */

import { $, made, placeOf, posted, receiptOf, save, saveJson, tell } from "./taking.js";

const STORAGE = "readout-basket";
const EXPORTS = [["md", "Markdown"], ["docx", "Word"], ["csv", "CSV"]];

const basket = made("section", { id: "basket", hidden: true, tabIndex: -1 });
basket.setAttribute("aria-labelledby", "basket-title");
const list = made("ol", { id: "basket-list" });
const style = made("select", { id: "basket-style" },
                   made("option", { value: "apa", textContent: "APA" }),
                   made("option", { value: "chicago", textContent: "Chicago (author-date)" }));
const plainButton = (id, textContent) =>
  made("button", { type: "button", className: "plain", id, textContent });
basket.append(
  made("header", {}, made("h2", { id: "basket-title", textContent: "Evidence" }),
       plainButton("basket-close", "Close")),
  list,
  made("footer", {},
       made("p", {}, made("label", { htmlFor: "basket-style", textContent: "Bibliography in " }),
            style),
       made("p", { className: "exports" },
            ...EXPORTS.map(([kind, label]) => plainButton(`basket-${kind}`, label)),
            plainButton("basket-receipts", "Receipts"), plainButton("basket-check", "Check now"),
            plainButton("basket-clear", "Remove all"))));

const said = new Map();   // what the last check told, by place

// What is kept: for each quote its place, as in a link, and its receipt.
export function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(STORAGE) ?? "[]");
    return Array.isArray(found) ? found.filter((each) => each?.receipt?.quote) : [];
  } catch {
    return [];
  }
}

function keep(quotes) {
  try {
    localStorage.setItem(STORAGE, JSON.stringify(quotes));
  } catch {
    tell("The browser has no room to keep this.");
  }
  draw();
}

export async function toggle(link) {
  const place = placeOf(link);
  if (kept().some((each) => each.place === place)) {
    keep(kept().filter((each) => each.place !== place));
    tell("No longer kept");
    return;
  }
  try {
    const receipt = await receiptOf(place);
    keep([...kept().filter((each) => each.place !== place), { place, receipt }]);
    tell("Kept as evidence");
  } catch (error) {
    tell(error.message);
  }
}

function row({ place, receipt }) {
  const remove = made("button", { type: "button", className: "plain remove", textContent: "Remove" });
  remove.dataset.place = place;
  remove.setAttribute("aria-label", `Remove: ${receipt.document.title}`);
  const link = made("a", { className: "near", href: `#src?${place}`, dir: "auto",
                           textContent: receipt.document.title });
  const { publisher, published, event_date: event } = receipt.document;
  const when = published ?? (event && `event of ${event}`);
  const about = [publisher, when, receipt.place];
  return made("li", {},
    made("blockquote", { dir: "auto", textContent: receipt.quote.text.trim() }),
    made("p", {}, link),
    made("p", { className: "about", textContent: about.filter(Boolean).join(" · ") }),
    made("p", { className: said.get(place) === "verified" ? "verified" : "changed",
                textContent: said.get(place) ?? "" }),
    remove);
}

export function draw() {
  const quotes = kept();
  const button = $("show-basket");
  if (button) {
    button.hidden = quotes.length === 0;
    button.textContent = `Evidence ${quotes.length}`;
  }
  list.replaceChildren(...quotes.map(row));
  if (quotes.length === 0 && !basket.hidden) showBasket(false);
  for (const link of document.querySelectorAll("a.keeping")) mark(link, quotes);
}

export function mark(link, quotes) {
  const is = quotes.some((each) => each.place === placeOf(link));
  link.setAttribute("aria-pressed", is);
}

function showBasket(shown) {
  basket.hidden = !shown;
  $("show-basket").setAttribute("aria-expanded", shown);
  if (shown) basket.focus();
  else if (!$("show-basket").hidden) $("show-basket").focus();
  else document.querySelector("#question textarea").focus();
}

async function exported(kind) {
  const path = `/cite/basket?${new URLSearchParams({ kind, style: style.value })}`;
  const response = await posted(path, kept().map((each) => each.receipt));
  save(await response.blob(), `evidence.${kind}`);
  tell(`Saved: evidence.${kind}`);
}

async function checkAll() {
  const quotes = kept();
  const found = await (await posted("/cite/check", quotes.map((each) => each.receipt))).json();
  said.clear();
  found.receipts.forEach((each, at) => said.set(
    quotes[at].place, each.state === "verified" ? each.state : `${each.state}: ${each.detail}`));
  draw();
  tell(found.verified ? "All verified" : "Not all could be verified");
}

const buttons = {
  "show-basket": () => showBasket(basket.hidden),
  "basket-close": () => showBasket(false),
  "basket-receipts": () => saveJson(kept().map((each) => each.receipt), "receipts.json"),
  "basket-check": checkAll,
  "basket-clear": () => keep([]),
  ...Object.fromEntries(EXPORTS.map(([kind]) => [`basket-${kind}`, () => exported(kind)])),
};

document.addEventListener("click", async (event) => {
  const removed = event.target.closest("#basket button.remove");
  const button = event.target.closest("button[id]");
  if (removed) {
    keep(kept().filter((each) => each.place !== removed.dataset.place));
    if (!basket.hidden) basket.focus();
  } else if (button && Object.hasOwn(buttons, button.id)) {
    try { await buttons[button.id](); } catch (error) { tell(error.message); }
  } else if (event.target.closest("#basket a.near")) {
    showBasket(false);   // the source opens where the basket was
  }
});

// On the window, and so before the page's own: Escape closes what lies on top.
window.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !basket.contains(document.activeElement)) return;
  event.stopPropagation();
  showBasket(false);
}, true);

addEventListener("storage", (event) => { if (event.key === STORAGE) draw(); });
document.body.append(basket);
