/* A PDF in the source pane: its page as a picture with the quote boxed, or its text. */

import { $, fetched, made } from "./taking.js";

let preferred = "page";   // the tab chosen last
let printed = null;       // what the server told of the quote's place on its pages
let shown = 0;            // the page that is shown, from 1
let leaving = null;       // ends what is still under way for the quote before

export const onPage = () => !$("source-page").hidden;

// Shows the page of a quote, or its text if it has none or that was chosen.
export async function showPaged(place, title, paged) {
  leaving?.abort();
  const mine = leaving = new AbortController();
  printed = null;
  $("source-told").textContent = "";
  $("page-picture").hidden = true;
  $("page-picture").alt = "";
  drawBoxes();
  offer(paged);
  if (!paged) return;
  $("page-number").textContent = "Drawing the page …";
  try {
    const query = new URLSearchParams(place);
    const found = await (await fetched(`/page/rendered?${query}`, { signal: mine.signal })).json();
    if (mine.signal.aborted) return;
    if (!found.page) throw new Error(found.told);
    printed = { ...found, document: place.document, title };
    $("source-told").textContent = found.told;
    turnTo(found.page);
  } catch (error) {
    if (mine.signal.aborted) return;
    offer(false);
    $("source-told").textContent = error.message;
  }
}

function turnTo(page) {
  const { document: id, edition, pages, title } = printed;
  shown = page;
  $("page-number").textContent = `Page ${page} of ${pages}`;
  $("page-before").disabled = page <= 1;
  $("page-after").disabled = page >= pages;
  $("page-picture").hidden = false;
  $("page-picture").alt = `Page ${page} of ${title}; its words are under Text`;
  $("page-picture").src = `/page/rendered.png?${new URLSearchParams({ document: id, page, edition })}`;
  drawBoxes();
}

function drawBoxes() {
  for (const box of document.querySelectorAll("#page-leaf .box")) box.remove();
  for (const [page, left, top, right, bottom] of printed?.boxes ?? []) {
    if (page !== shown) continue;
    const box = made("span", { className: "box" });
    const share = (part) => `${100 * part}%`;
    Object.assign(box.style, { left: share(left), top: share(top),
                               width: share(right - left), height: share(bottom - top) });
    $("page-leaf").append(box);
  }
}

function onDrawn() {
  const pane = $("source-page");
  const box = document.querySelector("#page-leaf .box");
  const top = box ? box.getBoundingClientRect().top - pane.getBoundingClientRect().top + pane.scrollTop : 0;
  pane.scrollTop = Math.max(0, top - pane.clientHeight / 3);
}

function offer(paged) {
  $("source-tabs").hidden = !paged;
  $("source-scroll").setAttribute("role", paged ? "tabpanel" : "region");
  choose(paged ? preferred : "text");
}

function choose(tab) {
  $("source-page").hidden = tab !== "page";
  $("source-scroll").hidden = tab === "page";
  for (const name of ["page", "text"]) {
    $(`tab-${name}`).setAttribute("aria-selected", name === tab);
    $(`tab-${name}`).tabIndex = name === tab ? 0 : -1;
  }
}

function prefer(tab) {
  preferred = tab;
  choose(tab);
  document.dispatchEvent(new CustomEvent("readout-tab", { detail: tab }));
  if (tab === "page") onDrawn();
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest("#source-tabs [role=tab]");
  if (tab) prefer(tab.id.slice("tab-".length));
  else if (event.target.closest("#page-before")) turnTo(shown - 1);
  else if (event.target.closest("#page-after")) turnTo(shown + 1);
});

document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("#source-tabs [role=tab]")) return;
  if (!["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
  event.preventDefault();
  const other = { Home: "page", End: "text" }[event.key] ?? (preferred === "page" ? "text" : "page");
  prefer(other);
  $(`tab-${other}`).focus();
});

// Neither event of a picture rises, but both can be caught on the way down.
document.addEventListener("load", (event) => {
  if (event.target.id === "page-picture") onDrawn();
}, true);
document.addEventListener("error", (event) => {
  if (event.target.id !== "page-picture" || !printed) return;
  offer(false);
  $("source-told").textContent = "This page cannot be drawn; here is its text";
}, true);
