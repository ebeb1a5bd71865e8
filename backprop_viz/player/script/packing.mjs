// The film as it is sent and as a page holds it, with few characters (player/compact.py), made whole again.

const FIRST_WORD = 0xe000; // the private characters that stand for words, and for holes in stencils (player/compact.py)

/** The text in which the words are put in again for the private characters that stand for them. */
export function expanded(text, words) {
  return text.replace(/[\uE000-\uF8FF]/g, (letter) => expanded(words[letter.charCodeAt(0) - FIRST_WORD], words));
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
  return { ...film, svg: filled(film.svg).join(""), nodes: list("nodes"), edges: list("edges"), frames: list("frames") };
}
