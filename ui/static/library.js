/* The library: the second tab, and its table of documents. Words of documents go in by textContent
   alone. Gradio draws the page late, so listeners sit on the document. */

import { $, fetched, made } from "./taking.js";
import { showGolden, showChanges } from "./proving.js";
import { act, dress, settle } from "./shelving.js";

const PAGE = 100;   // documents on a page of the table

export const json = async (path, params = {}) => {
  const query = new URLSearchParams(params).toString();
  return (await fetched(`/page/library${path}${query && `?${query}`}`)).json();
};

export const count = (number, noun, nouns = `${noun}s`) =>
  `${number.toLocaleString("en")} ${number === 1 ? noun : nouns}`;

/* ---- The tabs -------------------------------------------------------------------------- */

const root = document.documentElement;
const scrolled = { answers: 0, library: 0 };
const open = () => root.classList.contains("in-library");

function show(library) {
  if (open() !== library) {
    scrolled[library ? "answers" : "library"] = scrollY;
    root.classList.toggle("in-library", library);
    scrollTo({ top: scrolled[library ? "library" : "answers"], behavior: "instant" });
    if (library) refresh();
  }
  for (const [id, selected] of [["tab-answers", !library], ["tab-library", library]]) {
    $(id).setAttribute("aria-selected", selected);
    $(id).tabIndex = selected ? 0 : -1;
  }
}

// What the address says: a part of the library, the library, or the answers. Other places of the
// page, such as that of a quote, are opened beside either.
function follow() {
  if (!$("tab-library") || !$("library-view")) return;
  const name = location.hash.split("?")[0];
  if (name.startsWith("#library")) {
    show(true);
    if (name !== "#library") $(name.slice(1))?.scrollIntoView();
  } else if (["", "#answers", "#only"].includes(name)) {
    show(false);
  }
}

function go(tab) {
  const hash = tab.id === "tab-library" ? "#library" : "";
  if (location.hash !== hash) history.pushState(null, "", hash || location.pathname + location.search);
  show(hash !== "");
  tab.focus();
}

/* ---- The table ------------------------------------------------------------------------- */

const view = { query: "", sort: "title", descending: false, start: 0 };
let asking = 0;     // tells the latest request from those before it
let drawn = "";     // the view whose rows are shown
const STATES = {
  current: "up to date", changed: "changed", new: "new", gone: "gone",
  removed: "taken off", corrected: "corrected", unread: "not read",
};
const WHY = {
  changed: "Its file was changed since it was read; a rebuild reads it again.",
  new: "Its file was not read yet; a rebuild does.",
  gone: "Its file is gone; the next rebuild takes it out of the answers.",
  removed: "Taken off the library; the next rebuild takes it out of the answers.",
  corrected: "What you said of it holds from the next rebuild on.",
};

const day = (iso) => iso
  ? new Date(`${iso}T00:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" })
  : "";

function size(bytes) {
  if (bytes === null) return "";
  const steps = ["B", "KB", "MB", "GB"];
  let step = 0;
  while (bytes >= 1000 && step < 3) { bytes /= 1000; step++; }
  return `${bytes.toLocaleString("en", { maximumFractionDigits: bytes < 10 && step ? 1 : 0 })} ${steps[step]}`;
}

const fileOf = (source) => source.slice(source.lastIndexOf("/") + 1);

function rowOf(row, number) {
  const title = row.id
    ? made("a", { href: `#open?${new URLSearchParams({ document: row.id })}`, className: "near open-document", textContent: row.title })
    : made("span", { className: "unopened", textContent: row.title });
  title.dir = "auto";
  const where = row.record ? `${fileOf(row.source)}, ${row.record}` : fileOf(row.source);
  const also = [row.publisher, day(row.day), row.format, size(row.size)].filter(Boolean).join(" · ");
  const state = made("span", { className: `state ${row.problem ? "unread" : row.state}`, textContent: row.problem && row.state === "current" ? "in part" : STATES[row.state] });
  const more = made("button", { type: "button", className: "expand", id: `row-${number}` });
  more.setAttribute("aria-expanded", "false");
  more.setAttribute("aria-label", `Details of ${row.title}`);
  const cell = (className, ...children) => made("td", { className }, ...children);
  const line = made("tr", {},
    cell("title", title, made("span", { className: "file", textContent: where === row.title ? "" : where }), made("span", { className: "also", textContent: also })),
    cell("day", day(row.day)),
    cell("publisher", row.publisher),
    cell("format", row.format),
    cell("size number", size(row.size)),
    cell("passages number", row.id ? row.passages.toLocaleString("en") : ""),
    cell("state", state),
    cell("more", more));
  line.row = row;
  return line;
}

