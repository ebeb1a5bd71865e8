// The story of what is selected, told in a panel; and the fields in which its value is given.

import { make, math, onEntered, say, showMath, word } from "./elements.mjs";
import { dragStep, facts, isLeaf, isProduct, isScalarLeaf, numberIn, placeOf, rowsIn, titleOf } from "./facts.mjs";
import { derivation, iterations, received, tellingOf, worded } from "./film.mjs";

const DRAG = "or drag the number in the picture sideways: with Shift it moves finely";

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

/** What is known in one line, without the tables. */
function inOneLine(known) {
  return known.filter(([, text]) => text).map(([what, text]) => `${what}: ${text}`).join(" · ");
}

/** All equations that lead to a node's gradient, to be unfolded, where they are more than the steps that are told. */
function chainRule(film, node, k, told, open) {
  const reason = node === undefined || !received(film, node, k).got ? [] : derivation(film, node, k);
  const begun = iterations(film).findLast((start) => start <= k);
  if (reason.length <= told.filter((step) => step >= begun).length) return undefined;
  const lines = () => reason.flatMap((step) => math(film, film.frames[step].equations));
  const details = unfolding(film.says.chain, () => make("div", { class: "bp-scrolls" }, ...lines()), open);
  details.classList.add("bp-chain");
  return details;
}

/**
 * Tell the same events with other numbers, in their places: while a field is held, making all anew takes too long. The
 * fields stay as they are.
 * False where it cannot be done so: where there are tables, where the chain rule is unfolded, or there are other events.
 */
export function retell(place, film, time, k, selected) {
  const told = tellingOf(film, selected).filter((step) => step <= k);
  const rows = [...place.querySelectorAll(".bp-events > li")];
  const chain = place.querySelector(":scope > .bp-chain");
  const folded = chainRule(film, selected.node, k, told, false);
  const others = place.querySelector(":scope > details:not(.bp-chain)");
  if (others || chain?.open || !chain !== !folded || rows.length !== told.length) return false;
  say(place.querySelector(".bp-facts"), inOneLine(facts(film, time, k, selected)));
  rows.forEach((row, i) => {
    const { sentence, equations } = film.frames[told[i]];
    row.childNodes[1].data = sentence;
    showMath(row.lastChild, film, equations);
  });
  chain?.replaceWith(folded);
  return true;
}

/** What the player tells of a selected node or edge at step k, into `place`; `open`: the titles of what is unfolded. */
export function tell(place, film, time, k, selected, { go, jump, close, edit, editCell, zoom, open }) {
  place.replaceChildren();
  if (!selected) return place.append(make("p", { class: "bp-muted" }, film.says.hint));
  const { node } = selected;
  place.append(make("h4", {}, titleOf(film, selected)));
  if (edit && isScalarLeaf(film, node)) place.append(edit(node));
  if (zoom && isProduct(film, node)) place.append(word("Open number by number", () => zoom(node)));
  const known = facts(film, time, k, selected);
  place.append(make("p", { class: "bp-facts" }, inOneLine(known)));
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
  const chain = chainRule(film, node, k, told, open.has(film.says.chain));
  if (chain) place.append(chain);
  const ways = [["Its step before (,)", true], ["Its next step (.)", false]].map(([text, back]) => word(text, () => jump(back)));
  place.append(make("p", { class: "bp-ways" }, ...ways, word("Close (Escape)", close)));
  for (const details of place.querySelectorAll("details")) details.open = open.has(details.firstChild.textContent);
}

/**
 * Fields for the value of a leaf of one number, to type and to drag; `set(value)` is told of every change. Where it has
 * run away, to NaN or ∞, another can be typed, and there is nothing to drag. A whole number stays one.
 */
export function numberFields({ name, whole, range }, value, set) {
  const known = Number.isFinite(value);
  const near = known ? value : 0;
  const reach = 2 * Math.max(1, Math.abs(near));
  const step = (10 * dragStep(near, whole)).toPrecision(1); // what an arrow key changes
  const [min, max] = range ?? [near - reach, near + reach];
  const number = make("input", { type: "number", step, value: known ? value : "", "aria-label": `Value of ${name}` });
  const slider = make("input", { type: "range", min, max, step: whole ? 1 : reach / 200, value: near });
  slider.setAttribute("aria-label", `Value of ${name}, to drag`);
  const changed = (from, to) => () => {
    to.value = from.value;
    if (from.value !== "") set(Number(from.value));
  };
  number.addEventListener("input", changed(number, slider));
  slider.addEventListener("input", changed(slider, number));
  return make("div", { class: "bp-edit" }, number, ...(known ? [slider, make("span", { class: "bp-muted" }, DRAG)] : []));
}

/** The field for an element of an array, which shows this text; `set({ at, value })` is told of a change. */
export function elementField({ name, shape }, text, row, column, set) {
  const at = placeOf(shape, row, column);
  const label = `${name}[${at.join(", ")}]`;
  const field = make("input", { type: "text", inputmode: "decimal", value: text, "aria-label": label });
  onEntered(field, () => {
    const value = numberIn(field.value);
    if (Number.isFinite(value)) set({ at, value });
    else field.value = text;
  });
  return field;
}
