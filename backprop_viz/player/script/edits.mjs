// Edits on their way to the kernel.

const PATIENCE_MS = 1000; // the kernel is asked again when it has not answered for so long
const UNDERWAY = 2; // edits: while the kernel computes for one, the answer to the one before is drawn

/** Sends values, which gives each message's number; while some are unanswered, only the latest of each leaf waits. */
export function underway(send, most = UNDERWAY) {
  let waiting;
  let patience;
  let unanswered = [];
  const flush = () => {
    clearTimeout(patience);
    if (!waiting) return;
    const values = waiting;
    waiting = undefined;
    patience = setTimeout(() => answered(Infinity), PATIENCE_MS);
    unanswered.push(send(values));
  };
  const put = (values) => {
    waiting = { ...waiting, ...values };
    if (unanswered.length < most) flush();
  };
  /** The message of this number is answered, and those before it with it. */
  const answered = (number) => {
    unanswered = unanswered.filter((other) => other > number);
    if (unanswered.length < most) flush();
  };
  return { put, flush, answered, stop: () => clearTimeout(patience) };
}
