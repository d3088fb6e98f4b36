"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const PAGE = 50;
  const state = { kinds: new Set(), labels: new Set(), source: "", search: "", script: "raw", shown: PAGE };
  const byId = (id) => document.getElementById(id);

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // Offsets are code points; JavaScript strings are UTF-16.
  function marked(text, marks) {
    const characters = Array.from(text);
    const line = element("p", "text");
    let at = 0;
    for (const [start, end, label, current] of marks) {
      line.append(characters.slice(at, start).join(""));
      const mark = element("mark", current ? "current" : "", characters.slice(start, end).join(""));
      mark.dataset.label = label;
      mark.title = label;
      line.append(mark);
      at = end;
    }
    line.append(characters.slice(at).join(""));
    return line;
  }

  function side(title, error, marks, norm) {
    const box = element("div", "side");
    box.append(element("h2", "", title));
    if (state.script !== "simplified") {
      const line = marked(error.raw, marks);
      line.lang = "zh";
      box.append(line);
    }
    if (state.script !== "raw") {
      const line = marked(error.simplified, marks);
      line.lang = "zh-Hans";
      box.append(line);
    }
    if (norm !== null) box.append(element("p", "norm", norm));
    return box;
  }

  function card(error) {
    const made = element("article");
    made.dataset.kind = error.kind;
    made.dataset.labels = error.labels.join(" ");
    const head = element("header");
    head.append(element("span", "kind", error.kind));
    head.append(element("span", "", error.labels.join(" / ")));
    head.append(element("span", "", `${error.article} @ ${error.at}`));
    head.append(element("span", "", error.source));
    if (error.score !== null) head.append(element("span", "", `score ${error.score.toFixed(3)}`));
    const sides = element("div", "sides");
    sides.append(side("gold", error, error.gold, error.goldNorm));
    sides.append(side("system", error, error.system, error.systemNorm));
    made.append(head, sides);
    return made;
  }

  function passes(error) {
    if (state.kinds.size && !state.kinds.has(error.kind)) return false;
    if (state.labels.size && !error.labels.some((label) => state.labels.has(label))) return false;
    if (state.source && error.source !== state.source) return false;
    const words = state.search;
    return !words || [error.raw, error.simplified, error.article].some((text) => text.includes(words));
  }

  function draw() {
    const found = data.errors.filter(passes);
    byId("list").replaceChildren(...found.slice(0, state.shown).map(card));
    byId("count").textContent = `${found.length} of ${data.errors.length}`;
    byId("more").hidden = found.length <= state.shown;
    for (const button of document.querySelectorAll("button[data-value]")) {
      button.setAttribute("aria-pressed", state[button.dataset.set].has(button.dataset.value));
    }
    for (const button of document.querySelectorAll("button[data-script]")) {
      button.setAttribute("aria-pressed", state.script === button.dataset.script);
    }
  }

  function changed(change) {
    return (event) => {
      state.shown = PAGE;
      change(event);
      draw();
    };
  }

  function choices(id, values, test) {
    for (const value of values) {
      const count = data.errors.filter((error) => test(error, value)).length;
      const button = element("button", "", `${value} ${count}`);
      button.type = "button";
      button.dataset.set = id;
      button.dataset.value = value;
      button.addEventListener("click", changed(() => {
        if (!state[id].delete(value)) state[id].add(value);
      }));
      byId(id).append(button);
    }
  }

  choices("kinds", data.kinds, (error, kind) => error.kind === kind);
  choices("labels", data.labels, (error, label) => error.labels.includes(label));
  for (const source of data.sources) {
    const option = element("option", "", source);
    option.value = source;
    byId("source").append(option);
  }
  byId("source").addEventListener("change", changed((event) => { state.source = event.target.value; }));
  byId("search").addEventListener("input", changed((event) => { state.search = event.target.value.trim(); }));
  for (const button of document.querySelectorAll("button[data-script]")) {
    button.addEventListener("click", changed(() => { state.script = button.dataset.script; }));
  }
  byId("reset").addEventListener("click", changed(() => {
    state.kinds.clear();
    state.labels.clear();
    state.source = state.search = byId("source").value = byId("search").value = "";
  }));
  byId("more").addEventListener("click", () => {
    state.shown += PAGE;
    draw();
  });
  draw();
})();
