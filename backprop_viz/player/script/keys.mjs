// What the keys do.

const KEYS = new Map([
  ["Home", "first"],
  ["ArrowLeft", "previous"],
  [" ", "play"],
  ["ArrowRight", "next"],
  ["End", "last"],
  ["PageUp", "back"],
  ["PageDown", "on"],
  ["Shift PageUp", "iterationBack"],
  ["Shift PageDown", "iterationOn"],
  ["Shift ArrowLeft", "turnBack"],
  ["Shift ArrowRight", "turnOn"],
  ["Shift  ", "reverse"],
  ["ArrowUp", "up"],
  ["ArrowDown", "down"],
  [",", "before"],
  [".", "after"],
  ["Escape", "leave"],
  ["Enter", "enter"],
  ["g", "ask"],
]);

const IN_THE_PICTURE = new Set(["up", "down", "enter"]); // elsewhere a listing or a slider moves, a button is pressed

const GUARD = "data-lm-suppress-shortcuts";

/**
 * Keep JupyterLab's keys out of an element, but for those with Ctrl, Alt or Cmd.
 *
 * It has keys for whatever has the focus in a notebook (D, D deletes the cell), unless that or what it is in has this
 * attribute. It looks for it in the document's capture phase.
 */
export function guardKeys(root, signal) {
  let guarded;
  const guard = (event) => {
    guarded?.removeAttribute(GUARD);
    guarded = isPlain(event) && event.target.closest?.(".bp-player") === root ? event.target : undefined;
    guarded?.setAttribute(GUARD, "");
  };
  addEventListener("keydown", guard, { signal, capture: true });
}

/** Whether a key is pressed without those that make it one of the browser, or of the notebook around. */
function isPlain({ altKey, ctrlKey, metaKey }) {
  return !altKey && !ctrlKey && !metaKey;
}

/** What a key does, if anything: it is left alone where the focused control has a use of its own for it. */
export function keyAction(event) {
  const { key, target, shiftKey } = event;
  if (!isPlain(event)) return undefined;
  const typed = target.localName === "input" && (target.type !== "range" || target.closest?.(".bp-edit"));
  if (typed && key === "Escape" && target.closest?.(".bp-told")) return "leave";
  if (typed || target.localName === "select") return undefined;
  if (["button", "summary"].includes(target.localName) && (key === " " || key === "Enter")) return undefined;
  const action = KEYS.get(shiftKey ? `Shift ${key}` : key) ?? KEYS.get(key.toLowerCase()); // "G" with Caps Lock
  return IN_THE_PICTURE.has(action) && !target.classList?.contains("bp-stage") ? undefined : action;
}
