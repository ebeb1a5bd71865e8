// The film as it is sent and as a page holds it, with few characters (player/compact.py), made whole again.

const FIRST_WORD = 0xe000; // the private characters that stand for words, and for holes in stencils (player/compact.py)

/** The text in which the words are put in again for the private characters, but for those that are `taken` otherwise. */
export function expanded(text, words, taken = 0) {
  return text.replace(/[\uE000-\uF8FF]/g, (letter) => {
    const word = words[letter.charCodeAt(0) - FIRST_WORD - taken];
    return word === undefined ? letter : expanded(word, words, taken);
  });
}

/** The texts of stencils with the numbers put in, each taking those that come next in its stencil's columns. */
export function filled({ stencils, order }) {
  const columns = stencils.map(([, ...texts]) => texts.map((text) => text.split(" ")));
  const next = stencils.map(() => 0);
  return order.map((stencil) => {
    const row = next[stencil]++;
    const put = (hole) => columns[stencil][hole.charCodeAt(0) - FIRST_WORD][row];
    return stencils[stencil][0].replace(/[\uE000-\uF8FF]/g, put);
  });
}

/** The film that a page holds packed (player/film.py). */
export function unpacked(film) {
  const list = (name) => filled(film[name]).map((text) => JSON.parse(text));
  const { stencils, order } = film.svg;
  const taken = Math.max(...stencils.map(([, ...columns]) => columns.length));
  const whole = stencils.map(([text, ...columns]) => [expanded(text, film.words, taken), ...columns]);
  const svg = filled({ stencils: whole, order }).join("");
  return { ...film, svg, words: [], nodes: list("nodes"), edges: list("edges"), frames: list("frames") };
}
