import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

// The modules as they are written, or the one that a browser gets (tests/test_lean.py).
const folder = new URL("../../backprop_viz/player/script/", import.meta.url);
const joined = process.env.BACKPROP_VIZ_PLAYER;
const written = readdirSync(folder).filter((file) => file !== "page.mjs"); // which needs a page
const files = joined ? [pathToFileURL(joined)] : written.map((file) => new URL(file, folder));
const modules = await Promise.all(files.map((file) => import(file)));
const player = Object.assign({}, ...modules);

// ---------------------------------------------------------------------- a small film: u = w · x, L = u²
const HOSTILE = '<script>alert(1)</script>&"';
const frame = (phase, texts, reached, active, place = {}) => {
  return { phase, texts, reached, active, sentence: `${phase} ${active.join(" ")}`, equations: [], ...place };
};
const film = {
  schema: 4,
  label: "Computational graph of L",
  colours: { values: { a: "#5E3C99", i: "#FFFFFF", q: "#C75000" }, gradients: { a: "#404040", i: "#FFFFFF", q: "#D40000" } },
  round: { a: 1 },
  svg: "",
  words: [],
  math: [["mi", "", null], ["mo", "", "="], ["mn", "", null], ["mrow", "", 0, 1, 2]],
  nodes: [
    { name: "w", kind: "parameter", op: "", shape: "", part: "n0" },
    { name: "x", kind: "input", op: "", shape: "2×3", part: "n1" },
    { name: "u", kind: "compute", op: "mul", shape: "", part: "n2" },
    { name: "L", kind: "compute", op: "square", shape: "", part: "n3" },
  ],
  edges: [[0, 2, "e0.forward"], [1, 2, "e1.forward"], [2, 3, "e2.forward"]],
  groups: { g0: ["net", "layer 1"] },
  lines: ["def Forward():", "    c.forward()", "    c.backward()", "    w.value -= eta * w.grad"],
  says: {
    step: "Step {step} of {last} · {phase}",
    iteration: "Step {step} of {last} · iteration {iteration} of {iterations} · {phase}",
    turn: "{line}   # {variable} is {name}",
    compute: "{name}, computed by {op}",
    input: "{name}, an input",
    shaped: "{title}, of shape {shape}",
    edge: "the edge from {parent} to {child}",
    alike: "the edge from {parent} to {child} ({number} of {count})",
    selected: "Selected: {title}; {facts}.",
    value: "value",
    gradient: "gradient",
    local: "local gradient",
    contribution: "contribution",
    contributions: "contributions",
    uncomputed: "not computed yet",
    waiting: "not yet",
    received: "{got} of {due} received",
  },
  frames: [
    frame("start", { "n0.value": "2", "n1.value": HOSTILE }, ["n0", "n1"], []),
    frame("forward", { "n2.value": "6" }, ["n2", "e0.forward", "e1.forward"], ["n2", "e0.forward", "e1.forward"], {
      equations: [[3, "u", "6"]], line: 1, turn: 2, about: 2,
    }),
    frame("forward", { "n3.value": "36" }, ["n3", "e2.forward"], ["n3", "e2.forward"], { line: 1, turn: 3, about: 3 }),
    frame("backward", { "n3.grad": "1" }, ["n3.back"], ["n3", "n3.back"], { line: 0, turn: 3, about: 3 }),
    frame("backward", { "n2.grad": "12 + …", "e2.local": "12" }, ["e2.back", "n2.back"], ["e2.back", "n2.back"], {
      line: 2, turn: 3, about: 2, edge: 2,
    }),
    frame("backward", { "n2.grad": "14" }, ["n2.back"], ["n2.back"], { line: 2, turn: 2, about: 0, edge: 0 }),
    frame("update", { "n0.value": "1.9" }, [], ["n0"], { line: 3, turn: 0, about: 0 }),
  ],
};
const LAST = film.frames.length - 1;
const SLOTS = ["n0.value", "n1.value", "n2.value", "n3.value", "n2.grad", "n3.grad", "e2.local", "n0.value"];
const PARTS = ["n0", "n1", "n2", "n2.back", "n3", "n3.back", "e0.forward", "e1.forward", "e2.forward", "e2.back"];

