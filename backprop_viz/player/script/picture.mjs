// The picture: the stage in the page, painted step by step, scrolled and dragged.

import { make, say, SVG } from "./elements.mjs";
import { dragStep } from "./facts.mjs";
import { selectedBy, timeline } from "./film.mjs";
import { expanded } from "./packing.mjs";

const GLOW = 10; // pixels around what is lit
const MOVING = 400; // parts of a picture that may fade from step to step: to draw more takes longer than a frame
const PIECE = 30; // parts of a large picture that are painted anew together
const DIGIT = 7.6; // pixels: the width of a digit in the smallest numbers
const SLACK = 4; // pixels that a pointer may move in a click
const MOST_PLACES = 100; // behind the point, of which JavaScript knows
const FINGER = 9; // pixels: how far beside a thin arrow one may click

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

/** The texts of these slots that may be longer than their room, as those of another value may be; each at its own width. */
function loose(slots, texts, room) {
  const all = slots.flatMap((slot) => (texts.get(slot) ?? []).map(({ text }) => ({ text, most: room[slot] })));
  for (const { text } of all) if (text.hasAttribute("textLength")) text.removeAttribute("textLength");
  return all.filter(({ text, most }) => text.textContent.length * DIGIT > most); // most are short enough
}

/** Make those of them narrower that are longer. */
function squeeze(elements) {
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
  let tight = []; // texts whose room is to be looked at
  const paint = (k) => {
    const { time } = paint;
    const change = shown === undefined ? everything : time.touched(shown, k);
    for (const slot of shown === undefined ? texts.keys() : change.texts) {
      for (const { text, blank } of texts.get(slot) ?? []) {
        const wanted = time.text(slot, k) ?? blank;
        if (text.textContent !== wanted) say(text, wanted); // untouched nodes need no new layout
      }
    }
    if (film.room) tight = loose(shown === undefined ? [...texts.keys()] : [...change.texts], texts, film.room);
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
  /** Fit the texts into their places. It asks how long they are, and so comes after all that changes the page. */
  paint.fit = () => squeeze(tight);
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
export function picture(film) {
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

export function isLarge(picture) {
  return picture.querySelectorAll("[data-part]").length > MOVING;
}

/** The box around the first of these that there is room for, and around as many of the others as there is room for too. */
function together(boxes, fits) {
  const both = (a, b) => ({
    left: Math.min(a.left, b.left), right: Math.max(a.right, b.right),
    top: Math.min(a.top, b.top), bottom: Math.max(a.bottom, b.bottom),
  });
  const first = boxes.find(fits) ?? boxes[0];
  return boxes.map((box) => both(box, box)).reduce((seen, box) => (fits(both(seen, box)) ? both(seen, box) : seen), both(first, first));
}

/**
 * Scroll the picture, where it is too large for its place, to what this step is about: as much of it as can be seen at
 * once, for a leaf that is drawn in several places lights up in all of them.
 */
export function follow(stage, lit) {
  const wide = stage.scrollWidth > stage.clientWidth;
  const tall = stage.scrollHeight > stage.clientHeight;
  if (!wide && !tall) return;
  if (lit.length === 0) return stage.scrollTo(0, wide ? stage.scrollTop : 0);
  const { left, top } = stage.getBoundingClientRect();
  const within = (length, room) => length + 2 * GLOW <= room;
  const fits = (box) =>
    (!wide || within(box.right - box.left, stage.clientWidth)) && (!tall || within(box.bottom - box.top, stage.clientHeight));
  const box = together(lit.map((part) => part.getBoundingClientRect()), fits);
  const shift = (low, high, room) => (low - GLOW < 0 || high + GLOW > room ? (low + high - room) / 2 : 0);
  const right = wide ? shift(box.left - left, box.right - left, stage.clientWidth) : 0;
  const down = tall ? shift(box.top - top, box.bottom - top, stage.clientHeight) : 0;
  if (right || down) stage.scrollBy(right, down);
}

/** What was clicked, or lies beside it: arrows are thin. */
export function clicked(film, canvas, { target, clientX, clientY }) {
  const under = (element) => selectedBy(film, element?.closest?.("[data-part]")?.getAttribute("data-part"));
  const beside = [-1, 1].flatMap((side) => [[0, side * FINGER], [side * FINGER, 0], [0, (side * FINGER) / 2]]);
  const near = () => beside.map(([x, y]) => under(canvas.getRootNode().elementFromPoint(clientX + x, clientY + y)));
  return under(target) ?? near().find((choice) => choice?.edge !== undefined);
}

/** Numbers in the picture that can be dragged sideways: `numberAt(event)` gives { value, whole, change(value) }, or nothing. */
export function dragging(stage, on, numberAt) {
  let held;
  on(stage, "pointerdown", (event) => {
    const number = event.button === 0 && event.isPrimary ? numberAt(event) : undefined;
    held = number && { ...number, step: dragStep(number.value, number.whole), pointer: event.pointerId, x: event.clientX };
  });
  on(stage, "pointermove", ({ pointerId, clientX, shiftKey }) => {
    if (pointerId !== held?.pointer || (!held.moving && Math.abs(clientX - held.x) < SLACK)) return;
    if (held.moving) held.value += (clientX - held.x) * held.step * (shiftKey ? 0.1 : 1);
    else stage.setPointerCapture(pointerId);
    [held.moving, held.x] = [true, clientX];
    const places = held.whole ? 0 : Math.max(0, Math.round(1 - Math.log10(held.step)));
    held.change(places > MOST_PLACES ? held.value : Number(held.value.toFixed(places)));
  });
  for (const end of ["pointerup", "pointercancel"]) on(stage, end, () => held && (held.pointer = undefined));
  on(stage, "click", (event) => held?.moving && event.stopImmediatePropagation()); // it was no click
}
