"use strict";
(() => {
  const form = JSON.parse(document.getElementById("form").textContent);
  const pairs = form.kind === "reconstruction";
  const place = "latent-loom-survey:" + form.survey + ":" + form.form;
  const mostName = 80;
  const find = (id) => document.getElementById(id);
  const main = find("main");
  let at = -1; // the question in view; -1 is the beginning, and one past the last is the end
  let kept = true; // whether this browser keeps the answers
  let since = 0; // when the question came into view
  let spent = 0; // milliseconds that it was in view before
  let downloaded = false;

  // the answers

  const moment = () => new Date().toISOString().replace(/\.\d+Z$/, "+00:00");

  function begun() {
    const chance = crypto.getRandomValues(new Uint8Array(8));
    const id = Array.from(chance, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return {
      kind: "latent-loom-response", version: 1, survey: form.survey, form: form.form, response: id, respondent: "",
      source: "page", started: moment(), saved: moment(), finished: false, answers: [],
    };
  }

  function recalled() {
    try {
      const found = JSON.parse(localStorage.getItem(place));
      const asked = new Set(form.items.map((item) => item.id));
      if (found && found.survey === form.survey && found.form === form.form && Array.isArray(found.answers)
          && found.answers.every((given) => asked.has(given.question))) {
        return found;
      }
    } catch (error) {
      kept = false;
    }
    return null;
  }

  function keep() {
    response.saved = moment();
    response.finished = response.answers.length === form.items.length;
    try {
      localStorage.setItem(place, JSON.stringify(response));
      kept = true;
    } catch (error) {
      kept = false;
    }
    downloaded = false;
  }

  let response = recalled() || begun();
  const givenTo = (item) => response.answers.find((given) => given.question === item.id);
  const firstOpen = () => {
    const open = form.items.findIndex((item) => !givenTo(item));
    return open < 0 ? form.items.length : open;
  };

  function answer(what) {
    const item = form.items[at];
    const milliseconds = Math.max(0, Math.round(spent + (document.hidden ? 0 : performance.now() - since)));
    const before = givenTo(item);
    if (before) {
      before.answer = what;
      before.milliseconds += milliseconds;
    } else {
      response.answers.push({ question: item.id, answer: what, milliseconds: milliseconds });
    }
    keep();
    show(at + 1);
  }

  // the file: its digest is of JSON with keys in order, without white space, in ASCII

  function canonical(value) {
    if (Array.isArray(value)) {
      return "[" + value.map(canonical).join(",") + "]";
    }
    if (value !== null && typeof value === "object") {
      return "{" + Object.keys(value).sort().map((key) => canonical(key) + ":" + canonical(value[key])).join(",") + "}";
    }
    return JSON.stringify(value).replace(/[^ -~]/g, (unit) => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0"));
  }

  // SHA-256 (FIPS 180-4) of ASCII text; browsers have it only for pages that come by https.
  function sha256(text) {
    const primes = [];
    for (let number = 2; primes.length < 64; number++) {
      if (primes.every((prime) => number % prime)) {
        primes.push(number);
      }
    }
    const fraction = (root) => Math.floor((root - Math.floor(root)) * 4294967296) >>> 0;
    const constants = primes.map((prime) => fraction(Math.cbrt(prime)));
    const state = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
    const bytes = Array.from(text, (letter) => letter.charCodeAt(0));
    const bits = bytes.length * 8;
    bytes.push(128);
    while (bytes.length % 64 !== 56) {
      bytes.push(0);
    }
    for (let shift = 7; shift >= 0; shift--) {
      bytes.push(Math.floor(bits / 2 ** (8 * shift)) & 255);
    }
    const turn = (word, by) => (word >>> by) | (word << (32 - by));
    for (let start = 0; start < bytes.length; start += 64) {
      const words = [];
      for (let i = 0; i < 64; i++) {
        if (i < 16) {
          const from = start + 4 * i;
          words.push((bytes[from] << 24) | (bytes[from + 1] << 16) | (bytes[from + 2] << 8) | bytes[from + 3]);
        } else {
          const early = words[i - 15], late = words[i - 2];
          words.push((words[i - 16] + (turn(early, 7) ^ turn(early, 18) ^ (early >>> 3)) + words[i - 7]
            + (turn(late, 17) ^ turn(late, 19) ^ (late >>> 10))) | 0);
        }
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i++) {
        const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + words[i]) | 0;
        const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
      }
      [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] = (state[i] + word) | 0; });
    }
    return state.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  const fileText = () => JSON.stringify({ ...response, digest: sha256(canonical(response)) }, null, 2) + "\n";
  const fileName = () => "answers-" + form.survey.slice(0, 8) + "-form-" + form.form + "-" + response.response + ".json";

  function download() {
    const link = document.createElement("a");
    const address = URL.createObjectURL(new Blob([fileText()], { type: "application/json" }));
    link.href = address;
    link.download = fileName();
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
    downloaded = true;
    say("Saved as " + fileName() + " where this browser puts downloads.");
  }

  async function copy(area) {
    try {
      await navigator.clipboard.writeText(area.value);
    } catch (error) {
      area.select(); // a page that is a file may not use the clipboard in some browsers
      if (!document.execCommand("copy")) {
        say("Copying was refused. The text is selected: copy it with Ctrl+C or from the menu.");
        return;
      }
    }
    downloaded = true;
    say("Copied. Paste it into a message, whole.");
  }

  // what is seen

  function make(kind, words, settings = {}) {
    const element = document.createElement(kind);
    element.textContent = words;
    for (const [name, value] of Object.entries(settings)) {
      element.setAttribute(name, value);
    }
    return element;
  }

  function button(words, then, settings = {}) {
    const element = make("button", words, { type: "button", ...settings });
    element.addEventListener("click", then);
    return element;
  }

  const row = (...parts) => {
    const element = make("div", "", { class: "row" });
    element.append(...parts);
    return element;
  };

  const say = (words) => { const told = find("told"); if (told) { told.textContent = words; } };

  function warn(parts) {
    if (!kept) {
      parts.push(make("p", "This browser does not keep the answers: save them before you close this page.", { class: "warning" }));
    }
  }

  function show(next) {
    at = next;
    spent = 0;
    since = performance.now();
    const count = form.items.length;
    const done = response.answers.length;
    find("progress").max = count;
    find("progress").value = done;
    find("count").textContent = at < 0 ? count + " questions" : at >= count ? "All " + count + " answered" : "Question " + (at + 1) + " of " + count;
    const parts = at < 0 ? beginning(count, done) : at >= count ? ending() : question(form.items[at]);
    main.replaceChildren(...parts);
    find("footer").textContent = at < 0 || at >= count ? "" : pairs
      ? "Keys: 1 or ← left, 2 or → right, 0 or ↓ can't decide, Backspace or ↑ back"
      : "Keys: 1, Y or ← yes, 2, N or → no, Backspace or ↑ back";
    const first = main.querySelector("[data-first]");
    (first || main).focus();
  }

  function beginning(count, done) {
    const task = pairs
      ? "You see a sentence, and two others that computer programs wrote to say the same. Choose the one that is more like it. Where neither is, or both are alike, you can say that you can't decide."
      : "You see one sentence at a time, written by a computer program or by a person. Say whether it makes sense. What that means is for you to judge.";
    const input = make("input", "", { id: "name", type: "text", maxlength: mostName, autocomplete: "off" });
    input.value = response.respondent;
    input.addEventListener("change", () => { response.respondent = input.value.trim().slice(0, mostName); keep(); });
    const parts = [
      make("h1", pairs ? "Which of two sentences is more like a third?" : "Does this sentence make sense?"),
      make("p", task),
      make("p", count + " questions, a few minutes. Every answer is kept in this browser at once: you may close the page and go on later. Nothing is sent by itself; at the end you save a small file and pass it on."),
    ];
    warn(parts);
    parts.push(make("label", "Your name or a sign, if you like; it stands in the file", { for: "name" }), input);
    const words = !done ? "Start" : done < count ? "Go on with question " + (firstOpen() + 1) : "Show the end";
    parts.push(row(button(words, () => { input.dispatchEvent(new Event("change")); show(firstOpen()); }, { class: "main", id: "start", "data-first": "" })));
    return parts;
  }

  function question(item) {
    const before = givenTo(item);
    const pressed = (what) => ({ "aria-pressed": String(Boolean(before) && before.answer === what), "data-answer": what });
    const choice = (key, words, what, settings = {}) => {
      const element = button("", () => answer(what), { class: "choice", ...pressed(what) });
      element.append(make("kbd", key, { "aria-hidden": "true" }), make("span", words, { class: "words", ...settings }));
      return element;
    };
    const choices = make("div", "", { class: "choices" });
    const parts = [make("h2", pairs ? "Which of the two is more like this sentence?" : "Does this sentence make sense?", { tabindex: "-1", "data-first": "", "aria-describedby": "sentence" })];
    parts.push(make("p", pairs ? item.sentence : item.texts[0], { class: "sentence", id: "sentence", dir: "auto", lang: "" }));
    if (pairs) {
      const auto = { dir: "auto", lang: "" };
      choices.append(choice("1", item.texts[0], "left", auto), choice("2", item.texts[1], "right", auto));
    } else {
      choices.append(choice("1", "Yes", "yes"), choice("2", "No", "no"));
    }
    parts.push(choices);
    const below = [];
    if (pairs) {
      const neither = button("", () => answer("undecided"), { class: "hinted", ...pressed("undecided") });
      neither.append(make("kbd", "0", { "aria-hidden": "true" }), make("span", "Can't decide"));
      below.push(neither);
    }
    below.push(make("span", "", { class: "space" }));
    if (!kept) {
      below.push(button("Save the answers so far", download, { class: "quiet" }));
    }
    below.push(button("Back", back, { class: "quiet", id: "back" }));
    parts.push(row(...below));
    warn(parts);
    parts.push(make("p", "", { id: "told", role: "status" }));
    return parts;
  }

  function ending() {
    const area = make("textarea", "", { readonly: "", "aria-label": "The answers as text", spellcheck: "false" });
    area.value = fileText();
    const parts = [
      make("h1", "Thank you. One step is left.", { tabindex: "-1", "data-first": "" }),
      make("p", "Save the answers and send the file to the person who gave you this page, or copy them as text into a message. Nothing has been sent by itself."),
    ];
    warn(parts);
    parts.push(
      row(button("Save the answers", download, { class: "main", id: "download" }), button("Copy as text", () => copy(area), { id: "copy" }),
        make("span", "", { class: "space" }), button("Back", back, { class: "quiet", id: "back" })),
      make("p", "", { id: "told", role: "status" }), area,
      row(make("span", "", { class: "space" }), button("Begin anew, as another person", anew, { class: "quiet", id: "anew" })));
    return parts;
  }

  function back() {
    show(Math.max(-1, Math.min(at, form.items.length) - 1));
  }

  function anew() {
    if (confirm("These answers will be gone from this browser. Have you saved them?")) {
      try { localStorage.removeItem(place); } catch (error) { kept = false; }
      response = begun();
      show(-1);
    }
  }

  const keys = pairs
    ? { 1: "left", ArrowLeft: "left", 2: "right", ArrowRight: "right", 0: "undecided", ArrowDown: "undecided" }
    : { 1: "yes", y: "yes", ArrowLeft: "yes", 2: "no", n: "no", ArrowRight: "no" };

  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA)$/.test(event.target.tagName)) {
      if (event.key === "Enter" && event.target.id === "name" && !event.isComposing) {
        find("start").click();
      }
      return;
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const inside = at >= 0 && at < form.items.length;
    if (inside && Object.hasOwn(keys, key)) {
      event.preventDefault();
      answer(keys[key]);
    } else if (at >= 0 && (key === "Backspace" || key === "ArrowUp")) {
      event.preventDefault();
      back();
    }
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      spent += performance.now() - since;
    }
    since = performance.now();
  });
  window.addEventListener("beforeunload", (event) => {
    if (!kept && !downloaded && response.answers.length) {
      event.preventDefault();
    }
  });
  window.addEventListener("storage", (event) => {
    if (event.key === place && event.newValue !== null) { // answered in another tab
      response = recalled() || response;
      show(firstOpen());
    }
  });
  const full = find("full");
  full.hidden = !document.fullscreenEnabled;
  full.addEventListener("click", () => {
    if (document.fullscreenElement) {
      document.exitFullscreen();
    } else {
      document.documentElement.requestFullscreen().catch(() => { full.hidden = true; });
    }
    full.blur();
  });
  show(-1);
})();
