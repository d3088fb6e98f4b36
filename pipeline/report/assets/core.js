// Shared by the index and the article pages. Text reaches the page through text nodes only.
const $ = (query, root = document) => root.querySelector(query);
const $$ = (query, root = document) => [...root.querySelectorAll(query)];

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}

const memory = {
  get(key) { try { return localStorage.getItem("zhnews." + key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem("zhnews." + key, value); } catch { /* private */ } },
};

// Both scripts have the same number of characters, so lines break at the same places; the first
// line in view is put back where it was in case glyph widths differ.
const script = {
  now: memory.get("script") === "plain" ? "plain" : "raw",
  apply(root) {
    const want = script.now;
    for (const node of $$("[data-alt]", root)) {
      if ((node.dataset.showing || "raw") === want) continue;
      const other = node.dataset.alt;
      node.dataset.alt = node.textContent;
      node.textContent = other;
      node.dataset.showing = want;
    }
    const own = root !== document && root.matches("[data-lang]") ? [root] : [];
    for (const node of [...own, ...$$("[data-lang]", root)]) {
      const lang = want === "plain" ? "zh-Hans" : node.dataset.lang;
      for (const part of $$("[lang]", node)) part.lang = lang;
    }
    for (const button of $$("[data-script]")) {
      button.setAttribute("aria-pressed", String(button.dataset.script === want));
    }
  },
  set(want) {
    if (want === script.now) return;
    const anchor = $$(".text .body p").find((p) => p.getBoundingClientRect().bottom > 60);
    const before = anchor && anchor.getBoundingClientRect().top;
    script.now = want;
    memory.set("script", want);
    script.apply(document);
    document.dispatchEvent(new Event("script"));
    if (anchor && anchor.isConnected) {
      scrollBy(0, anchor.getBoundingClientRect().top - before);
    }
  },
};

function theme(next) {
  if (next) document.documentElement.dataset.theme = next;
  else delete document.documentElement.dataset.theme;
}

function tools() {
  theme(memory.get("theme"));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.script) script.set(button.dataset.script);
    if ("themeSwitch" in button.dataset) {
      const dark = matchMedia("(prefers-color-scheme: dark)").matches;
      const now = document.documentElement.dataset.theme || (dark ? "dark" : "light");
      const next = now === "dark" ? "light" : "dark";
      memory.set("theme", next);
      theme(next);
    }
    if ("help" in button.dataset) $("dialog.help").showModal();
  });
}

const typing = (event) => event.target.matches("input, textarea, select");
const plainKey = (event) => !(event.ctrlKey || event.metaKey || event.altKey);
