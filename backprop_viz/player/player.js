// The player: a film shown step by step. One ES module without imports, for the widget and for a page alike.
//
// The film says everything (player/film.py): one SVG, laid out once, and for each step what changes. This file only
// moves through it: it formats no number, places nothing, and puts text into the page as text, never as HTML.

const SCHEMA = 2;
const SVG = "http://www.w3.org/2000/svg";
const MATHML = "http://www.w3.org/1998/Math/MathML";
const MATHML_TAGS = new Set(
  "mrow mi mn mo mfrac msub msup msubsup mover mtext msqrt mtable mtr mtd mspace".split(" "),
);
const SPEEDS = [0.5, 1, 2, 4];
const STEP_MS = 1600; // at speed 1: time to read a sentence
const SYNC_MS = 200; // the kernel hears of a step when the reader has rested on it
const GLOW = 10; // pixels around what is lit
const READABLE = 0.6; // the picture shrinks to this part of its natural width, then scrolls sideways

// ---------------------------------------------------------------------- what a step shows (pure)

/** The whole number nearest to k among the film's steps. */
export function clamp(film, k) {
  return Math.min(Math.max(Math.round(Number(k)) || 0, 0), film.frames.length - 1);
}

/** Everything that step k shows: the sum of the frames 0 … k, whichever way the reader came. */
export function stateAt(film, k) {
  const texts = new Map();
  const maps = new Map();
  const reached = new Set();
  for (const frame of film.frames.slice(0, k + 1)) {
    for (const [slot, text] of Object.entries(frame.texts)) texts.set(slot, text);
    for (const [slot, cells] of Object.entries(frame.maps)) maps.set(slot, cells);
    for (const part of frame.reached) reached.add(part);
  }
  const { phase, active, sentence, equations } = film.frames[k];
  return { step: k, phase, texts, maps, reached, active: new Set(active), sentence, equations };
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

/** "Step 5 of 12 · backward". */
export function counterText(film, k) {
  return `Step ${k} of ${lastStep(film)} · ${film.frames[k].phase}`;
}

/** One equation for each different outline: what is needed to reserve the height of the tallest. */
export function outlines(film) {
  const outline = (tree) => (typeof tree === "string" ? "" : `${tree[0]}(${tree.slice(2).map(outline)})`);
  const found = new Map(film.frames.map((frame) => [frame.equations.map(outline).join(), frame.equations]));
  return [...found.values()];
}

function lastStep(film) {
  return film.frames.length - 1;
}

// ---------------------------------------------------------------------- into the page

/** A MathML element from [tag, class, ...children], a child being text or such a tree again. */
export function mathml(tree, document = globalThis.document) {
  const [tag, name, ...children] = tree;
  if (!MATHML_TAGS.has(tag)) throw new Error(`<${tag}> has no place in an equation`);
  const element = document.createElementNS(MATHML, tag);
  if (name) element.setAttribute("class", name);
  if (tag === "mover") element.setAttribute("accent", "true"); // ŷ: close to its letter, and not small
  element.append(...children.map((child) => (typeof child === "string" ? child : mathml(child, document))));
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

/** A function that makes the picture show a state. It may be called in any order: it sets all, and adds nothing up. */
export function painter(svg, film) {
  const slots = [...svg.querySelectorAll("[data-slot]")].map((text) => {
    return { text, slot: text.getAttribute("data-slot"), blank: text.textContent };
  });
  const maps = [...svg.querySelectorAll("[data-map]")].map((map) => {
    return { slot: map.getAttribute("data-map"), fill: cellPainter(map, film) };
  });
  const parts = [...svg.querySelectorAll("[data-part]")];
  return (state) => {
    for (const { text, slot, blank } of slots) {
      const wanted = state.texts.get(slot) ?? blank;
      if (text.textContent !== wanted) text.textContent = wanted; // untouched nodes need no new layout
    }
    for (const { slot, fill } of maps) fill(state.maps.get(slot) ?? "");
    for (const part of parts) {
      const name = part.getAttribute("data-part");
      part.classList.toggle("bp-pending", !state.reached.has(name));
      part.classList.toggle("bp-active", state.active.has(name));
    }
  };
}

/** The SVG of a film as an element, parsed as XML: a name that looks like a tag stays a name. */
function picture(film) {
  const parsed = new DOMParser().parseFromString(film.svg, "image/svg+xml").documentElement;
  if (parsed.namespaceURI !== SVG || parsed.querySelector("parsererror")) throw new Error("the film's SVG is broken");
  const svg = document.importNode(parsed, true);
  const width = svg.viewBox.baseVal.width;
  svg.removeAttribute("height");
  svg.setAttribute("width", "100%");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", film.label);
  svg.style.maxWidth = `${width}px`;
  svg.style.minWidth = `${Math.round(width * READABLE)}px`;
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
  previous: "M10 3 5 8l5 5",
  play: "M5 3l8 5-8 5z",
  pause: "M5.5 3v10M10.5 3v10",
  next: "M6 3l5 5-5 5",
  last: "M12 3v10M4 3l5 5-5 5",
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

function button(icon, title) {
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

function math(equations) {
  return equations.map((tree) => {
    const element = document.createElementNS(MATHML, "math");
    element.setAttribute("display", "block");
    element.append(mathml(tree));
    return element;
  });
}

/** The scrubber: a track with its phases told apart by pattern, a slider over it, the phases' names under it. */
function scrubber(film, slider) {
  const within = (k) => Math.min(Math.max(k, 0), lastStep(film)); // the boundaries lie half-way between two steps
  const pieces = phases(film).map(({ name, first, last }) => {
    return { name, style: `flex-grow: ${within(last + 0.5) - within(first - 0.5) || 1}` };
  });
  const track = pieces.map(({ name, style }) => make("span", { class: `bp-phase-${name}`, style }));
  const names = pieces.map(({ name, style }) => make("span", { class: `bp-phase-${name}`, style, title: name }, name));
  return make(
    "div",
    { class: "bp-time" },
    make("div", { class: "bp-track", "aria-hidden": "true" }, ...track),
    slider,
    make("div", { class: "bp-phases", "aria-hidden": "true" }, ...names),
  );
}

/** All the elements of a player, not yet showing any step. */
function build(film) {
  const svg = picture(film);
  const stage = make("div", { class: "bp-stage" }, svg);
  const buttons = {
    first: button("first", "First step (Home)"),
    previous: button("previous", "Previous step (←)"),
    play: button("play", "Play (Space)"),
    next: button("next", "Next step (→)"),
    last: button("last", "Last step (End)"),
  };
  const slider = make("input", { type: "range", min: 0, max: lastStep(film), step: 1, "aria-label": "Step" });
  slider.title = "Step (Page Up, Page Down: by phase)";
  const counter = make("span");
  const widest = film.frames.map((_, k) => counterText(film, k)).sort((a, b) => b.length - a.length)[0];
  const speed = make("select", { title: "Speed", "aria-label": "Speed" });
  speed.append(...SPEEDS.map((factor) => make("option", { value: factor }, `${factor}×`)));
  speed.value = "1";
  const sentence = make("p", { "aria-live": "polite" });
  const longest = film.frames.map((frame) => frame.sentence).sort((a, b) => b.length - a.length).slice(0, 4);
  const equations = make("div");
  const root = make(
    "div",
    { class: "bp-player", role: "group", tabindex: 0, "aria-label": `${film.label}, step by step` },
    stage,
    make(
      "div",
      { class: "bp-bar" },
      make("div", { class: "bp-buttons" }, ...Object.values(buttons), speed),
      scrubber(film, slider),
      stack("bp-counter", counter, [make("span", {}, widest)]),
    ),
    stack("bp-sentence", sentence, longest.map((text) => make("p", {}, text))),
    stack("bp-equations", equations, outlines(film).map((trees) => make("div", {}, ...math(trees)))),
  );
  // JupyterLab's own keys (D, D deletes the cell) look no further than the element that has the focus.
  for (const element of [root, stage, equations, slider, speed, ...Object.values(buttons)]) {
    element.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  return { root, stage, svg, buttons, slider, counter, speed, sentence, equations };
}

/** Scroll the picture sideways, where it is too wide for its place, to what this step is about. */
function follow(stage, svg, state) {
  if (stage.scrollWidth <= stage.clientWidth) return;
  if (state.active.size === 0) stage.scrollLeft = 0;
  const lit = [...svg.querySelectorAll(".bp-active")].map((part) => part.getBoundingClientRect());
  const edge = stage.getBoundingClientRect().left;
  const left = Math.min(...lit.map((box) => box.left)) - edge - GLOW;
  const right = Math.max(...lit.map((box) => box.right)) - edge + GLOW;
  if (left < 0 || right > stage.clientWidth) stage.scrollLeft += (left + right - stage.clientWidth) / 2;
}

// ---------------------------------------------------------------------- the player

/**
 * A player of this film at the end of `el`; `onStep(k)` is told of every step the reader takes.
 * Returns { step, show(k), dispose() }.
 */
export function mount(el, film, { step = 0, onStep = () => {} } = {}) {
  if (film.schema !== SCHEMA) throw new Error(`this player shows films of schema ${SCHEMA}, not ${film.schema}`);
  const view = build(film);
  const { root, buttons, slider, speed } = view;
  const paint = painter(view.svg, film);
  const listening = new AbortController();
  let playhead;
  let timer = null;

  function draw(k) {
    const state = stateAt(film, k);
    paint(state);
    view.counter.textContent = counterText(film, k);
    view.sentence.textContent = state.sentence;
    view.equations.replaceChildren(...math(state.equations));
    slider.value = k;
    slider.setAttribute("aria-valuetext", counterText(film, k));
    // Not `disabled`: a button that is disabled while it has the focus loses it, and the keys with it.
    for (const name of ["first", "previous"]) buttons[name].setAttribute("aria-disabled", k === 0);
    for (const name of ["next", "last"]) buttons[name].setAttribute("aria-disabled", k === lastStep(film));
    follow(view.stage, view.svg, state);
  }

  function go(k) {
    k = clamp(film, k);
    if (k === playhead) return;
    playhead = k;
    draw(k);
    onStep(k);
  }

  function pause() {
    clearTimeout(timer);
    timer = null;
    setIcon(buttons.play, "play", "Play (Space)");
    view.sentence.setAttribute("aria-live", "polite");
  }

  function play() {
    if (playhead === lastStep(film)) go(0);
    setIcon(buttons.play, "pause", "Pause (Space)");
    view.sentence.setAttribute("aria-live", "off"); // a screen reader could not keep up
    wait();
  }

  function wait() {
    clearTimeout(timer);
    timer = setTimeout(tick, STEP_MS / Number(speed.value));
  }

  function tick() {
    if (root.getClientRects().length === 0) return pause(); // hidden, or no longer in the page
    go(playhead + 1);
    if (playhead === lastStep(film)) pause();
    else wait();
  }

  const pausing = (action) => () => {
    pause();
    action();
  };
  const actions = {
    first: pausing(() => go(0)),
    previous: pausing(() => go(playhead - 1)),
    play: () => (timer === null ? play() : pause()),
    next: pausing(() => go(playhead + 1)),
    last: pausing(() => go(lastStep(film))),
    back: pausing(() => go(phaseJump(film, playhead, true))),
    on: pausing(() => go(phaseJump(film, playhead, false))),
  };

  function onKey(event) {
    const key = keyAction(event);
    if (!key) return;
    event.preventDefault(); // the slider would step a second time, the page would scroll
    event.stopPropagation();
    actions[key]();
  }

  const on = (target, type, listener) => target.addEventListener(type, listener, { signal: listening.signal });
  for (const name of Object.keys(buttons)) on(buttons[name], "click", actions[name]);
  on(slider, "input", pausing(() => go(slider.value)));
  on(speed, "change", () => timer !== null && wait());
  on(root, "keydown", onKey);
  on(view.stage, "click", () => root.focus({ preventScroll: true }));
  on(document, "visibilitychange", () => document.hidden && pause());

  el.append(root);
  playhead = clamp(film, step);
  draw(playhead);
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
    dispose() {
      pause();
      listening.abort();
      root.remove();
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
]);

/** What a key does, if anything: it is left alone where the focused control has a use of its own for it. */
export function keyAction({ key, target, altKey, ctrlKey, metaKey, shiftKey }) {
  if (altKey || ctrlKey || metaKey || shiftKey) return undefined;
  if (target.localName === "select" || (target.localName === "button" && key === " ")) return undefined;
  return KEYS.get(key);
}

// ---------------------------------------------------------------------- the widget

/** Show the model's film in `el` (anywidget's contract). Steps are local; the kernel hears of them afterwards. */
function render({ model, el }) {
  let player;
  let timer;
  const tell = (k) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      model.set("step", k);
      model.save_changes();
    }, SYNC_MS);
  };
  const follow = () => {
    clearTimeout(timer);
    player.show(model.get("step"));
  };
  const load = () => {
    player?.dispose();
    player = mount(el, model.get("film"), { step: model.get("step"), onStep: tell });
  };
  load();
  model.on("change:step", follow);
  model.on("change:film", load);
  return () => {
    clearTimeout(timer);
    model.off("change:step", follow);
    model.off("change:film", load);
    player.dispose();
  };
}

export default { render };
