// Small pieces of a page, and equations. Text goes into the page as text, never as HTML.

export const SVG = "http://www.w3.org/2000/svg";
const MATHML = "http://www.w3.org/1998/Math/MathML";
const TEXT = 3; // the type of a text node
const MATHML_TAGS = new Set("mrow mi mn mo mfrac msub msup msubsup mover mtext msqrt mtable mtr mtd mspace".split(" "));

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Make an element say this text: where it has one already, that is changed, which costs less than another. */
export function say(element, text) {
  const [only, more] = element.childNodes ?? [];
  if (only?.nodeType !== TEXT || more) element.textContent = text;
  else if (only.data !== text) only.data = text;
}

/**
 * Do this once when what is typed into a field is meant: at Enter, after which JupyterLab lets no `change` happen, or when
 * the field is left.
 */
export function onEntered(field, action, options = {}) {
  let typed = false;
  const meant = () => {
    if (!typed) return;
    typed = false;
    action();
  };
  field.addEventListener("input", () => (typed = true), options);
  field.addEventListener("change", meant, options);
  field.addEventListener("keydown", ({ key }) => key === "Enter" && meant(), options);
}

/** A button with a word on it. */
export function word(text, action) {
  const button = make("button", { type: "button", class: "bp-word" }, text);
  button.addEventListener("click", action);
  return button;
}

/**
 * The MathML element of a branch of the library: [tag, class, ...children]. A child is a branch's number, a sign, or null
 * for the first of the texts that is left.
 */
export function mathml(library, branch, texts, document = globalThis.document) {
  const [tag, name, ...children] = library[branch];
  if (!MATHML_TAGS.has(tag)) throw new Error(`<${tag}> has no place in an equation`);
  const element = document.createElementNS(MATHML, tag);
  if (name) element.setAttribute("class", name);
  if (tag === "mover") element.setAttribute("accent", "true"); // ŷ: close to its letter, and not small
  fill(element, children, library, texts, document);
  return element;
}

/** Make an element's children these; what is there already and like them stays, for what is new is costly to lay out. */
export function fill(element, children, library, texts, document = globalThis.document) {
  const present = [...element.childNodes];
  children.forEach((child, i) => {
    const old = present[i];
    const branch = typeof child === "number" ? library[child] : undefined;
    const alike = branch && old?.localName === branch[0] && (old.getAttribute("class") ?? "") === branch[1];
    if (alike) return fill(old, branch.slice(2), library, texts, document);
    const text = branch ? undefined : (child ?? texts.shift());
    if (!branch && old?.nodeType === TEXT) return old.data === text || (old.data = text);
    const made = branch ? mathml(library, child, texts, document) : text;
    return old ? old.replaceWith(made) : element.append(made);
  });
  for (const old of present.slice(children.length)) old.remove();
}

export function math(film, equations) {
  return equations.map(([branch, ...texts]) => {
    const element = document.createElementNS(MATHML, "math");
    element.setAttribute("display", "block");
    fill(element, [branch], film.math, texts);
    return element;
  });
}

/** Make these equations the ones that are shown in a place. */
export function showMath(place, film, equations) {
  const shown = [...place.children];
  const more = equations.slice(shown.length);
  shown.forEach((element, i) => {
    if (!equations[i]) return element.remove();
    const [branch, ...texts] = equations[i];
    return fill(element, [branch], film.math, texts);
  });
  place.append(...math(film, more));
}
