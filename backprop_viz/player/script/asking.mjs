// What is asked of the kernel, and which of its answers are awaited.

import { underway } from "./edits.mjs";

const ANNOUNCED = ["learn", "reset"]; // of which nothing is to be seen where no value is selected

/** Messages of one player, numbered, to `send`; `along()`: what every edit brings besides its values. */
export function correspondence(send, along) {
  let serial = 0;
  let news; // the number of a message whose answer is to be announced
  let asked; // the film of which all words have been asked for

  function post(message) {
    serial += 1;
    send({ ...message, serial });
    return serial;
  }

  const edits = underway((values) => post({ type: "edit", values, ...along() }));
  return {
    /** Give leaves other values, by their indices; of those that wait the latest are sent. */
    edit: edits.put,
    ask(message) {
      edits.flush(); // what follows from the values follows from the latest
      const number = post(message);
      if (ANNOUNCED.includes(message.type)) news = number;
    },
    /** Ask once for what a film does not say of its steps. */
    askForWords(film) {
      if (!send || asked === film) return;
      asked = film;
      post({ type: "tell" });
    },
    /** The message of this number is answered, the latest if there is none; whether that is to be announced. */
    answered(number = serial) {
      edits.answered(number);
      if (!(number >= news)) return false;
      news = undefined;
      return true;
    },
    failed() {
      edits.answered(serial);
      news = undefined;
    },
    stop: edits.stop,
  };
}
