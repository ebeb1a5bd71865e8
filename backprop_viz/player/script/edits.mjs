// Edits on their way to the kernel.

const PATIENCE_MS = 1000; // the kernel is asked again when it has not answered for so long

/** Sends values one after another: while an answer is awaited, only the latest of each leaf waits. */
export function oneAtATime(send) {
  let waiting;
  let patience;
  const flush = () => {
    clearTimeout(patience);
    patience = undefined;
    if (!waiting) return;
    patience = setTimeout(flush, PATIENCE_MS);
    send(waiting);
    waiting = undefined;
  };
  const put = (values) => {
    waiting = { ...waiting, ...values };
    if (patience === undefined) flush();
  };
  return { put, flush, answered: flush, stop: () => clearTimeout(patience) };
}
