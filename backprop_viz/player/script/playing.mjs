// Playing: one step after another, forth or back, at the reader's speed.

import { setIcon } from "./controls.mjs";
import { lastStep } from "./film.mjs";

const STEP_MS = 1600; // at speed 1: time to read a sentence

/** Plays what is shown `now()`, { view, film, playhead }, by steps that `go(k)` takes. */
export function playback(now, go) {
  let timer = null;
  let onwards = true; // which way it plays

  const end = () => (onwards ? lastStep(now().film) : 0);

  function pause() {
    if (timer === null) return;
    const { buttons } = now().view;
    clearTimeout(timer);
    timer = null;
    setIcon(buttons.play, "play", "Play (Space)");
    setIcon(buttons.reverse, "reverse", "Play backwards (Shift Space)");
    hush(false);
  }

  /** While it plays a screen reader could not keep up; where it pauses the step is announced. */
  function hush(quiet) {
    const { view, film, playhead } = now();
    for (const region of [view.sentence, view.status]) region.setAttribute("aria-live", quiet ? "off" : "polite");
    if (!quiet) view.sentence.textContent = film.frames[playhead].sentence;
  }

  function play(forth) {
    const again = timer !== null && forth === onwards;
    pause();
    if (again) return; // the button that plays is the one that pauses
    onwards = forth;
    const { view, film, playhead } = now();
    if (playhead === end()) go(forth ? 0 : lastStep(film));
    const [button, keys] = forth ? [view.buttons.play, "Space"] : [view.buttons.reverse, "Shift Space"];
    setIcon(button, "pause", `Pause (${keys})`);
    hush(true);
    wait();
  }

  function wait() {
    clearTimeout(timer);
    timer = setTimeout(tick, STEP_MS / Number(now().view.speed.value));
  }

  function tick() {
    const { view, film, playhead } = now();
    if (view.root.getClientRects().length === 0) return pause(); // hidden, or no longer in the page
    const loop = view.buttons.loop.getAttribute("aria-pressed") === "true";
    if (playhead === end() && loop) go(onwards ? 0 : lastStep(film));
    else go(playhead + (onwards ? 1 : -1));
    if (now().playhead === end() && !loop) pause();
    else wait();
  }

  return {
    play,
    pause,
    /** Go on at the speed that is now chosen. */
    retime: () => timer !== null && wait(),
    get on() {
      return timer !== null;
    },
  };
}
