/* What a rebuild came to: the documents that changed, the way back, and golden questions. */

import { $, made } from "./taking.js";
import { count, json, refresh } from "./library.js";
import { confirmed, post, tell } from "./shelving.js";

/* ---- What changed ---------------------------------------------------------------------- */

const KINDS = {
  added: "added", changed: "with other content", described: "described otherwise",
  moved: "moved or renamed", removed: "removed",
};
let before = null;   // the index that can be gone back to

export async function showChanges() {
  let found;
  try {
    found = await json("/changes");
  } catch (error) {
    $("changes-about").textContent = `The index before cannot be read, so it is neither compared nor gone back to: ${error.message}`;
    $("changes-list").replaceChildren();
    $("library-rollback").hidden = true;
    return;
  }
  before = found.before;
  $("library-rollback").hidden = before === null;
  const built = new Date(found.created).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });
  const which = `Index ${found.generation} was built on ${built}.`;
  if (before === null) {
    $("changes-about").textContent = `${which} There is no index before it to compare with, or to go back to.`;
    $("changes-list").replaceChildren();
    return;
  }
  const kinds = Object.entries(KINDS).filter(([kind]) => found.kinds[kind].count);
  const told = kinds.length ? `Beside index ${before}:` : `It has the same documents as index ${before}.`;
  $("changes-about").textContent = [which, found.review, told].filter(Boolean).join(" ");
  $("changes-list").replaceChildren(...kinds.map(([kind, name]) => changed(name, found.kinds[kind])));
}

function changed(name, { count: number, documents }) {
  const items = documents.map(({ id, title, source }) => {
    const shown = id === null
      ? made("span", { textContent: title })
      : made("a", { className: "near", href: `#open?${new URLSearchParams({ document: id })}`, textContent: title });
    shown.dir = "auto";
    shown.title = source;
    return made("li", {}, shown);
  });
  const more = number - documents.length;
  if (more) items.push(made("li", { className: "hint", textContent: `and ${more.toLocaleString("en")} more` }));
  const part = made("details", { className: "kind", open: number <= 12 },
    made("summary", { textContent: `${count(number, "document")} ${name}` }), made("ul", {}, ...items));
  return part;
}

async function rollBack() {
  const sure = await confirmed(`Go back to index ${before}?`,
    "It answers again at once. The documents and sources stay as they are, and the next rebuild brings the index up to date with them again.",
    "Go back");
  if (!sure) return;
  try {
    tell([`Index ${(await post("/rollback")).generation} serves again, until the next rebuild.`]);
  } catch (error) {
    tell([`Not gone back: ${error.message}`, true]);
  }
  refresh();
}

/* ---- Golden questions ------------------------------------------------------------------ */

let watching = null;

export async function showGolden() {
  if (window.readoutYou.role !== "manage") return;
  clearTimeout(watching);
  let found;
  try {
    found = await json("/golden");
  } catch (error) {
    $("golden-about").textContent = error.message;
    $("golden-list").replaceChildren();
    $("golden-ask").hidden = true;
    return;
  }
  const number = found.entries.length;
  $("golden-ask").hidden = number === 0 || found.running;
  $("golden-stop").hidden = !found.running;
  $("golden-bar").hidden = !found.running;
  $("golden-bar").value = found.total ? found.done / found.total : 0;
  $("golden-about").textContent = about(found, number);
  $("golden-list").replaceChildren(...found.entries.map(goldenRow));
  if (found.running) watching = setTimeout(showGolden, 500);
}

function about(found, number) {
  if (number === 0) {
    return "None yet. Press “This is the right passage” under an answer to keep a question with its place here; each rebuild then tells whether its answer has changed.";
  }
  if (found.trouble) return `They could not all be asked: ${found.trouble}`;
  if (found.running) return `Asking ${found.done.toLocaleString("en")} of ${found.total.toLocaleString("en")} …`;
  const asked = found.entries.filter((entry) => entry.asked);
  if (asked.length === 0) return `${count(number, "question")}, not asked of this index yet.`;
  const right = asked.filter((entry) => entry.right).length;
  const stale = found.stale ? `, asked of index ${found.generation}; ask again to see how it is now` : "";
  return `${right.toLocaleString("en")} of ${count(asked.length, "question")} right${stale}.`;
}

function goldenRow(entry) {
  const verdict = entry.fault ? "place not found" : entry.asked ? entry.verdict : "not asked";
  const kind = entry.fault ? "wrong" : !entry.asked ? "" : entry.right ? "right" : "wrong";
  const remove = made("button", { type: "button", className: "plain forget", textContent: "Delete" });
  remove.setAttribute("aria-label", `Delete the question ${entry.question}`);
  remove.entry = { question: entry.question, turns: entry.turns };
  const parts = made("dl", {});
  const part = (name, value) =>
    parts.append(made("div", {}, made("dt", { textContent: name }), made("dd", {}, ...value)));
  if (entry.turns.length) part("After", [entry.turns.join(" › ")]);
  if (entry.fault) part("Expected", [entry.fault]);
  else if (entry.expected.length === 0) part("Expected", ["no answer in these documents"]);
  for (const place of entry.expected) part("Expected", placed(place));
  if (entry.asked && !entry.right) part("First now", entry.now ? placed(entry.now) : ["no answer"]);
  const question = made("p", { className: "question", textContent: entry.question });
  question.dir = "auto";
  return made("li", {},
    made("div", { className: "line" }, question, made("span", { className: `verdict ${kind}`, textContent: verdict }), remove),
    parts);
}

function placed({ title, quote, link }) {
  const words = made("a", { className: "near", href: link, textContent: `“${quote}”` });
  words.dir = "auto";
  return [words, made("span", { className: "hint", textContent: ` ${title}` })];
}

async function forget(entry) {
  const sure = await confirmed("Delete this golden question?", entry.question, "Delete");
  if (!sure) return;
  try {
    await post("/golden/remove", entry);
  } catch (error) {
    tell([`Not deleted: ${error.message}`, true]);
  }
  await showGolden();
  $("golden-ask").focus({ preventScroll: true });
}

async function start(path) {
  try {
    await post(path);
  } catch (error) {
    $("golden-about").textContent = error.message;
    return;
  }
  showGolden();
}

const buttons = {
  "library-rollback": rollBack,
  "golden-ask": () => start("/golden/ask"),
  "golden-stop": () => start("/golden/stop"),
};

export function press(button) {
  if (Object.hasOwn(buttons, button.id)) buttons[button.id]();
  else if (button.classList.contains("forget")) forget(button.entry);
}
