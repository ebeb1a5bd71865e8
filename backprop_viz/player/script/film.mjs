// The film in time: where the playhead may stand, and what every part of the picture holds there. All of it is pure.

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
  const elsewhere = steps.length ? (film.nodes[node].elsewhere ?? 0) : 0;
  return { got: steps.filter((i) => i <= k).length, due: steps.length + elsewhere };
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
