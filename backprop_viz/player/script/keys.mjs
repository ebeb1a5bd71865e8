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

/** What a key does, if anything: it is left alone where the focused control has a use of its own for it. */
export function keyAction({ key, target, altKey, ctrlKey, metaKey, shiftKey }) {
  if (altKey || ctrlKey || metaKey) return undefined;
  const typed = target.localName === "input" && (target.type !== "range" || target.closest?.(".bp-edit"));
  if (typed && key === "Escape" && target.closest?.(".bp-told")) return "leave";
  if (typed || target.localName === "select") return undefined;
  if (["button", "summary"].includes(target.localName) && (key === " " || key === "Enter")) return undefined;
  const action = KEYS.get(shiftKey ? `Shift ${key}` : key);
  return IN_THE_PICTURE.has(action) && !target.classList?.contains("bp-stage") ? undefined : action;
}
