/* What people change in the library: files brought or named, details corrected, sources removed. */

import { $, fetched, made } from "./taking.js";
import { count, refresh } from "./library.js";
import { press } from "./proving.js";

let limit = Infinity;   // bytes that the server takes at once
let sending = false;

const MINE = { "X-Readout": "page" };

export const post = async (path, content = {}) => (await fetched(`/page/library${path}`, {
  method: "POST", headers: { ...MINE, "Content-Type": "application/json" }, body: JSON.stringify(content),
})).json();

/* ---- What was done, and what was not --------------------------------------------------- */

export function tell(...lines) {
  $("library-told").replaceChildren(...lines.map(([text, wrong]) =>
    made("p", { className: wrong ? "wrong" : "", textContent: text })));
}

// Tells what was changed while that index answered: if another one does by now, it has come already.
function tellChanged(index, ...lines) {
  tell(...lines);
  if (answering() !== index) settle();
}

const answering = () => $("generation").textContent;

// What was waited for has come; only what went wrong is still to be read.
export function settle() {
  for (const line of document.querySelectorAll("#library-told p:not(.wrong)")) line.remove();
}

const WAITS = "The index is rebuilt in a moment, by itself.";

/* ---- Adding ---------------------------------------------------------------------------- */

async function send(files) {
  if (sending || files.length === 0) return;
  sending = true;
  const added = [], lines = [];
  let index;
  for (const [at, file] of files.entries()) {
    index = answering();
    tell([`Sending ${files.length === 1 ? file.name : `${at + 1} of ${files.length}: ${file.name}`} …`]);
    try {
      if (file.size > limit) throw new Error(`is larger than ${Math.floor(limit / 1e6)} MB; add it by its path instead`);
      const form = new FormData();
      form.append("files", file, file.name);
      const found = await (await fetched("/page/library/upload", { method: "POST", headers: MINE, body: form })).json();
      added.push(...found.added.map((each) => each.name));
      lines.push(...found.refused.map((each) => [`Not added: ${each.name}: ${each.reason}`, true]));
    } catch (error) {
      lines.push([`Not added: ${file.name}: ${error.message}`, true]);
    }
  }
  sending = false;
  if (added.length === 1) lines.unshift([`Added ${added[0]}. ${WAITS}`]);
  else if (added.length) lines.unshift([`Added ${count(added.length, "file")}. ${WAITS}`]);
  tellChanged(index, ...lines);
  $("library-files").value = "";
  refresh();
}

async function addPath() {
  const box = $("library-path");
  if (!box.value.trim()) { box.focus(); return; }
  const index = answering();
  try {
    tellChanged(index, [`Added ${(await post("/add", { path: box.value })).root}. ${WAITS}`]);
    box.value = "";
  } catch (error) {
    tell([`Not added: ${error.message}`, true]);
  }
  refresh();
}

/* ---- Asking first ---------------------------------------------------------------------- */

// Resolves to whether the person said yes.
export function confirmed(title, text, yes) {
  const dialog = $("library-confirm");
  $("confirm-title").textContent = title;
  $("confirm-text").textContent = text;
  $("confirm-yes").textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  $("confirm-no").focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

async function remove({ root, title }) {
  const sure = await confirmed(`Remove “${title}”?`,
    `It leaves the answers with the next rebuild. The original stays where it is: ${root}`, "Remove");
  if (!sure) return;
  const index = answering();
  try {
    await post("/remove", { root });
    tellChanged(index, [`Removed ${title}. ${WAITS}`]);
  } catch (error) {
    tell([`Not removed: ${error.message}`, true]);
  }
  $("library-query").focus({ preventScroll: true });
  refresh();
}

/* ---- Correcting ------------------------------------------------------------------------ */

let corrected = null;   // what is known of the document that the form is about

function correct(known) {
  corrected = known;
  $("correct-source").textContent = known.source;
  $("correct-wrong").textContent = "";
  for (const [field, value] of Object.entries(known.fields)) {
    $("correct-form").elements[field].value = value;
  }
  $("library-correct").showModal();
  $("correct-form").elements.title.focus();
}

async function saveCorrection() {
  const said = {};
  for (const [field, before] of Object.entries(corrected.fields)) {
    const now = $("correct-form").elements[field].value.trim();
    if (now !== before) said[field] = now;
  }
  if (Object.keys(said).length === 0) { $("library-correct").close(); return; }
  const index = answering();
  try {
    await post("/correct", { document: corrected.id, said });
  } catch (error) {
    $("correct-wrong").textContent = error.message;
    return;
  }
  $("library-correct").close();
  tellChanged(index, [`Saved. ${WAITS}`]);
  refresh();
}

/* ---- The sources ----------------------------------------------------------------------- */

function stateOf(source) {
  if (source.trouble) return [source.trouble, true];
  const waits = [["added", "new"], ["changed", "changed"], ["removed", "gone"]]
    .filter(([name]) => source[name]).map(([name, what]) => `${source[name].toLocaleString("en")} ${what}`);
  return [waits.length ? waits.join(", ") : "up to date", false];
}

export function dress(found) {
  limit = found.limit;
  $("library-path-form").hidden = !found.paths;
  $("library-roots").replaceChildren(...found.sources.map((source) => {
    const [state, wrong] = stateOf(source);
    const title = source.root === "bundled" ? "Documents that come with Readout" : source.root;
    const button = made("button", { type: "button", className: "plain remove", textContent: "Remove" });
    button.setAttribute("aria-label", `Remove ${title}`);
    button.source = { root: source.root, title };
    return made("li", {},
      made("span", { className: "root" }, made("bdi", { textContent: title })),
      made("span", { className: wrong ? "wrong" : "hint", textContent: `${count(source.documents, "document")} · ${state}` }),
      button);
  }));
}

/* ---- Listening ------------------------------------------------------------------------- */

const buttons = {
  "confirm-yes": () => $("library-confirm").close("yes"),
  "confirm-no": () => $("library-confirm").close(""),
  "correct-no": () => $("library-correct").close(),
};

// What a button of the library does that is none of the table's.
export function act(button) {
  if (Object.hasOwn(buttons, button.id)) buttons[button.id]();
  else if (button.classList.contains("remove")) remove(button.source);
  else if (button.classList.contains("correct")) correct(button.known);
  else press(button);
}

document.addEventListener("submit", (event) => {
  const done = { "library-path-form": addPath, "correct-form": saveCorrection }[event.target.id];
  if (!done) return;
  event.preventDefault();
  done();
});

document.addEventListener("change", (event) => {
  if (event.target.id === "library-files") send([...event.target.files]);
});

// Files may be dropped anywhere in the library; elsewhere a browser would leave the page for them.
const brings = (event) => window.readoutYou.role === "manage" && event.dataTransfer?.types.includes("Files") &&
  document.documentElement.classList.contains("in-library");
document.addEventListener("dragover", (event) => {
  if (!brings(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  $("library-drop").classList.add("over");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) $("library-drop")?.classList.remove("over");
});
document.addEventListener("drop", (event) => {
  if (!brings(event)) return;
  event.preventDefault();
  $("library-drop").classList.remove("over");
  send([...event.dataTransfer.files]);
});
