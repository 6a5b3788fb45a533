/* The documents of each period as bars, each a button, and the same as a table. */

import { made } from "./taking.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 120;      // pixels of the highest bar
const TOP = 20;          // room for its number
const BELOW = 36;        // room for names and years
const NARROWEST = 26;    // pixels of a bar with its gap: wide enough for a finger

function drawn(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const count = (number) => `${number.toLocaleString("en")} document${number === 1 ? "" : "s"}`;

/* Fills `host` with bars of {label, name, year, documents}; `picked` is told which was pressed, or
   null when it was pressed again. Returns what releases it. */
export function createTimeline(host, bars, picked) {
  const most = Math.max(1, ...bars.map((bar) => bar.documents));
  const wide = Math.max(NARROWEST, Math.min(72, Math.floor((host.clientWidth || 800) / bars.length)));
  const width = wide * bars.length;
  const svg = drawn("svg", {
    width, height: TOP + HEIGHT + BELOW, role: "group", "aria-label": "Documents over time",
  });
  let chosen = null;

  const columns = bars.map((bar, index) => {
    const high = bar.documents ? Math.max(2, (HEIGHT * bar.documents) / most) : 0;
    const left = index * wide;
    const named = bar.name.split("–")[0];
    const text = (name, y, content) =>
      drawn("text", { class: name, x: left + wide / 2, y, "text-anchor": "middle" }, content);
    const newYear = index === 0 || bars[index - 1].year !== bar.year;
    const role = bar.documents
      ? { role: "button", tabindex: -1, "aria-pressed": false, "aria-label": `${bar.label}: ${count(bar.documents)}` } : {};
    return drawn(
      "g", role,
      drawn("rect", { class: "reach", x: left, y: 0, width: wide, height: TOP + HEIGHT + BELOW }),
      drawn("rect", { class: "bar", x: left + 3, y: TOP + HEIGHT - high, width: wide - 6, height: high, rx: 2 }),
      ...(bar.documents ? [text("number", TOP + HEIGHT - high - 5, compact(bar.documents))] : []),
      ...(named ? [text("name", TOP + HEIGHT + 14, named)] : []),
      // A year stands under its first period; years that are periods stand where there is room.
      ...(newYear && (named || index % Math.ceil(40 / wide) === 0)
        ? [drawn("text", { class: "year", x: left + 3, y: TOP + HEIGHT + (named ? 30 : 15) }, bar.year)] : []),
    );
  });
  svg.append(drawn("line", { class: "base", x1: 0, x2: width, y1: TOP + HEIGHT + 0.5, y2: TOP + HEIGHT + 0.5 }), ...columns);

  // What has no documents cannot be pressed.
  const buttons = columns.filter((column, index) => bars[index].documents);
  buttons[0].setAttribute("tabindex", 0);

  function choose(button) {
    chosen = button;
    for (const each of buttons) each.setAttribute("aria-pressed", each === button);
  }

  function press(button) {
    reach(button);
    choose(chosen === button ? null : button);
    picked(chosen && columns.indexOf(chosen));
  }

  // One stop for Tab; the arrows go from bar to bar.
  function reach(button) {
    for (const each of buttons) each.setAttribute("tabindex", each === button ? 0 : -1);
    button.focus();
  }

  const buttonOf = (event) => event.target.closest("g[role]");
  svg.addEventListener("click", (event) => { if (buttonOf(event)) press(buttonOf(event)); });
  svg.addEventListener("keydown", (event) => {
    const place = buttons.indexOf(buttonOf(event));
    const last = buttons.length - 1;
    const goal = { ArrowLeft: Math.max(0, place - 1), ArrowRight: Math.min(last, place + 1),
                   Home: 0, End: last }[event.key];
    if (goal !== undefined) reach(buttons[goal]);
    else if (event.key === "Enter" || event.key === " ") press(buttons[place]);
    else return;
    event.preventDefault();
  });

  const rows = bars.filter((bar) => bar.documents).map((bar) => made("tr", {},
    made("th", { scope: "row", textContent: bar.label }),
    made("td", { textContent: bar.documents.toLocaleString("en") })));
  const head = made("tr", {}, made("th", { scope: "col", textContent: "Period" }),
                    made("th", { scope: "col", textContent: "Documents" }));
  const table = made("table", {}, made("caption", { textContent: "Documents over time; periods without any are left out" }),
                     made("thead", {}, head), made("tbody", {}, ...rows));
  host.replaceChildren(
    made("div", { className: "atlas-bars" }, svg),
    made("details", { className: "atlas-table" }, made("summary", { textContent: "As a table" }), table),
  );
  return { release: () => choose(null) };
}

const compact = (number) => Intl.NumberFormat("en", { notation: "compact" }).format(number);
