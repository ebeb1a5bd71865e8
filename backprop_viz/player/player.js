// The player: a film shown step by step. One ES module without imports, for the widget and for a page alike.
//
// The film says everything (player/film.py): one SVG, laid out once, and for each step what changes. This file only
// moves through it: it formats no number, places nothing, and puts text into the page as text, never as HTML.

const SCHEMA = 4;
const SVG = "http://www.w3.org/2000/svg";
const MATHML = "http://www.w3.org/1998/Math/MathML";
const TEXT = 3; // the type of a text node
const MATHML_TAGS = new Set("mrow mi mn mo mfrac msub msup msubsup mover mtext msqrt mtable mtr mtd mspace".split(" "));
const FIRST_WORD = 0xe000; // the private characters that stand for words, and for holes in stencils (player/compact.py)
const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
const STEP_MS = 1600; // at speed 1: time to read a sentence
const PATIENCE_MS = 1000; // the kernel is asked again when it has not answered for so long
const SYNC_MS = 200; // the kernel hears of a step when the reader has rested on it
const GLOW = 10; // pixels around what is lit
const LINE = 20; // pixels: of a listing
const MOVING = 400; // parts of a picture that may fade from step to step: to draw more takes longer than a frame
const PIECE = 30; // parts of a large picture that are painted anew together
const DIGIT = 7.6; // pixels: the width of a digit in the smallest numbers
const FEW = 6; // groups that have a button of their own
const SLACK = 4; // pixels that a pointer may move in a click
const FINGER = 9; // pixels: how far beside a thin arrow one may click

// ---------------------------------------------------------------------- the film in time (pure)

/** The number of the last step. */
export function lastStep(film) {
  return film.frames.length - 1;
}

/** The whole number nearest to k among the film's steps. */
export function clamp(film, k) {
  return Math.min(Math.max(Math.round(Number(k)) || 0, 0), lastStep(film));
}

/** What every slot holds at any step, and what differs between two steps: without going through those between. */
export function timeline(film) {
  const histories = { texts: new Map(), maps: new Map(), numbers: new Map() };
  const lives = new Map(); // the steps at which a part comes to life
  const begun = []; // for each step, where its iteration begins
  film.frames.forEach((frame, k) => {
    for (const [kind, slots] of Object.entries(histories)) {
      for (const [slot, value] of Object.entries(frame[kind] ?? {})) {
        if (!slots.has(slot)) slots.set(slot, []);
        slots.get(slot).push([k, value]);
      }
    }
    for (const part of frame.reached ?? []) lives.set(part, [...(lives.get(part) ?? []), k]);
    begun.push(frame.fresh ? k : (begun.at(-1) ?? 0));
  });
  const everything = { texts: [...histories.texts.keys()], maps: [...histories.maps.keys()], parts: [...lives.keys()] };
  const at = (kind) => (slot, k) => {
    const [since, value] = histories[kind].get(slot)?.findLast(([step]) => step <= k) ?? [];
    return since >= begun[k] ? value : undefined;
  };
  return {
    text: at("texts"),
    map: at("maps"),
    numbers: at("numbers"),
    reached: (part, k) => lives.get(part)?.findLast((step) => step <= k) >= begun[k],
    /** The slots and parts that the frames after a, up to b, touch. */
    touched(a, b) {
      // Where an iteration begins, all falls asleep again.
      if (begun[a] !== begun[b]) return everything;
      const frames = film.frames.slice(Math.min(a, b) + 1, Math.max(a, b) + 1);
      const all = (name) => new Set(frames.flatMap((frame) => Object.keys(frame[name] ?? {})));
      return { texts: all("texts"), maps: all("maps"), parts: new Set(frames.flatMap((frame) => frame.reached ?? [])) };
    },
  };
}

/** The phases in order, each with its first and last step; the start belongs to the phase after it. */
export function phases(film) {
  const names = film.frames.map((frame) => frame.phase);
  if (names.length > 1 && names[0] === "start") names[0] = names[1];
  const runs = [];
  names.forEach((name, k) => {
    if (runs.at(-1)?.name === name) runs.at(-1).last = k;
    else runs.push({ name, first: k, last: k });
  });
  return runs;
}

/** The step where the next phase begins, or (back) where this one does or, already there, the one before. */
export function phaseJump(film, k, back) {
  const starts = phases(film).map((run) => run.first);
  return back ? (starts.findLast((start) => start < k) ?? 0) : (starts.find((start) => start > k) ?? lastStep(film));
}

/** The step after which the node whose turn is next has had it, or (back) after the turn before this one. */
export function turnJump(film, k, back) {
  const whose = (i) => `${film.frames[i].phase} ${film.frames[i].turn}`;
  const ends = film.frames.map((_, i) => i).filter((i) => i === lastStep(film) || whose(i) !== whose(i + 1));
  return back ? (ends.findLast((end) => end < k) ?? 0) : (ends.find((end) => end > k) ?? lastStep(film));
}

/** The frames that tell of a node, or of an edge: where it is computed, receives a contribution, or is updated. */
export function tellingOf(film, { node, edge }) {
  const tells = (frame) => (edge === undefined ? frame.about === node : frame.edge === edge);
  return film.frames.map((_, k) => k).filter((k) => tells(film.frames[k]));
}

/** The next step that tells of what is selected, or (back) the one before; the same step where there is none. */
export function selectionJump(film, k, selected, back) {
  const steps = tellingOf(film, selected);
  return (back ? steps.findLast((step) => step < k) : steps.find((step) => step > k)) ?? k;
}

/** What a node has received by step k in the backward pass that is under way or was last: { got, due } contributions. */
export function received(film, node, k) {
  const begun = iterations(film).findLast((start) => start <= k);
  const pass = phases(film).findLast(({ name, first }) => name === "backward" && first <= k && first >= begun);
  const { first, last } = pass ?? { first: 0, last: -1 };
  const steps = tellingOf(film, { node }).filter((i) => i >= first && i <= last && film.frames[i].edge !== undefined);
  return { got: steps.filter((i) => i <= k).length, due: steps.length };
}

/** The steps with which the iterations of training begin, the first of them at the start. */
export function iterations(film) {
  return film.frames.flatMap(({ fresh }, k) => (fresh || k === 0 ? [k] : []));
}

/** The step where the next iteration begins, or (back) where this one does or, already there, the one before. */
export function iterationJump(film, k, back) {
  const starts = iterations(film);
  return back ? (starts.findLast((start) => start < k) ?? 0) : (starts.find((start) => start > k) ?? lastStep(film));
}

/** The backward frames of step k's iteration, up to it, from which a node's gradient follows: its chain rule. */
export function derivation(film, node, k) {
  const begun = iterations(film).findLast((start) => start <= k);
  const below = new Set([node]); // the node and what was computed from it
  for (const [parent, child] of film.edges) if (below.has(parent)) below.add(child);
  return film.frames.flatMap((frame, i) => {
    if (i < begun || i > k || frame.phase !== "backward" || !below.has(frame.about)) return [];
    return frame.edge === undefined || below.has(film.edges[frame.edge][1]) ? [i] : [];
  });
}

