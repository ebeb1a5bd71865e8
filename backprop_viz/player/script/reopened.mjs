// What a notebook shows of its players when it is opened again and not run. Jupyter finds no widget of a kernel that is
// gone; so with the notebook another one is saved in each player's place, which is only its picture.

import { worded } from "./film.mjs";

const STATE = "application/vnd.jupyter.widget-state+json";
const VIEW = "application/vnd.jupyter.widget-view+json";
const MARK = Symbol.for("backprop-viz.reopened"); // every player brings this module anew, and one has to listen

/** See to it that pictures are saved with the notebook in which this manager's widgets are shown. */
export function keepPictures(manager) {
  const context = manager?.context; // of JupyterLab and Notebook; others save their widgets themselves, or none
  if (!context?.saveState || !manager.get_state_sync || context[MARK]) return;
  context[MARK] = true;
  context.saveState.connect((_, phase) => {
    if (phase !== "started") return;
    const notebook = context.model.toJSON();
    const state = saved(notebook, manager.get_state_sync({ drop_defaults: true }).state);
    if (state) context.model.setMetadata("widgets", { [STATE]: { version_major: 2, version_minor: 0, state } });
  });
}

const isPlayer = ({ state }) => "reel" in state && "stage" in state;

/** The widgets to be saved with a notebook, of which these live; undefined where nothing is to be changed. */
export function saved({ cells, metadata }, live) {
  const before = metadata.widgets?.[STATE]?.state ?? {};
  if (!Object.values(live).some(isPlayer)) return undefined;
  if (Object.values(before).some(isPlayer)) return undefined; // the reader has all widgets saved
  const outputs = cells.flatMap((cell) => cell.outputs ?? []).filter(({ data }) => data?.[VIEW]);
  const shown = new Map(outputs.map(({ data }) => [data[VIEW].model_id, data]));
  const known = { ...before };
  for (const [id, widget] of Object.entries(live)) known[id] = isPlayer(widget) ? instead(widget, shown.get(id)) : widget;
  const kept = {};
  const keep = (id) => {
    if (id in kept || !(id in known)) return;
    kept[id] = known[id];
    for (const [, part] of JSON.stringify(known[id].state).matchAll(/"IPY_MODEL_([^"]+)"/g)) keep(part);
  };
  for (const id of shown.keys()) keep(id);
  return kept;
}

/** A widget that shows the picture of an output or, of a player within another widget, says what was there. */
function instead({ state }, data) {
  const svg = [data?.["image/svg+xml"] ?? []].flat().join("");
  const element = document.createElement(svg ? "img" : "p");
  if (svg) {
    element.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    element.alt = state.stage.label;
    const width = /^<svg[^>]* (?:viewBox="\S+ \S+ |width=")([\d.]+)/.exec(svg)?.[1];
    element.style.cssText = `max-width: 100%;${width ? ` width: ${Math.round(width)}px` : ""}`; // in a box it had none
  } else element.textContent = worded(state.stage.says.again, state.stage);
  return {
    model_name: "HTMLModel",
    model_module: "@jupyter-widgets/controls",
    model_module_version: "2.0.0",
    state: { value: element.outerHTML },
  };
}
