/* Brings the page to life around Gradio's chat: the source pane, the state of the index, scrolling.
   Text of documents goes in by textContent alone. Gradio draws the page late and redraws parts of
   it, so listeners sit on the document and elements are looked up when they are needed. */
"use strict";

(() => {
  const $ = (id) => document.getElementById(id);
  const say = (id, text) => { if ($(id).textContent !== text) $(id).textContent = text; };
  const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

  async function get(path, params) {
    const response = await fetch(`/page/${path}?${new URLSearchParams(params)}`);
    const found = await response.json();
    if (!response.ok) throw new Error(found.error || "The server could not say why.");
    return found;
  }

  const act = (path) => fetch(`/page/${path}`, { method: "POST", headers: { "X-Readout": "page" } });

  /* ---- The source pane ------------------------------------------------------------------ */

  let opener = null;   // the link that opened the pane, to give the focus back to
  let opened = null;   // the document's id, its edition, and the stretch of it that is shown
  let opening = 0;     // tells the latest click from those before it

  async function openSource(link) {
    const place = Object.fromEntries(new URLSearchParams(link.hash.slice("#src?".length)));
    const mine = ++opening;
    let found;
    try {
      found = await get("source", place);
    } catch (error) {
      found = { title: "This source cannot be opened", about: error.message, source: "",
                warning: null, failed: true, before: "", quote: "", after: "",
                start: 0, end: 0, length: 0 };
    }
    if (mine !== opening) return;
    for (const other of document.querySelectorAll("a.is-open")) other.classList.remove("is-open");
    link.classList.add("is-open");
    opener = link;
    opened = { document: place.document, edition: found.edition, start: found.start, end: found.end };
    show(found, link.classList.contains("near"));
  }

  function show(found, near) {
    say("source-title", found.title);
    say("source-about", found.about);
    say("source-path", found.source);
    const state = $("source-state");
    state.className = found.warning ? "changed" : "verified";
    state.textContent = found.failed ? "" : found.warning || "Verified just now against the original";
    const mark = document.createElement("mark");
    mark.textContent = found.quote;
    mark.className = near ? "near" : "";
    $("source-text").replaceChildren(found.before, ...(found.quote ? [mark] : []), found.after);
    offerMore(found.length);
    $("source").hidden = false;
    document.documentElement.classList.add("reading");
    $("source").focus({ preventScroll: true });
    if (found.quote) centre(mark);
  }

  function centre(mark) {
    const box = $("source-scroll");
    const top = mark.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
    box.scrollTop = top - Math.max(24, (box.clientHeight - mark.offsetHeight) / 3);
  }

  function offerMore(length) {
    $("more-before").hidden = opened.start === 0;
    $("more-after").hidden = opened.end >= length;
  }

  async function showMore(forward) {
    const reading = opened;
    const box = $("source-scroll");
    let found;
    try {
      found = await get("more", { document: reading.document, edition: reading.edition,
                                  start: forward ? reading.end : reading.start, forward });
    } catch (error) {
      $("source-state").className = "changed";
      say("source-state", error.message);
      return;
    }
    if (reading !== opened) return;
    if (forward) {
      opened.end = found.end;
      $("source-text").append(found.text);
    } else {
      const fromEnd = box.scrollHeight - box.scrollTop;
      opened.start = found.start;
      $("source-text").prepend(found.text);
      box.scrollTop = box.scrollHeight - fromEnd;
    }
    offerMore(found.length);
  }

  function closeSource() {
    if (!$("source") || $("source").hidden) return;
    opening++;
    $("source").hidden = true;
    document.documentElement.classList.remove("reading");
    for (const link of document.querySelectorAll("a.is-open")) link.classList.remove("is-open");
    if (opener && opener.isConnected) opener.focus();
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
    say("holdings", `${count(state.documents, "document")} · index ${state.generation}`);
    $("rebuild").disabled = running;
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
    if (seen === null) seen = state.run;
    const tell = !running && state.run > seen;
    $("outcome").hidden = !tell;
    if (tell) {
      $("outcome").className = `notice ${build.is}`;
      $("outcome").dataset.run = state.run;
      say("outcome-text", build.text);
      const problems = [...(build.problems || [])];
      if (build.more_problems) problems.push(`and ${count(build.more_problems, "more")}`);
      $("problems").hidden = problems.length === 0;
      if ($("problems").childElementCount !== problems.length) {
        $("problems").replaceChildren(...problems.map((text) => {
          const item = document.createElement("li");
          item.textContent = text;
          return item;
        }));
      }
    }
    trouble(state.problem ? `The newest index cannot be opened, so the one before answers: ${state.problem}` : "");
    return running;
  }

  function trouble(text) {
    $("trouble").hidden = !text;
    say("trouble", text);
  }

  async function poll() {
    clearTimeout(polling);
    let pause = 1000;
    try {
      if ($("holdings") && showState(await get("state", {}))) pause = 250;
    } catch {
      trouble("The server does not answer; is it still running?");
      pause = 2000;
    }
    polling = setTimeout(poll, document.hidden ? 5000 : pause);
  }

  /* ---- The conversation ----------------------------------------------------------------- */

  // A new question goes to the top of the window, its answer below it.
  function follow() {
    const questions = document.querySelectorAll("#chat .asked");
    document.documentElement.classList.toggle("talking", questions.length > 0);
    const last = questions[questions.length - 1];
    if (questions.length > follow.count && follow.count >= 0) {
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      last.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
    }
    follow.count = questions.length;
  }
  follow.count = 0;

  /* ---- Listening ------------------------------------------------------------------------ */

  const buttons = {
    "source-close": closeSource,
    "more-before": () => showMore(false),
    "more-after": () => showMore(true),
    "rebuild": async () => { $("rebuild").disabled = true; await act("rebuild"); poll(); },
    "cancel": async () => { $("cancel").disabled = true; await act("cancel"); poll(); },
    "dismiss": () => { seen = Number($("outcome").dataset.run); $("outcome").hidden = true; },
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#src?"]');
    if (link) {
      event.preventDefault();
      openSource(link);
      return;
    }
    const button = event.target.closest("button[id]");
    if (button && Object.hasOwn(buttons, button.id)) buttons[button.id]();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeSource();
  });

  document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); });

  new MutationObserver(follow).observe(document.documentElement, { childList: true, subtree: true });
  poll();
})();