// ---------------------------------------------------------------------- as little of a DOM as the player's parts use
class Element {
  constructor(tag, attributes = {}, text = "") {
    Object.assign(this, { tag, attributes, children: text ? [text] : [], classes: new Set(), writes: 0 });
    this.classList = {
      toggle: (name, on) => this.classes[on ? "add" : "delete"](name),
      add: (name) => this.classes.add(name),
      remove: (name) => this.classes.delete(name),
    };
  }
  get textContent() {
    return this.children.map((child) => child.textContent ?? child).join("");
  }
  set textContent(text) {
    this.writes += 1;
    this.children = text ? [text] : [];
  }
  getAttribute(name) {
    return this.attributes[name] ?? null;
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
  get childNodes() {
    return this.children;
  }
  append(...children) {
    this.children.push(...children);
  }
  querySelectorAll(selector) {
    return this.children.filter((child) => child.getAttribute(selector.slice(1, -1)) !== null);
  }
  plain() {
    const children = this.children.map((child) => child.plain?.() ?? child);
    return { tag: this.tag, ...this.attributes, classes: [...this.classes].sort(), children };
  }
}
const document = { createElementNS: (namespace, tag) => new Element(tag, { namespace }) };

function stage() {
  const svg = new Element("svg");
  svg.append(...SLOTS.map((slot) => new Element("text", { "data-slot": slot }, slot.endsWith("grad") ? "–" : "")));
  svg.append(...PARTS.map((part) => new Element("g", { "data-part": part })));
  return svg;
}

function painted(...steps) {
  const svg = stage();
  const paint = player.painter(svg, film);
  for (const k of steps) paint(k);
  return svg;
}

const text = (svg, slot) => svg.children.find((child) => child.getAttribute("data-slot") === slot).textContent;
const classes = (svg, part) => [...svg.children.find((child) => child.getAttribute("data-part") === part).classes];

// ---------------------------------------------------------------------- the picture
test("a step shows the same picture whichever way the reader came", () => {
  for (const k of everyStep) {
    const straight = painted(k).plain();
    for (const from of everyStep) assert.deepEqual(painted(from, k).plain(), straight, `${from} → ${k}`);
    assert.deepEqual(painted(...everyStep, ...[...everyStep].reverse(), k).plain(), straight, `there and back to ${k}`);
    assert.deepEqual(painted(k, k).plain(), straight, `twice ${k}`);
  }
});

test("stepping back takes away what later steps said", () => {
  assert.equal(text(painted(5), "n2.grad"), "14");
  assert.equal(text(painted(5, 4), "n2.grad"), "12 + …");
  assert.equal(text(painted(5, 2), "n2.grad"), "–"); // what stood there before: a dash, never 0
  assert.equal(text(painted(5, 0), "n3.value"), "");
  assert.deepEqual(classes(painted(5, 2), "n2.back"), ["bp-pending"]);
});

test("a part is pending until it is reached, and lit in its own steps only", () => {
  const seen = film.frames.map((_, k) => classes(painted(k), "n3").join());
  assert.deepEqual(seen, ["bp-pending", "bp-pending", "bp-active", "bp-active", "", "", ""]);
});

test("every place of a slot is filled: a leaf may be drawn as several copies", () => {
  const copies = painted(6).children.filter((child) => child.getAttribute("data-slot") === "n0.value");
  assert.deepEqual(copies.map((copy) => copy.textContent), ["1.9", "1.9"]);
});

test("a text that does not change is not written again", () => {
  const svg = painted(3, 4, 4, 4);
  assert.deepEqual(svg.children.slice(0, 7).map((child) => child.writes), [1, 1, 1, 1, 1, 1, 1]);
});

function heatMap(cells) {
  const map = new Element("g", { "data-map": "n2.value", "data-scale": "values" });
  map.append(new Element("rect"), ...cells.map(() => new Element("rect", { width: "10" })));
  return map;
}

test("a heat map shows a letter's colour and shape in every cell, and nothing before it is computed", () => {
  const map = heatMap([0, 1, 2, 3]);
  const fill = player.cellPainter(map, film);
  const look = () => map.children.slice(1).map((cell) => [cell.getAttribute("fill"), cell.getAttribute("rx")]);
  fill("aq/iq");
  const full = look();
  assert.deepEqual(full, [["#5E3C99", 5], ["#C75000", 0], ["#FFFFFF", 0], ["#C75000", 0]]);
  assert.equal(map.children[0].getAttribute("fill-opacity"), "1");
  fill("");
  assert.deepEqual(look(), [["none", 0], ["none", 0], ["none", 0], ["none", 0]]);
  assert.equal(map.children[0].getAttribute("stroke-dasharray"), "2 2");
  fill("aq/iq");
  assert.deepEqual(look(), full);
});

test("a step's heat maps are those of the last frame that set them", () => {
  const mapped = structuredClone(film);
  mapped.frames[1].maps = { "n2.value": "aq" };
  mapped.frames[5].maps = { "n2.value": "qa" };
  const shown = mapped.frames.map((_, k) => player.timeline(mapped).map("n2.value", k) ?? "");
  assert.deepEqual(shown, ["", "aq", "aq", "aq", "aq", "qa", "qa"]);
});

test("hostile strings stay text", () => {
  const svg = painted(LAST);
  assert.equal(text(svg, "n1.value"), HOSTILE);
  const element = player.mathml([["mi", "", null], ["mrow", HOSTILE, 0]], 1, [HOSTILE], document);
  assert.deepEqual(element.plain(), {
    tag: "mrow", namespace: "http://www.w3.org/1998/Math/MathML", class: HOSTILE, classes: [],
    children: [{ tag: "mi", namespace: "http://www.w3.org/1998/Math/MathML", classes: [], children: [HOSTILE] }],
  });
  const source = files.map((file) => readFileSync(file, "utf8")).join("");
  assert.doesNotMatch(source, /innerHTML|outerHTML\s*[^\s ,;)}]|insertAdjacentHTML|document\.write|\beval\b|new Function/);
});

