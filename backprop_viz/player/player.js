// The player: a film shown step by step. One ES module without imports, for the widget and for a page alike.
//
// The film says everything (player/film.py): one SVG, laid out once, and for each step what changes. This file only
// moves through it: it formats no number, places nothing, and puts text into the page as text, never as HTML.

const SCHEMA = 3;
const SVG = "http://www.w3.org/2000/svg";
const MATHML = "http://www.w3.org/1998/Math/MathML";
const MATHML_TAGS = new Set("mrow mi mn mo mfrac msub msup msubsup mover mtext msqrt mtable mtr mtd mspace".split(" "));
const FIRST_WORD = 0xe000; // the private characters that stand for words (player/compact.py)
const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
const STEP_MS = 1600; // at speed 1: time to read a sentence
const SYNC_MS = 200; // the kernel hears of a step when the reader has rested on it
const GLOW = 10; // pixels around what is lit
const LINE = 20; // pixels: of a listing
const MOVING = 400; // parts of a picture that may fade from step to step: to draw more takes longer than a frame
const DIGIT = 7.6; // pixels: the width of a digit in the smallest numbers
const FEW = 6; // groups that have a button of their own
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
  const firsts = new Map();
  film.frames.forEach((frame, k) => {
    for (const [kind, slots] of Object.entries(histories)) {
      for (const [slot, value] of Object.entries(frame[kind] ?? {})) {
        if (!slots.has(slot)) slots.set(slot, []);
        slots.get(slot).push([k, value]);
      }
    }
    for (const part of frame.reached ?? []) if (!firsts.has(part)) firsts.set(part, k);
  });
  const at = (kind) => (slot, k) => histories[kind].get(slot)?.findLast(([since]) => since <= k)?.[1];
  return {
    text: at("texts"),
    map: at("maps"),
    numbers: at("numbers"),
    reached: (part, k) => firsts.get(part) <= k,
    /** The slots and parts that the frames after a, up to b, touch. */
    touched(a, b) {
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
  const pass = phases(film).findLast(({ name, first }) => name === "backward" && first <= k);
  const { first, last } = pass ?? { first: 0, last: -1 };
  const steps = tellingOf(film, { node }).filter((i) => i >= first && i <= last && film.frames[i].edge !== undefined);
  return { got: steps.filter((i) => i <= k).length, due: steps.length };
}

/** The steps with which the forward passes begin: one for each iteration of training. */
export function iterations(film) {
  return phases(film).flatMap(({ name, first }) => (name === "forward" ? [first] : []));
}

/** The backward frames up to step k from which a node's gradient follows: the chain rule from the loss to it. */
export function derivation(film, node, k) {
  const below = new Set([node]); // the node and what was computed from it
  for (const [parent, child] of film.edges) if (below.has(parent)) below.add(child);
  return film.frames.flatMap((frame, i) => {
    if (i > k || frame.phase !== "backward" || !below.has(frame.about)) return [];
    return frame.edge === undefined || below.has(film.edges[frame.edge][1]) ? [i] : [];
  });
}

/** "Step 5 of 12 · backward", and in the training of several iterations also which one. */
export function counterText(film, k, starts = iterations(film)) {
  const which = starts.length > 1 ? `iteration ${starts.filter((start) => start <= k).length} · ` : "";
  return `Step ${k} of ${lastStep(film)} · ${which}${film.frames[k].phase}`;
}

/** The line of the algorithm that step k carries out, and for whom: "c.backward()   # c is ŷ". */
export function algorithmLine(film, k) {
  const { line, turn } = film.frames[k];
  if (line === undefined) return { line: undefined, text: "" };
  const variable = film.lines[line].trim().split(".")[0];
  return { line, text: `${film.lines[line]}   # ${variable} is ${film.nodes[turn].name}` };
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
  const known = [];
  const outline = (child) => (typeof child === "string" ? "" : (known[child] ??= draft(film.math[child])));
  const draft = ([tag, , ...children]) => `${tag}(${children.map(outline)})`;
  const found = new Map(film.frames.map((frame) => [frame.equations.map(outline).join(), frame.equations]));
  return [...found.values()];
}

/** The text in which the words are put in again for the private characters that stand for them. */
export function expanded(text, words) {
  return text.replace(/[\uE000-\uF8FF]/g, (letter) => expanded(words[letter.charCodeAt(0) - FIRST_WORD], words));
}

// ---------------------------------------------------------------------- into the page

/** The MathML element of a branch of the library: [tag, class, ...children], a child being text or a branch's number. */
export function mathml(library, number, document = globalThis.document) {
  const [tag, name, ...children] = library[number];
  if (!MATHML_TAGS.has(tag)) throw new Error(`<${tag}> has no place in an equation`);
  const element = document.createElementNS(MATHML, tag);
  if (name) element.setAttribute("class", name);
  if (tag === "mover") element.setAttribute("accent", "true"); // ŷ: close to its letter, and not small
  element.append(...children.map((child) => (typeof child === "string" ? child : mathml(library, child, document))));
  return element;
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
export function painter(svg, film) {
  const gathered = (attribute, make) => {
    const found = new Map();
    for (const element of svg.querySelectorAll(`[${attribute}]`)) {
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
        if (text.textContent !== wanted) text.textContent = wanted; // untouched nodes need no new layout
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

/** The SVG of a film as an element, parsed as XML: a name that looks like a tag stays a name. */
function picture(film) {
  const text = expanded(film.svg, film.words);
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (parsed.namespaceURI !== SVG || parsed.querySelector("parsererror")) throw new Error("the film's SVG is broken");
  const svg = document.importNode(parsed, true);
  const width = svg.viewBox.baseVal.width;
  for (const name of ["height", "style"]) svg.removeAttribute(name);
  svg.setAttribute("width", "100%");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", film.label);
  svg.style.setProperty("--bp-width", `${width}px`); // how far it may shrink: player.css
  return svg;
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

/** A box as high as the tallest of its contents: the unseen ones lie under the one that is seen. */
function stack(name, seen, unseen) {
  for (const element of unseen) {
    element.classList.add("bp-unseen");
    element.setAttribute("aria-hidden", "true");
  }
  return make("div", { class: `bp-stack ${name}` }, seen, ...unseen);
}

function math(film, equations) {
  return equations.map((number) => {
    const element = document.createElementNS(MATHML, "math");
    element.setAttribute("display", "block");
    element.append(mathml(film.math, number));
    return element;
  });
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
      rows[lit].firstChild.textContent = lines[lit] || " ";
    }
    lit = line;
    if (lit === undefined) return;
    rows[lit].classList.add("bp-current");
    rows[lit].setAttribute("aria-current", "true");
    if (text) rows[lit].firstChild.textContent = text;
  };
  const reveal = () => {
    if (lit === undefined) return;
    // Only the listing scrolls, never the page. Its places are measured once: to ask for them is to lay out anew.
    const list = rows[lit].parentElement;
    if (!places?.room) places = { room: list.clientHeight, tops: rows.map((row) => row.offsetTop - list.offsetTop) };
    const [top, scrolled] = [places.tops[lit], list.scrollTop];
    if (places.room && (top < scrolled || top + 2 * LINE > scrolled + places.room)) list.scrollTop = top - places.room / 2;
  };
  return { element: make("ol", { class: "bp-listing", tabindex: 0, "aria-label": label }, ...rows), light, reveal };
}

function panel(name, title, ...children) {
  return make("details", { class: `bp-panel bp-${name}`, open: "" }, make("summary", {}, title), ...children);
}

const HELP = [
  ["→ ←", "next step, previous step"],
  ["Shift → ←", "on, back by one node"],
  ["Page Down, Page Up", "on, back by one phase: to where backward begins, for instance"],
  ["Home, End", "first step, last step"],
  ["Space, Shift Space", "play, play backwards; the same again pauses"],
  ["G", "go to a step by its number"],
  ["↓ ↑ in the picture", "select the next, the previous node or arrow"],
  ["Enter in the picture", "into the story of what is selected"],
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
  const svg = picture(film);
  const place = { class: "bp-stage", tabindex: 0, role: "group", "aria-label": "Picture: arrow up and down select" };
  const stage = make("div", place, svg);
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
  const status = make("p", { class: "bp-status", role: "status" }, HINT);
  const longest = film.frames.map((frame) => frame.sentence).sort((a, b) => b.length - a.length).slice(0, 4);
  const equations = make("div", { tabindex: 0, role: "group", "aria-label": "Equations" });
  const algorithm = listing(film.lines, "The algorithm");
  const code = film.code.map((part) => ({ ...listing(part.lines, `The code, ${part.file}`, part.first), file: part.file }));
  const story = make("div", { class: "bp-told" });
  const tools = make("div", { class: "bp-tools" });
  const sources = code.flatMap(({ file, element }) => [make("p", { class: "bp-file" }, file), element]);
  const still = svg.querySelectorAll("[data-part]").length > MOVING ? " bp-still" : "";
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
    stack("bp-sentence", sentence, longest.map((text) => make("p", {}, text))),
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
  return { root, stage, svg, buttons, ...fields, sentence, status, equations, algorithm, code, story, tools };
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

const HINT = "Select a node or an arrow: click it, or press ↓ in the picture.";

/** What is known of a selected node or edge at step k: [what, its text, its numbers if there is a table of them]. */
export function facts(film, time, k, { node, edge }) {
  const fact = (what, slot) => [what, time.text(slot, k) ?? "", time.numbers(slot, k)];
  const known = ([, text, numbers]) => text || numbers;
  if (edge !== undefined) {
    const found = [fact("upstream", `e${edge}.upstream`), fact("local gradient", `e${edge}.local`)];
    found.push(fact("contribution", `e${edge}.contribution`));
    return found.some(known) ? found.filter(known) : [["contribution", "not yet"]];
  }
  const { got, due } = received(film, node, k);
  const [value, gradient] = [fact("value", `n${node}.value`), fact("gradient", `n${node}.grad`)];
  if (!known(value)) value[1] = time.map(`n${node}.value`, k) ? "array" : "not computed yet";
  const slot = `n${node}.grad`;
  const needed = film.frames.some(({ texts, maps }) => slot in (texts ?? {}) || slot in (maps ?? {}));
  if (!known(gradient)) gradient[1] = time.map(slot, k) ? "array" : needed ? "not yet" : "none is needed";
  return [value, gradient, ...(due ? [["contributions", `${got} of ${due} received`]] : [])];
}

/** "Selected: u, computed by add; value −0.35; gradient 2.4; contributions 1 of 1 received." */
export function factsText(film, time, k, selected) {
  const known = facts(film, time, k, selected).map(([what, text, numbers]) => `${what} ${text || spoken(numbers)}`);
  const title = titleOf(film, selected);
  return `Selected: ${[selected.edge === undefined ? title : title.replace("The", "the"), ...known].join("; ")}.`;
}

function spoken(numbers) {
  return numbers.flat().length > 4 ? `array, ${numbers.length} × ${numbers[0].length}` : numbers.flat().join(", ");
}

/** A table of an array's numbers, opened on demand. */
function table(what, numbers) {
  const cells = (row) => make("tr", {}, ...row.map((text) => make("td", {}, text)));
  const grid = make("table", { "aria-label": what }, make("tbody", {}, ...numbers.map(cells)));
  const scrolls = make("div", { class: "bp-scrolls", tabindex: 0, role: "group", "aria-label": what }, grid);
  return make("details", {}, make("summary", {}, `The numbers of its ${what}`), scrolls);
}

/** What the player tells of a selected node or edge at step k, into `place`. */
function tell(place, film, time, k, selected, { go, jump, close, edit, zoom }) {
  const open = new Set([...place.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent));
  place.replaceChildren();
  if (!selected) return place.append(make("p", { class: "bp-muted" }, HINT));
  const { node } = selected;
  place.append(make("h4", {}, titleOf(film, selected)));
  if (edit && isScalarLeaf(film, node)) place.append(edit(node));
  if (zoom && isProduct(film, node)) place.append(word("Open number by number", () => zoom(node)));
  const known = facts(film, time, k, selected);
  const texts = known.filter(([, text]) => text).map(([what, text]) => `${what}: ${text}`);
  place.append(make("p", { class: "bp-facts" }, texts.join(" · ")));
  place.append(...known.filter(([, , numbers]) => numbers).map(([what, , numbers]) => table(what, numbers)));
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
  if (reason.length > told.length) {
    const lines = reason.flatMap((step) => math(film, film.frames[step].equations));
    const scrolls = make("div", { class: "bp-scrolls" }, ...lines);
    place.append(make("details", {}, make("summary", {}, "The whole chain rule for it"), scrolls));
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

/** Whether a node is an input or a parameter of one number, which can be typed. */
export function isScalarLeaf(film, node) {
  return node !== undefined && film.nodes[node].kind !== "compute" && !film.nodes[node].shape;
}

/** Whether a node is a product of matrices, which has a scalar graph of its own. */
export function isProduct(film, node) {
  return node !== undefined && ["matmul", "dot"].includes(film.nodes[node].op);
}

/** "ŷ, computed by sigmoid" or "the edge from u to ŷ". */
export function titleOf(film, { node, edge, group }) {
  if (group) return `the group ${group.join(" › ")}`;
  if (edge !== undefined) {
    const [from, to] = film.edges[edge];
    const alike = film.edges.flatMap(([parent, child], i) => (parent === from && child === to ? [i] : []));
    const which = alike.length > 1 ? ` (${alike.indexOf(edge) + 1} of ${alike.length})` : "";
    return `The edge from ${film.nodes[from].name} to ${film.nodes[to].name}${which}`;
  }
  const { name, kind, op, shape } = film.nodes[node];
  const made = kind === "compute" ? `computed by ${op}` : kind === "input" ? "an input" : "a parameter";
  return `${name}, ${made}${shape ? `, of shape ${shape}` : ""}`;
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

  function draw(k) {
    const frame = film.frames[k];
    paint(k);
    const counted = counterText(film, k, starts);
    view.counter.textContent = counted;
    view.sentence.textContent = frame.sentence;
    view.equations.replaceChildren(...math(film, frame.equations));
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
    follow(view.stage, paint.lit);
  }

  const focused = () => view.root.getRootNode().activeElement; // also where the player stands in a shadow tree

  /** The story anew, where this step or this selection changes it; what had the focus in it keeps it. */
  function drawStory() {
    const status = selected ? factsText(film, paint.time, playhead, selected) : HINT;
    const told = selected ? tellingOf(film, selected).filter((step) => step <= playhead).length : 0;
    const now = [film, selected, told];
    if (view.status.textContent !== status) view.status.textContent = status;
    if (story && now.every((each, i) => each === story[i])) return;
    const held = view.story.contains(focused()) ? focused() : undefined;
    story = now;
    // A field in which a value is typed, or a slider that is held, stays in its place: moved, it would lose the hand.
    const typing = held?.closest(".bp-edit");
    const edit = live.edit && send && !typing ? editor : undefined;
    const zoom = send && live.zoom && !live.within ? (node) => ask({ type: "scalars", node }) : undefined;
    const ways = { go: pausing(go), jump: (back) => onSelection(back)(), close: actions.leave, edit, zoom };
    const place = typing ? make("div") : view.story;
    tell(place, film, paint.time, playhead, selected, ways);
    if (typing) {
      for (const element of [...view.story.children]) if (element !== typing && element.localName !== "h4") element.remove();
      view.story.append(...[...place.children].slice(1));
    }
    if (!held || typing) return;
    const again = [...view.story.querySelectorAll("button, summary")].find((each) => each.textContent === held.textContent);
    (again ?? view.stage).focus({ preventScroll: true });
  }

  function select(choice) {
    selected = choice;
    for (const element of view.svg.querySelectorAll(".bp-selected")) element.classList.remove("bp-selected");
    const where = !choice ? "" : choice.edge === undefined ? film.nodes[choice.node].part : film.edges[choice.edge][2];
    for (const end of ["", ".back", ".forward"]) {
      for (const element of paint.parts.get(where.split(".")[0] + end) ?? []) element.classList.add("bp-selected");
    }
    drawStory();
    if (choice) follow(view.stage, [...view.svg.querySelectorAll(".bp-selected")]);
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
  function ask(message) {
    serial += 1;
    send({ ...message, serial });
  }

  /** Fields for the value of a leaf: a number to type, and a slider around it. */
  function editor(node) {
    const text = timeline(film).text(`n${node}.value`, lastStep(film)) ?? "";
    const value = Number((text.split("→").at(-1) ?? "").trim().replace("−", "-"));
    if (film.nodes[node].shape || Number.isNaN(value)) return make("p", {}, "");
    const reach = 2 * Math.max(1, Math.abs(value));
    const number = make("input", { type: "number", step: "any", value, "aria-label": `Value of ${film.nodes[node].name}` });
    const slider = make("input", { type: "range", min: value - reach, max: value + reach, step: reach / 200, value });
    slider.setAttribute("aria-label", `Value of ${film.nodes[node].name}, to drag`);
    const changed = (from, to) => () => {
      to.value = from.value;
      if (from.value !== "") ask({ type: "edit", values: { [node]: Number(from.value) } });
    };
    number.addEventListener("input", changed(number, slider));
    slider.addEventListener("input", changed(slider, number));
    return make("div", { class: "bp-edit" }, number, slider);
  }

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
    const near = () => beside.map(([x, y]) => under(view.svg.getRootNode().elementFromPoint(clientX + x, clientY + y)));
    return under(target) ?? near().find((choice) => choice?.edge !== undefined);
  }

  function onClick(event) {
    const choice = clicked(event);
    view.stage.focus({ preventScroll: true });
    if (!choice?.group) select(choice);
    else if (send && live.zoom) ask({ type: "toggle", group: choice.group });
    else view.status.textContent = `The group ${choice.group.at(-1)} is closed; it opens in a notebook, where a kernel runs.`;
  }

  function onDoubleClick(event) {
    const choice = clicked(event);
    if (isProduct(film, choice?.node) && send && live.zoom) ask({ type: "scalars", node: choice.node });
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
    paint = painter(view.svg, film);
    starts = iterations(film);
    story = undefined;
    listening = new AbortController();
    const on = (target, type, listener) => target.addEventListener(type, listener, { signal: listening.signal });
    for (const name of Object.keys(view.buttons)) on(view.buttons[name], "click", actions[name]);
    on(view.slider, "input", pausing(() => go(view.slider.value)));
    on(view.speed, "change", () => timer !== null && wait());
    on(view.jump, "change", onJump);
    on(view.root, "keydown", onKey);
    on(view.stage, "click", onClick);
    on(view.stage, "dblclick", onDoubleClick);
    on(document, "visibilitychange", () => document.hidden && pause());
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
      if (other.serial !== undefined && other.serial < serial && other.svg === film.svg) return; // a newer one comes
      const same = other.svg === film.svg && other.frames.length === film.frames.length;
      film = other;
      if (can.within && !live.within) [outside, playhead] = [playhead, 0]; // a graph of its own begins at its start
      else if (live.within && !can.within) playhead = outside;
      live = can;
      playhead = clamp(film, playhead);
      if (same) {
        starts = iterations(film);
        paint.reload(film);
        draw(playhead);
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
      view.sentence.textContent = text;
    },
    dispose() {
      pause();
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
  const film = () => ({ ...model.get("stage"), ...model.get("reel") });
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
  const update = () => player.update(film(), model.get("live"));
  const answer = (message) => message.type === "error" && player.fail(message.text);
  model.on("change:step", follow);
  model.on("change:reel", update);
  model.on("change:stage", update);
  model.on("change:live", update);
  model.on("msg:custom", answer);
  return () => {
    clearTimeout(timer);
    model.off("change:step", follow);
    model.off("change:reel", update);
    model.off("change:stage", update);
    model.off("change:live", update);
    model.off("msg:custom", answer);
    player.dispose();
  };
}

export default { render };