export async function list() {
  const mine = ++asking;
  let found;
  try {
    found = await json("/documents", { ...view, count: PAGE });
  } catch (error) {
    tellEmpty(error.message);
    return;
  }
  if (mine !== asking) return;
  if (found.start >= found.matching && found.start > 0) { view.start = 0; return list(); }
  draw(found.rows);
  $("library-count").textContent = view.query
    ? `${found.matching.toLocaleString("en")} of ${count(found.total, "document")}`
    : count(found.total, "document");
  const last = found.start + found.rows.length;
  $("library-pager").hidden = found.matching <= PAGE;
  $("library-page").textContent = `${(found.start + 1).toLocaleString("en")}–${last.toLocaleString("en")} of ${found.matching.toLocaleString("en")}`;
  $("library-before").disabled = found.start === 0;
  $("library-after").disabled = last >= found.matching;
  $("library-sort").value = view.sort;
  for (const head of document.querySelectorAll("#library-rows th[data-column]")) {
    if (head.dataset.column !== view.sort) head.removeAttribute("aria-sort");
    else head.setAttribute("aria-sort", view.descending ? "descending" : "ascending");
  }
  tellEmpty(found.total === 0 ? "There are no documents yet. Add some above."
    : found.matching === 0 ? `No title, file or publisher has “${view.query}”.` : "");
}

const keyOf = ({ row }) => `${row.source} ${row.record ?? ""}`;

// Rows come anew whenever the index changes; what somebody opened, or stands at, stays so.
function draw(rows) {
  const body = $("library-body");
  const opened = [...body.querySelectorAll("[aria-expanded=true]")].map((button) => keyOf(button.closest("tr")));
  const at = document.activeElement;
  const stood = body.contains(at) && at.closest("tr").row ? [keyOf(at.closest("tr")), at.classList.contains("expand")] : [];
  body.replaceChildren(...rows.map(rowOf));
  for (const line of [...body.children]) {
    const more = line.querySelector("button.expand");
    if (opened.includes(keyOf(line))) expand(more);
    if (stood[0] === keyOf(line)) (stood[1] ? more : line.querySelector("a.open-document") ?? more).focus({ preventScroll: true });
  }
  const shown = JSON.stringify(view);
  if (shown !== drawn) $("library-rows").scrollTop = 0;
  drawn = shown;
}

function tellEmpty(text) {
  $("library-empty").textContent = text;
  $("library-empty").hidden = text === "";
  document.querySelector("#library-rows table").hidden = text !== "";
}

function sortBy(column) {
  // What is long, late or large is looked for first; a second press turns it round.
  const first = ["day", "size", "passages"].includes(column);
  view.descending = view.sort === column ? !view.descending : first;
  view.sort = column;
  view.start = 0;
  list();
}

function turn(pages) {
  view.start = Math.max(0, view.start + pages * PAGE);
  list();
}

async function openDocument(link) {
  const wanted = new URLSearchParams(link.hash.slice("#open?".length)).get("document");
  try {
    link.setAttribute("href", (await json("/place", { document: wanted })).link);
    link.click();   // page.js opens it now
  } catch (error) {
    $("library-told").textContent = error.message;
  }
}

/* ---- A document's details -------------------------------------------------------------- */

const FIELDS = {
  title: "Title", publisher: "Publisher", author: "Author", published: "Published",
  event_date: "Day of the event", url: "On the web",
};

// Narrow, the table has fewer; what spans more would make it wider.
const columns = () => [...document.querySelectorAll("#library-rows th")].filter((head) => head.offsetWidth).length;
const width = new ResizeObserver(() => {
  for (const cell of document.querySelectorAll("#library-rows .details > td")) cell.colSpan = columns();
});

async function expand(button) {
  const line = button.closest("tr");
  const expanded = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", !expanded);
  if (expanded) {
    if (line.nextElementSibling?.classList.contains("details")) line.nextElementSibling.remove();
    return;
  }
  const row = line.row;
  let known = null, trouble = "";
  try {
    if (row.id) known = await json("/document", { document: row.id });
  } catch (error) {
    trouble = error.message;
  }
  if (button.getAttribute("aria-expanded") !== "true" || !line.isConnected) return;
  const cell = made("td", { colSpan: columns() });
  line.after(made("tr", { className: "details" }, cell));
  for (const text of [row.problem, trouble]) {
    if (text) cell.append(made("p", { className: "wrong", textContent: text }));
  }
  if (WHY[row.state]) cell.append(made("p", { textContent: WHY[row.state] }));
  const facts = made("dl");
  const fact = (name, value, origin = "") => {
    const told = made("dd", {}, made("bdi", { textContent: value }));
    if (origin) told.append(made("span", { className: "origin", textContent: ` – ${origin}` }));
    facts.append(made("div", {}, made("dt", { textContent: name }), told));
  };
  fact("File", row.source);
  if (row.record) fact("In the file", row.record);
  for (const { field, value, origin } of known?.facts ?? []) fact(FIELDS[field] ?? field, value, origin);
  cell.append(facts);
  if (known) cell.append(actions(row, known));
}

