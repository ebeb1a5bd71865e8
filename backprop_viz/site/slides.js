// A page as slides, large, for a projector: a text with the code that it leads to, and what that shows, at a time. The
// players stay where they are and go on. What is too much for the window is set smaller, and scrolls where it would have
// to be too small.
{
  const MUCH = 500; // characters of text, beyond which a paragraph begins another slide
  const SHORT = 150; // characters of code that need no slide of their own
  const SMALLEST = 0.64; // of the size of a slide's text
  const SCREEN = 0.85; // of a window, by which a long slide moves on
  const HASH = /^#slide-(\d+)$/;
  const FIELDS = "input, select, textarea, [contenteditable], summary, button, a, .bp-player";
  const article = document.querySelector("article");
  const stage = document.querySelector("main");
  const bar = document.querySelector(".slide-bar");
  const [back, said, on, leave] = bar.children;
  const begin = document.querySelector(".slides-on");
  const isHeading = (block) => /^h[1-3]$/.test(block?.localName);

  const isCode = (block) => block?.matches(".cell");
  const length = (block) => (isCode(block) ? block.querySelector("pre") : block)?.textContent.length ?? 0;
  const isFull = (slide) => slide.reduce((sum, block) => sum + length(block), 0) > MUCH;
  const leadsOn = (block) => /[:,]$/.test(block.textContent.trim()); // to the formula or the list below it
  const asks = (block) => /^Predict/.test(block.querySelector("strong")?.textContent);
  /** Whether a slide begins between two blocks: before headings, after code, before an answer, and where it is full. */
  const isBreak = (block, last, slide) => {
    if (isHeading(block)) return !isHeading(last);
    const plays = isCode(block) && block.querySelector(".player");
    if (isCode(block) && (isCode(last) || plays)) return isFull(slide) && (plays || length(block) > SHORT);
    if (isCode(block)) return slide.some(asks);
    return isCode(last) || (isFull(slide) && !leadsOn(last) && !block.querySelector("math[display=block]"));
  };

  // The blocks of each slide, and the heading that it stands under.
  const slides = [];
  const titles = [];
  let before;
  for (const part of article.querySelectorAll(":scope > :not(.about)")) {
    for (const block of part.matches(".prose") ? part.children : [part]) {
      if (!before || isBreak(block, before, slides.at(-1))) slides.push([]);
      slides.at(-1).push(block);
      titles[slides.length - 1] = isHeading(block) ? block.textContent : titles.at(-1);
      before = block;
    }
  }
  const all = slides.flat();
  let shown; // the number of a slide, from 1; undefined where the page is a page
  const here = () => slides[shown - 1][0];

  const show = (number) => {
    shown = Math.min(Math.max(number, 1), slides.length);
    document.documentElement.classList.add("slides");
    const seen = new Set(slides[shown - 1]);
    for (const block of all) block.classList.toggle("off", !seen.has(block));
    bar.hidden = false;
    said.textContent = `${titles[shown - 1] ?? ""} · ${shown} of ${slides.length}`;
    back.disabled = shown === 1;
    on.disabled = shown === slides.length;
    history.replaceState(null, "", `#slide-${shown}`);
    // The picture and its sentence come first; the listings below it open by a click.
    for (const block of seen) for (const each of block.querySelectorAll(".bp-panel[open]")) each.open = false;
    stage.scrollTo(0, 0);
    fit();
  };

  /** As large as fits, down to the smallest. */
  const fit = () => {
    if (shown === undefined) return;
    const tooMuch = () => stage.scrollHeight > stage.clientHeight;
    let size = 1;
    do stage.style.setProperty("--fit", size);
    while (tooMuch() && (size -= 0.05) >= SMALLEST);
    stage.classList.toggle("long", tooMuch());
  };

  /** Whether a slide that is longer than the window has moved on by one screen. */
  const moved = (way) => {
    const before = stage.scrollTop;
    stage.scrollBy({ top: way * SCREEN * stage.clientHeight, behavior: "instant" });
    return Math.abs(stage.scrollTop - before) > 1;
  };

  const end = (place) => {
    shown = undefined;
    document.documentElement.classList.remove("slides");
    for (const block of all) block.classList.remove("off");
    bar.hidden = true;
    history.replaceState(null, "", place.id ? `#${place.id}` : "#");
    place.scrollIntoView();
    begin.focus({ preventScroll: true });
    if (document.fullscreenElement) document.exitFullscreen();
  };

  const start = () => {
    const passed = slides.findLastIndex(([block]) => block.getBoundingClientRect().top < innerHeight / 3);
    show(passed + 1);
    document.documentElement.requestFullscreen?.().catch(() => {}); // where that is not allowed, the window will do
    on.focus({ preventScroll: true });
  };

  const KEYS = { ArrowRight: 1, ArrowLeft: -1 };
  const SCREENS = { PageDown: 1, PageUp: -1 }; // what a remote control sends
  document.addEventListener("keydown", (event) => {
    if (shown === undefined || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const ours = !event.target.closest(FIELDS) || event.target.closest(".slide-bar");
    if (!ours) return;
    if (event.key === "Escape") end(here());
    else if (KEYS[event.key]) show(shown + KEYS[event.key]);
    else if (SCREENS[event.key]) moved(SCREENS[event.key]) || show(shown + SCREENS[event.key]);
    else return;
    event.preventDefault();
  });
  back.addEventListener("click", () => show(shown - 1));
  on.addEventListener("click", () => show(shown + 1));
  leave.addEventListener("click", () => end(here()));
  begin.addEventListener("click", start);
  const follow = () => {
    const asked = HASH.exec(location.hash);
    if (asked) show(Number(asked[1]));
    else if (shown !== undefined) end(document.getElementById(decodeURIComponent(location.hash.slice(1))) ?? here());
  };
  addEventListener("hashchange", follow);
  new ResizeObserver(fit).observe(document.documentElement);
  begin.hidden = slides.length < 2;
  follow();
}
