// What is known of a selected node or arrow, in words, and what can be done with its numbers. All of it is pure.

import { received, worded } from "./film.mjs";

/** Whether a node is an input or a parameter. */
export function isLeaf(film, node) {
  return node !== undefined && film.nodes[node].kind !== "compute";
}

/** Whether a node is an input or a parameter of one number, which can be typed. */
export function isScalarLeaf(film, node) {
  return isLeaf(film, node) && !film.nodes[node].shape;
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

/** How far a pixel takes a number that is dragged: a hundredth of its leading digit's place; of a whole one ten pixels one. */
export function dragStep(value, whole = false) {
  const step = 10 ** (Math.floor(Math.log10(Math.abs(value) || 1)) - 2);
  return whole ? Math.max(step, 0.1) : step;
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

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻";

/** The number that a text shows as those of the picture do ("−1.235·10⁻⁷", "∞"), NaN where it shows none. */
export function numberIn(text) {
  const power = (_, raised) => `e${raised.replace(/./g, (digit) => "0123456789-"[RAISED.indexOf(digit)])}`;
  const plain = text.trim().replace("−", "-").replace("∞", "Infinity").replace(/·10([⁻⁰¹²³⁴-⁹]+)$/, power);
  return plain === "" ? NaN : Number(plain);
}
