// What is saved of widgets with a notebook: backprop_viz/player/script/reopened.mjs.

import assert from "node:assert/strict";
import { test } from "node:test";

import { saved } from "../../backprop_viz/player/script/reopened.mjs";

class Element {
  constructor(tag) {
    Object.assign(this, { tag, style: {} });
  }
  get outerHTML() {
    return JSON.stringify(this);
  }
}
globalThis.document = { createElement: (tag) => new Element(tag) };

const VIEW = "application/vnd.jupyter.widget-view+json";
const stage = { label: "Computational graph of L", says: { again: "{label}: run the cell." } };
const player = { model_module: "anywidget", state: { reel: "{}", stage } };
const slider = { model_module: "controls", state: { layout: "IPY_MODEL_layout" } };
const box = { model_module: "controls", state: { children: ["IPY_MODEL_player", "IPY_MODEL_slider"] } };
const layout = { model_module: "base", state: {} };
const output = (id, svg) => ({ data: { [VIEW]: { model_id: id }, ...(svg && { "image/svg+xml": svg }) } });
const notebook = (outputs, state) => ({
  cells: [{ source: "# text" }, { outputs: [{ name: "stdout" }, ...outputs] }],
  metadata: state ? { widgets: { "application/vnd.jupyter.widget-state+json": { state } } } : {},
});

test("a player is saved as the picture of its output", () => {
  const state = saved(notebook([output("player", ["<svg>%#", '"</svg>']), { data: {} }]), { player });
  assert.deepEqual(Object.keys(state), ["player"]);
  const { tag, src, alt } = JSON.parse(state.player.state.value);
  assert.deepEqual([tag, alt], ["img", "Computational graph of L"]);
  assert.equal(decodeURIComponent(src.split(",")[1]), '<svg>%#"</svg>');
  const wide = saved(notebook([output("player", '<svg xmlns="x" viewBox="0 0 431.6 120" style="">')]), { player });
  assert.match(JSON.parse(wide.player.state.value).style.cssText, /^max-width: 100%; width: 432px$/);
});

test("what holds a player is saved with all that it holds, and nothing else that lives", () => {
  const state = saved(notebook([output("box")]), { player, slider, box, layout, other: slider });
  assert.deepEqual(Object.keys(state).sort(), ["box", "layout", "player", "slider"]);
  assert.match(JSON.parse(state.player.state.value).textContent, /^Computational graph of L: run the cell/);
});

test("pictures of outputs that were not run again stay, and those of outputs that are gone do not", () => {
  const before = { old: { model_module: "controls", state: { value: "<img>" } }, gone: slider };
  const state = saved(notebook([output("old"), output("player", "<svg/>")], before), { player });
  assert.deepEqual(Object.keys(state), ["old", "player"]);
  assert.equal(state.old, before.old);
});

test("where no player lives, or the reader has all widgets saved, nothing is touched", () => {
  assert.equal(saved(notebook([output("slider")]), { slider }), undefined);
  assert.equal(saved(notebook([output("player", "<svg/>")], { player }), { player }), undefined);
});