/** "Step 5 of 12 · backward", and in the training of several iterations also which one. */
export function counterText(film, k, starts = iterations(film)) {
  const iteration = starts.filter((start) => start <= k).length;
  const place = { step: k, last: lastStep(film), iteration, iterations: starts.length, phase: film.frames[k].phase };
  return worded(starts.length > 1 ? film.says.iteration : film.says.step, place);
}

/** The line of the algorithm that step k carries out, and for whom: "c.backward()   # c is ŷ". */
export function algorithmLine(film, k) {
  const { line, turn } = film.frames[k];
  if (line === undefined) return { line: undefined, text: "" };
  const variable = film.lines[line].trim().split(".")[0];
  return { line, text: worded(film.says.turn, { line: film.lines[line], variable, name: film.nodes[turn].name }) };
}

/** Everything that can be selected, in the order of the graph: each node after the edges that lead to it. */
export function selectable(film) {
  const seen = (part) => part && !film.groups[part] && !part.startsWith("b"); // not in a closed group, nor in a bundle
  const found = film.nodes.map((_, node) => [
    ...film.edges.flatMap(([, child, part], edge) => (child === node && seen(part) ? [{ edge }] : [])),
    ...(seen(film.nodes[node].part) ? [{ node }] : []),
  ]);
  return found.flat();
}

/** What a part of the picture stands for: a node, an edge, or a closed group; nothing for the ground. */
export function selectedBy(film, part) {
  const name = part?.split(".")[0];
  if (!name) return undefined;
  if (film.groups[name]) return { group: film.groups[name] };
  const node = film.nodes.findIndex((each) => each.part === name);
  if (node >= 0) return { node };
  const edge = name.startsWith("b") ? -1 : film.edges.findIndex(([, , where]) => where.split(".")[0] === name);
  return edge >= 0 ? { edge } : undefined;
}

/** One list of equations for each different outline: what is needed to reserve the height of the tallest. */
export function outlines(film) {
  const outline = (equations) => equations.map(([branch]) => branch).join();
  return [...new Map(film.frames.map(({ equations }) => [outline(equations), equations])).values()];
}

