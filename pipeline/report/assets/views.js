// What each tab of the index draws. Rows are lists; these name their places.
const A = { title: 0, alt: 1, date: 2, site: 3, chars: 4, counts: 5, people: 6, bodies: 7, hans: 8 };
const N = { name: 0, alt: 1, mentions: 2, articles: 3, kind: 4, link: 5 };
const R = { article: 0, person: 1, who: 2, whoAlt: 3, title: 4, titleAlt: 5, body: 6, where: 7, whereAlt: 8, status: 9, start: 10, end: 11 };
const P = { article: 0, start: 1, end: 2, text: 3, form: 4, value: 5, direction: 6, subject: 7, year: 8, told: 9, before: 10, after: 11, subjectRaw: 12 };
const M = { article: 0, start: 1, end: 2, text: 3, form: 4, value: 5, currency: 6, before: 7, after: 8 };
const PAGE = 60;
const count = (n) => n.toLocaleString("en-US");

class Views {
  articlesView() {
    const found = this.filtered();
    const words = this.query();
    this.say(found.length === this.articles.length ? "" : `${count(found.length)} of ${count(this.articles.length)} articles`);
    const order = this.state.sort || "";
    if (order === "date") found.sort((x, y) => this.articles[y][A.date].localeCompare(this.articles[x][A.date]));
    if (order === "rich") {
      const rich = (i) => this.articles[i][A.people].length + this.articles[i][A.bodies].length + this.articles[i][A.counts][0];
      found.sort((x, y) => rich(y) - rich(x));
    }
    const sorts = [["", "as read"], ["date", "newest"], ["rich", "most extracted"]];
    const list = make("ol", { class: "articles list" });
    const main = make("div", { class: "column" },
      make("div", { class: "sorts" }, "Order: ", sorts.map(([name, title]) => make("a", {
        href: this.address({ sort: name }), "aria-current": order === name ? "true" : null }, title)),
      make("span", { class: "tally key-of-tally", "aria-hidden": "true" }, [["PERSON", "people"], ["COMPANY", "organisations"], ["PERCENT", "percentages"],
        ["YEAR", "years"], ["MONEY", "amounts"], ["NOTE", "not settled"]].map(([label, what]) => make("i", { "data-label": label }, what)))),
      found.length ? this.list(found, (i) => this.articleRow(i, words), list) : make("p", { class: "empty" }, "No article matches."));
    return make("div", { class: "split" }, main, this.facets(found));
  }

  articleRow(i, words) {
    const a = this.articles[i];
    const [percents, years, money, notes] = a[A.counts];
    const tally = [[a[A.people].length, "PERSON", "people"], [a[A.bodies].length, "COMPANY", "companies and organisations"],
      [percents, "PERCENT", "percentages"], [years, "YEAR", "years"], [money, "MONEY", "amounts"], [notes, "NOTE", "not settled"]];
    return make("li", {}, make("a", { class: "row", href: this.href(i), lang: this.lang(a[A.hans]) },
      this.words(a[A.title], a[A.alt], { class: "title" }), this.snippet(i, words),
      make("span", { class: "about" }, a[A.date] && make("time", {}, a[A.date]), a[A.site] && make("span", {}, a[A.site]),
        make("span", { class: "tally" }, tally.filter(([n]) => n).map(([n, label, what]) => make("i", { "data-label": label, title: `${n} ${what}` }, String(n)))))));
  }

