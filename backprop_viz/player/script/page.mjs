// The players of a page that was saved.
//
// The address says where they stand, in their order on the page: #step=17, or #step=17,4. A number that is missing
// leaves its player alone.

import { unpacked } from "./packing.mjs";
import { mount } from "./player.mjs";

const REST_MS = 200; // the address follows when the reader rests: browsers limit how often it may change

const asked = () => {
  const steps = new URLSearchParams(location.hash.slice(1)).get("step") ?? "";
  return steps.split(",").map((text) => (/^\d+$/.test(text) ? Number(text) : undefined));
};

let timer;
const tellAddress = () => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    try {
      history.replaceState(null, "", `#step=${players.map((player) => player.step)}`);
    } catch (error) {
      if (error.name !== "SecurityError") throw error; // a sandboxed frame has no address of its own
    }
  }, REST_MS);
};

const steps = asked();
const players = [...document.querySelectorAll("main > section")].map((place, i) => {
  const film = unpacked(JSON.parse(place.querySelector("script").textContent));
  return mount(place, film, { step: steps[i] ?? Number(place.dataset.step), onStep: tellAddress });
});

addEventListener("hashchange", () => {
  clearTimeout(timer);
  asked().forEach((step, i) => step !== undefined && players[i]?.show(step));
});
