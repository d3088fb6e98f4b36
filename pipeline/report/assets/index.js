// The index: its state, which stands in the address, search, and articles inside the page.
class Report extends Views {
  constructor(content) {
    super();
    Object.assign(this, content);
    this.state = {};
    this.texts = null;
    this.reader = null;
    this.changed = new RegExp(`[${Object.keys(this.chars).map((c) => `\\u{${c.codePointAt(0).toString(16)}}`).join("")}]`, "gu");
    this.made = {};
    this.holders = { people: this.inverse(A.people, this.people), bodies: this.inverse(A.bodies, this.bodies) };
    this.tabs = [
      ["articles", "Articles", this.articles.length],
      ["people", "People", this.people.length],
      ["bodies", "Companies and organisations", this.bodies.length, "Organisations"],
      ["roles", "Roles", this.roles.length],
      ["percents", "Percentages", this.percents.length],
      ["amounts", "Amounts", this.amounts.length],
      ["aside", "Set aside", this.errors.length + this.notes.reduce((n, [, , found]) => n + found.length, 0)],
    ];
    const inline = $("#texts");
    if (inline) this.learn(JSON.parse(inline.textContent));
  }

  learn(texts) {
    this.originals = texts;
    this.texts = texts.map((text) => this.key(text));
  }

  // What searches compare with, made when first needed.
  get names() {
    this.made.names = this.made.names || {
      people: this.people.map((n) => this.key(`${n[N.name]} ${n[N.alt] || ""}`)),
      bodies: this.bodies.map((n) => this.key(`${n[N.name]} ${n[N.alt] || ""} ${n[N.link]}`)),
    };
    return this.made.names;
  }

  get keys() {
    this.made.keys = this.made.keys || this.articles.map((a) => this.key(`${a[A.title]} ${a[A.alt] || ""}`));
    return this.made.keys;
  }

  inverse(place, names) {
    const found = names.map(() => []);
    this.articles.forEach((a, i) => a[place].forEach((n) => found[n].push(i)));
    return found;
  }

  // Lower case, simplified character by character by the pairs that this run itself has shown, so
  // that query and text meet whichever script either is in; places stay the same.
  key(text) {
    return text.toLowerCase().replace(this.changed, (char) => this.chars[char] || char);
  }

  words(text, alt, more) {
    const node = make("span", more || {}, script.now === "plain" && alt ? alt : text);
    return node;
  }

  lang(hans) { return script.now === "plain" || hans ? "zh-Hans" : "zh-Hant"; }

  href(article, start, end) {
    const c = start === undefined ? undefined : `${start}-${end}`;
    if (!this.links.length) return this.address({ a: article, c });
    return this.links[article] + (c ? `#c=${c}` : "");
  }

  // State

  read() {
    const state = {};
    for (const [key, value] of new URLSearchParams(location.hash.slice(1))) state[key] = value;
    this.state = state;
    if (!this.tabs.some(([name]) => name === state.tab)) state.tab = "articles";
    const field = $("#q");
    if (field.value !== (state.q || "")) field.value = state.q || "";
  }

