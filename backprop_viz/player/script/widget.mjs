// The player in a notebook.

import { mount } from "./player.mjs";
import { keepPictures } from "./reopened.mjs";

const SYNC_MS = 200; // the kernel hears of a step when the reader has rested on it

/** Show the model's film in `el` (anywidget's contract). Steps are local; the kernel hears of them afterwards. */
function render({ model, el }) {
  const film = () => ({ ...model.get("stage"), ...JSON.parse(model.get("reel")) });
  let timer;
  const onStep = (k) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      model.set("step", k);
      model.save_changes();
    }, SYNC_MS);
  };
  const send = (message) => {
    try {
      model.send(message);
    } catch {
      player.fail(film().says.gone); // a kernel that was started anew knows no player of the one before
    }
  };
  keepPictures(model.widget_manager);
  const player = mount(el, film(), { step: model.get("step"), onStep, live: model.get("live"), send });
  const follow = () => {
    clearTimeout(timer);
    player.show(model.get("step"));
  };
  let due; // changes that come together, or while the one before is drawn, are shown once
  const update = () => {
    due ??= setTimeout(() => {
      due = undefined;
      player.update(film(), model.get("live"));
    });
  };
  const answer = (message) => message.type === "error" && player.fail(message.text);
  model.on("change:step", follow);
  model.on("change:reel", update);
  model.on("change:stage", update);
  model.on("change:live", update);
  model.on("msg:custom", answer);
  return () => {
    clearTimeout(timer);
    clearTimeout(due);
    model.off("change:step", follow);
    model.off("change:reel", update);
    model.off("change:stage", update);
    model.off("change:live", update);
    model.off("msg:custom", answer);
    player.dispose();
  };
}

export default { render };