  facets(found) {
    // Where no name stands in two articles, mentions tell more.
    const all = found.length === this.articles.length;
    const tops = (place, names) => {
      const tally = new Map();
      for (const i of found) for (const n of this.articles[i][place]) tally.set(n, (tally.get(n) || 0) + 1);
      const total = (row) => names[row[0]][N.mentions];
      const rows = [...tally].sort((x, y) => y[1] - x[1] || total(y) - total(x) || x[0] - y[0]).slice(0, 12);
      if (!all || !rows.length || rows[0][1] > 1) return [rows, "articles"];
      return [rows.map((row) => [row[0], total(row)]), "mentions"];
    };
    const years = new Map();
    const sites = new Map();
    for (const i of found) {
      const a = this.articles[i];
      const year = a[A.date].slice(0, 4) || "-";
      years.set(year, (years.get(year) || 0) + 1);
      if (a[A.site]) sites.set(a[A.site], (sites.get(a[A.site]) || 0) + 1);
    }
    const bars = (title, rows, most) => rows.length > 0 && make("section", { class: "facet" }, make("h2", {}, title),
      make("ul", { class: "bars" }, rows.map(([label, node, n, href]) => make("li", {}, this.bar(label, node, n, most, href)))));
    const [people, peopleBy] = tops(A.people, this.people);
    const [bodies, bodiesBy] = tops(A.bodies, this.bodies);
    const entity = (names, name) => ([n, k]) => {
      const it = names[n];
      const label = name === "person" ? "PERSON" : this.label(it);
      return [label, this.words(it[N.name], it[N.alt], { lang: this.lang(false) }), k, this.address({ [name]: n })];
    };
    const dates = [...years].sort((x, y) => x[0].localeCompare(y[0])).map(([y, k]) => ["YEAR", y === "-" ? "no date" : y, k, this.address({ year: y })]);
    const places = [...sites].sort((x, y) => y[1] - x[1]).slice(0, 10).map(([s, k]) => ["PLAIN", s, k, this.address({ site: s })]);
    const most = (rows) => Math.max(1, ...rows.map((r) => r[2]));
    const p = people.map(entity(this.people, "person"));
    const b = bodies.map(entity(this.bodies, "body"));
    return make("aside", { class: "facets" },
      bars(`People, by ${peopleBy}`, p, most(p)),
      bars(`Companies and organisations, by ${bodiesBy}`, b, most(b)),
      dates.length > 1 && bars("Published", dates, most(dates)), places.length > 1 && bars("Source", places, most(places)));
  }

  bar(label, name, n, most, href, current) {
    const fill = make("span", { class: "fill" });
    fill.style.width = `${Math.max(1, (100 * n) / most)}%`;
    return make("a", { class: "bar-row", href, "data-label": label, "aria-current": current ? "true" : null },
      make("span", { class: "name" }, name), make("span", { class: "track" }, fill), make("b", {}, count(n)));
  }

  peopleView() { return this.entities("people", "person"); }

  bodiesView() { return this.entities("bodies", "body"); }

  entities(sort, name) {
    const names = this[sort];
    const word = this.key((this.state.q || "").trim());
    const kind = this.state.kind;
    const found = names.map((_, n) => n).filter((n) => this.names[sort][n].includes(word)
      && (sort !== "bodies" || !kind || names[n][N.kind] === kind));
    found.sort((x, y) => names[y][N.articles] - names[x][N.articles] || names[y][N.mentions] - names[x][N.mentions] || x - y);
    this.say(found.length === names.length ? "" : `${count(found.length)} of ${count(names.length)}`);
    const chosen = names[this.state[name]] ? Number(this.state[name]) : found[0];
    const most = Math.max(1, ...found.slice(0, 1).map((n) => names[n][N.articles]));
    const list = make("ul", { class: "bars list", lang: this.lang(false) });
    const kinds = sort === "bodies" && make("div", { class: "sorts" }, "Show: ",
      [["", "all"], ["company", "companies"], ["org", "other organisations"]].map(([k, title]) => make("a", {
        href: this.address({ kind: k }), "aria-current": (kind || "") === k ? "true" : null }, title)));
    const rows = this.list(found, (n) => make("li", {}, this.bar(sort === "people" ? "PERSON" : this.label(names[n]),
      this.words(names[n][N.name], names[n][N.alt]), names[n][N.articles], most, this.address({ [name]: n }), n === chosen)), list);
    return make("div", { class: "split" },
      make("div", { class: "column" }, kinds, found.length ? rows : make("p", { class: "empty" }, "No name matches.")),
      chosen === undefined ? null : this.card(sort, name, chosen));
  }