// ---------------------------------------------------------------------- equations
const REFUSED = ["script", "SCRIPT", "annotation-xml", "semantics", "maction", "mstyle", "svg", "a", "", "constructor"];
for (const tag of REFUSED) {
  test(`an equation refuses the element ${JSON.stringify(tag)}`, () => {
    assert.throws(() => player.mathml([[tag, "", "x"], ["mrow", "", 0]], 1, [], document), /no place in an equation/);
  });
}

test("the texts of an equation are put in from left to right, signs stand between them", () => {
  const written = (element) => (typeof element === "string" ? element : element.children.map(written).join(""));
  const [[branch, ...texts]] = film.frames[1].equations;
  assert.equal(written(player.mathml(film.math, branch, texts, document).plain()), "u=6");
});

test("room is kept for each different outline of equations once", () => {
  const math = [["mn", "", null], ["mfrac", "", 0, 0], ["mrow", "", 1]];
  const framed = (equations) => frame("forward", {}, [], [], { equations });
  const frames = [framed([[1, "1", "2"]]), framed([[1, "30", "2"]]), framed([[2, "1", "2"]])];
  assert.deepEqual(player.outlines({ math, frames }), [[[1, "30", "2"]], [[2, "1", "2"]]]);
  assert.equal(player.outlines(film).length, 2);
});

test("the words of a compacted text are put in, and those within them", () => {
  assert.equal(player.expanded("a\ue001b\ue000", ["<g>", "[\ue000]"]), "a[<g>]b<g>");
  assert.equal(player.expanded("a\ue003b\ue000\ue001", ["<g>", "[\ue002]"], 2), "a[<g>]b\ue000\ue001");
});

// ---------------------------------------------------------------------- time
test("steps are kept within the film", () => {
  const given = [-3, 0, 2.4, "4", LAST, 99, Infinity, -Infinity, NaN, undefined, "x"];
  assert.deepEqual(given.map((k) => player.clamp(film, k)), [0, 0, 2, 4, LAST, LAST, LAST, 0, 0, 0, 0]);
});

