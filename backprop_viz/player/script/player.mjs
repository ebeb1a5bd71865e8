// The player: a film shown step by step.
//
// The film says everything (player/film.py): one SVG, laid out once, and for each step what changes. These modules only
// move through it: they format no number, place nothing, and put text into the page as text, never as HTML. None of
// them imports anything from outside; a browser gets them as one (player/inlined.py).

import { correspondence } from "./asking.mjs";
import { build, makeRoom } from "./controls.mjs";
import { make, onEntered, say, showMath } from "./elements.mjs";
import { factsText, isProduct, isScalarLeaf, numberIn } from "./facts.mjs";
import {
  algorithmLine,
  clamp,
  counterText,
  derivation,
  iterationJump,
  iterations,
  lastStep,
  phaseJump,
  selectable,
  selectedBy,
  selectionJump,
  tellingOf,
  turnJump,
  worded,
} from "./film.mjs";
import { guardKeys, keyAction } from "./keys.mjs";
import { clicked, dragging, follow, painter } from "./picture.mjs";
import { playback } from "./playing.mjs";
import { elementField, numberFields, retell, tell } from "./story.mjs";
import { showTools } from "./tools.mjs";

const SCHEMA = 4;

/**
 * A player of this film at the end of `el`; `onStep(k)` is told of every step the reader takes.
 *
 * live: what the kernel can do for this player ({ edit, rate, fixed, zoom, within }), and `send(message)` to ask for it; a
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
    paint.fit();
    if (!staying) follow(view.stage, paint.lit);
    askForWords();
  }

  const focused = () => view.root.getRootNode().activeElement; // also where the player stands in a shadow tree

  /** The story anew, where this step or this selection changes it; what had the focus in it keeps it. */
  function drawStory() {
    const status = selected ? factsText(film, paint.time, playhead, selected) : film.says.hint;
    const told = selected ? tellingOf(film, selected).filter((step) => step <= playhead).length : 0;
    const now = [film, selected, told, starts.findLast((start) => start <= playhead)];
    say(view.status, status);
    if (story && now.every((each, i) => each === story[i])) return;
    const alike = story && now.slice(1).every((each, i) => each === story[i + 1]); // other numbers alone
    const held = view.story.contains(focused()) ? focused() : undefined;
    story = now;
    // A field in which a value is typed, or a slider that is held, stays in its place: moved, it would lose the hand.
    const typing = held?.closest(".bp-edit");
    if (typing && alike && retell(view.story, film, paint.time, playhead, selected)) return;
    const [edit, editCell] = live.edit && send ? [typing ? undefined : editor, cellEditor] : [];
    const zoom = send && live.zoom && !live.within ? (node) => kernel.ask({ type: "scalars", node, step: playhead }) : undefined;
    const open = new Set([...view.story.querySelectorAll("details[open] > summary")].map((title) => title.textContent));
    const ways = { go: pausing(go), jump: (back) => onSelection(back)(), close: actions.leave, edit, editCell, zoom, open };
    const place = typing ? make("div") : view.story;
    tell(place, film, paint.time, playhead, selected, ways);
    if (typing) {
      for (const element of [...view.story.children]) if (element !== typing && element.localName !== "h4") element.remove();
      view.story.append(...[...place.children].slice(1));
    }
    if (!held || typing) return;
    const named = (element) => element.getAttribute("aria-label") ?? element.textContent;
    const again = [...view.story.querySelectorAll("button, summary, input")].find((each) => named(each) === named(held));
    if (again && held.value && again.value !== held.value) {
      again.value = held.value; // what is being typed
      again.dispatchEvent(new Event("input"));
    }
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
    askForWords();
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

  const playing = playback(() => ({ view, film, playhead }), go);
  const { pause } = playing;
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
    play: () => playing.play(true),
    reverse: () => playing.play(false),
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
  /** The steps whose words are on the screen: while values move, the others can wait. */
  function wordsSeen() {
    const chain = view.story.querySelector(".bp-chain")?.open ? derivation(film, selected.node, playhead) : [];
    return [playhead, ...(selected ? tellingOf(film, selected) : []), ...chain];
  }

  // While it plays, any words may come next.
  const kernel = correspondence(send, () => (playing.on ? {} : { told: wordsSeen() }));

  /** Ask for the words that are to be seen and were not told: another view is dragging, or this one has stepped on. */
  function askForWords() {
    if (wordsSeen().some((step) => step <= playhead && !film.frames[step].sentence)) kernel.askForWords(film);
  }

  /** Where all values have moved and nothing is selected, say what has come of it: the sentence may be the same. */
  function tellNews() {
    if (selected) return;
    const root = film.nodes.length - 1;
    const value = paint.time.text(`n${root}.value`, lastStep(film));
    if (value) say(view.status, worded(film.says.anew, { name: film.nodes[root].name, value }));
  }

  /** Edits go by the node's index: names may be alike. */
  const setLeaf = (node, value) => kernel.edit({ [node]: value });

  /** The value of a leaf of one number in the end: with all its digits where the film has them, or else as it is shown. */
  const valueOf = (node) =>
    film.held?.[node] ?? numberIn((paint.time.text(`n${node}.value`, lastStep(film)) ?? "").split("→").at(-1));

  /** The leaf whose node a pointer is on, if its number can be dragged. */
  function numberAt({ target }) {
    const { node } = selectedBy(film, target.closest?.(".bp-drag")?.getAttribute("data-part")) ?? {};
    const value = isScalarLeaf(film, node) ? valueOf(node) : NaN;
    const { whole } = film.nodes[node] ?? {};
    return !Number.isFinite(value) ? undefined : { value, whole, change: (wanted) => setLeaf(node, wanted) };
  }

  function markLeaves() {
    if (!live.edit || !send) return;
    film.nodes.forEach(({ part }, node) => {
      if (!isScalarLeaf(film, node)) return;
      const draggable = Number.isFinite(valueOf(node));
      for (const element of paint.parts.get(part) ?? []) element.classList.toggle("bp-drag", draggable);
    });
  }

  const editor = (node) => numberFields(film.nodes[node], valueOf(node), (value) => setLeaf(node, value));
  const cellEditor = (node) => (text, row, column) =>
    elementField(film.nodes[node], text, row, column, (value) => setLeaf(node, value));

  function onClick(event) {
    const choice = clicked(film, view.canvas, event);
    view.stage.focus({ preventScroll: true });
    if (!choice?.group) select(choice);
    else if (send && live.zoom) kernel.ask({ type: "toggle", group: choice.group });
    else view.status.textContent = worded(film.says.closed, { name: choice.group.at(-1) });
  }

  function onDoubleClick(event) {
    const choice = clicked(film, view.canvas, event);
    if (isProduct(film, choice?.node) && send && live.zoom) kernel.ask({ type: "scalars", node: choice.node, step: playhead });
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
    on(view.speed, "change", playing.retime);
    onEntered(view.jump, onJump, { signal: listening.signal });
    on(view.root, "keydown", onKey);
    guardKeys(view.root, listening.signal);
    dragging(view.stage, on, numberAt);
    on(view.stage, "click", onClick);
    on(view.stage, "dblclick", onDoubleClick);
    on(document, "visibilitychange", () => document.hidden && pause());
    markLeaves();
    if (send) showTools(view, film, live, kernel.ask);
    draw(playhead);
  }

  put();
  el.append(view.root);
  draw(playhead); // once more in the page: only there it is known where things are
  // Notebooks put their outputs into the page later, windows change their size, phones are turned. What is selected stays
  // where it is: its story may be what has made the place smaller.
  const placed = new ResizeObserver(() => view.stage.clientWidth && !selected && follow(view.stage, paint.lit));
  placed.observe(view.stage);
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
      const news = kernel.answered(other.serial);
      const same = other.svg === film.svg && other.frames.length === film.frames.length;
      film = other;
      if (can.within && !live.within) [outside, playhead] = [playhead, 0]; // a graph of its own begins at its start
      else if (live.within && !can.within) playhead = outside;
      live = can;
      playhead = clamp(film, playhead);
      if (same) {
        starts = iterations(film);
        paint.reload(film);
        markLeaves();
        makeRoom(view.sentence, film);
        draw(playhead, true); // a number that is dragged stays under the hand
        if (news) tellNews();
        return;
      }
      pause();
      listening.abort();
      const [old, held] = [view.root, view.root.contains(focused())];
      selected = undefined;
      put();
      old.replaceWith(view.root);
      placed.disconnect();
      placed.observe(view.stage);
      draw(playhead);
      if (held) view.root.focus({ preventScroll: true });
    },
    /** Say what went wrong. */
    fail(text) {
      kernel.failed();
      view.sentence.textContent = text;
    },
    dispose() {
      pause();
      placed.disconnect();
      kernel.stop();
      listening.abort();
      view.root.remove();
    },
  };
}