  card(sort, name, n) {
    const it = this[sort][n];
    const articles = this.holders[sort][n];
    const together = (place, names, key, skip) => {
      const tally = new Map();
      for (const i of articles) for (const k of this.articles[i][place]) if (k !== skip) tally.set(k, (tally.get(k) || 0) + 1);
      const rows = [...tally].sort((x, y) => y[1] - x[1] || names[y[0]][N.mentions] - names[x[0]][N.mentions]).slice(0, 14);
      return rows.map(([k, m]) => make("a", { class: "chip", "data-label": key === "person" ? "PERSON" : this.label(names[k]),
        href: this.address({ tab: key === "person" ? "people" : "bodies", [key]: k, q: null, kind: null }) },
      this.words(names[k][N.name], names[k][N.alt]), " ", make("b", {}, String(m))));
    };
    const people = together(A.people, this.people, "person", sort === "people" ? n : -1);
    const bodies = together(A.bodies, this.bodies, "body", sort === "bodies" ? n : -1);
    const roles = this.roles.filter((r) => r[sort === "people" ? R.person : R.body] === n);
    const seen = new Map();
    for (const r of roles) {
      const key = [r[R.who], r[R.title], r[R.where], r[R.status]].join("|");
      if (!seen.has(key)) seen.set(key, [r, 0]);
      seen.get(key)[1] += 1;
    }
    const label = sort === "people" ? "PERSON" : this.label(it);
    return make("aside", { class: this.state[name] === undefined ? "card implied" : "card", "data-label": label, lang: this.lang(false) },
      make("h2", {}, this.words(it[N.name], it[N.alt])),
      make("p", { class: "about" }, `${{ org: "organisation · ", full: "", company: "company · ", foreign: "foreign name · ", nickname: "nickname · " }[it[N.kind]] ?? `${it[N.kind]} · `}${it[N.link] ? `${it[N.link]} · ` : ""}${count(it[N.mentions])} mention${it[N.mentions] === 1 ? "" : "s"} in `,
        make("a", { href: this.address({ tab: "articles", [name]: n, q: null }) }, `${count(articles.length)} article${articles.length === 1 ? "" : "s"}`)),
      seen.size > 0 && make("section", {}, make("h3", {}, "Roles"), make("ul", { class: "plain" }, [...seen.values()]
        .sort((x, y) => y[1] - x[1]).slice(0, 12).map(([r, k]) => make("li", {}, make("a", { href: this.href(r[R.article], r[R.start], r[R.end]) }, this.role(r, sort)),
          make("small", {}, ` ${r[R.status]}${k > 1 ? ` · ×${k}` : ""}`))))),
      people.length > 0 && make("section", {}, make("h3", {}, "Named together with"), make("div", { class: "chips" }, people)),
      bodies.length > 0 && make("section", {}, make("h3", {}, people.length ? "and" : "Named together with"), make("div", { class: "chips" }, bodies)),
      make("section", {}, make("h3", {}, "Articles"), make("ul", { class: "plain" }, articles.slice(0, 10).map((i) => make("li", {},
        make("a", { href: this.href(i) }, this.words(this.articles[i][A.title], this.articles[i][A.alt])),
        make("small", {}, ` ${this.articles[i][A.date]}`)))),
      articles.length > 10 && make("p", {}, make("a", { href: this.address({ tab: "articles", [name]: n, q: null }) }, `All ${count(articles.length)}`))));
  }

  role(r, sort) {
    const parts = [];
    if (sort !== "people") parts.push(this.words(r[R.who] || "?", r[R.whoAlt]));
    if (r[R.title]) parts.push(this.words(r[R.title], r[R.titleAlt]));
    if (sort !== "bodies" && r[R.where]) parts.push(this.words(r[R.where], r[R.whereAlt]));
    return parts.flatMap((part, i) => (i ? [" · ", part] : [part]));
  }

  within() {
    const { person, body, site, year } = this.state;
    if (person === undefined && body === undefined && !site && !year) return () => true;
    const kept = this.state.q;
    this.state.q = "";
    const found = new Set(this.filtered());
    this.state.q = kept;
    return (i) => found.has(i);
  }

  rolesView() {
    const word = this.key((this.state.q || "").trim());
    const inside = this.within();
    const found = this.roles.filter((r) => inside(r[R.article]) && this.key([r[R.who], r[R.title], r[R.where]].join(" ")).includes(word));
    this.say(found.length === this.roles.length ? "" : `${count(found.length)} of ${count(this.roles.length)}`);
    if (!found.length) return make("p", { class: "empty" }, "No role matches.");
    const body = make("tbody", { class: "list" });
    const cell = (node, name) => make("td", { class: name }, node);
    const [, end] = this.list(found, (r) => {
      const a = this.articles[r[R.article]];
      return make("tr", { lang: this.lang(a[A.hans]) },
        cell(r[R.person] >= 0 ? make("a", { href: this.address({ tab: "people", person: r[R.person], q: null }) }, this.words(r[R.who], r[R.whoAlt])) : this.words(r[R.who], r[R.whoAlt]), "who"),
        cell(this.words(r[R.title], r[R.titleAlt])),
        cell(r[R.body] >= 0 ? make("a", { href: this.address({ tab: "bodies", body: r[R.body], q: null, kind: null }) }, this.words(r[R.where], r[R.whereAlt])) : this.words(r[R.where], r[R.whereAlt])),
        cell(make("span", { class: `status ${r[R.status]}` }, r[R.status])),
        cell(make("a", { class: "evidence-link", href: this.href(r[R.article], r[R.start], r[R.end]) }, this.words(a[A.title], a[A.alt])), "in"));
    }, body);
    return [this.save("roles", ["person", "title", "organisation", "status", "article", "published"], () => found.map((r) => [r[R.who], r[R.title], r[R.where], r[R.status],
      this.articles[r[R.article]][A.title], this.articles[r[R.article]][A.date]])),
    make("div", { class: "wide" }, make("table", { class: "stack" }, make("thead", {}, make("tr", {}, ["Person", "Title", "Organisation", "Status", "Evidence"].map((t) => make("th", {}, t)))), body)), end];
  }