/** A sentence of the film with these names and counts in their places. */
export function worded(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** The text in which the words are put in again for the private characters that stand for them. */
export function expanded(text, words) {
  return text.replace(/[\uE000-\uF8FF]/g, (letter) => expanded(words[letter.charCodeAt(0) - FIRST_WORD], words));
}

/** The texts of stencils with the numbers put in, each taking those that come next in its stencil's columns. */
export function filled({ stencils, order }) {
  const columns = stencils.map(([, ...texts]) => texts.map((text) => text.split(" ")));
  const next = stencils.map(() => 0);
  return order.map((stencil) => {
    const row = next[stencil]++;
    const put = (hole) => columns[stencil][hole.charCodeAt(0) - FIRST_WORD][row];
    return stencils[stencil][0].replace(/[\uE000-\uF8FF]/g, put);
  });
}

/** The film that a page holds packed (player/film.py). */
export function unpacked(film) {
  const list = (name) => filled(film[name]).map((text) => JSON.parse(text));
  return { ...film, svg: filled(film.svg).join(""), nodes: list("nodes"), edges: list("edges"), frames: list("frames") };
}

/** Sends values one after another: while an answer is awaited, only the latest of each leaf waits. */
export function oneAtATime(send) {
  let waiting;
  let patience;
  const flush = () => {
    clearTimeout(patience);
    patience = undefined;
    if (!waiting) return;
    patience = setTimeout(flush, PATIENCE_MS);
    send(waiting);
    waiting = undefined;
  };
  const put = (values) => {
    waiting = { ...waiting, ...values };
    if (patience === undefined) flush();
  };
  return { put, flush, answered: flush, stop: () => clearTimeout(patience) };
}

// ---------------------------------------------------------------------- into the page

/**
 * The MathML element of a branch of the library: [tag, class, ...children]. A child is a branch's number, a sign, or null
 * for the first of the texts that is left.
 */
export function mathml(library, branch, texts, document = globalThis.document) {
  const [tag, name, ...children] = library[branch];
  if (!MATHML_TAGS.has(tag)) throw new Error(`<${tag}> has no place in an equation`);
  const element = document.createElementNS(MATHML, tag);
  if (name) element.setAttribute("class", name);
  if (tag === "mover") element.setAttribute("accent", "true"); // ŷ: close to its letter, and not small
  fill(element, children, library, texts, document);
  return element;
}

/** Make an element's children these; what is there already and like them stays, for what is new is costly to lay out. */
export function fill(element, children, library, texts, document = globalThis.document) {
  const present = [...element.childNodes];
  children.forEach((child, i) => {
    const old = present[i];
    const branch = typeof child === "number" ? library[child] : undefined;
    const alike = branch && old?.localName === branch[0] && (old.getAttribute("class") ?? "") === branch[1];
    if (alike) return fill(old, branch.slice(2), library, texts, document);
    const text = branch ? undefined : (child ?? texts.shift());
    if (!branch && old?.nodeType === TEXT) return old.data === text || (old.data = text);
    const made = branch ? mathml(library, child, texts, document) : text;
    return old ? old.replaceWith(made) : element.append(made);
  });
  for (const old of present.slice(children.length)) old.remove();
}

/** Make an element say this text: where it has one already, that is changed, which costs less than another. */
function say(element, text) {
  const [only, more] = element.childNodes ?? [];
  if (only?.nodeType !== TEXT || more) element.textContent = text;
  else if (only.data !== text) only.data = text;
}

/** A function that fills a heat map's cells: a letter for each in "aqi/imx", or "" while nothing is computed. */
export function cellPainter(map, film) {
  const [frame, ...cells] = map.children;
  const colours = film.colours[map.getAttribute("data-scale")];
  let shown;
  return (letters) => {
    if (letters === shown) return;
    shown = letters;
    frame.setAttribute("fill-opacity", letters ? "1" : "0");
    frame.setAttribute("stroke-dasharray", letters ? "none" : "2 2");
    const row = letters.replaceAll("/", "");
    cells.forEach((cell, i) => {
      cell.setAttribute("fill", colours[row[i]] ?? "none");
      cell.setAttribute("rx", ((film.round[row[i]] ?? 0) * cell.getAttribute("width")) / 2);
    });
  };
}

/** Make numbers narrower that are longer than their room, as those of another value may be. */
function squeeze(slots, texts, room) {
  const all = slots.flatMap((slot) => (texts.get(slot) ?? []).map(({ text }) => ({ text, most: room[slot] })));
  for (const { text } of all) if (text.hasAttribute("textLength")) text.removeAttribute("textLength");
  const elements = all.filter(({ text, most }) => text.textContent.length * DIGIT > most); // most are short enough
  const lengths = elements.map(({ text }) => text.getComputedTextLength()); // all at once: asking lays out anew
  elements.forEach(({ text, most }, i) => {
    if (!(lengths[i] > most + 1)) return;
    text.setAttribute("textLength", most);
    text.setAttribute("lengthAdjust", "spacingAndGlyphs");
  });
}

/** A function that makes the picture show a step, whichever was shown before; only what differs is touched. */
export function painter(picture, film) {
  const gathered = (attribute, make) => {
    const found = new Map();
    for (const element of picture.querySelectorAll(`[${attribute}]`)) {
      const name = element.getAttribute(attribute);
      if (!found.has(name)) found.set(name, []);
      found.get(name).push(make(element));
    }
    return found;
  };
  const texts = gathered("data-slot", (text) => ({ text, blank: text.textContent }));
  const maps = gathered("data-map", (map) => cellPainter(map, film));
  const parts = gathered("data-part", (part) => part);
  const everything = { texts: texts.keys(), maps: maps.keys(), parts: parts.keys() };
  let shown; // no step at first: then everything is painted
  const paint = (k) => {
    const { time } = paint;
    const change = shown === undefined ? everything : time.touched(shown, k);
    for (const slot of shown === undefined ? texts.keys() : change.texts) {
      for (const { text, blank } of texts.get(slot) ?? []) {
        const wanted = time.text(slot, k) ?? blank;
        if (text.textContent !== wanted) say(text, wanted); // untouched nodes need no new layout
      }
    }
    if (film.room) squeeze(shown === undefined ? [...texts.keys()] : [...change.texts], texts, film.room);
    for (const slot of shown === undefined ? maps.keys() : change.maps) {
      for (const fill of maps.get(slot) ?? []) fill(time.map(slot, k) ?? "");
    }
    for (const part of shown === undefined ? parts.keys() : change.parts) {
      for (const element of parts.get(part) ?? []) element.classList.toggle("bp-pending", !time.reached(part, k));
    }
    for (const element of paint.lit) element.classList.remove("bp-active");
    paint.lit = (paint.film.frames[k].active ?? []).flatMap((part) => parts.get(part) ?? []);
    for (const element of paint.lit) element.classList.add("bp-active");
    shown = k;
  };
  paint.film = film;
  paint.time = timeline(film);
  paint.parts = parts;
  paint.lit = []; // what the step is about
  /** Another reel for the same stage: other numbers at every step. */
  paint.reload = (other) => {
    paint.film = other;
    paint.time = timeline(other);
    shown = undefined;
  };
  return paint;
}

/**
 * The SVG of a film in an element, parsed as XML: a name that looks like a tag stays a name.
 *
 * A large one is put up in pieces that lie upon each other, for a browser paints anew all that is in one with a change.
 */
function picture(film) {
  const text = expanded(film.svg, film.words);
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (parsed.namespaceURI !== SVG || parsed.querySelector("parsererror")) throw new Error("the film's SVG is broken");
  const svg = document.importNode(parsed, true);
  const style = `--bp-width: ${svg.viewBox.baseVal.width}px`; // how far it may shrink: player.css
  for (const name of ["width", "height", "style"]) svg.removeAttribute(name);
  const parts = isLarge(svg) ? [...svg.children] : [];
  const canvas = make("div", { class: "bp-canvas", role: "img", "aria-label": film.label, style }, svg);
  for (let i = PIECE; i < parts.length; i += PIECE) {
    const piece = canvas.appendChild(svg.cloneNode());
    piece.append(...parts.slice(i, i + PIECE));
  }
  return canvas;
}

function isLarge(picture) {
  return picture.querySelectorAll("[data-part]").length > MOVING;
}

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const ICONS = {
  first: "M4 3v10M12 3 7 8l5 5",
  turnBack: "M13 3 8 8l5 5M8 3 3 8l5 5",
  previous: "M10 3 5 8l5 5",
  reverse: "M11 3 3 8l8 5z",
  play: "M5 3l8 5-8 5z",
  pause: "M5.5 3v10M10.5 3v10",
  next: "M6 3l5 5-5 5",
  turnOn: "M3 3l5 5-5 5M8 3l5 5-5 5",
  last: "M12 3v10M4 3l5 5-5 5",
  loop: "M3 8a5 5 0 0 1 9-3l1 1M13 2v4H9M13 8a5 5 0 0 1-9 3l-1-1M3 14v-4h4",
};

function setIcon(button, icon, title) {
  const svg = document.createElementNS(SVG, "svg");
  const path = svg.appendChild(document.createElementNS(SVG, "path"));
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[icon]);
  button.className = `bp-button bp-icon-${icon}`;
  button.title = title;
  button.setAttribute("aria-label", title.replace(/ \(.*/, ""));
  button.replaceChildren(svg);
}

function iconButton(icon, title) {
  const element = make("button", { type: "button" });
  setIcon(element, icon, title);
  return element;
}

/** The sentences of a film that may need most room, the longest first. */
function longest(film) {
  return film.frames.map((frame) => frame.sentence).sort((a, b) => b.length - a.length).slice(0, 4);
}

/** Make room for sentences that are longer than those before: other numbers may have more digits. */
function makeRoom(sentence, film) {
  const unseen = sentence.nextElementSibling;
  const [text] = longest(film);
  if (text.length > unseen.firstChild.textContent.length) unseen.prepend(make("p", {}, text));
}

/** A box as high as the tallest of the unseen: over them lies what is seen, which is then laid out by itself. */
function stack(name, seen, unseen) {
  seen.classList.add("bp-seen");
  const under = make("div", { class: "bp-unseen", "aria-hidden": "true" }, ...unseen);
  return make("div", { class: `bp-stack ${name}` }, seen, under);
}

function math(film, equations) {
  return equations.map(([branch, ...texts]) => {
    const element = document.createElementNS(MATHML, "math");
    element.setAttribute("display", "block");
    fill(element, [branch], film.math, texts);
    return element;
  });
}

/** Make these equations the ones that are shown in a place. */
function showMath(place, film, equations) {
  const shown = [...place.children];
  const more = equations.slice(shown.length);
  shown.forEach((element, i) => {
    if (!equations[i]) return element.remove();
    const [branch, ...texts] = equations[i];
    return fill(element, [branch], film.math, texts);
  });
  place.append(...math(film, more));
}

/** The scrubber: a track with its phases told apart by pattern, a slider over it, the phases' names under it. */
function scrubber(film, slider, go) {
  const starts = iterations(film).slice(1);
  const within = (k) => Math.min(Math.max(k, 0), lastStep(film)); // the boundaries lie half-way between two steps
  const pieces = phases(film).map(({ name, first, last }) => {
    const begins = starts.includes(first) ? " bp-iteration" : "";
    const style = `flex-grow: ${within(last + 0.5) - within(first - 0.5) || 1}`;
    return { name, first, attributes: { class: `bp-phase-${name}${begins}`, style } };
  });
  const track = pieces.map(({ attributes }) => make("span", attributes));
  const names = pieces.map(({ name, first, attributes }) => {
    // For the mouse alone: by keyboard Page Up and Page Down do the same, and a screen reader has the counter.
    const title = `Go to where ${name} begins (step ${first})`;
    const label = make("span", { ...attributes, title }, name);
    label.addEventListener("click", () => go(first));
    return label;
  });
  return make(
    "div",
    { class: "bp-time" },
    make("div", { class: "bp-track", "aria-hidden": "true" }, ...track),
    slider,
    make("div", { class: "bp-phases", "aria-hidden": "true" }, ...names),
  );
}

/** Lines of a program, of which `light(line, text)` lights one up and shows another text in its place. */
function listing(lines, label, first = 1) {
  const rows = lines.map((text, i) => make("li", { value: first + i }, make("code", {}, text || " ")));
  let lit;
  let shown;
  let places;
  const light = (line, text) => {
    if (line === lit && text === shown) return;
    shown = text;
    if (lit !== undefined) {
      rows[lit].classList.remove("bp-current");
      rows[lit].removeAttribute("aria-current");
      say(rows[lit].firstChild, lines[lit] || " ");
    }
    lit = line;
    if (lit === undefined) return;
    rows[lit].classList.add("bp-current");
    rows[lit].setAttribute("aria-current", "true");
    if (text) say(rows[lit].firstChild, text);
  };
  const reveal = () => {
    if (lit === undefined) return;
    // Only the listing scrolls, never the page. Its places are measured once: to ask for them is to lay out anew.
    const list = rows[lit].parentElement;
    if (!places?.room) places = { room: list.clientHeight, tops: rows.map((row) => row.offsetTop - list.offsetTop) };
    const [top, scrolled] = [places.tops[lit], list.scrollTop];
    if (places.room && (top < scrolled || top + 2 * LINE > scrolled + places.room)) list.scrollTop = top - places.room / 2;
  };
  const place = { class: "bp-listing", style: `--bp-lines: ${lines.length}`, tabindex: 0, "aria-label": label };
  return { element: make("ol", place, ...rows), light, reveal };
}

function panel(name, title, ...children) {
  return make("details", { class: `bp-panel bp-${name}`, open: "" }, make("summary", {}, title), ...children);
}

const DRAG = "or drag the number in the picture sideways: with Shift it moves finely";
const HELP = [
  ["→ ←", "next step, previous step"],
  ["Shift → ←", "on, back by one node"],
  ["Page Down, Page Up", "on, back by one phase: to where backward begins, for instance"],
  ["Shift Page Down, Page Up", "on, back by one iteration of training"],
  ["Home, End", "first step, last step"],
  ["Space, Shift Space", "play, play backwards; the same again pauses"],
  ["G", "go to a step by its number"],
  ["↓ ↑ in the picture", "select the next, the previous node or arrow"],
  ["Enter in the picture", "into the story of what is selected: to its value, where that can be edited"],
  ["↑ ↓ in the field of a value", "more, less"],
  [". ,", "on, back to a step that tells of what is selected"],
  ["Escape", "select nothing, back to the picture"],
];

function help() {
  return HELP.map(([keys, what]) => make("p", {}, make("kbd", {}, keys), ` ${what}`));
}

function closed(details) {
  details.removeAttribute("open");
  return details;
}

/** All the elements of a player, not yet showing any step. */
function build(film, go) {
  const canvas = picture(film);
  const place = { class: "bp-stage", tabindex: 0, role: "group", "aria-label": "Picture: arrow up and down select" };
  const stage = make("div", place, canvas);
  const buttons = {
    first: iconButton("first", "First step (Home)"),
    turnBack: iconButton("turnBack", "Back by one node (Shift ←)"),
    previous: iconButton("previous", "Previous step (←)"),
    reverse: iconButton("reverse", "Play backwards (Shift Space)"),
    play: iconButton("play", "Play (Space)"),
    next: iconButton("next", "Next step (→)"),
    turnOn: iconButton("turnOn", "On by one node (Shift →)"),
    last: iconButton("last", "Last step (End)"),
    loop: iconButton("loop", "Play again and again"),
  };
  buttons.loop.setAttribute("aria-pressed", "false");
  const slider = make("input", { type: "range", min: 0, max: lastStep(film), step: 1, "aria-label": "Step" });
  slider.title = "Step (Page Up, Page Down: by phase)";
  const counter = make("span");
  const starts = iterations(film);
  const widest = film.frames.map((_, k) => counterText(film, k, starts)).sort((a, b) => b.length - a.length)[0];
  const jump = make("input", { type: "text", inputmode: "numeric", placeholder: "go to", "aria-label": "Go to step" });
  jump.title = "Go to the step of this number (G, Enter)";
  const speed = make("select", { title: "Speed", "aria-label": "Speed" });
  speed.append(...SPEEDS.map((factor) => make("option", { value: factor }, `${factor}×`)));
  speed.value = "1";
  const sentence = make("p", { "aria-live": "polite" });
  const status = make("p", { class: "bp-status", role: "status" }, film.says.hint);

  const equations = make("div", { tabindex: 0, role: "group", "aria-label": "Equations" });
  const algorithm = listing(film.lines, "The algorithm");
  const code = film.code.map((part) => ({ ...listing(part.lines, `The code, ${part.file}`, part.first), file: part.file }));
  const story = make("div", { class: "bp-told" });
  const tools = make("div", { class: "bp-tools" });
  const sources = code.flatMap(({ file, element }) => [make("p", { class: "bp-file" }, file), element]);
  const still = isLarge(canvas) ? " bp-still" : "";
  const root = make(
    "div",
    { class: `bp-player${still}`, role: "group", tabindex: 0, "aria-label": `${film.label}, step by step` },
    stage,
    make(
      "div",
      { class: "bp-bar" },
      make("div", { class: "bp-buttons" }, ...Object.values(buttons), speed),
      scrubber(film, slider, go),
      stack("bp-counter", counter, [make("span", {}, widest)]),
      jump,
    ),
    tools,
    stack("bp-sentence", sentence, longest(film).map((text) => make("p", {}, text))),
    status,
    stack("bp-equations", equations, outlines(film).map((numbers) => make("div", {}, ...math(film, numbers)))),
    make(
      "div",
      { class: "bp-panels" },
      panel("algorithm", "The algorithm", algorithm.element),
      ...(sources.length ? [panel("code", "The code", ...sources)] : []),
      panel("story", "The story of what you select", story),
      closed(panel("keys", "Keys", ...help())),
    ),
  );
  // JupyterLab's own keys (D, D deletes the cell) look no further than the element that has the focus.
  for (const element of root.querySelectorAll("*")) {
    if (element.tabIndex >= 0) element.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  const fields = { slider, counter, jump, speed };
  return { root, stage, canvas, buttons, ...fields, sentence, status, equations, algorithm, code, story, tools };
}

/** Scroll the picture, where it is too large for its place, to what this step is about. */
function follow(stage, lit) {
  const wide = stage.scrollWidth > stage.clientWidth;
  const tall = stage.scrollHeight > stage.clientHeight;
  if (!wide && !tall) return;
  if (lit.length === 0) return stage.scrollTo(0, wide ? stage.scrollTop : 0);
  const boxes = lit.map((part) => part.getBoundingClientRect());
  const place = stage.getBoundingClientRect();
  const shift = (low, high, room) => (low - GLOW < 0 || high + GLOW > room ? (low + high - room) / 2 : 0);
  const least = (side) => Math.min(...boxes.map((box) => box[side])) - place[side];
  const most = (side, start) => Math.max(...boxes.map((box) => box[side])) - place[start];
  const right = wide ? shift(least("left"), most("right", "left"), stage.clientWidth) : 0;
  const down = tall ? shift(least("top"), most("bottom", "top"), stage.clientHeight) : 0;
  if (right || down) stage.scrollBy(right, down);
}

// ---------------------------------------------------------------------- the story of what is selected

/** What is known of a selected node or edge at step k: [what, its text, its numbers if there is a table of them]. */
export function facts(film, time, k, { node, edge }) {
  const { says } = film;
  const fact = (what, slot) => [says[what], time.text(slot, k) ?? "", time.numbers(slot, k)];
  const known = ([, text, numbers]) => text || numbers;
  if (edge !== undefined) {
    const found = ["upstream", "local", "contribution"].map((what) => fact(what, `e${edge}.${what}`));
    return found.some(known) ? found.filter(known) : [[says.contribution, says.waiting]];
  }
  const { got, due } = received(film, node, k);
  const [value, gradient] = [fact("value", `n${node}.value`), fact("gradient", `n${node}.grad`)];
  if (!known(value)) value[1] = time.map(`n${node}.value`, k) ? says.array : says.uncomputed;
  const slot = `n${node}.grad`;
  const needed = film.frames.some(({ texts, maps }) => slot in (texts ?? {}) || slot in (maps ?? {}));
  if (!known(gradient)) gradient[1] = time.map(slot, k) ? says.array : needed ? says.waiting : says.needless;
  return [value, gradient, ...(due ? [[says.contributions, worded(says.received, { got, due })]] : [])];
}

/** "Selected: u, computed by add; value −0.35; gradient 2.4; contributions 1 of 1 received." */
export function factsText(film, time, k, selected) {
  const spoken = (numbers) => {
    const many = numbers.flat().length > 4;
    return many ? worded(film.says.size, { rows: numbers.length, columns: numbers[0].length }) : numbers.flat().join(", ");
  };
  const known = facts(film, time, k, selected).map(([what, text, numbers]) => `${what} ${text || spoken(numbers)}`);
  return worded(film.says.selected, { title: titleOf(film, selected), facts: known.join("; ") });
}

/** A table of an array's numbers, opened on demand; `cell(text, row, column)` makes what is in a cell. */
function table(film, what, numbers, cell = (text) => text) {
  const cells = (texts, row) => make("tr", {}, ...texts.map((text, column) => make("td", {}, cell(text, row, column))));
  const grid = make("table", { "aria-label": what }, make("tbody", {}, ...numbers.map(cells)));
  const scrolls = make("div", { class: "bp-scrolls", tabindex: 0, role: "group", "aria-label": what }, grid);
  return make("details", {}, make("summary", {}, worded(film.says.numbers, { what })), scrolls);
}

/** Details whose contents are made when they are first open: while values move there may be many. */
function unfolding(title, contents, open) {
  const details = make("details", open ? { open: "" } : {}, make("summary", {}, title));
  const unfold = () => details.open && details.children.length === 1 && details.append(contents());
  details.addEventListener("toggle", unfold);
  unfold();
  return details;
}

/** What the player tells of a selected node or edge at step k, into `place`. */
function tell(place, film, time, k, selected, { go, jump, close, edit, editCell, zoom }) {
  const open = new Set([...place.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent));
  place.replaceChildren();
  if (!selected) return place.append(make("p", { class: "bp-muted" }, film.says.hint));
  const { node } = selected;
  place.append(make("h4", {}, titleOf(film, selected)));
  if (edit && isScalarLeaf(film, node)) place.append(edit(node));
  if (zoom && isProduct(film, node)) place.append(word("Open number by number", () => zoom(node)));
  const known = facts(film, time, k, selected);
  const texts = known.filter(([, text]) => text).map(([what, text]) => `${what}: ${text}`);
  place.append(make("p", { class: "bp-facts" }, texts.join(" · ")));
  for (const [what, text, numbers] of known) {
    const typed = editCell && what === film.says.value && isLeaf(film, node) && film.nodes[node].shape;
    const rows = numbers ?? (typed ? rowsIn(text, film.nodes[node].shape) : undefined);
    if (rows) place.append(table(film, what, rows, typed ? editCell(node) : undefined));
  }
  const steps = tellingOf(film, selected);
  const told = steps.filter((step) => step <= k);
  const list = make("ol", { class: "bp-events" });
  for (const step of told) {
    const button = word(`${step}`, () => go(step));
    button.classList.add("bp-jump");
    button.title = `Go to step ${step}`;
    button.setAttribute("aria-label", button.title);
    const told = make("div", { class: "bp-scrolls" }, ...math(film, film.frames[step].equations));
    list.append(make("li", {}, button, film.frames[step].sentence, told));
  }
  if (told.length) place.append(list);
  const reason = node === undefined || !received(film, node, k).got ? [] : derivation(film, node, k);
  const begun = iterations(film).findLast((start) => start <= k);
  if (reason.length > told.filter((step) => step >= begun).length) {
    const lines = () => reason.flatMap((step) => math(film, film.frames[step].equations));
    const contents = () => make("div", { class: "bp-scrolls" }, ...lines());
    place.append(unfolding(film.says.chain, contents, open.has(film.says.chain)));
  }
  const ways = [["Its step before (,)", true], ["Its next step (.)", false]].map(([text, back]) => word(text, () => jump(back)));
  place.append(make("p", { class: "bp-ways" }, ...ways, word("Close (Escape)", close)));
  for (const details of place.querySelectorAll("details")) details.open = open.has(details.firstChild.textContent);
}

/** A button with a word on it. */
function word(text, action) {
  const button = make("button", { type: "button", class: "bp-word" }, text);
  button.addEventListener("click", action);
  return button;
}

/** Whether a node is an input or a parameter. */
export function isLeaf(film, node) {
  return node !== undefined && film.nodes[node].kind !== "compute";
}

/** Whether a node is an input or a parameter of one number, which can be typed. */
export function isScalarLeaf(film, node) {
  return isLeaf(film, node) && !film.nodes[node].shape;
}

/** How far a pixel takes a number that is dragged: a hundredth of its leading digit's place. */
export function dragStep(value) {
  return 10 ** (Math.floor(Math.log10(Math.abs(value) || 1)) - 2);
}

/** Where an element of an array stands, of which the numbers are shown row by row: its index on every axis. */
export function placeOf(shape, row, column) {
  const sizes = shape.split("×").map(Number);
  const place = [column];
  for (const size of sizes.slice(0, -1).reverse()) {
    place.unshift(row % size);
    row = Math.floor(row / size);
  }
  return place;
}

/** The rows of a small array that is shown as text, "[1, 2, 3]"; nothing where not all of its elements are. */
export function rowsIn(text, shape) {
  const found = text.match(/[^[\],\s]+/g) ?? [];
  const sizes = shape.split("×").map(Number);
  const count = sizes.reduce((product, size) => product * size, 1);
  const wide = sizes.at(-1);
  return found.length === count ? found.flatMap((_, i) => (i % wide ? [] : [found.slice(i, i + wide)])) : undefined;
}

/** The number that a text shows, NaN where it shows none. */
export function numberIn(text) {
  return text.trim() === "" ? NaN : Number(text.trim().replace("−", "-"));
}

/** Whether a node is a product of matrices, which has a scalar graph of its own. */
export function isProduct(film, node) {
  return node !== undefined && ["matmul", "dot"].includes(film.nodes[node].op);
}

/** "ŷ, computed by sigmoid" or "the edge from u to ŷ". */
export function titleOf(film, { node, edge }) {
  const { says } = film;
  if (edge !== undefined) {
    const [from, to] = film.edges[edge];
    const alike = film.edges.flatMap(([parent, child], i) => (parent === from && child === to ? [i] : []));
    const place = { parent: film.nodes[from].name, child: film.nodes[to].name, number: alike.indexOf(edge) + 1 };
    return worded(alike.length > 1 ? says.alike : says.edge, { ...place, count: alike.length });
  }
  const { kind, shape } = film.nodes[node];
  const title = worded(says[kind], film.nodes[node]);
  return shape ? worded(says.shaped, { title, shape }) : title;
}

/** Numbers in the picture that can be dragged sideways: `numberAt(event)` gives { value, change(value) }, or nothing. */
function dragging(stage, on, numberAt) {
  let held;
  on(stage, "pointerdown", (event) => {
    const number = event.button === 0 && event.isPrimary ? numberAt(event) : undefined;
    held = number && { ...number, step: dragStep(number.value), pointer: event.pointerId, x: event.clientX };
  });
  on(stage, "pointermove", ({ pointerId, clientX, shiftKey }) => {
    if (pointerId !== held?.pointer || (!held.moving && Math.abs(clientX - held.x) < SLACK)) return;
    if (held.moving) held.value += (clientX - held.x) * held.step * (shiftKey ? 0.1 : 1);
    else stage.setPointerCapture(pointerId);
    [held.moving, held.x] = [true, clientX];
    held.change(Number(held.value.toFixed(Math.max(0, Math.round(1 - Math.log10(held.step))))));
  });
  for (const end of ["pointerup", "pointercancel"]) on(stage, end, () => held && (held.pointer = undefined));
  on(stage, "click", (event) => held?.moving && event.stopImmediatePropagation()); // it was no click
}

// ---------------------------------------------------------------------- the player

/**
 * A player of this film at the end of `el`; `onStep(k)` is told of every step the reader takes.
 *
 * live: what the kernel can do for this player ({ edit, rate, zoom, within }), and `send(message)` to ask for it; a
 * page without a kernel has neither.
 * Returns { step, show(k), update(film, live), fail(text), dispose() }.
 */
export function mount(el, film, { step = 0, onStep = () => {}, live = {}, send } = {}) {
  if (film.schema !== SCHEMA) throw new Error(`this player shows films of schema ${SCHEMA}, not ${film.schema}`);
  let view;
  let paint;
  let listening;
  let selected;
  let playhead = clamp(film, step);
  let timer = null;
  let onwards = true; // which way it plays
  let serial = 0;
  let outside = 0; // the step in the whole graph, while the scalar graph of a node is shown
  let starts; // of the iterations
  let story; // what the story tells of: film, selection, number of events

  function draw(k, staying = false) {
    const frame = film.frames[k];
    paint(k);
    const counted = counterText(film, k, starts);
    say(view.counter, counted);
    say(view.sentence, frame.sentence);
    showMath(view.equations, film, frame.equations);
    view.slider.value = k;
    view.slider.setAttribute("aria-valuetext", counted);
    // Not `disabled`: a button that is disabled while it has the focus loses it, and the keys with it.
    for (const name of ["first", "turnBack", "previous"]) view.buttons[name].setAttribute("aria-disabled", k === 0);
    for (const name of ["next", "turnOn", "last"]) view.buttons[name].setAttribute("aria-disabled", k === lastStep(film));
    const { line, text } = algorithmLine(film, k);
    view.algorithm.light(line, text);
    const [part, row] = film.nodes[frame.turn]?.source ?? [];
    view.code.forEach(({ light }, i) => light(i === part ? row : undefined));
    drawStory();
    // All that asks for places comes last: the page is laid out once.
    for (const { reveal } of [view.algorithm, ...view.code]) reveal();
    if (!staying) follow(view.stage, paint.lit);
  }

  const focused = () => view.root.getRootNode().activeElement; // also where the player stands in a shadow tree

  /** The story anew, where this step or this selection changes it; what had the focus in it keeps it. */
  function drawStory() {
    const status = selected ? factsText(film, paint.time, playhead, selected) : film.says.hint;
    const told = selected ? tellingOf(film, selected).filter((step) => step <= playhead).length : 0;
    const now = [film, selected, told, starts.findLast((start) => start <= playhead)];
    say(view.status, status);
    if (story && now.every((each, i) => each === story[i])) return;
    const held = view.story.contains(focused()) ? focused() : undefined;
    story = now;
    // A field in which a value is typed, or a slider that is held, stays in its place: moved, it would lose the hand.
    const typing = held?.closest(".bp-edit");
    const [edit, editCell] = live.edit && send ? [typing ? undefined : editor, cellEditor] : [];
    const zoom = send && live.zoom && !live.within ? (node) => ask({ type: "scalars", node, step: playhead }) : undefined;
    const ways = { go: pausing(go), jump: (back) => onSelection(back)(), close: actions.leave, edit, editCell, zoom };
    const place = typing ? make("div") : view.story;
    tell(place, film, paint.time, playhead, selected, ways);
    if (typing) {
      for (const element of [...view.story.children]) if (element !== typing && element.localName !== "h4") element.remove();
      view.story.append(...[...place.children].slice(1));
    }
    if (!held || typing) return;
    const named = (element) => element.getAttribute("aria-label") ?? element.textContent;
    const again = [...view.story.querySelectorAll("button, summary, input")].find((each) => named(each) === named(held));
    if (again && held.value) again.value = held.value; // what is being typed
    (again ?? view.stage).focus({ preventScroll: true });
  }

  function select(choice) {
    selected = choice;
    for (const element of view.canvas.querySelectorAll(".bp-selected")) element.classList.remove("bp-selected");
    const where = !choice ? "" : choice.edge === undefined ? film.nodes[choice.node].part : film.edges[choice.edge][2];
    for (const end of ["", ".back", ".forward"]) {
      for (const element of paint.parts.get(where.split(".")[0] + end) ?? []) element.classList.add("bp-selected");
    }
    drawStory();
    if (choice) follow(view.stage, [...view.canvas.querySelectorAll(".bp-selected")]);
  }

  function selectNext(way) {
    const all = selectable(film);
    const same = (choice) => choice.node === selected?.node && choice.edge === selected?.edge;
    const at = selected ? all.findIndex(same) : way > 0 ? -1 : all.length;
    select(all[(at + way + all.length) % all.length]);
  }

  function go(k) {
    k = clamp(film, k);
    if (k === playhead) return;
    playhead = k;
    draw(k);
    onStep(k);
  }

  // -------------------------------------------------------------------- playing
  const end = () => (onwards ? lastStep(film) : 0);

  function pause() {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    setIcon(view.buttons.play, "play", "Play (Space)");
    setIcon(view.buttons.reverse, "reverse", "Play backwards (Shift Space)");
    hush(false);
  }

  /** While it plays a screen reader could not keep up; where it pauses the step is announced. */
  function hush(quiet) {
    for (const region of [view.sentence, view.status]) region.setAttribute("aria-live", quiet ? "off" : "polite");
    if (!quiet) view.sentence.textContent = film.frames[playhead].sentence;
  }

  function play(forth) {
    const again = timer !== null && forth === onwards;
    pause();
    if (again) return; // the button that plays is the one that pauses
    onwards = forth;
    if (playhead === end()) go(forth ? 0 : lastStep(film));
    const [button, keys] = forth ? [view.buttons.play, "Space"] : [view.buttons.reverse, "Shift Space"];
    setIcon(button, "pause", `Pause (${keys})`);
    hush(true);
    wait();
  }

  function wait() {
    clearTimeout(timer);
    timer = setTimeout(tick, STEP_MS / Number(view.speed.value));
  }

  function tick() {
    if (view.root.getClientRects().length === 0) return pause(); // hidden, or no longer in the page
    const loop = view.buttons.loop.getAttribute("aria-pressed") === "true";
    if (playhead === end() && loop) go(onwards ? 0 : lastStep(film));
    else go(playhead + (onwards ? 1 : -1));
    if (playhead === end() && !loop) pause();
    else wait();
  }

  const pausing = (action) => (...values) => {
    pause();
    action(...values);
  };
  const jumped = (jump, back) => pausing(() => go(jump(film, playhead, back)));
  const onSelection = (back) => pausing(() => selected && go(selectionJump(film, playhead, selected, back)));
  const actions = {
    first: pausing(() => go(0)),
    previous: pausing(() => go(playhead - 1)),
    next: pausing(() => go(playhead + 1)),
    last: pausing(() => go(lastStep(film))),
    play: () => play(true),
    reverse: () => play(false),
    loop: () => {
      const pressed = view.buttons.loop.getAttribute("aria-pressed") === "true";
      view.buttons.loop.setAttribute("aria-pressed", String(!pressed));
    },
    turnBack: jumped(turnJump, true),
    turnOn: jumped(turnJump, false),
    back: jumped(phaseJump, true),
    on: jumped(phaseJump, false),
    iterationBack: jumped(iterationJump, true),
    iterationOn: jumped(iterationJump, false),
    before: onSelection(true),
    after: onSelection(false),
    up: () => selectNext(-1),
    down: () => selectNext(1),
    leave: () => {
      const inside = view.story.contains(focused());
      select(undefined);
      if (inside) view.stage.focus({ preventScroll: true });
    },
    enter: () => selected && view.story.querySelector("input, button, summary").focus(),
    ask: () => view.jump.focus(),
  };

  // -------------------------------------------------------------------- what the kernel does
  function post(message) {
    serial += 1;
    send({ ...message, serial });
  }

  const edits = oneAtATime((values) => post({ type: "edit", values }));

  function ask(message) {
    edits.flush(); // what follows from the values follows from the latest
    post(message);
  }

  /** Edits go by the node's index: names may be alike. */
  const setLeaf = (node, value) => edits.put({ [node]: value });

  /** The value of a leaf of one number, as it is shown in the end. */
  const valueOf = (node) => numberIn((paint.time.text(`n${node}.value`, lastStep(film)) ?? "").split("→").at(-1));

  /** The leaf whose node a pointer is on, if its number can be dragged. */
  function numberAt({ target }) {
    const { node } = selectedBy(film, target.closest?.(".bp-drag")?.getAttribute("data-part")) ?? {};
    const value = isScalarLeaf(film, node) ? valueOf(node) : NaN;
    return Number.isNaN(value) ? undefined : { value, change: (wanted) => setLeaf(node, wanted) };
  }

  function markLeaves() {
    const leaves = live.edit && send ? film.nodes.filter((_, node) => isScalarLeaf(film, node)) : [];
    const elements = leaves.flatMap(({ part }) => paint.parts.get(part) ?? []);
    for (const element of elements) element.classList.add("bp-drag");
  }

  /** Fields for the value of a leaf: a number to type, and a slider around it. */
  function editor(node) {
    const { name } = film.nodes[node];
    const value = valueOf(node);
    if (Number.isNaN(value)) return make("p", {}, "");
    const reach = 2 * Math.max(1, Math.abs(value));
    const step = (10 * dragStep(value)).toPrecision(1); // what an arrow key changes
    const number = make("input", { type: "number", step, value, "aria-label": `Value of ${name}` });
    const slider = make("input", { type: "range", min: value - reach, max: value + reach, step: reach / 200, value });
    slider.setAttribute("aria-label", `Value of ${name}, to drag`);
    const changed = (from, to) => () => {
      to.value = from.value;
      if (from.value !== "") setLeaf(node, Number(from.value));
    };
    number.addEventListener("input", changed(number, slider));
    slider.addEventListener("input", changed(slider, number));
    return make("div", { class: "bp-edit" }, number, slider, make("span", { class: "bp-muted" }, DRAG));
  }

  /** A function that makes the field for an element of an array. */
  const cellEditor = (node) => (text, row, column) => {
    const { name, shape } = film.nodes[node];
    const at = placeOf(shape, row, column);
    const label = `${name}[${at.join(", ")}]`;
    const field = make("input", { type: "text", inputmode: "decimal", value: text, "aria-label": label });
    field.addEventListener("change", () => {
      const value = numberIn(field.value);
      if (Number.isFinite(value)) setLeaf(node, { at, value });
      else field.value = text;
    });
    return field;
  };

  /** The row of what can be asked of the kernel as a whole. */
  function buildTools() {
    view.tools.replaceChildren();
    if (!send) return;
    if (live.within) view.tools.append(word(`Back from ${live.within}`, () => ask({ type: "back" })));
    if (live.edit) {
      const rate = make("input", { type: "number", step: "any", min: 0, value: live.rate ?? 0.1 });
      const label = make("label", {}, "Learning rate ", rate);
      const learn = () => ask({ type: "learn", rate: Number(rate.value || rate.defaultValue) });
      view.tools.append(label, word("SGD step", learn), word("Reset values", () => ask({ type: "reset" })));
    }
    if (!live.zoom) return;
    const toggles = [
      ...film.open.map((group) => [`Close ${group.at(-1)}`, group]),
      ...Object.values(film.groups).map((group) => [`Open ${group.at(-1)}`, group]),
    ].map(([text, group]) => word(text, () => ask({ type: "toggle", group })));
    if (toggles.length <= FEW) view.tools.append(...toggles);
    else view.tools.append(make("details", {}, make("summary", {}, `${toggles.length} groups`), ...toggles));
  }

  /** What was clicked, or lies beside it: arrows are thin. */
  function clicked({ target, clientX, clientY }) {
    const under = (element) => selectedBy(film, element?.closest?.("[data-part]")?.getAttribute("data-part"));
    const beside = [-1, 1].flatMap((side) => [[0, side * FINGER], [side * FINGER, 0], [0, (side * FINGER) / 2]]);
    const near = () => beside.map(([x, y]) => under(view.canvas.getRootNode().elementFromPoint(clientX + x, clientY + y)));
    return under(target) ?? near().find((choice) => choice?.edge !== undefined);
  }

  function onClick(event) {
    const choice = clicked(event);
    view.stage.focus({ preventScroll: true });
    if (!choice?.group) select(choice);
    else if (send && live.zoom) ask({ type: "toggle", group: choice.group });
    else view.status.textContent = worded(film.says.closed, { name: choice.group.at(-1) });
  }

  function onDoubleClick(event) {
    const choice = clicked(event);
    if (isProduct(film, choice?.node) && send && live.zoom) ask({ type: "scalars", node: choice.node, step: playhead });
  }

  // -------------------------------------------------------------------- putting it up
  function onJump() {
    const wanted = view.jump.value.trim();
    view.jump.value = "";
    if (/^\d+$/.test(wanted)) pausing(go)(wanted);
    view.root.focus({ preventScroll: true }); // the keys step again
  }

  function onKey(event) {
    const key = keyAction(event);
    if (!key) return;
    event.preventDefault(); // the slider would step a second time, the page would scroll
    event.stopPropagation();
    actions[key]();
  }

  function put() {
    view = build(film, (k) => pausing(go)(k));
    paint = painter(view.canvas, film);
    starts = iterations(film);
    story = undefined;
    listening = new AbortController();
    const on = (target, type, listener) => target.addEventListener(type, listener, { signal: listening.signal });
    for (const name of Object.keys(view.buttons)) on(view.buttons[name], "click", actions[name]);
    on(view.slider, "input", pausing(() => go(view.slider.value)));
    on(view.speed, "change", () => timer !== null && wait());
    on(view.jump, "change", onJump);
    on(view.root, "keydown", onKey);
    dragging(view.stage, on, numberAt);
    on(view.stage, "click", onClick);
    on(view.stage, "dblclick", onDoubleClick);
    on(document, "visibilitychange", () => document.hidden && pause());
    markLeaves();
    buildTools();
    draw(playhead);
  }

  put();
  el.append(view.root);
  draw(playhead); // once more in the page: only there it is known where things are
  return {
    get step() {
      return playhead;
    },
    /** Move to step k without telling `onStep`. */
    show(k) {
      if (clamp(film, k) === playhead) return;
      pause();
      playhead = clamp(film, k);
      draw(playhead);
    },
    /** Show another film in this one's place, at the same step: other numbers, or another picture. */
    update(other, can = live) {
      if (!(other.serial < serial)) edits.answered();
      const same = other.svg === film.svg && other.frames.length === film.frames.length;
      film = other;
      if (can.within && !live.within) [outside, playhead] = [playhead, 0]; // a graph of its own begins at its start
      else if (live.within && !can.within) playhead = outside;
      live = can;
      playhead = clamp(film, playhead);
      if (same) {
        starts = iterations(film);
        paint.reload(film);
        makeRoom(view.sentence, film);
        draw(playhead, true); // a number that is dragged stays under the hand
        return;
      }
      pause();
      listening.abort();
      const [old, held] = [view.root, view.root.contains(focused())];
      selected = undefined;
      put();
      old.replaceWith(view.root);
      draw(playhead);
      if (held) view.root.focus({ preventScroll: true });
    },
    /** Say what went wrong. */
    fail(text) {
      edits.answered();
      view.sentence.textContent = text;
    },
    dispose() {
      pause();
      edits.stop();
      listening.abort();
      view.root.remove();
    },
  };
}

const KEYS = new Map([
  ["Home", "first"],
  ["ArrowLeft", "previous"],
  [" ", "play"],
  ["ArrowRight", "next"],
  ["End", "last"],
  ["PageUp", "back"],
  ["PageDown", "on"],
  ["Shift PageUp", "iterationBack"],
  ["Shift PageDown", "iterationOn"],
  ["Shift ArrowLeft", "turnBack"],
  ["Shift ArrowRight", "turnOn"],
  ["Shift  ", "reverse"],
  ["ArrowUp", "up"],
  ["ArrowDown", "down"],
  [",", "before"],
  [".", "after"],
  ["Escape", "leave"],
  ["Enter", "enter"],
  ["g", "ask"],
]);
const IN_THE_PICTURE = new Set(["up", "down", "enter"]); // elsewhere a listing or a slider moves, a button is pressed

/** What a key does, if anything: it is left alone where the focused control has a use of its own for it. */
export function keyAction({ key, target, altKey, ctrlKey, metaKey, shiftKey }) {
  if (altKey || ctrlKey || metaKey) return undefined;
  const typed = target.localName === "input" && (target.type !== "range" || target.closest?.(".bp-edit"));
  if (typed || target.localName === "select") return undefined;
  if (["button", "summary"].includes(target.localName) && (key === " " || key === "Enter")) return undefined;
  const action = KEYS.get(shiftKey ? `Shift ${key}` : key);
  return IN_THE_PICTURE.has(action) && !target.classList?.contains("bp-stage") ? undefined : action;
}

// ---------------------------------------------------------------------- the widget

/** Show the model's film in `el` (anywidget's contract). Steps are local; the kernel hears of them afterwards. */
function render({ model, el }) {
  const film = () => ({ ...model.get("stage"), ...JSON.parse(model.get("reel")) });
  let timer;
  const onStep = (k) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      model.set("step", k);
      model.save_changes();
    }, SYNC_MS);
  };
  const send = (message) => model.send(message);
  const player = mount(el, film(), { step: model.get("step"), onStep, live: model.get("live"), send });
  const follow = () => {
    clearTimeout(timer);
    player.show(model.get("step"));
  };
  let due; // changes that come together, or while the one before is drawn, are shown once
  const update = () => {
    due ??= setTimeout(() => {
      due = undefined;
      player.update(film(), model.get("live"));
    });
  };
  const answer = (message) => message.type === "error" && player.fail(message.text);
  model.on("change:step", follow);
  model.on("change:reel", update);
  model.on("change:stage", update);
  model.on("change:live", update);
  model.on("msg:custom", answer);
  return () => {
    clearTimeout(timer);
    clearTimeout(due);
    model.off("change:step", follow);
    model.off("change:reel", update);
    model.off("change:stage", update);
    model.off("change:live", update);
    model.off("msg:custom", answer);
    player.dispose();
  };
}

export default { render };
