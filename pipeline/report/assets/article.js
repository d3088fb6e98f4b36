// One article: marks, the side list, evidence, keys.
const LABELS = ["PERSON", "COMPANY", "ORG", "LOC", "PERCENT", "YEAR", "MONEY"];
const hidden = new Set((memory.get("hidden") || "").split(" ").filter(Boolean));

class Reader {
  constructor(root) {
    this.root = root;
    this.pieces = $$(".body [data-s]", root).map((node) => [Number(node.dataset.s), node]);
    this.marks = $$("mark", root);
    this.row = null;
    this.turn = 0;
    this.tip = $(".tip") || document.body.appendChild(make("div", { class: "tip", role: "tooltip" }));
    this.wire();
    this.showLabels();
    script.apply(root);
  }

  wire() {
    const body = $(".body", this.root);
    body.addEventListener("pointerover", (event) => this.hover(event.target.closest("mark")));
    body.addEventListener("pointerleave", () => this.hover(null));
    body.addEventListener("click", (event) => {
      const mark = event.target.closest("mark");
      if (mark) this.pick(mark); else this.clear();
    });
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.at) this.show(button);
      if (button.dataset.go) this.go(Number(button.dataset.go), "start");
      if (button.dataset.toggle) this.toggle(button.dataset.toggle);
      if (button.classList.contains("side-close")) this.side(false);
    });
    $(".row-filter", this.root).addEventListener("input", (event) => this.filter(event.target.value));
  }

  lit(spans, name) {
    const found = [];
    for (const span of (spans || "").split(" ").filter(Boolean)) {
      const [start, end] = span.split("-").map(Number);
      const nodes = this.pieces.filter(([at]) => at >= start && at < end).map(([, node]) => node);
      for (const node of nodes) node.classList.add(name);
      found.push(nodes);
    }
    return found;
  }

  clear() {
    for (const node of $$(".lit, .evidence, .here", this.root)) {
      node.classList.remove("lit", "evidence", "here");
    }
    if (this.row) this.row.removeAttribute("aria-current");
    this.row = null;
    this.hover(null);
  }

  // A second click on the same row goes on to its next place.
  show(button, move = true) {
    const again = this.row === button;
    this.turn = again ? this.turn + 1 : 0;
    this.clear();
    this.row = button;
    button.setAttribute("aria-current", "true");
    const places = this.lit(button.dataset.at, "lit");
    this.lit(button.dataset.by, "evidence");
    if (!move || !places.length) return;
    const place = places[this.turn % places.length];
    for (const node of place) node.classList.add("here");
    if (place[0]) {
      this.side(false);
      place[0].scrollIntoView({ block: "center", behavior: calm() });
    }
  }

  pick(mark) {
    const row = mark.dataset.row && document.getElementById(mark.dataset.row);
    if (row) {
      this.show(row, false);
      row.scrollIntoView({ block: "nearest", behavior: calm() });
    } else {
      this.clear();
    }
    for (const node of $$("[data-s]", mark)) node.classList.add("here");
    this.hover(mark);
  }

  step(by) {
    const shown = this.marks.filter((mark) => !mark.classList.contains("off"));
    if (!shown.length) return;
    const now = shown.findIndex((mark) => $(".here", mark));
    const next = shown[(now + by + shown.length + (now < 0 && by < 0 ? 1 : 0)) % shown.length];
    this.pick(next);
    next.scrollIntoView({ block: "center", behavior: calm() });
    this.hover(next);
  }

  go(at, block = "center") {
    const found = this.pieces.filter(([start]) => start <= at).pop();
    if (found) found[1].scrollIntoView({ block, behavior: calm() });
  }

  light(start, end) {
    this.clear();
    const [nodes] = this.lit(`${start}-${end}`, "lit");
    for (const node of nodes || []) node.classList.add("here");
    this.go(start);
  }

  hover(mark) {
    const tip = this.tip;
    tip.classList.toggle("on", Boolean(mark));
    if (!mark) return;
    tip.dataset.label = mark.dataset.label;
    tip.replaceChildren(
      make("b", {}, mark.dataset.label.toLowerCase()),
      make("span", { class: "normal", lang: "zh-Hans" }, mark.dataset.normal),
      make("small", {}, mark.dataset.how),
    );
    const box = mark.getClientRects()[0];
    const width = tip.offsetWidth;
    const left = Math.max(8, Math.min(box.left, document.documentElement.clientWidth - width - 8));
    const above = box.top > tip.offsetHeight + 70;
    tip.style.left = `${left}px`;
    tip.style.top = `${above ? box.top - tip.offsetHeight - 8 : box.bottom + 8}px`;
  }

  toggle(label) {
    if (hidden.has(label)) hidden.delete(label); else hidden.add(label);
    memory.set("hidden", [...hidden].join(" "));
    this.showLabels();
  }

  showLabels() {
    for (const mark of this.marks) mark.classList.toggle("off", hidden.has(mark.dataset.label));
    for (const chip of $$("[data-toggle]", this.root)) {
      chip.setAttribute("aria-pressed", String(!hidden.has(chip.dataset.toggle)));
    }
  }

  filter(words) {
    const wanted = words.trim().toLowerCase();
    for (const section of $$(".side .rows", this.root)) {
      let any = false;
      for (const item of $$("li", section)) {
        const alt = $("[data-alt]", item);
        const text = `${item.textContent} ${alt ? alt.dataset.alt : ""}`.toLowerCase();
        item.hidden = Boolean(wanted) && !text.includes(wanted);
        any = any || !item.hidden;
      }
      section.hidden = !any;
    }
  }

  side(open) { this.root.closest("body").classList.toggle("side-shown", open); }

  key(event) {
    const label = LABELS[Number(event.key) - 1];
    if (event.key === "j") this.step(1);
    else if (event.key === "k") this.step(-1);
    else if (label) this.toggle(label);
    else if (event.key === "/") $(".row-filter", this.root).focus();
    else return false;
    return true;
  }
}

const calm = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

function fromHash(reader) {
  const found = /c=(\d+)-(\d+)/.exec(location.hash);
  if (found) reader.light(Number(found[1]), Number(found[2]));
}

function articlePage() {
  const reader = new Reader($(".reader"));
  $(".side-open").addEventListener("click", () => reader.side(true));
  addEventListener("scroll", () => reader.hover(null), { passive: true });
  document.addEventListener("keydown", (event) => {
    if (!plainKey(event) || $("dialog[open]")) return;
    if (typing(event)) {
      if (event.key === "Escape") { event.target.value = ""; reader.filter(""); event.target.blur(); }
      return;
    }
    const link = { n: "[data-after]", p: "[data-before]" }[event.key];
    if (link && $(link)) $(link).click();
    else if (event.key === "s") script.set(script.now === "raw" ? "plain" : "raw");
    else if (event.key === "?") $("dialog.help").showModal();
    else if (event.key === "Escape") {
      if (document.body.classList.contains("side-shown")) reader.side(false);
      else if (reader.row) reader.clear();
      else if ($("a.back")) $("a.back").click();
    } else if (!reader.key(event)) return;
    event.preventDefault();
  });
  fromHash(reader);
  addEventListener("hashchange", () => fromHash(reader));
}
