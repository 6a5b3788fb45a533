/* The source pane: a quote in its document, a window of its text that grows as one scrolls.
   Text of documents goes in by textContent alone. */

import { onPage, showPaged } from "./pages.js";
import { $, fetched, made, placeOf } from "./taking.js";

// Pixels from an end of the window at which more of the text is fetched.
const NEAR_END = 800;

let opener = null;   // the link that opened the pane, to give the focus back to
let opened = null;   // the document's id, its edition, what is cited too, and the stretch shown
let opening = 0;     // tells the latest click from those before it
let mark = null;     // the quote in the text
let loading = false;

export const isOpen = () => Boolean($("source")) && !$("source").hidden;

// The link whose quote is open, even if Gradio has drawn it anew.
export function openLink() {
  if (!isOpen() || !opener || opener.isConnected) return isOpen() ? opener : null;
  const same = [...document.querySelectorAll("#chat a")].filter((link) => link.hash === opener.hash);
  return same.find((link) => link.className.includes("cite")) ?? same[0] ?? null;
}

// The other places of the same document that the answer cites.
function citedToo(link) {
  const place = new URLSearchParams(placeOf(link));
  const links = link.closest(".answer")?.querySelectorAll("a.cite") ?? [];
  return [...links].filter((other) => other.hash !== link.hash)
    .map((other) => new URLSearchParams(placeOf(other)))
    .filter((other) => other.get("document") === place.get("document"))
    .map((other) => `${other.get("start")}-${other.get("end")}-${other.get("check")}`);
}

async function get(path, params, also) {
  const query = new URLSearchParams(params);
  for (const place of also) query.append("also", place);
  return (await fetched(`/page/${path}?${query}`)).json();
}

// Opens a link's quote; the focus goes to the pane unless it is to stay.
export async function openSource(link, staying = false) {
  const place = Object.fromEntries(new URLSearchParams(placeOf(link)));
  const also = citedToo(link);
  const mine = ++opening;
  let found;
  try {
    found = await get("source", place, also);
  } catch (error) {
    found = { title: "This source cannot be opened", about: error.message, source: "",
              warning: null, failed: true, before: [], quote: "", after: [],
              start: 0, end: 0, length: 0, paged: false };
  }
  if (mine !== opening) return;
  for (const other of document.querySelectorAll("a.is-open")) other.classList.remove("is-open");
  link.classList.add("is-open");
  opener = link;
  $("source").dataset.document = place.document;
  opened = { document: place.document, edition: found.edition, also,
             start: found.start, end: found.end };
  show(found, link.classList.contains("near"), staying);
  await showPaged(place, found.title, found.paged);
  if (mine === opening && !onPage()) centre();
}

function show(found, near, staying) {
  $("source-title").textContent = found.title;
  $("source-about").textContent = found.about;
  $("source-path").textContent = found.source;
  const state = $("source-state");
  state.className = found.warning ? "changed" : "verified";
  state.textContent = found.failed ? "" : found.warning || "Verified just now against the original";
  mark = found.quote ? made("mark", { textContent: found.quote, className: near ? "near" : "" }) : null;
  $("source-text").replaceChildren(...pieces(found.before), ...(mark ? [mark] : []),
                                   ...pieces(found.after));
  offerMore(found.length);
  $("source").hidden = false;
  document.documentElement.classList.add("reading");
  if (!staying) $("source").focus({ preventScroll: true });
  $("source-scroll").hidden = false;
  centre();
}

// Texts come by turns plain and cited too.
function pieces(texts) {
  return texts.map((text, at) => (at % 2
    ? made("span", { className: "also-cited", title: "Also cited in this answer", textContent: text })
    : text));
}

function centre() {
  if (!mark) return;
  const box = $("source-scroll");
  const top = mark.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
  box.scrollTop = top - Math.max(24, (box.clientHeight - mark.offsetHeight) / 3);
}

function offerMore(length) {
  $("more-before").hidden = opened.start === 0;
  $("more-after").hidden = opened.end >= length;
}

async function showMore(forward) {
  const reading = opened;
  if (loading || !reading) return;
  loading = true;
  try {
    const from = forward ? reading.end : reading.start;
    const found = await get("more", { document: reading.document, edition: reading.edition,
                                      start: from, forward }, reading.also);
    if (reading === opened) extend(found, forward);
  } catch (error) {
    if (reading !== opened) return;
    $("source-state").className = "changed";
    $("source-state").textContent = error.message;
  } finally {
    loading = false;
  }
}

function extend(found, forward) {
  const box = $("source-scroll");
  if (forward) {
    opened.end = found.end;
    $("source-text").append(...pieces(found.text));
  } else {
    const fromEnd = box.scrollHeight - box.scrollTop;
    opened.start = found.start;
    $("source-text").prepend(...pieces(found.text));
    box.scrollTop = box.scrollHeight - fromEnd;
  }
  offerMore(found.length);
}

export function closeSource() {
  if (!isOpen()) return;
  const link = openLink();
  opening++;
  $("source").hidden = true;
  document.documentElement.classList.remove("reading");
  for (const other of document.querySelectorAll("a.is-open")) other.classList.remove("is-open");
  if (link?.isConnected) link.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#src?"]');
  if (link) {
    event.preventDefault();
    openSource(link);
  } else if (event.target.closest("#source-close")) closeSource();
  else if (event.target.closest("#more-before")) showMore(false);
  else if (event.target.closest("#more-after")) showMore(true);
  else if (event.target === document.body) closeSource(); // the shade beside it, on a small screen
});

document.addEventListener("readout-tab", () => { if (!onPage()) centre(); });

// Scrolling does not rise, but can be caught on the way down.
document.addEventListener("scroll", ({ target }) => {
  if (target.id !== "source-scroll" || target.hidden) return;
  const left = target.scrollHeight - target.scrollTop - target.clientHeight;
  if (left < NEAR_END && !$("more-after").hidden) showMore(true);
  else if (target.scrollTop < NEAR_END && !$("more-before").hidden) showMore(false);
}, true);
