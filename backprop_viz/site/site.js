// Around the text: the search, the colours, the contents on small screens. Text is put into the page as text only.

const MOST = 30; // results that are shown
const AROUND = 60; // characters of a text before what was found in it
const LONG = 170; // characters of a text that are shown
const root = document.documentElement.dataset.root;

/** Text in which letters are found that are typed without their accents, and at the same places; all dashes are one. */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[\p{Pd}−]/gu, "-").toLowerCase();
}

function element(tag, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children);
  return made;
}

// ---------------------------------------------------------------------- the search
/** Where words begin with these letters in a plain text. */
function places(text, letters) {
  const start = /^[\p{L}\p{N}]/u.test(letters) ? "(?<![\\p{L}\\p{N}])" : "";
  const pattern = new RegExp(start + letters.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "gu");
  return [...text.matchAll(pattern)].map((match) => match.index);
}

/** A text without its spaces: V+E is V + E. */
function tight(text) {
  return text.replace(/\s/g, "");
}

/** The sections that hold every word, the best first: those that hold all of them as they are typed. */
function find(sections, query) {
  const words = plain(query).split(/\s+/).filter(Boolean);
  const phrase = words.length > 1 ? tight(plain(query)) : "";
  const worth = ({ plainTitle, plainPage, plainText }) => {
    const has = (text, word) => places(text, word).length > 0;
    const own = words.map((word) => 8 * has(plainTitle, word) + has(plainText, word));
    const all = words.map((word, i) => own[i] + has(plainPage, word));
    // A word may be the page's, but not all of them: else every section of a page were found by its title.
    if (!own.some(Boolean) || !all.every(Boolean)) return 0;
    const together = phrase && tight(`${plainTitle} ${plainText}`).includes(phrase) ? 100 : 0;
    return all.reduce((sum, each) => sum + each, together);
  };
  const found = sections.map((section, i) => ({ section, i, worth: worth(section) })).filter((each) => each.worth);
  return { words, found: found.sort((a, b) => b.worth - a.worth || a.i - b.i) };
}

/** The text with every word marked. */
function marked(text, words) {
  const flat = plain(text);
  if (flat.length !== text.length) return [text]; // its places are others: better unmarked than marked wrongly
  const hits = words.flatMap((word) => places(flat, word).map((at) => [at, word.length]));
  let done = 0;
  const pieces = hits.sort((a, b) => a[0] - b[0] || b[1] - a[1]).flatMap(([at, length]) => {
    if (at < done) return [];
    const before = text.slice(done, at);
    done = at + length;
    return [before, element("mark", {}, text.slice(at, done))];
  });
  return [...pieces, text.slice(done)];
}

/** Where a text is cut so that what is shown of it holds the most words: its beginning, if it holds none. */
function cut(text, plainText, words) {
  const hits = words.map((word) => places(plainText, word));
  const near = (at) => hits.filter((each) => each.some((hit) => hit >= at && hit < at + LONG - AROUND)).length;
  const best = hits.flat().reduce((best, at) => (near(at) > near(best) ? at : best), hits.flat()[0] ?? 0);
  const start = Math.max(0, best - AROUND);
  return start && text.indexOf(" ", start) + 1;
}

function result({ section }, words) {
  const from = cut(section.text, section.plainText, words);
  const text = section.text.slice(from, from + LONG);
  const link = element("a", { href: root + section.url });
  const title = section.title === section.page ? section.page : `${section.page} › ${section.title}`;
  link.append(element("b", {}, ...marked(title, words)));
  const more = from + LONG < section.text.length ? " …" : "";
  if (text) link.append(element("span", {}, from ? "… " : "", ...marked(text, words), more));
  return element("li", {}, link);
}

const field = document.getElementById("search");
const place = document.getElementById("found");
const [status, list] = place.children;
let sections;

/** The index comes when the reader turns to the search: a script, since files may not be fetched by pages from disk. */
function load() {
  if (sections) return;
  sections = [];
  const script = element("script", { src: `${root}assets/index.js` });
  script.onload = () => {
    sections = window.searchIndex.map(([page, title, url, text]) => ({
      page, title, url, text, plainPage: plain(page), plainTitle: plain(title), plainText: plain(text),
    }));
    search();
  };
  script.onerror = () => {
    sections = undefined;
    status.textContent = "The search index could not be loaded.";
  };
  document.head.append(script);
}

function search() {
  let { words, found } = find(sections, field.value);
  if (!found.length) ({ words, found } = find(sections, field.value.replace(/(?<=\p{L})\p{Pd}(?=\p{L})/gu, ""))); // back-propagation
  place.hidden = !words.length;
  const more = found.length > MOST ? `, the best ${MOST} are shown` : "";
  status.textContent = found.length ? `${found.length} found${more}` : "Nothing found. Try fewer or shorter words.";
  list.replaceChildren(...found.slice(0, MOST).map((each) => result(each, words)));
}

function close() {
  place.hidden = true;
}

field.addEventListener("focus", () => {
  load();
  if (field.value) search();
});
field.addEventListener("input", search);

document.querySelector(".search").addEventListener("keydown", (event) => {
  const links = [...list.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement);
  const go = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
  if (go !== undefined && !place.hidden) (links[Math.min(go, links.length - 1)] ?? field).focus();
  else if (event.key === "Enter" && at < 0) links[0]?.click();
  else if (event.key === "Escape") {
    field.focus();
    close();
  } else return;
  event.preventDefault();
});
list.addEventListener("click", close); // the place may be on this very page
document.addEventListener("pointerdown", ({ target }) => target.closest(".search") || close());
document.addEventListener("focusin", ({ target }) => target.closest(".search") || close());
document.addEventListener("keydown", (event) => {
  const writing = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key !== "/" || writing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  field.focus();
  field.select();
});

// ---------------------------------------------------------------------- colours, contents, wide things
const THEMES = ["auto", "light", "dark"];
const colours = document.querySelector(".theme");
const tell = () => (colours.textContent = `Colours: ${document.documentElement.dataset.theme}`);
colours.hidden = false;
tell();
colours.addEventListener("click", () => {
  const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length];
  window.showTheme(next);
  tell();
  try {
    localStorage.setItem("backprop-viz-theme", next);
  } catch {
    // It holds for this page only.
  }
});

const menu = document.querySelector(".menu");
menu.addEventListener("click", () => {
  const open = menu.getAttribute("aria-expanded") === "true";
  menu.setAttribute("aria-expanded", String(!open));
});
document.getElementById("contents").addEventListener("click", ({ target }) => {
  if (target.closest("a")) menu.setAttribute("aria-expanded", "false");
});
document.querySelector("#contents [aria-current]")?.scrollIntoView({ block: "nearest" });

// What scrolls can be scrolled with the keys too; what does not is no stop on the way.
const watch = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth + 1) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
document.querySelectorAll(".scrolls, .formula, article pre").forEach((each) => watch.observe(each));
