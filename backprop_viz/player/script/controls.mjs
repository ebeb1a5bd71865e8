// The elements around the picture: buttons, scrubber, equations, listings.

import { make, say, SVG } from "./elements.mjs";
import { counterText, iterations, lastStep, outlines, phases, worded } from "./film.mjs";
import { isLarge, picture } from "./picture.mjs";

const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
const LINE = 20; // pixels: of a listing

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

export function setIcon(button, icon, title) {
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
export function makeRoom(sentence, film) {
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

/** The scrubber: a track with its phases told apart by pattern, a slider over it, names under it. */
function scrubber(film, slider, go) {
  const starts = iterations(film);
  const within = (k) => Math.min(Math.max(k, 0), lastStep(film)); // the boundaries lie half-way between two steps
  const piece = ({ name, first, last }) => {
    const begins = first > 0 && starts.includes(first) ? " bp-iteration" : "";
    return { class: `bp-phase-${name}${begins}`, style: `flex-grow: ${within(last + 0.5) - within(first - 0.5) || 1}` };
  };
  const track = phases(film).map((run) => make("span", piece(run)));
  const rounds = starts.map((first, i) => {
    return { name: "all", first, last: (starts[i + 1] ?? lastStep(film) + 1) - 1, called: worded(film.says.nth, { number: i + 1 }) };
  });
  // Of several iterations the phases are too short for their names: the patterns and the counter tell them apart.
  const parts = rounds.length > 1 ? rounds : phases(film).map((run) => ({ ...run, called: run.name }));
  const names = parts.map((part) => {
    // For the mouse alone: by keyboard Page Up and Page Down do the same, and a screen reader has the counter.
    const title = `Go to where ${part.called} begins (step ${part.first})`;
    const label = make("span", { ...piece(part), title }, part.called);
    label.addEventListener("click", () => go(part.first));
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
export function build(film, go) {
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
  const looks = `${isLarge(canvas) ? " bp-still" : ""}${film.theme ? ` bp-${film.theme}` : ""}`;
  const root = make(
    "div",
    { class: `bp-player${looks}`, role: "group", tabindex: 0, "aria-label": `${film.label}, step by step` },
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
  const fields = { slider, counter, jump, speed };
  return { root, stage, canvas, buttons, ...fields, sentence, status, equations, algorithm, code, story, tools };
}