test("the phases cover all steps, the start being part of the first", () => {
  assert.deepEqual(player.phases(film), [
    { name: "forward", first: 0, last: 2 },
    { name: "backward", first: 3, last: 5 },
    { name: "update", first: 6, last: 6 },
  ]);
  assert.deepEqual(player.phases({ frames: film.frames.slice(0, 1) }), [{ name: "start", first: 0, last: 0 }]);
});

test("Page Up and Page Down go from phase to phase", () => {
  const steps = film.frames.map((_, k) => k);
  assert.deepEqual(steps.map((k) => player.phaseJump(film, k, false)), [3, 3, 3, 6, 6, 6, 6]);
  assert.deepEqual(steps.map((k) => player.phaseJump(film, k, true)), [0, 0, 0, 0, 3, 3, 3]);
});

const everyStep = film.frames.map((_, k) => k);

test("a turn is all that one node does in a phase", () => {
  assert.deepEqual(everyStep.map((k) => player.turnJump(film, k, false)), [1, 2, 4, 4, 5, 6, 6]);
  assert.deepEqual(everyStep.map((k) => player.turnJump(film, k, true)), [0, 0, 1, 2, 2, 4, 5]);
});

test("what is selected is told of where it is computed, receives a contribution or is updated", () => {
  assert.deepEqual(player.tellingOf(film, { node: 2 }), [1, 4]);
  assert.deepEqual(player.tellingOf(film, { node: 0 }), [5, 6]);
  assert.deepEqual(player.tellingOf(film, { edge: 2 }), [4]);
  assert.deepEqual(everyStep.map((k) => player.selectionJump(film, k, { node: 2 }, false)), [1, 4, 4, 4, 4, 5, 6]);
  assert.deepEqual(everyStep.map((k) => player.selectionJump(film, k, { node: 2 }, true)), [0, 1, 1, 1, 1, 4, 4]);
});

test("a gradient follows from the backward steps on the ways to it, so far", () => {
  assert.deepEqual(player.derivation(film, 0, LAST), [3, 4, 5]);
  assert.deepEqual(player.derivation(film, 2, LAST), [3, 4]);
  assert.deepEqual(player.derivation(film, 0, 3), [3]);
});

test("the algorithm's line says whose turn it is", () => {
  assert.deepEqual(player.algorithmLine(film, 0), { line: undefined, text: "" });
  assert.deepEqual(player.algorithmLine(film, 4), { line: 2, text: "    c.backward()   # c is L" });
  assert.equal(player.algorithmLine(film, 6).text, "    w.value -= eta * w.grad   # w is w");
});

test("a part of the picture is a node, an edge or a closed group", () => {
  const parts = ["n2", "n2.back", "e0.forward", "e0.back", "g0", "n9", undefined, null];
  const group = ["net", "layer 1"];
  assert.deepEqual(parts.map((part) => player.selectedBy(film, part)), [
    { node: 2 }, { node: 2 }, { edge: 0 }, { edge: 0 }, { group }, undefined, undefined, undefined,
  ]);
  assert.deepEqual(player.selectable(film).map((each) => each.node ?? `e${each.edge}`), [0, 1, "e0", "e1", 2, "e2", 3]);
});

test("what a closed group hides, or a bundle of edges, cannot be selected", () => {
  const hidden = structuredClone(film);
  hidden.nodes[0].part = "g0";
  hidden.edges[0][2] = "b0.forward";
  hidden.edges[1][2] = "g0";
  assert.deepEqual(player.selectable(hidden).map((each) => each.node ?? `e${each.edge}`), [1, 2, "e2", 3]);
  assert.equal(player.selectedBy(hidden, "b0.forward"), undefined);
});

test("only a leaf of one number can be typed", () => {
  assert.deepEqual([0, 1, 2, undefined].map((node) => player.isScalarLeaf(film, node)), [true, false, false, false]);
});

test("a number is dragged by a hundredth of its leading place a pixel", () => {
  const steps = (values, whole) => values.map((value) => player.dragStep(value, whole));
  assert.deepEqual(steps([1.5, -20, 0, 0.3, 9.99, 1000]), [0.01, 0.1, 0.01, 0.001, 0.01, 10]);
  assert.deepEqual(steps([3, -20, 0, 1000], true), [0.1, 0.1, 0.1, 10]); // whole numbers: ten pixels for the next
});

