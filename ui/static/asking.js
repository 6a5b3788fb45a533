/* Asking: example questions, what may be asked next, questions as addresses, the conversation as a
   file. Gradio draws the page late and redraws parts of it, so listeners sit on the document and
   what belongs to an answer is put there again whenever it is gone. */

import { draw, filterOf, only, setFilter, within } from "./filters.js";
import { $, fetched, made, save, tell } from "./taking.js";

window.readout.within = within;

// Every exchange that was answered, oldest first: its question, its filter, and where it stands.
export function exchanges() {
  return [...document.querySelectorAll("#chat a.question-link")].map((link) => {
    const asked = new URLSearchParams(link.search);
    return {
      question: asked.get("q"),
      within: filterOf(asked).toString(),
      link,
      answer: link.closest(".tools").parentElement,
    };
  });
}

export const placeIn = (link) => {
  const { document, check, start, end } =
    Object.fromEntries(new URLSearchParams(link.hash.slice(link.hash.indexOf("?") + 1)));
  return { document, check, start: Number(start), end: Number(end) };
};

/* ---- Suggestions ----------------------------------------------------------------------- */

const chip = (question) => made("button", { type: "button", className: "suggestion", textContent: question });

let examples = null;     // the questions, once they were fetched

async function fetchExamples() {
  examples = [];
  try {
    examples = (await (await fetched("/page/examples")).json()).questions;
  } catch { /* a page without examples is a page */ }
  dress();
}

const further = new Map();   // what may follow, by the questions so far; null while it is fetched

async function fetchFurther(all) {
  const key = JSON.stringify(all.map((each) => each.link.search));
  if (further.has(key)) return further.get(key);
  further.set(key, null);
  const params = new URLSearchParams(all.map(({ question }) => ["q", question]));
  params.set("within", all.at(-1).within);
  if (window.readout.sure() !== null) params.set("sure", window.readout.sure());
  try {
    further.set(key, (await (await fetched(`/page/suggestions?${params}`)).json()).questions);
    dress();
  } catch { /* none, rather than a complaint about a help that nobody asked for */ }
  return null;
}

// Only below the last answer, and only where there is one.
async function showFurther() {
  const all = exchanges();
  const last = all.at(-1);
  for (const { answer } of all.slice(0, -1)) answer.querySelector(".further")?.replaceChildren();
  const waiting = document.querySelectorAll("#chat .asked").length > all.length;
  const place = last?.answer.querySelector(".further");
  if (waiting || !place || place.childElementCount || !last.answer.querySelector("a.cite")) return;
  const questions = await fetchFurther(all);
  if (!questions?.length || !place.isConnected || place.childElementCount) return;
  place.append(made("span", { textContent: "Ask next" }), ...questions.map(chip));
}

/* ---- Questions as addresses ------------------------------------------------------------ */

// Characters of the longest question that may be asked. Gradio sends the page's address with each
// event: one that is too long would keep its question from being told so.
const LONGEST = 2000;

// The address follows the last question. That it was asked here is noted beside it, as a reload
// shows the conversation and must not ask again.
function follow(question) {
  if (question.length > LONGEST) return;
  const address = new URLSearchParams({ q: question });
  for (const [name, value] of filterOf(within())) address.append(name, value);
  const theme = new URLSearchParams(location.search).get("__theme");
  if (theme) address.set("__theme", theme);
  history.replaceState({ ...history.state, asked: `?${address}` }, "", `/?${address}`);
}

let opened = false;

function openAddress() {
  if (opened || !$("send") || !$("filter-chips")) return;
  opened = true;
  setFilter(location.search);
  const question = new URLSearchParams(location.search).get("q")?.trim();
  if (question && history.state?.asked !== location.search) window.readout.ask(question);
}

function followHash() {
  if (!location.hash.startsWith("#only?") || !$("filter-chips")) return;
  const document = new URLSearchParams(location.hash.slice("#only?".length)).get("document");
  history.replaceState(history.state, "", location.pathname + location.search);
  if (document) only(document);
}

async function copyLink(link) {
  try {
    await navigator.clipboard.writeText(link.href);
    tell("Copied: link to this question");
  } catch {
    prompt("Link to this question", link.href);   // a browser that lets no page copy
  }
}

/* ---- The conversation as a file -------------------------------------------------------- */

async function exported(kind) {
  const shown = exchanges().map(({ question, within: part, answer }) => ({
    question,
    within: part,
    quotes: [...answer.querySelectorAll(".quote a.cite")].map(placeIn),
    said: answer.querySelector("a.cite") ? ""
      : answer.querySelector(".reason")?.textContent.trim() ?? "",
  }));
  try {
    const response = await fetched(`/page/conversation?kind=${kind}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ exchanges: shown }),
    });
    save(await response.blob(), `conversation.${kind}`);
    tell(`Saved: conversation.${kind}`);
  } catch (error) {
    tell(error.message);
  }
}

/* ---- Listening ------------------------------------------------------------------------- */

document.addEventListener("readout-asked", ({ detail }) => follow(detail));

document.addEventListener("click", (event) => {
  const target = event.target.closest("button.suggestion, a.ask, a.question-link, a[href^='#only?']");
  if (target?.matches("button.suggestion")) {
    window.readout.ask(target.textContent);
  } else if (target?.matches("a.ask")) {
    event.preventDefault();
    if (target.matches(".everywhere")) setFilter("");
    window.readout.ask(new URLSearchParams(target.search).get("q"));
  } else if (target?.matches("a.question-link")) {
    event.preventDefault();
    copyLink(target);
  } else if (target) {
    event.preventDefault();
    const named = new URLSearchParams(target.hash.slice("#only?".length)).get("document");
    only(named || $("source").dataset.document);
  } else if (event.target.closest("#export-md")) exported("md");
  else if (event.target.closest("#export-json")) exported("json");
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("#clear")) return;
  history.replaceState(null, "", "/");
}, true);

addEventListener("hashchange", followHash);

let seen = null;         // the chips' list, which is drawn once it is there

function dress() {
  const list = $("filter-chips");
  if (list && list !== seen) {
    seen = list;
    draw();
  }
  openAddress();
  followHash();
  const place = $("examples");
  if (place && examples === null) fetchExamples();
  if (place && examples?.length && !place.childElementCount) place.append(...examples.map(chip));
  showFurther();
}

new MutationObserver(dress).observe(document.documentElement, { childList: true, subtree: true });
dress();