  percentsView() {
    const word = this.key((this.state.q || "").trim());
    const inside = this.within();
    const chosen = this.state.subject;
    const all = this.percents.filter((p) => inside(p[P.article]));
    const tally = new Map();
    const written = new Map();
    for (const p of all) if (p[P.subject] && !written.has(p[P.subject])) written.set(p[P.subject], p[P.subjectRaw]);
    const subject = (s) => this.words(written.get(s) || s, s);
    for (const p of all) if (p[P.subject]) tally.set(p[P.subject], (tally.get(p[P.subject]) || 0) + 1);
    const subjects = [...tally].filter(([s]) => this.key(s).includes(word)).sort((x, y) => y[1] - x[1] || x[0].localeCompare(y[0]));
    const found = all.filter((p) => (chosen ? p[P.subject] === chosen : !word || this.key(p[P.subject]).includes(word)
      || this.key(p[P.before] + p[P.text] + p[P.after]).includes(word)));
    this.say(`${count(found.length)} of ${count(this.percents.length)}`);
    const most = Math.max(1, ...subjects.slice(0, 1).map(([, n]) => n));
    const rows = make("ol", { class: "percents list" });
    const list = found.length ? this.list(found, (p) => make("li", {}, make("a", { class: "row", href: this.href(p[P.article], p[P.start], p[P.end]), lang: this.lang(this.articles[p[P.article]][A.hans]) },
      make("span", { class: "form" }, p[P.form]), make("span", { class: "year", title: p[P.told] ? "a year of the same sentence" : "year of publication" }, p[P.year] === null ? "" : p[P.told] ? String(p[P.year]) : `(${p[P.year]})`),
      make("span", { class: "context" }, p[P.before], make("mark", { "data-label": "PERCENT" }, p[P.text]), p[P.after]))), rows) : make("p", { class: "empty" }, "No percentage matches.");
    return make("div", { class: "split" },
      make("div", { class: "column" }, this.timeline(found),
        this.save("percentages", ["article", "published", "subject", "percentage", "in percent", "year", "before", "marked", "after"], () => found.map((p) => [
          this.articles[p[P.article]][A.title], this.articles[p[P.article]][A.date], p[P.subjectRaw], p[P.form], p[P.value], p[P.year], p[P.before], p[P.text], p[P.after]])), list),
      make("aside", { class: "facets" }, make("section", { class: "facet" }, make("h2", {}, "Subjects"),
        chosen && make("p", {}, make("a", { class: "chip", "data-label": "PERCENT", href: this.address({ subject: null }) }, subject(chosen), " ×")),
        subjects.length ? make("ul", { class: "bars", lang: this.lang(false) }, subjects.slice(0, 40).map(([s, n]) => make("li", {}, this.bar("PERCENT", subject(s), n, most, this.address({ subject: s }), s === chosen)))) : make("p", { class: "empty" }, "No subject matches."))));
  }