test("a cell of a table is an element of the array", () => {
  assert.deepEqual(player.placeOf("3", 0, 2), [2]);
  assert.deepEqual(player.placeOf("2×3", 1, 0), [1, 0]);
  assert.deepEqual([0, 1, 2, 5].map((row) => player.placeOf("3×2×4", row, 3)), [[0, 0, 3], [0, 1, 3], [1, 0, 3], [2, 1, 3]]);
});

test("a small array is read as it is shown, and none of which a part is left out", () => {
  assert.deepEqual(player.rowsIn("[1, −2, 3]", "3"), [["1", "−2", "3"]]);
  assert.deepEqual(player.rowsIn("[[1, 2], [3, 4]]", "2×2"), [["1", "2"], ["3", "4"]]);
  assert.equal(player.rowsIn("[1, …, 3]", "9"), undefined);
  assert.equal(player.rowsIn("array", "2"), undefined);
  assert.equal(player.rowsIn("", "2"), undefined);
});

test("a number is read as it is shown", () => {
  assert.deepEqual(["−0.5", " 2", "1e-3", "-3"].map(player.numberIn), [-0.5, 2, 0.001, -3]);
  const shown = ["2·10⁻⁵", "1·10⁶", "−1.235·10⁻⁷", "1.5·10³⁰⁰", "∞", "−∞"];
  assert.deepEqual(shown.map(player.numberIn), [2e-5, 1e6, -1.235e-7, 1.5e300, Infinity, -Infinity]);
  assert.deepEqual(["", " ", "x", "1/3", "NaN", "2·10", "2⁵", "3×4 array"].map(player.numberIn), Array(8).fill(NaN));
});

test("what is selected has a title", () => {
  assert.equal(player.titleOf(film, { node: 2 }), "u, computed by mul");
  assert.equal(player.titleOf(film, { node: 1 }), "x, an input, of shape 2×3");
  assert.equal(player.titleOf(film, { edge: 2 }), "the edge from u to L");
});

test("a node has received so many of the contributions of the pass that is under way", () => {
  const fanIn = structuredClone(film);
  fanIn.frames[5].about = 2; // u receives twice
  assert.deepEqual(everyStep.map((k) => player.received(fanIn, 2, k).got), [0, 0, 0, 0, 1, 2, 2]);
  assert.deepEqual([3, 4, 6].map((k) => player.received(fanIn, 2, k).due), [2, 2, 2]);
  assert.deepEqual(player.received(film, 1, LAST), { got: 0, due: 0 });
});

test("what is known of a selection is its value, its gradient, and what it has received", () => {
  const said = (k, selected) => player.factsText(film, player.timeline(film), k, selected);
  assert.equal(said(0, { node: 2 }), "Selected: u, computed by mul; value not computed yet; gradient not yet.");
  assert.equal(
    said(4, { node: 2 }),
    "Selected: u, computed by mul; value 6; gradient 12 + …; contributions 1 of 1 received.",
  );
  assert.equal(said(4, { edge: 2 }), "Selected: the edge from u to L; local gradient 12.");
  assert.equal(said(3, { edge: 2 }), "Selected: the edge from u to L; contribution not yet.");
});

test("the numbers of an array are those of the last frame that set them", () => {
  const many = structuredClone(film);
  many.frames[1].numbers = { "n2.value": [["1", "2", "3"], ["4", "5", "6"]] };
  const time = player.timeline(many);
  assert.equal(time.numbers("n2.value", 0), undefined);
  const [value] = player.facts({ ...many, frames: many.frames }, time, 3, { node: 2 });
  assert.deepEqual(value, ["value", "6", many.frames[1].numbers["n2.value"]]);
});

// ---------------------------------------------------------------------- training
const again = { ...frame("forward", { "n0.value": "1.9", "n1.value": HOSTILE, "n2.value": "5.7" }, ["n0", "n1", "n2"], []), fresh: true };
const later = film.frames.slice(2).map((each) => ({ ...each, texts: { ...each.texts } }));
const twice = { ...film, frames: [...film.frames, { ...film.frames[1], ...again }, ...later] };
const FRESH = film.frames.length;

