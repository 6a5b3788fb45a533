/* What part of the corpus is searched: chips above the box, and the panel that sets them. The filter
   is kept as links have it: since, until, and any number of publisher, format and document. */

import { $, fetched, made, tell } from "./taking.js";

const NAMES = ["since", "until", "publisher", "format", "document"];
const chosen = new URLSearchParams();
const labels = new Map();    // what people call a format or a document, by `name:value`

const asked = (path, params = {}) =>
  fetched(`/page/${path}?${new URLSearchParams(params)}`).then((response) => response.json());

export const within = () => chosen.toString();

// What of an address is a filter.
export function filterOf(search) {
  const given = new URLSearchParams(search);
  return new URLSearchParams([...given].filter(([name, value]) => NAMES.includes(name) && value));
}

export function setFilter(filter) {
  for (const name of NAMES) chosen.delete(name);
  for (const [name, value] of filterOf(filter)) chosen.append(name, value);
  draw();
}

function set(name, value) {
  chosen.delete(name);
  if (value) chosen.set(name, value);
  draw();
}

function add(name, value) {
  if (value && !chosen.has(name, value)) chosen.append(name, value);
  draw();
}

// Searches only in one document from now on.
export function only(document) {
  setFilter(new URLSearchParams({ document }));
  window.document.querySelector("#question textarea").focus();
}

function labelled(name, value) {
  if (name === "since") return `From ${value}`;
  if (name === "until") return `To ${value}`;
  if (name === "publisher") return value;
  return labels.get(`${name}:${value}`) ?? value;
}

export function draw() {
  const list = $("filter-chips");
  if (!list) return;
  list.replaceChildren(...[...chosen].map(([name, value]) => {
    const label = labelled(name, value);
    const remove = made("button", { type: "button", textContent: "×" });
    remove.setAttribute("aria-label", `Remove filter: ${label}`);
    remove.addEventListener("click", () => {
      chosen.delete(name, value);
      draw();
      $("filter-open").focus();
    });
    return made("li", { className: "filter-chip" }, made("bdi", { textContent: label, title: label }),
                remove);
  }));
  for (const name of ["since", "until"]) $(`filter-${name}`).value = chosen.get(name) ?? "";
  list.hidden = chosen.size === 0;
  nameAll();
}

// Formats and documents are named by what the server calls them.
async function nameAll() {
  const bare = [...chosen].filter(([name, value]) =>
    name === "document" && !labels.has(`${name}:${value}`));
  if ([...chosen].some(([name, value]) => name === "format" && !labels.has(`${name}:${value}`))) {
    await choices();
  }
  for (const [name, value] of bare) {
    labels.set(`${name}:${value}`, value);
    try {
      labels.set(`${name}:${value}`, (await asked("title", { document: value })).title);
    } catch (error) { tell(error.message); }
  }
  if (bare.length) draw();
}

let choosing = null;     // a promise that the panel offers what there is

function choices() {
  choosing ??= asked("facets").then((facets) => {
    for (const name of ["publisher", "format"]) {
      const list = $(`filter-${name}`);
      for (const { value, label, documents } of facets[`${name}s`]) {
        labels.set(`${name}:${value}`, label);
        list.append(made("option", { value, textContent: `${label} (${documents.toLocaleString("en")})` }));
      }
      list.disabled = facets[`${name}s`].length === 0;
    }
    draw();
  }).catch((error) => { choosing = null; tell(error.message); });
  return choosing;
}

export function showPanel(shown) {
  const panel = $("filter-panel");
  if (!panel || panel.hidden === !shown) return;
  panel.hidden = !shown;
  $("filter-open").setAttribute("aria-expanded", shown);
  if (shown) {
    choices();
    $("filter-since").focus();
  } else if (panel.contains(document.activeElement) || document.activeElement === document.body) {
    $("filter-open").focus();
  }
}

let looking = 0;

async function look(named) {
  const mine = ++looking;
  const found = named.trim() ? (await asked("titles", { named })).documents : [];
  if (mine !== looking) return;
  $("filter-found").hidden = !named.trim();
  const rows = found.map(({ id, title, day }) => {
    labels.set(`document:${id}`, title);
    const button = made("button", { type: "button" }, made("bdi", { textContent: title }),
                        made("small", { textContent: day ?? "" }));
    button.addEventListener("click", () => {
      add("document", id);
      $("filter-document").value = "";
      look("");
      $("filter-document").focus();
    });
    return made("li", {}, button);
  });
  $("filter-found").replaceChildren(
    ...(rows.length ? rows : [made("li", { textContent: "No title has these words" })]));
}

const buttons = {
  "filter-open": () => showPanel($("filter-panel").hidden),
  "filter-close": () => showPanel(false),
  "filter-none": () => setFilter(""),
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[id]");
  if (button && Object.hasOwn(buttons, button.id)) buttons[button.id]();
  // A button that was just drawn anew lies nowhere any more.
  else if (event.target.isConnected && !event.target.closest("#filter-panel")) showPanel(false);
});

document.addEventListener("change", ({ target }) => {
  if (target.id === "filter-since" || target.id === "filter-until") {
    set(target.id.slice("filter-".length), target.value);
  } else if (target.id === "filter-publisher" || target.id === "filter-format") {
    add(target.id.slice("filter-".length), target.value);
    target.value = "";
  }
});

document.addEventListener("input", ({ target }) => {
  if (target.id === "filter-document") look(target.value).catch((error) => tell(error.message));
});

// On the window, and so before the page's own: Escape closes what lies on top.
window.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !$("filter-panel") || $("filter-panel").hidden) return;
  event.stopPropagation();
  showPanel(false);
}, true);