  amountsView() {
    const word = this.key((this.state.q || "").trim());
    const inside = this.within();
    const { currency } = this.state;
    const all = this.amounts.filter((m) => inside(m[M.article]) && (!word || this.key(m[M.before] + m[M.text] + m[M.after]).includes(word)));
    const tally = new Map();
    for (const m of all) tally.set(m[M.currency], (tally.get(m[M.currency]) || 0) + 1);
    const rank = [...tally].sort((x, y) => y[1] - x[1] || x[0].localeCompare(y[0]));
    const found = currency === undefined ? all : all.filter((m) => (m[M.currency] || "?") === currency);
    this.say(`${count(found.length)} of ${count(this.amounts.length)}`);
    // Amounts of different currencies cannot be compared: they are ordered within each.
    const order = this.state.sort === "large" ? "large" : "";
    const place = new Map(rank.map(([name], i) => [name, i]));
    if (order) found.sort((x, y) => place.get(x[M.currency]) - place.get(y[M.currency]) || (y[M.value] ?? -1) - (x[M.value] ?? -1));
    const list = make("ol", { class: "percents list" });
    const rows = found.length ? this.list(found, (m) => make("li", {}, make("a", { class: "row", href: this.href(m[M.article], m[M.start], m[M.end]), lang: this.lang(this.articles[m[M.article]][A.hans]) },
      make("span", { class: "form" }, m[M.form]), make("span", { class: "year", title: "year of publication" }, this.articles[m[M.article]][A.date].slice(0, 4)),
      make("span", { class: "context" }, m[M.before], make("mark", { "data-label": "MONEY" }, m[M.text]), m[M.after]))), list) : make("p", { class: "empty" }, "No amount matches.");
    const most = Math.max(1, ...rank.slice(0, 1).map(([, n]) => n));
    return make("div", { class: "split" },
      make("div", { class: "column" }, make("div", { class: "sorts" }, "Order: ", [["", "as read"], ["large", "largest, by currency"]].map(([name, title]) => make("a", {
        href: this.address({ sort: name }), "aria-current": order === name ? "true" : null }, title)), make("span", {}, "A currency in brackets is implied by the place of the article.")),
      this.save("amounts", ["article", "published", "amount", "value", "currency", "before", "marked", "after"], () => found.map((m) => [
        this.articles[m[M.article]][A.title], this.articles[m[M.article]][A.date], m[M.form], m[M.value], m[M.currency], m[M.before], m[M.text], m[M.after]])), rows),
      make("aside", { class: "facets" }, make("section", { class: "facet" }, make("h2", {}, "Currencies"),
        currency !== undefined && make("p", {}, make("a", { class: "chip", "data-label": "MONEY", href: this.address({ currency: null }) }, currency, " ×")),
        make("ul", { class: "bars" }, rank.map(([name, n]) => make("li", {}, this.bar("MONEY", name || "unknown", n, most, this.address({ currency: name || "?" }), (name || "?") === currency)))))));
  }

  // What is listed, for a spreadsheet; the file is made in the page.
  save(name, header, rows) {
    return make("p", { class: "save" }, make("button", { type: "button", onclick: () => {
      const cell = (c) => {
        const text = c === null || c === undefined ? "" : String(c);
        // A spreadsheet must not take an article's words for a formula.
        const safe = typeof c === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
        return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
      };
      const lines = [header, ...rows()].map((row) => row.map(cell).join(","));
      const link = make("a", { download: `${name}.csv`, href: URL.createObjectURL(new Blob([`\ufeff${lines.join("\r\n")}\r\n`], { type: "text/csv" })) });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    } }, "Save these rows as CSV"));
  }