test("where another iteration begins, all but what is said anew falls asleep", () => {
  const svg = stage();
  const paint = player.painter(svg, twice);
  paint(LAST);
  paint(FRESH);
  assert.deepEqual(["n2.grad", "n3.grad", "e2.local", "n3.value"].map((slot) => text(svg, slot)), ["–", "–", "", ""]);
  assert.deepEqual(["n0.value", "n2.value"].map((slot) => text(svg, slot)), ["1.9", "5.7"]);
  for (const part of ["n3", "n2.back", "n3.back", "e2.forward", "e2.back"]) {
    assert.deepEqual(classes(svg, part), ["bp-pending"], part);
  }
  for (const part of ["n0", "n1", "n2"]) assert.ok(!classes(svg, part).includes("bp-pending"), part);
});

test("a step of a training shows the same picture whichever way the reader came", () => {
  const steps = twice.frames.map((_, k) => k);
  const shown = (...path) => {
    const svg = stage();
    const paint = player.painter(svg, twice);
    for (const k of path) paint(k);
    return svg.plain();
  };
  for (const k of steps) {
    const straight = shown(k);
    for (const from of steps) assert.deepEqual(shown(from, k), straight, `${from} → ${k}`);
    assert.deepEqual(shown(...steps, ...[...steps].reverse(), k), straight, `there and back to ${k}`);
  }
});

test("what is told of a selection belongs to the iteration", () => {
  const time = player.timeline(twice);
  assert.deepEqual(player.received(twice, 2, LAST), { got: 1, due: 1 });
  assert.deepEqual(player.received(twice, 2, FRESH), { got: 0, due: 0 });
  assert.deepEqual(player.facts(twice, time, FRESH, { node: 2 }), [["value", "5.7", undefined], ["gradient", "not yet", undefined]]);
  assert.deepEqual(player.derivation(twice, 0, LAST), [3, 4, 5]);
  assert.deepEqual(player.derivation(twice, 0, FRESH), []);
  assert.deepEqual(player.derivation(twice, 0, twice.frames.length - 1), [9, 10, 11]);
});

test("the iterations of a training are counted, and jumped to", () => {
  assert.deepEqual(player.iterations(film), [0]);
  assert.deepEqual(player.iterations(twice), [0, 7]);
  assert.equal(player.counterText(twice, 3), "Step 3 of 12 · iteration 1 of 2 · backward");
  assert.equal(player.counterText(twice, 9), "Step 9 of 12 · iteration 2 of 2 · backward");
  assert.deepEqual([0, 3, 7, 9, 12].map((k) => player.iterationJump(twice, k, false)), [7, 7, 12, 12, 12]);
  assert.deepEqual([0, 3, 7, 9, 12].map((k) => player.iterationJump(twice, k, true)), [0, 0, 0, 7, 7]);
});

test("a name with braces stays as it is in a sentence", () => {
  assert.equal(player.worded("{a} to {b}", { a: "{b}", b: "$&" }), "{b} to $&");
});

test("the counter says the step, how many there are, and the phase", () => {
  assert.equal(player.counterText(film, 0), "Step 0 of 6 · start");
  assert.equal(player.counterText(film, 4), "Step 4 of 6 · backward");
});

// ---------------------------------------------------------------------- keys
const press = (key, localName = "div", modifiers = {}) =>
  player.keyAction({ key, target: { localName }, ...modifiers });

test("the keys step, jump and play", () => {
  const keys = ["Home", "ArrowLeft", " ", "ArrowRight", "End", "PageUp", "PageDown"];
  assert.deepEqual(keys.map((key) => press(key)), ["first", "previous", "play", "next", "last", "back", "on"]);
  for (const key of ["ArrowUp", "Enter", "d", "toString"]) assert.equal(press(key), undefined);
  assert.deepEqual([",", ".", "Escape", "g"].map((key) => press(key)), ["before", "after", "leave", "ask"]);
  const shifted = ["ArrowLeft", "ArrowRight", " ", "PageUp", "PageDown"].map((key) => press(key, "div", { shiftKey: true }));
  assert.deepEqual(shifted, ["turnBack", "turnOn", "reverse", "iterationBack", "iterationOn"]);
});

