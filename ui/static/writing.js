/* An answer written up by a language model: sentence by sentence, each once the server has checked it.
   Gradio redraws answers as it served them, so what was written is put there again. Words of the
   model go in by textContent alone, and the only links are the answer's own citations. */

import { exchanges, placeIn } from "./asking.js";
import { made } from "./taking.js";

const texts = new Map();     // what was written, by the answer it is of

const WORDS = { offer: "Write it up", busy: "Writing …", quotes: "Back to the quotes",
                text: "Show the written text", again: "Try again" };

const keyOf = (link, at) => JSON.stringify([at, link.hash]);

// Every answer that can be written up: its button, where it stands, and what was written.
function offers() {
  return exchanges().map(({ answer }, at) => {
    const link = answer.querySelector("a.write");
    return link && { link, answer, key: keyOf(link, at) };
  }).filter(Boolean);
}

/* ---- Asking for it --------------------------------------------------------------------- */

function press(link) {
  const offer = offers().find((each) => each.link === link);
  if (!offer) return;
  const text = texts.get(offer.key);
  // What has sentences is shown or hidden; only a press on what says so sends anything.
  if (text?.busy) return;
  if (!text?.sentences.length) return write(offer);
  text.shown = !text.shown;
  dress();
}

function tryAgain(button) {
  const offer = offers().find(({ answer }) => answer.contains(button));
  if (!offer || texts.get(offer.key)?.busy) return;
  offer.link.focus();  // the button goes with what it stands below
  write(offer);
}

async function write({ link, answer, key }) {
  const asked = new URLSearchParams(link.hash.slice("#write?".length));
  const text = { sentences: [], problem: "", by: "", busy: true, shown: true, host: asked.get("host") };
  texts.set(key, text);
  answer.querySelector(".written")?.remove();  // of a try before, of which nothing may be left
  dress();
  const quotes = [...answer.querySelectorAll(".quote a.cite")].map(placeIn);
  const body = { question: asked.get("question"), within: asked.get("within") ?? "",
                 host: asked.get("host"), any_date: asked.has("any_date"), quotes,
                 sure: asked.has("sure") ? Number(asked.get("sure")) : null };
  try {
    const response = await fetch("/page/write", {
      method: "POST",
      headers: { "X-Readout": "page", "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) {
      const found = await response.json().catch(() => ({}));
      throw new Error(found.error || "The server could not say why.");
    }
    for await (const { name, data } of events(response.body)) {
      if (name === "sentence") text.sentences.push(data);
      else { text.problem = data.problem ?? ""; text.by = data.model; text.ended = true; }
      dress();
    }
    if (!text.ended) throw new Error("The server broke off.");
  } catch (error) {
    text.problem = error.message;
  }
  text.busy = false;
  dress();
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block.split("\n");
      const of = (field) => lines.find((line) => line.startsWith(`${field}: `))?.slice(field.length + 2);
      yield { name: of("event"), data: JSON.parse(of("data")) };
    }
  }
}

/* ---- Showing it ------------------------------------------------------------------------ */

function sentence(found, links) {
  if (!found.supported) {
    const why = made("span", { className: "why", textContent: ` Struck out: ${found.reason}. ` });
    const struck = made("del", { textContent: found.text, title: `Struck out: ${found.reason}`, tabIndex: 0 });
    return made("span", { className: "struck" }, struck, why);
  }
  const cites = found.citations.map((number) => made("a", {
    className: "cite", href: links.get(number), textContent: `[${number}]` }));
  return made("span", { className: "sound", dir: "auto" }, `${found.text} `, ...cites, " ");
}

const stateOf = (text) => [text.sentences.length, text.busy, text.problem].join();

function draw(box, text, answer) {
  if (box.dataset.state === stateOf(text)) return;
  const links = new Map([...answer.querySelectorAll(".quote a.cite")].map(
    (link) => [Number(link.textContent.replace(/\D/g, "")), link.getAttribute("href")]));
  const struck = text.sentences.filter(({ supported }) => !supported).length;
  const prose = box.querySelector(".prose-text");
  for (const found of text.sentences.slice(prose.childElementCount)) prose.append(sentence(found, links));
  box.querySelector(".by").textContent = text.busy
    ? `A language model at ${text.host} is writing; each sentence is shown once it is checked.`
    : `Written by ${text.by || "a language model"} at ${text.host} from the quoted passages. `
      + "Every sentence was checked against what it cites"
      + (struck ? `; ${struck} ${struck === 1 ? "is" : "are"} struck out.` : ".");
  box.querySelector(".problem").textContent = text.problem;
  box.querySelector(".problem").hidden = !text.problem;
  box.querySelector(".again").hidden = !text.problem || text.busy;
  box.querySelector(".by").hidden = !text.busy && !text.sentences.length;
  box.setAttribute("aria-busy", text.busy);
  box.dataset.state = stateOf(text);
}

function boxIn(answer) {
  const box = answer.querySelector(".written");
  if (box) return box;
  const fresh = made("div", { className: "written", role: "region" },
    made("p", { className: "prose-text" }), made("p", { className: "problem", role: "alert", hidden: true }),
    made("button", { className: "again", type: "button", textContent: WORDS.again, hidden: true }),
    made("p", { className: "by" }));
  fresh.setAttribute("aria-label", "Written text");
  fresh.setAttribute("aria-live", "polite");
  answer.querySelector(".sources").before(fresh);
  return fresh;
}

function wordsOf(text) {
  if (!text || (text.problem && !text.sentences.length)) return WORDS.offer;
  if (text.busy) return WORDS.busy;
  return text.shown ? WORDS.quotes : WORDS.text;
}

function dress() {
  for (const { link, answer, key } of offers()) {
    const text = texts.get(key);
    const words = wordsOf(text);
    if (link.textContent !== words) link.textContent = words;
    if (link.getAttribute("role") !== "button") link.setAttribute("role", "button");
    if (link.getAttribute("aria-disabled") !== String(words === WORDS.busy)) {
      link.setAttribute("aria-disabled", words === WORDS.busy);
    }
    const over = Boolean(text?.shown && text.sentences.length);
    answer.classList.toggle("is-written", over);
    answer.classList.toggle("was-written", Boolean(text?.sentences.length));
    if (!text) continue;
    const box = boxIn(answer);
    if (box.hidden === text.shown) box.hidden = !text.shown;
    draw(box, text, answer);
  }
}

document.addEventListener("click", (event) => {
  const again = event.target.closest("#chat .written .again");
  if (again) tryAgain(again);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("#chat a.write");
  if (!link) return;
  event.preventDefault();
  press(link);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== " " || !event.target.matches?.("#chat a.write")) return;
  event.preventDefault();
  event.target.click();
}, true);

document.addEventListener("click", (event) => {
  if (event.target.closest("#clear")) texts.clear();
}, true);

new MutationObserver(dress).observe(document.documentElement, { childList: true, subtree: true });
dress();