  address(changes) {
    const next = { ...this.state, a: undefined, c: undefined, ...changes };
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(next)) {
      if (value !== undefined && value !== null && value !== "") query.set(key, value);
    }
    if (query.get("tab") === "articles") query.delete("tab");
    return `#${query}`;
  }

  go(changes, push = true) {
    const hash = this.address(changes);
    if (push) history.pushState(null, "", hash); else history.replaceState(null, "", hash);
    this.draw();
  }

  // Drawing

  draw() {
    this.read();
    memory.set(`index ${location.pathname}`, location.hash);
    const { a } = this.state;
    const inside = !this.links.length && a !== undefined && this.articles[a];
    $("#article").hidden = !inside;
    $("#index").hidden = Boolean(inside);
    if (inside) { this.open(Number(a)); return; }
    if (this.reader) {
      this.reader.hover(null); this.reader.side(false); this.reader = null; $("#page").replaceChildren();
      document.title = this.title;
      scrollTo(0, this.scroll || 0);
    }
    this.drawTabs();
    this.drawFilters();
    const view = $("#view");
    view.dataset.tab = this.state.tab;
    view.replaceChildren(...[this[this.state.tab + "View"]()].flat().filter(Boolean));
    const chosen = `${this.state.tab} ${this.state.person} ${this.state.body}`;
    if (chosen !== this.chosen && $(".card:not(.implied)") && innerWidth < 960) $(".card").scrollIntoView();
    this.chosen = chosen;
  }

  drawTabs() {
    $(".tabs").replaceChildren(...this.tabs.map(([name, title, n, short]) => make("a", {
      role: "tab", href: this.address({ tab: name, more: null, sort: null }), "data-tab": name,
      "aria-selected": String(this.state.tab === name),
    }, make("b", {}, count(n)), short ? [make("span", { class: "long" }, title), make("span", { class: "short" }, short)] : title)));
    const [bar, tab] = [$(".tabs"), $(".tabs [aria-selected=true]")];
    if (tab) bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2;
    $("#q").placeholder = {
      articles: "Search titles, names and text, in either script",
      people: "Find a person", bodies: "Find a company or organisation",
      roles: "Find a name, a title or an organisation", percents: "Find a subject", amounts: "Find words near an amount", aside: "Find a reason or a file",
    }[this.state.tab];
  }

  drawFilters() {
    const { person, body, site, year } = this.state;
    const chips = [];
    const chip = (label, name, text, alt) => chips.push(make("a", {
      class: "chip", "data-label": label, href: this.address({ [name]: null }), title: "Remove this filter",
    }, this.words(text, alt), " ×"));
    if (this.people[person]) chip("PERSON", "person", this.people[person][N.name], this.people[person][N.alt]);
    if (this.bodies[body]) chip(this.label(this.bodies[body]), "body", this.bodies[body][N.name], this.bodies[body][N.alt]);
    if (site) chip("PLAIN", "site", site);
    if (year) chip("YEAR", "year", year === "-" ? "no date" : year);
    const bar = $(".filters");
    const wide = ["articles", "roles", "percents", "amounts"].includes(this.state.tab);
    bar.hidden = !chips.length || !wide;
    bar.replaceChildren(...chips);
  }

  label(body) { return body[N.kind] === "company" ? "COMPANY" : "ORG"; }

  say(text) { $(".found").textContent = text; }

  // Lists grow as the reader scrolls.
  list(rows, draw, holder) {
    let at = 0;
    const end = make("div", { class: "end" });
    const more = () => {
      holder.append(...rows.slice(at, at + PAGE).map(draw));
      at += PAGE;
      if (at >= rows.length) { watch.disconnect(); end.remove(); }
    };
    const watch = new IntersectionObserver((seen) => { if (seen.some((s) => s.isIntersecting)) more(); }, { rootMargin: "800px" });
    more();
    if (at < rows.length) watch.observe(end);
    return [holder, end];
  }

  query() { return (this.state.q || "").trim().split(/\s+/).filter(Boolean).map((w) => this.key(w)); }

  // Where the text says it, unless the title does.
  snippet(i, words) {
    if (!this.texts || !words.length) return null;
    const word = words.find((w) => !this.keys[i].includes(w));
    const at = word === undefined ? -1 : this.texts[i].indexOf(word);
    if (at < 0) return null;
    const text = script.now === "plain" ? this.texts[i] : this.originals[i];
    const low = Math.max(0, text.lastIndexOf("\n", at) + 1, at - 30);
    const line = text.indexOf("\n", at);
    const high = Math.min(line < 0 ? text.length : line, at + word.length + 45);
    return make("span", { class: "snippet" }, low && text[low - 1] !== "\n" ? "…" : "", text.slice(low, at),
      make("mark", {}, text.slice(at, at + word.length)), text.slice(at + word.length, high), high < text.length && text[high] !== "\n" ? "…" : "");
  }

  filtered() {
    const { person, body, site, year } = this.state;
    const words = this.query();
    const matches = (i, word) => this.keys[i].includes(word)
      || this.articles[i][A.people].some((n) => this.names.people[n].includes(word))
      || this.articles[i][A.bodies].some((n) => this.names.bodies[n].includes(word))
      || (this.texts !== null && this.texts[i].includes(word));
    const found = [];
    this.articles.forEach((a, i) => {
      if (person !== undefined && !a[A.people].includes(Number(person))) return;
      if (body !== undefined && !a[A.bodies].includes(Number(body))) return;
      if (site && a[A.site] !== site) return;
      if (year && (a[A.date].slice(0, 4) || "-") !== year) return;
      if (words.every((word) => matches(i, word))) found.push(i);
    });
    return found;
  }

  // An article inside this page

  open(n) {
    const page = $("#page");
    if (this.opened !== n || !this.reader) {
      if (!this.reader) { this.title = document.title; this.scroll = this.lastScroll; }
      page.replaceChildren($$("template")[n].content.cloneNode(true));
      this.opened = n;
      this.reader = new Reader($(".reader", page));
      document.title = this.articles[n][A.title];
      scrollTo(0, 0);
    }
    const bar = $("#article .bar");
    $(".back", bar).href = this.address({});
    const near = [["before", n - 1], ["after", n + 1]];
    for (const [name, at] of near) {
      const link = $(`[data-${name}]`, bar);
      link.hidden = !this.articles[at];
      link.href = this.articles[at] ? this.address({ a: at }) : "#";
    }
    fromHash(this.reader);
  }

  onKey(event) {
    if (event.key === "Escape" && typing(event)) {
      if (event.target.id === "q") this.go({ q: null }, false);
      else { event.target.value = ""; if (this.reader) this.reader.filter(""); }
      event.target.blur();
      return true;
    }
    if (typing(event)) return false;
    if (event.key === "s") { script.set(script.now === "raw" ? "plain" : "raw"); return true; }
    if (event.key === "?") { $("dialog.help").showModal(); return true; }
    if (this.reader) {
      const link = { n: "[data-after]", p: "[data-before]" }[event.key];
      const node = link && $(`#article ${link}`);
      if (node && !node.hidden) { node.click(); return true; }
      if (event.key === "Escape") {
        if (document.body.classList.contains("side-shown")) this.reader.side(false);
        else if (this.reader.row) this.reader.clear();
        else $("#article .back").click();
        return true;
      }
      return this.reader.key(event);
    }
    if (event.key === "/") { $("#q").focus(); $("#q").select(); return true; }
    if (event.key === "j" || event.key === "k") {
      const rows = $$("#view .list a");
      const next = rows.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1);
      if (rows[next]) rows[next].focus();
      return true;
    }
    if (event.key === "Escape" && location.hash.length > 1) { this.go({ person: null, body: null, site: null, year: null, subject: null, currency: null, q: null }); return true; }
    return false;
  }

  loadTexts() {
    const source = document.body.dataset.search;
    if (this.texts || !source || this.loading) return;
    this.loading = true;
    window.zhnewsTexts = (texts) => { this.learn(texts); if (this.state.q) this.draw(); };
    document.head.append(make("script", { src: source }));
  }

  start() {
    addEventListener("popstate", () => this.draw());
    addEventListener("hashchange", () => this.draw());
    addEventListener("scroll", () => {
      if (this.reader) this.reader.hover(null); else this.lastScroll = scrollY;
    }, { passive: true });
    document.addEventListener("script", () => { if (!this.reader) this.draw(); });
    $("#article .side-open").addEventListener("click", () => this.reader && this.reader.side(true));
    let wait = 0;
    $("#q").addEventListener("focus", () => this.loadTexts());
    $("#q").addEventListener("input", (event) => {
      clearTimeout(wait);
      const { value } = event.target;
      wait = setTimeout(() => this.go({ q: value, subject: null }, false), 90);
    });
    document.addEventListener("keydown", (event) => {
      if (!plainKey(event) || $("dialog[open]")) return;
      if (this.onKey(event)) event.preventDefault();
    });
    this.draw();
    if (this.state.q) this.loadTexts();
  }
}

tools();
if (document.body.classList.contains("page-index")) {
  new Report(JSON.parse($("#content").textContent)).start();
  script.apply(document);
} else {
  const back = $("a.back");
  const kept = back && memory.get(`index ${new URL(back.href).pathname}`);
  if (kept) back.setAttribute("href", back.getAttribute("href") + kept);
  articlePage();
}
