/* The map of the corpus and its timeline, at the end of the library; filled when it is first seen.
   Words of documents go in by textContent alone. */

import { createMap } from "./atlas-map.js";
import { createTimeline } from "./atlas-timeline.js";
import { fetched, made } from "./taking.js";

const STEPS = 10_000;          // a coordinate's
const COLOURS = 8;
const UNDATED = -1;
// Colours run with time. Names get them in this order, so that the first few differ most.
const APART = [1, 6, 3, 7, 0, 5, 2, 4];

const number = (value) => value.toLocaleString("en");
const count = (value, noun) => `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
const get = async (path, params = {}) =>
  (await fetched(`/page/atlas/${path}?${new URLSearchParams(params)}`)).json();
const link = ({ title, href }) => href ? made("a", { href, textContent: title }) : made("span", { textContent: title });
const plain = (properties) => made("button", { type: "button", ...properties, className: `plain ${properties.className ?? ""}` });

function atlas(host) {
  let generation = null;     // the index whose map is shown
  let points = null;         // as the server has them
  let colouring = "time";    // or "publisher"
  let group = null;          // the one group that is looked at, or null
  let bar = null;            // the one bar, or null
  let timeline = null;
  let asked = null;          // the question of the chat that was shown last
  let hits = [];
  let refreshing = false;
  const read = new Map();    // passages that were fetched, by number

  /* ---- What it is made of ---------------------------------------------------------------- */

  const map = createMap({ pointed, opened, picked: (rank) => list.querySelector(`[data-rank="${rank}"] a`)?.click() });
  const about = made("p", { className: "atlas-about" });
  const state = made("p", { className: "atlas-state", role: "status" });
  const heard = made("p", { className: "atlas-heard", role: "status" });
  const again = plain({ textContent: "Draw the map again", hidden: true, onclick: refresh });
  const progress = made("progress", { max: 1, value: 0 });
  progress.setAttribute("aria-label", "Drawing the map");
  const card = made("div", { className: "atlas-card" });
  const legend = made("ul", { className: "atlas-legend" });
  legend.setAttribute("aria-label", "Show only");
  const list = made("ol", { className: "atlas-hits" });
  const box = made("input", { type: "search", id: "atlas-question", maxLength: 2000, autocomplete: "off" });
  const hitsTitle = made("h3", {});
  const bars = made("div", { className: "atlas-timeline" });
  const undated = made("p", { className: "atlas-undated" });
  const documents = made("section", { className: "atlas-documents", hidden: true });
  documents.setAttribute("aria-label", "Documents of a period");
  // Opens the point's passage; closing the source gives the focus back to it, that is, to the map.
  const opener = made("a", { hidden: true, focus: (options) => map.canvas.focus(options) });

  const choice = (value, text) => {
    const button = made("input", { type: "radio", name: "atlas-colour", value, checked: value === colouring });
    button.addEventListener("change", () => { colouring = value; group = null; recolour(); });
    return made("label", {}, button, text);
  };
  const colours = made("fieldset", { className: "atlas-choice" }, made("legend", { textContent: "Colour by" }),
                       choice("time", "time"), choice("publisher", "publisher"));

  const ask = made("form", { className: "atlas-ask", onsubmit: (event) => { event.preventDefault(); showQuestion(box.value); } },
    made("label", { htmlFor: box.id, textContent: "Place a question on the map" }),
    made("div", {}, box, plain({ type: "submit", textContent: "Place" })));

  const tool = (label, text, action) => {
    const button = plain({ textContent: text, onclick: action });
    button.setAttribute("aria-label", label);
    return button;
  };
  const tools = made("div", { className: "atlas-tools" },
    tool("Zoom in", "+", () => map.zoomBy(1.5)), tool("Zoom out", "−", () => map.zoomBy(1 / 1.5)),
    tool("Show the whole map", "All", map.all));
  const frame = made("div", { className: "atlas-frame" }, map.canvas, tools, card);
  const keys = made("p", { id: "atlas-keys", className: "atlas-keys",
    textContent: "Drag to move; once the map has the focus, the wheel zooms. Keys: arrows go from passage to passage, Enter opens, + and − zoom, 0 shows all, Shift and arrows move the map." });

  host.classList.add("atlas");
  host.replaceChildren(
    made("h2", { textContent: "Map of the corpus" }), about,
    made("div", { className: "atlas-status" }, state, progress, again), heard,
    made("div", { className: "atlas-body" },
      made("div", { className: "atlas-main" }, frame, keys),
      made("div", { className: "atlas-side" }, colours, legend, ask, hitsTitle, list)),
    made("h2", { textContent: "Timeline" }), undated, bars, documents);
  hint();

  /* ---- The map --------------------------------------------------------------------------- */

  function tell(text, failed = false) {
    if (state.textContent !== text) state.textContent = text;
    state.classList.toggle("failed", failed);
    again.hidden = !failed;
    if (failed) progress.hidden = true;
  }

  // Looks whether the index is still the one that is shown, and shows it.
  async function refresh() {
    if (refreshing) return;
    refreshing = true;
    try {
      for (;;) {
        const found = await get("points", generation ? { have: generation } : {});
        if (found.points) { await show(found); break; }
        if (found.generation === generation) break;
        progress.hidden = false;
        progress.value = found.share;
        tell("Drawing the map of this index; this takes seconds, once.");
        await new Promise((done) => setTimeout(done, 250));
      }
      tell("");
      progress.hidden = true;
      await showAsked();
    } catch (error) {
      generation = null;
      tell(error.message, true);
    } finally {
      refreshing = false;
    }
  }

  async function show(found) {
    const shown = found.points.number.length;
    points = found.points;
    read.clear();
    [group, bar, asked] = [null, null, null];
    about.textContent = (shown === found.passages
      ? `All ${count(shown, "passage")} of index ${found.generation}.`
      : `${number(shown)} of the ${number(found.passages)} passages of index ${found.generation}, spread evenly over it.`)
      + " Passages that are alike stand close together; how far groups are apart tells little.";
    map.showPoints({ x: points.x.map((x) => x / STEPS), y: points.y.map((y) => y / STEPS) });
    recolour();
    const time = await get("timeline");
    if (time.generation !== found.generation) throw new Error("The index has changed meanwhile.");
    generation = found.generation;
    showTimeline(time);
  }

  const colourOf = (of, groups) => {
    if (of < 0) return of === UNDATED ? "--atlas-unknown" : "--atlas-other";
    if (colouring === "publisher") return `--atlas-${APART[of]}`;
    return `--atlas-${groups > 1 ? Math.round((of * (COLOURS - 1)) / (groups - 1)) : 1}`;
  };

  function recolour() {
    const { of, legend: groups } = points[colouring];
    const last = Math.max(...groups.map((each) => each.group)) + 1;
    map.colour(of.map((each) => colourOf(each, last)));
    legend.replaceChildren(...groups.map((each) => {
      const swatch = made("span", { className: "swatch" });
      swatch.style.background = `var(${colourOf(each.group, last)})`;
      const button = made("button", { type: "button", onclick: () => { group = group === each.group ? null : each.group; match(); } },
        swatch, made("span", { className: "label", textContent: each.label }), made("span", { className: "count", textContent: number(each.points) }));
      button.dataset.group = each.group;
      return made("li", {}, button);
    }));
    match();
  }

  function match() {
    const { of } = points[colouring];
    map.match((i) => (group === null || of[i] === group) && (bar === null || points.bar[i] === bar));
    for (const button of legend.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", Number(button.dataset.group) === group);
    }
  }

  /* ---- A point --------------------------------------------------------------------------- */

  function hint() {
    card.replaceChildren(made("p", { className: "hint", textContent: "Point at a passage to read its beginning; click to open it." }));
  }

  async function passage(index) {
    const wanted = points.number[index];
    if (!read.has(wanted)) {
      const found = get("passage", { generation, number: wanted });
      found.catch(() => read.delete(wanted));
      read.set(wanted, found);
    }
    return read.get(wanted);
  }

  let pointing = 0;   // tells the latest from those before it

  async function pointed(index, by) {
    const mine = ++pointing;
    if (index === null) return; // what was read last stays: it may have a link to go to
    await new Promise((done) => setTimeout(done, 40));
    if (mine !== pointing) return;
    try {
      const found = await passage(index);
      if (mine !== pointing) return;
      card.replaceChildren(made("p", { className: "title" }, link(found)), made("p", { className: "about", textContent: found.about }),
                           made("p", { className: "begins", textContent: found.begins }));
      if (by === "key") heard.textContent = `${found.title}. ${found.about}. ${found.begins}`;
    } catch (error) { tell(error.message, true); }
  }

  async function opened(index) {
    try {
      opener.href = (await passage(index)).href;
      if (!opener.isConnected) host.append(opener);
      opener.click();
    } catch (error) { tell(error.message, true); }
  }

  /* ---- A question ------------------------------------------------------------------------ */

  // The last question of the chat, as it was asked: one that leans on those before it, in full.
  function lastAsked() {
    const last = [...document.querySelectorAll("#chat .asked")].at(-1);
    if (!last) return "";
    const full = [...document.querySelectorAll("#chat .carried > q")].filter((each) => follows(last, each)).at(-1);
    return (full ?? last).textContent.trim();
  }

  const follows = (first, second) => first.compareDocumentPosition(second) & Node.DOCUMENT_POSITION_FOLLOWING;

  async function showAsked() {
    const question = lastAsked();
    if (!question || question === asked) { if (!box.value) noQuestion(); return; }
    asked = question;
    box.value = question;
    await showQuestion(question);
  }

  function noQuestion() {
    hits = [];
    hitsTitle.textContent = "";
    list.replaceChildren();
    map.showQuestion(null, []);
  }

  async function showQuestion(question) {
    if (!question.trim()) { noQuestion(); return; }
    try {
      const found = await get("question", { generation, q: question });
      hits = found.hits;
      const at = ({ x, y }) => ({ x: x / STEPS, y: y / STEPS });
      map.showQuestion(at(found), hits.map((hit) => ({ ...at(hit), rank: hit.rank })));
      hitsTitle.textContent = "Nearest passages; the ring is the question";
      list.replaceChildren(...hits.map(shownHit));
      tell("");
    } catch (error) { tell(error.message, true); }
  }

  function shownHit(hit) {
    const item = made("li", {}, made("span", { className: "rank", textContent: hit.rank }),
      made("div", {}, link(hit), made("p", { className: "about", textContent: hit.about }), made("p", { className: "begins", textContent: hit.begins }),
           ...quotedAs(hit)));
    item.dataset.rank = hit.rank;
    return item;
  }

  // Under which numbers the last answer, if it is to this question, quotes from a passage.
  function quotedAs(hit) {
    const last = [...document.querySelectorAll("#chat .asked")].at(-1);
    if (!last || box.value !== asked) return [];
    const place = (href) => {
      const params = new URLSearchParams(href.slice(href.indexOf("?") + 1));
      return { document: params.get("document"), start: Number(params.get("start")), end: Number(params.get("end")) };
    };
    const here = place(hit.href);
    const quoting = [...document.querySelectorAll("#chat a.cite")].filter((cite) => {
      const there = place(cite.getAttribute("href"));
      return follows(last, cite) && there.document === here.document && there.start < here.end && here.start < there.end;
    });
    const numbers = [...new Set(quoting.map((cite) => cite.textContent))].join(" ");
    return numbers ? [made("p", { className: "quoted", textContent: `Quoted in the answer as ${numbers}` })] : [];
  }

  /* ---- The timeline ---------------------------------------------------------------------- */

  function showTimeline(time) {
    documents.hidden = true;
    const names = time.bars.map((each) => each.label);
    if (names.length) timeline = createTimeline(bars, time.bars, (index) => showDocuments(index, names[index]));
    else { timeline = null; bars.replaceChildren(); }
    undated.replaceChildren(names.length
      ? "By the day of publication or, where that is not known, of the event. Press a bar to list its documents and show them on the map. "
      : "No document has a date. ");
    if (time.undated && names.length) {
      undated.append(`${count(time.undated, "document")} without a date ${time.undated === 1 ? "is" : "are"} not in it. `,
        plain({ textContent: "List them", className: "quiet", onclick: () => { timeline.release(); showDocuments(UNDATED, "No date"); } }));
    }
  }

  async function showDocuments(index, name) {
    bar = index;
    match();
    documents.hidden = index === null;
    if (index === null) return;
    const items = made("ol", {});
    const more = plain({ textContent: "Show more" });
    const title = made("h3", { textContent: name });
    const clear = plain({ textContent: "Show all on the map", onclick: () => { timeline.release(); showDocuments(null); } });
    documents.replaceChildren(made("header", {}, title, clear), items, more);
    more.onclick = async () => {
      try {
        const found = await get("documents", { generation, bar: index, start: items.children.length });
        if (bar !== index) return;
        title.textContent = `${name} · ${count(found.total, "document")}`;
        items.append(...found.documents.map((each) => made("li", {}, link(each), made("p", { className: "about", textContent: each.about }))));
        more.hidden = items.children.length >= found.total;
      } catch (error) { tell(error.message, true); }
    };
    more.hidden = true;
    await more.onclick();
  }

  return refresh;
}

/* ---- When it is seen ------------------------------------------------------------------------ */

// Beside Gradio's elements rather than among them, whose styles would be on it too.
const host = made("section", { id: "library-map", ariaLabel: "Map and timeline" });
document.body.append(host);

let look = null;
new IntersectionObserver(([{ isIntersecting }]) => {
  if (!isIntersecting) return;
  look ??= atlas(host);
  look();
}).observe(host);