function actions(row, known) {
  const only = made("a", { className: "plain-link", href: `#only?${new URLSearchParams({ document: row.id })}`, textContent: "Ask only in this document" });
  const parts = [only];
  if (!known.fixed) {
    const correct = made("button", { type: "button", className: "plain correct", textContent: "Correct the details" });
    correct.known = known;
    parts.push(correct);
  }
  if (known.alone) {
    const remove = made("button", { type: "button", className: "plain remove", textContent: "Remove" });
    remove.source = { root: known.root, title: row.title };
    parts.push(remove);
  }
  const notes = [
    known.fixed && `Its details cannot be corrected here: it ${known.fixed}.`,
    known.root && !known.alone && "It came with a source as a whole; only that can be removed, under Sources.",
  ].filter(Boolean);
  return made("div", { className: "actions" }, ...parts,
    ...notes.map((text) => made("p", { className: "hint", textContent: text })));
}

/* ---- All of it ------------------------------------------------------------------------- */

export async function refresh() {
  let found;
  try {
    found = await json("/overview");
  } catch (error) {
    $("library-about").textContent = error.message;
    return;
  }
  dress(found);
  const waiting = ["new", "changed", "corrected", "gone", "removed"]
    .filter((state) => found.states[state])
    .map((state) => `${found.states[state].toLocaleString("en")} ${STATES[state]}`);
  const parts = [count(found.total, "document"), count(found.sources.length, "source")];
  parts.push(waiting.length ? `waiting for a rebuild: ${waiting.join(", ")}` : "up to date");
  if (found.problems) parts.push(`${found.problems.toLocaleString("en")} not read, or only in part`);
  $("library-about").textContent = parts.join(" · ");
  await Promise.all([list(), showChanges(), showGolden()]);
}

/* ---- Listening ------------------------------------------------------------------------- */

const buttons = {
  "library-before": () => turn(-1),
  "library-after": () => turn(1),
};

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tab]");
  if (tab && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    go(tab);
    return;
  }
  if (!event.target.closest("#library-panel")) return;
  const link = event.target.closest('a[href^="#open?"]');
  if (link) {
    event.preventDefault();
    openDocument(link);
    return;
  }
  const head = event.target.closest("th[data-column] button");
  if (head) sortBy(head.parentElement.dataset.column);
  const button = event.target.closest("button");
  if (button?.classList.contains("expand")) expand(button);
  else if (button && Object.hasOwn(buttons, button.id)) buttons[button.id]();
  else if (button) act(button);
});

document.addEventListener("input", (event) => {
  if (event.target.id === "library-query") {
    view.query = event.target.value.trim();
    view.start = 0;
    list();
  }
  if (event.target.id === "library-sort") {
    view.sort = "";
    sortBy(event.target.value);
  }
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("[role=tab]");
  if (tab && ["ArrowLeft", "ArrowRight", "Home", "End", " "].includes(event.key)) {
    event.preventDefault();
    const library = event.key === " " ? tab.id === "tab-library"
      : event.key === "End" || (event.key !== "Home" && tab.id === "tab-answers");
    go($(library ? "tab-library" : "tab-answers"));
  }
  const typing = event.target.closest?.("input, textarea, select, dialog");
  if (open() && event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    event.stopPropagation();
    $("library-query").focus();
  }
}, true);

addEventListener("hashchange", follow);
addEventListener("popstate", follow);

// page.js writes what index answers, and whether one is being built.
let heard = "", answers = "";
const state = () => `${$("generation")?.textContent} ${$("rebuilding")?.hidden}`;
new MutationObserver(() => {
  if (!$("tab-library") || !$("library-view") || !$("generation").textContent) return;
  if (heard === "") {
    heard = state();
    answers = $("generation").textContent;
    width.observe($("library-rows"));
    follow();
  }
  if (heard === state()) return;
  heard = state();
  if (answers !== $("generation").textContent) {
    settle();
    answers = $("generation").textContent;
  }
  if (open()) refresh();
}).observe(root, { childList: true, subtree: true, attributes: true, attributeFilter: ["hidden"], characterData: true });