  // Signed square root: small rates stay apart and large ones stay in the picture.
  timeline(found) {
    const points = found.filter((p) => p[P.year] !== null && p[P.value] !== null);
    if (points.length < 2) return null;
    const years = points.map((p) => p[P.year]).sort((x, y) => x - y);
    const low = Math.max(years[0], years[Math.floor(years.length * 0.02)] - 1);
    const high = Math.min(years[years.length - 1], years[Math.floor(years.length * 0.98)] + 1);
    const width = Math.max(320, Math.min(760, innerWidth - 32)), height = 280, left = 52, right = 14, top = 14, bottom = 28;
    const signed = (p) => (p[P.direction] === 2 ? -p[P.value] : p[P.value]);
    const root = (v) => Math.sign(v) * Math.sqrt(Math.min(Math.abs(v), 400));
    const shown = points.filter((p) => p[P.year] >= low && p[P.year] <= high);
    const peak = Math.max(root(10), ...shown.map((p) => root(signed(p))));
    const floor = Math.min(0, ...shown.map((p) => root(signed(p))));
    const span = high - low + 1;
    const x = (year, spread) => left + ((year - low + 0.5 + spread) / span) * (width - left - right);
    const y = (v) => top + ((peak - root(v)) / (peak - floor || 1)) * (height - top - bottom);
    const svg = (tag, attributes, ...children) => {
      const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [k, v] of Object.entries(attributes)) node.setAttribute(k, v);
      node.append(...children);
      return node;
    };
    const plot = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "timeline", role: "img", "aria-label": `${shown.length} percentages from ${low} to ${high}` });
    for (const v of [-400, -100, -50, -10, 0, 10, 50, 100, 200, 400]) {
      if (root(v) < floor - 0.01 || root(v) > peak + 0.01) continue;
      plot.append(svg("line", { x1: left, x2: width - right, y1: y(v), y2: y(v), class: v ? "grid" : "axis" }),
        svg("text", { x: left - 8, y: y(v) + 4, class: "tick", "text-anchor": "end" }, v === -400 || v === 400 ? `${v < 0 ? "≤ −" : "≥ "}400` : `${String(v).replace("-", "−")}%`));
    }
    const every = Math.max(1, Math.ceil(span / (width / 62)));
    for (let year = low; year <= high; year += 1) {
      if ((year - low) % every === 0) plot.append(svg("text", { x: x(year, 0), y: height - 8, class: "tick", "text-anchor": "middle" }, String(year)));
    }
    const at = new Map();
    const group = svg("g", {});
    for (const p of shown) {
      const key = p[P.year];
      const n = at.get(key) || 0;
      at.set(key, n + 1);
      const spread = ((n * 0.618034) % 1 - 0.5) * 0.7;
      const link = svg("a", { href: this.href(p[P.article], p[P.start], p[P.end]) });
      link.append(svg("circle", { cx: x(key, spread).toFixed(1), cy: y(signed(p)).toFixed(1), r: shown.length > 600 ? 2.2 : 3.6, class: ["level", "up", "down"][p[P.direction]] },
        svg("title", {}, `${p[P.form]}${p[P.subject] ? ` · ${script.now === "plain" ? p[P.subject] : p[P.subjectRaw]}` : ""} · ${p[P.year]}\n${p[P.before]}${p[P.text]}${p[P.after]}`)));
      group.append(link);
    }
    plot.append(group);
    const left_out = found.length - shown.length;
    return make("figure", { class: "chart" }, plot, make("figcaption", {},
      make("span", { class: "key level" }, "share or level"), make("span", { class: "key up" }, "rise"), make("span", { class: "key down" }, "fall"),
      make("span", {}, `Year: named in the sentence, else (in brackets) of publication.${left_out ? ` ${count(left_out)} not drawn: no year, a multiple, or outside ${low} to ${high}.` : ""}`)));
  }

  asideView() {
    const word = (this.state.q || "").trim().toLowerCase();
    const parts = [];
    const errors = this.errors.filter((e) => !word || e.join(" ").toLowerCase().includes(word));
    parts.push(make("section", { class: "block" }, make("h2", {}, `Articles that failed (${errors.length})`),
      errors.length ? make("div", { class: "wide" }, make("table", {}, make("thead", {}, make("tr", {}, ["Article", "Step", "Reason", "Message"].map((t) => make("th", {}, t)))),
        make("tbody", {}, errors.slice(0, 500).map(([path, id, stage, error, message]) => make("tr", {}, make("td", { title: path }, id || path), make("td", {}, stage), make("td", { class: "code" }, make("b", {}, error.replace(/_/g, " "))), make("td", {}, message))))),
        errors.length > 500 && make("p", { class: "empty" }, `and ${count(errors.length - 500)} more in the errors table`))
        : make("p", { class: "empty" }, "None. Every article was read and processed.")));
    for (const [code, about, all] of this.notes) {
      const found = all.filter(([i, , , detail]) => !word || `${code} ${detail} ${this.articles[i][A.title]}`.toLowerCase().includes(word));
      if (!found.length) continue;
      const open = this.notes.length === 1 || Boolean(word);
      parts.push(make("details", { class: "block", open }, make("summary", {}, make("b", {}, code.replace(/[_-]/g, " ")), ` ${count(found.length)}`, about && make("small", {}, ` · ${about}`)),
        make("ul", { class: "plain" }, found.slice(0, 200).map(([i, start, end, detail, stage]) => make("li", { lang: this.lang(this.articles[i][A.hans]) },
          make("a", { href: this.href(i, start, end) }, this.words(this.articles[i][A.title], this.articles[i][A.alt])), make("small", {}, ` ${detail || code} · ${stage} · ${start}–${end}`))),
        found.length > 200 && make("li", {}, `and ${count(found.length - 200)} more in the diagnostics table`))));
    }
    this.say("");
    if (this.notes.length) parts.splice(1, 0, make("h2", { class: "apart" }, "Seen in the text and not settled"));
    return parts;
  }
}