test("arrow up and down select in the picture alone", () => {
  const target = { localName: "div", classList: new Set(["bp-stage"]) };
  target.classList.contains = target.classList.has;
  assert.equal(player.keyAction({ key: "ArrowDown", target }), "down");
  assert.equal(player.keyAction({ key: "ArrowUp", target }), "up");
  assert.equal(player.keyAction({ key: "Enter", target }), "enter");
});

test("a control keeps the keys that it answers itself", () => {
  assert.equal(press(" ", "button"), undefined); // it clicks
  assert.equal(press("ArrowRight", "button"), "next");
  assert.equal(press("ArrowRight", "select"), undefined);
  const slider = { localName: "input", type: "range" };
  assert.equal(player.keyAction({ key: "ArrowRight", target: slider }), "next"); // its own step is prevented
  assert.equal(player.keyAction({ key: "ArrowRight", target: { localName: "input", type: "number" } }), undefined);
  assert.equal(press("Enter", "summary"), undefined);
});

test("a letter is the same key with Caps Lock", () => {
  assert.deepEqual([press("g"), press("G", "div", { shiftKey: true }), press("H")], ["ask", "ask", undefined]);
});

test("keys with a modifier are the browser's, or the notebook's", () => {
  for (const modifier of ["altKey", "ctrlKey", "metaKey"]) {
    assert.equal(press("ArrowLeft", "div", { [modifier]: true }), undefined);
  }
});

// ---------------------------------------------------------------------- what the kernel is asked for
test("two edits are underway, and of those that wait only the latest of each leaf is sent", () => {
  const sent = [];
  const edits = player.underway((values) => sent.push(values));
  for (const values of [{ 0: 1 }, { 0: 2 }, { 1: 5 }, { 0: 3 }, { 0: 4 }]) edits.put(values);
  assert.deepEqual(sent, [{ 0: 1 }, { 0: 2 }]);
  edits.answered(0); // of an earlier message
  assert.equal(sent.length, 2);
  edits.answered(1);
  assert.deepEqual(sent.slice(2), [{ 0: 4, 1: 5 }]);
  edits.put({ 0: 6 });
  assert.equal(sent.length, 3);
  edits.answered(3); // and with it the second
  assert.deepEqual(sent.slice(3), [{ 0: 6 }]);
  edits.put({ 0: 7 });
  assert.equal(sent.length, 5);
  edits.stop();
});

test("values that wait are sent when something else is asked for, or when no answer comes", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const edits = player.underway((values) => sent.push(values), 1);
  edits.put({ 0: 1 });
  edits.put({ 0: 2 });
  edits.flush();
  edits.put({ 0: 3 });
  assert.deepEqual(sent, [{ 0: 1 }, { 0: 2 }]);
  context.mock.timers.tick(1000);
  assert.deepEqual(sent, [{ 0: 1 }, { 0: 2 }, { 0: 3 }]);
  context.mock.timers.tick(1000);
  assert.equal(sent.length, 3);
});

test("messages are numbered, and what came of a step or a reset is announced once", () => {
  const sent = [];
  const kernel = player.correspondence((message) => sent.push(message), () => ({ told: [3] }));
  kernel.edit({ 0: 1 });
  kernel.ask({ type: "learn", rate: 0.1 });
  assert.deepEqual(sent, [
    { type: "edit", values: { 0: 1 }, told: [3], serial: 1 },
    { type: "learn", rate: 0.1, serial: 2 },
  ]);
  assert.deepEqual([1, 2, 2].map(kernel.answered), [false, true, false]); // the first answer is to the edit
  kernel.ask({ type: "reset" });
  kernel.failed();
  assert.equal(kernel.answered(), false);
  kernel.stop();
});

test("words that a film does not hold are asked for once, and of a kernel alone", () => {
  const sent = [];
  const kernel = player.correspondence((message) => sent.push(message.type), () => ({}));
  const [one, other] = [{}, {}];
  for (const film of [one, one, other]) kernel.askForWords(film);
  assert.deepEqual(sent, ["tell", "tell"]);
  player.correspondence(undefined, () => ({})).askForWords(one);
});
