/* What an answer or a passage is worth, told with one click and taken back with another. */

import { exchanges, placeIn } from "./asking.js";
import { fetched, tell } from "./taking.js";

const MARKS = "#chat a.thumb, #chat a.wrong";
const SAID = { up: "Thank you: a good answer", down: "Thank you: a bad answer",
               wrong: "Thank you: a wrong passage" };
const pressed = new Set();     // what was said, by what it is about

const verdictOf = (link) => link.hash.slice(1).split("?")[0];

// What a mark is about: its answer's exchange, the questions before it, and the place.
function aboutOf(link) {
  const all = exchanges();
  const at = all.findIndex(({ answer }) => answer.contains(link));
  if (at < 0) return null;
  const { question, within, answer } = all[at];
  const verdict = verdictOf(link);
  const cited = verdict === "wrong" ? link : answer.querySelector("a.cite");
  return { verdict, question, within, turns: all.slice(0, at).map((each) => each.question),
           place: cited ? placeIn(cited) : null };
}

async function say(link) {
  const about = aboutOf(link);
  if (!about) return;
  const key = JSON.stringify(about);
  const undo = pressed.has(key);
  try {
    await fetched("/page/feedback", {
      method: "POST",
      headers: { "X-Readout": "page", "Content-Type": "application/json" },
      body: JSON.stringify({ ...about, undo }),
    });
  } catch (error) {
    tell(`Not stored: ${error.message}`);
    return;
  }
  const contrary = { up: "down", down: "up" }[about.verdict];
  if (contrary) pressed.delete(JSON.stringify({ ...about, verdict: contrary }));
  if (undo) pressed.delete(key);
  else pressed.add(key);
  tell(undo ? "Taken back" : SAID[about.verdict]);
  dress();
}

// Gradio redraws answers as it served them, so what was said is shown on them again.
function dress() {
  for (const link of document.querySelectorAll(MARKS)) {
    const about = pressed.size || !link.role ? aboutOf(link) : null;
    const is = String(about !== null && pressed.has(JSON.stringify(about)));
    if (link.getAttribute("role") !== "button") link.setAttribute("role", "button");
    if (link.getAttribute("aria-pressed") !== is) link.setAttribute("aria-pressed", is);
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest(MARKS);
  if (!link) return;
  event.preventDefault();
  say(link);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== " " || !event.target.matches?.(MARKS)) return;
  event.preventDefault();
  event.target.click();
}, true);

new MutationObserver(dress).observe(document.documentElement, { childList: true, subtree: true });
dress();
