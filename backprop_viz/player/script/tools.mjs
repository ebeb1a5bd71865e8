// The row of what can be asked of the kernel as a whole.

import { make, say, word } from "./elements.mjs";
import { worded } from "./film.mjs";

const FEW = 6; // groups that have a button of their own

/** Put up what this player's kernel can be asked for, by `ask(message)`. */
export function showTools({ tools, sentence }, film, live, ask) {
  tools.replaceChildren();
  if (live.within) tools.append(word(`Back from ${live.within}`, () => ask({ type: "back" })));
  if (live.edit) {
    const rate = make("input", { type: "number", step: "any", min: 0, value: live.rate ?? 0.1 });
    const label = make("label", {}, "Learning rate ", rate);
    const learn = () => {
      if (rate.value !== "") return ask({ type: "learn", rate: Number(rate.value) });
      say(sentence, film.says.rate); // nothing is typed, or no number
      return rate.focus();
    };
    tools.append(label, word("SGD step", learn), word("Reset values", () => ask({ type: "reset" })));
    const names = live.fixed?.join(", ");
    if (names) tools.append(make("span", { class: "bp-muted" }, worded(film.says.fixed, { names })));
  }
  if (!live.zoom) return;
  const toggles = [
    ...film.open.map((group) => [`Close ${group.at(-1)}`, group]),
    ...Object.values(film.groups).map((group) => [`Open ${group.at(-1)}`, group]),
  ].map(([text, group]) => word(text, () => ask({ type: "toggle", group })));
  if (toggles.length <= FEW) tools.append(...toggles);
  else tools.append(make("details", {}, make("summary", {}, `${toggles.length} groups`), ...toggles));
}
