/* Brings the page to life around Gradio's chat: the state of the index, asking, scrolling.
   Text of documents goes in by textContent alone. Gradio draws the page late and redraws parts of
   it, so listeners sit on the document and elements are looked up when they are needed. */
"use strict";

(() => {
  const $ = (id) => document.getElementById(id);
  const say = (id, text) => { if ($(id).textContent !== text) $(id).textContent = text; };
  const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

  async function get(path, params) {
    const response = await fetch(`/page/${path}?${new URLSearchParams(params)}`);
    if (response.status === 401) location.reload();   // the session has ended: to the login
    const found = await response.json();
    if (!response.ok) throw new Error(found.error || "The server could not say why.");
    return found;
  }

  async function act(button, path) {
    button.disabled = true;
    await fetch(`/page/${path}`, { method: "POST", headers: { "X-Readout": "page" } }).catch(() => {});
    poll();
  }

  /* ---- The index and its rebuilds ------------------------------------------------------- */

  let seen = null;      // the run whose end this page need not tell (any more)
  let polling = null;

  function left(seconds) {
    if (seconds < 1) return "less than a second left";
    if (seconds < 90) return `about ${Math.ceil(seconds)} s left`;
    return `about ${Math.ceil(seconds / 60)} min left`;
  }

  function detail(build) {
    const parts = [];
    if (build.total > 1) parts.push(`${build.done.toLocaleString("en")} of ${build.total.toLocaleString("en")}`);
    else if (build.done > 1) parts.push(`${build.done.toLocaleString("en")} so far`);
    if (build.done > 1 && build.rate) parts.push(`${Math.round(build.rate).toLocaleString("en")} a second`);
    if (build.total > 1 && build.seconds_left !== null) parts.push(left(build.seconds_left));
    return parts.join(" · ");
  }

  function showState(state) {
    const build = state.rebuild;
    const running = build.is === "running";
    const asking = build.is === "asking";
    say("documents", count(state.documents, "document"));
    say("generation", `index ${state.generation}`);
    $("show-problems").hidden = state.problems === 0;
    say("show-problems", count(state.problems, "problem"));
    if (state.problems === 0) $("all-problems").hidden = true;
    $("rebuild").disabled = running || asking;
    $("rebuilding").hidden = !running;
    if (running) {
      seen = state.run - 1;
      say("stage", build.stage);
      say("detail", detail(build));
      if (build.total > 1) $("bar").value = build.done / build.total;
      else $("bar").removeAttribute("value");
    } else {
      $("cancel").disabled = false;
    }
    if (seen === null) seen = asking ? state.run - 1 : state.run;
    const tell = !running && state.run > seen;
    $("outcome").hidden = !tell;
    $("approve").hidden = $("decline").hidden = !asking;
    $("dismiss").hidden = asking;
    if (!asking) $("approve").disabled = $("decline").disabled = false;
    if (tell) {
      $("outcome").className = `notice ${build.is}`;
      $("outcome").dataset.run = state.run;
      say("outcome-text", build.text);
      say("golden", build.golden || "");
      list("problems", problemRows(build));
      list("changed", (build.changed || []).map((entry) => [
        ["dt", entry.question], ["dd", `before: ${entry.before}`], ["dd", `now: ${entry.now}`],
      ]));
    }
    trouble(state.problem ? `The newest index cannot be opened, so the one before answers: ${state.problem}` : untaken);
    return running || asking;
  }

  function problemRows({ problems = [], more_problems = 0 }) {
    const more = more_problems ? [`and ${more_problems.toLocaleString("en")} more`] : [];
    return [...problems, ...more].map((text) => [["li", text]]);
  }

  async function showProblems(shown) {
    if (shown) list("problem-list", problemRows(await get("problems", {})));
    $("all-problems").hidden = !shown;
    $("show-problems").setAttribute("aria-expanded", shown);
    if (!shown) $("show-problems").focus();
  }

  // Fills a list with rows of [tag, text], unless it shows them already.
  function list(id, rows) {
    const key = JSON.stringify(rows);
    $(id).hidden = rows.length === 0;
    if ($(id).dataset.rows === key) return;
    $(id).dataset.rows = key;
    $(id).replaceChildren(...rows.flat().map(([tag, text]) => {
      const item = document.createElement(tag);
      item.textContent = text;
      return item;
    }));
  }

  function trouble(text) {
    $("trouble").hidden = !text;
    say("trouble", text);
  }

  async function poll() {
    clearTimeout(polling);
    let pause = 1000;
    try {
      if (!$("generation")) pause = 50;
      else if (showState(await get("state", {}))) pause = 250;
    } catch {
      trouble("The server does not answer. Is it still running?");
      pause = 2000;
    }
    clearTimeout(polling);
    polling = setTimeout(poll, document.hidden ? 5000 : pause);
  }

  /* ---- The conversation ----------------------------------------------------------------- */

  // Gradio looks at the box a little after the Enter, when the next question may be in it already.
  // So each question is taken out at the Enter itself, and Gradio gets them one by one.
  // With each that is asked again goes how.
  const asked = [];
  let untaken = "";     // why the server did not take the last question
  // asking.js says within what part of the corpus, and asks by `ask`.
  window.readout = {
    next: () => [...(asked.shift() ?? ["", null, ""]), least],
    ask: (question) => { keep(question); $("send").click(); },
    within: () => "",
    sure: () => least,
    // What drafts.js keeps, and what it tells.
    waiting: () => asked.filter(([, again]) => !again).map(([question]) => question),
    untaken: (why) => {
      untaken = `Your question was not asked: ${why}. It is in the box again.`;
      trouble(untaken);
    },
  };

  // How sure an answer must be: nothing said is as the server has it.
  const SURE = "readout-sure";
  let least = remembered(SURE);

  function remembered(key) {
    try {
      const value = parseFloat(localStorage.getItem(key));
      return value >= 0 && value <= 1 ? value : null;
    } catch { return null; } // a browser that keeps nothing
  }

  function chooseSure(value) {
    least = value;
    try { localStorage.setItem(SURE, value); } catch { /* it holds until the page is left */ }
    showSure();
  }

  function showSure() {
    const slider = $("sure-least");
    if (!slider || least === null) return;
    if (slider.valueAsNumber !== least) slider.value = least;
    const text = `${Math.round(100 * least)}%`;
    if ($("sure-shown").textContent !== text) $("sure-shown").textContent = text;
  }

  // Returns whether there was a question in the box.
  function take() {
    const box = document.querySelector("#question textarea");
    const question = box.value.trim();
    box.value = "";
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.style.height = "";  // Gradio makes it taller as one types, and never lower again
    if (question) keep(question);
    return question !== "";
  }

  // Gradio listens only some time after it has drawn the box: an Enter before that goes unheard.
  // Pressing the button for Gradio until it has fetched the question loses none and repeats none.
  function keep(question, again = null) {
    untaken = "";
    asked.push([question, again, window.readout.within()]);
    document.dispatchEvent(new CustomEvent("readout-asked", { detail: question }));
    setTimeout(function remind() {
      if (asked.length === 0) return;
      $("send").click();
      setTimeout(remind, 500);
    }, 1000);
  }

  // The questions before a link, oldest first; the last of them is the one that is answered there.
  function questionsBefore(link) {
    return [...document.querySelectorAll("#chat .asked")].filter((asked) =>
      asked.compareDocumentPosition(link) & Node.DOCUMENT_POSITION_FOLLOWING,
    ).map((asked) => asked.textContent);
  }

  // What an answer's links ask again, by their class: their name, and what is to be otherwise.
  const otherwise = {
    undate: ["Ask again without these dates", () => ({ any_date: true })],
    drop: ["Ask again without these words", (link) =>
      ({ without: decodeURIComponent(link.hash.slice("#without?".length).replaceAll("+", " ")) })],
    fresh: ["Ask again as a new topic", () => ({ fresh: true })],
  };
  const AGAIN = "#chat a:is(.undate, .drop, .fresh)";

  function askAgain(link) {
    const before = questionsBefore(link);
    const [, change] = otherwise[link.className];
    keep(before.at(-1), { at: before.length - 1, ...change(link) });
    $("send").click();
  }

  /* ---- Golden questions ----------------------------------------------------------------- */

  const golden = new Map();   // what each such button says, once it was pressed
  const UNDO = "✓ Stored as a golden question – undo";

  const goldenKey = (link) => JSON.stringify([link.hash, questionsBefore(link)]);

  async function storeGolden(link) {
    const key = goldenKey(link);
    const turns = questionsBefore(link);
    const question = turns.pop();
    const { start, end, ...named } = Object.fromEntries(new URLSearchParams(link.hash.slice("#golden?".length)));
    const place = named.document ? { ...named, start: Number(start), end: Number(end) } : null;
    const undo = golden.get(key) === UNDO;
    try {
      const response = await fetch("/page/golden", {
        method: "POST",
        headers: { "X-Readout": "page", "Content-Type": "application/json" },
        body: JSON.stringify({ question, turns, place, undo }),
      });
      const found = await response.json();
      if (!response.ok) throw new Error(found.error || "The server could not say why.");
      if (undo) golden.delete(key);
      else golden.set(key, UNDO);
    } catch (error) {
      golden.set(key, `Not stored: ${error.message}`);
    }
    showGolden();
  }

  // Gradio redraws answers as it served them, so what was stored is shown on them again.
  function showGolden() {
    for (const link of document.querySelectorAll("#chat a.golden")) {
      link.dataset.offer ??= link.textContent;
      const text = golden.size && golden.get(goldenKey(link)) || link.dataset.offer;
      if (link.textContent !== text) link.textContent = text;
      link.classList.toggle("stored", text === UNDO);
      link.setAttribute("role", "button");
      link.setAttribute("aria-pressed", text === UNDO);
    }
  }

  let shown = 0;        // questions and answers on the page

  // A new question goes to the top of the window, its answer below it.
  function follow() {
    // Gradio names each message by its HTML; read aloud, that is noise.
    for (const message of document.querySelectorAll("#chat .message [aria-label*='<']")) {
      message.removeAttribute("aria-label");
    }
    for (const link of document.querySelectorAll("#chat a.cite:not([aria-label])")) {
      link.setAttribute("aria-label", `${link.textContent} Open the source of this quote`);
    }
    for (const link of document.querySelectorAll(`${AGAIN}:not([aria-label])`)) {
      const item = link.classList.contains("drop") ? `: ${link.previousSibling.textContent.trim()}` : "";
      link.setAttribute("role", "button");
      link.setAttribute("aria-label", otherwise[link.className][0] + item);
      link.title = link.getAttribute("aria-label");
    }
    showGolden();
    showSure();
    const questions = document.querySelectorAll("#chat .asked");
    const now = questions.length + document.querySelectorAll("#chat .answer").length;
    document.documentElement.classList.toggle("talking", questions.length > 0);
    if (now > shown) {
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      questions[questions.length - 1].scrollIntoView({ behavior: calm ? "auto" : "smooth" });
    }
    shown = now;
  }

  // The source pane and the scrolling keep clear of the header, whatever it has to tell.
  const heading = new ResizeObserver(([{ target }]) => {
    document.documentElement.style.setProperty("--head", `${target.offsetHeight}px`);
  });

  /* ---- Listening ------------------------------------------------------------------------ */

  const buttons = {
    "rebuild": (button) => act(button, "rebuild"),
    "cancel": (button) => act(button, "cancel"),
    "show-problems": () => showProblems($("all-problems").hidden),
    "hide-problems": () => showProblems(false),
    "approve": (button) => act(button, "approve"),
    "decline": (button) => act(button, "cancel"),
    "dismiss": () => { seen = Number($("outcome").dataset.run); $("outcome").hidden = true; },
  };

  document.addEventListener("click", (event) => {
    const again = event.target.closest(AGAIN);
    if (again) {
      event.preventDefault();
      askAgain(again);
      return;
    }
    const right = event.target.closest("a.golden");
    if (right) {
      event.preventDefault();
      storeGolden(right);
      return;
    }
    const button = event.target.closest("button[id]");
    if (button && Object.hasOwn(buttons, button.id)) buttons[button.id](button);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches?.(`${AGAIN}, a.golden`)) {
      event.preventDefault();
      event.target.click();
    }
    const enter = event.key === "Enter" && !event.shiftKey && event.target.closest("#question");
    // The Enter that ends the writing of a Japanese word, say, asks nothing.
    if (enter && event.isComposing) event.stopPropagation();
    else if (enter && !take()) { event.preventDefault(); event.stopPropagation(); }
  }, true);

  document.addEventListener("click", (event) => {
    const example = event.target.closest("#chat .example");
    if (example) {
      event.stopPropagation();
      keep(example.textContent.trim());
      $("send").click();
    } else if (event.target.closest("#send")) {
      // Only a person's press takes what is in the box; our own leaves a half-typed question be.
      if (event.isTrusted) take();
      if (asked.length === 0) event.stopPropagation();
      document.querySelector("#question textarea").focus();
    }
  }, true);

  document.addEventListener("input", (event) => {
    if (event.target.id === "sure-least") chooseSure(event.target.valueAsNumber);
  });

  document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); });

  new MutationObserver(() => {
    follow();
    if ($("top")) heading.observe($("top"));
  }).observe(document.documentElement, { childList: true, subtree: true });
  poll();
})();
