"""movie: the steps of both passes as a moving picture, or on paper."""

from __future__ import annotations

import io
import math
import operator
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from inspect import signature
from pathlib import Path
from typing import Any

from PIL import Image

from ..autograd.graph import Graph
from ..autograd.tensor import Tensor
from ..record.trace import Trace
from ..render.draw import draw
from ..render.figure import Figure, save
from ..render.raster import size
from ..render.sizes import SMALL
from .footage import Footage
from .handout import handout

READABLE = 9.0  # pixels: the font size that the smallest numbers should have
WIDTHS = 640, 2560  # pixels: of a movie whose width is not given
MOST_STEPS = 2000  # of a movie: half an hour, which nobody watches
MOST_PIXELS = 1_000_000_000  # of all images together: the memory for them is as many bytes, or twice
COLOURS = 127  # that all frames share; with the transparent one, numbers of seven bits
PURE = 40  # of them taken as they are
APART = 10  # how far two of them differ in some channel, of 255
PACE = 1.5  # the first step of a phase stays so much longer
Colour = tuple[int, int, int]
OF_ONE_PICTURE = ("step", "compare")  # settings of draw that a movie cannot have
TICK = 20, 100  # milliseconds: the shortest and the longest time for which a video shows one image


def movie(
    x: Tensor | Trace | Graph, path: str | os.PathLike[str], /, *, width: int | None = None, seconds: float = 1.0,
    hold: float = 2.5, steps: Iterable[int] | slice | None = None, loop: bool = True, progress: bool = True,
    a_page: int | None = None, **settings: Any,
) -> Path:  # fmt: skip
    """Write the steps of both passes to a file whose ending says what it is; gives its path.

    x:        a tensor, a graph or a trace, as `draw` takes it; of a tensor the backward pass is recorded in any case
    path:     .gif, .webp (a third smaller) or .apng; .mp4, a video, which needs `imageio-ffmpeg`; or .pdf: a handout
              with `a_page` steps on each page of A4, upright or across (4, or fewer where numbers could not be read)
    width:    of the images in pixels; without it such that the numbers can be read, 640 to 2560. Pictures of many nodes
              are smaller with edges="none": the sentences tell what the edges carry
    seconds:  how long a step stays; the first one of a phase a little longer, the last one `hold` seconds more
    steps:    which steps to show, such as range(0, 61, 5) or slice(20, None); without it all
    loop:     begin again at the end; videos leave this to the program that shows them
    progress: show how far it is, if it takes more than two seconds
    settings: anything that `draw` can be told about the picture: show, edges, orientation, theme, title …
    """
    _refuse_unknown(settings)
    timing = Timing(_seconds("seconds", seconds, 0.02), _seconds("hold", hold, 0.0), loop)
    # Asked for one step, draw records the backward pass too.
    figure = replace(draw(x, step=0, **settings), step=None)
    chosen = _of_phase(figure, _chosen(steps, len(figure.frames)))

    def shot(write: Callable[[Footage, Timing, bool], bytes]) -> Callable[[], bytes]:
        return lambda: write(_footage(figure, chosen, width), timing, progress)

    return save(path, {
        ".gif": shot(_gif), ".webp": shot(_webp), ".apng": shot(_apng), ".mp4": shot(_mp4),
        ".pdf": lambda: handout(figure, chosen, a_page),
    })  # fmt: skip


# ---------------------------------------------------------------------- what is asked for
def _refuse_unknown(settings: dict[str, Any]) -> None:
    """An error for a setting that neither movie nor the picture has, or that makes no movie."""
    for name in OF_ONE_PICTURE:
        if settings.get(name) is not None:
            raise ValueError(f"a movie goes through the steps of one trace: leave out {name}, or see draw")
    own, drawn = (list(signature(function).parameters) for function in (movie, draw))
    if unknown := [name for name in settings if name not in drawn[1:]]:
        raise TypeError(
            f"movie has no setting {unknown[0]!r}. Its own are {', '.join(own[2:-1])}; those of the picture are "
            f"{', '.join(name for name in drawn[1:] if name not in OF_ONE_PICTURE)}."
        )


@dataclass(frozen=True)
class Timing:
    """How long a step stays and how much longer the last one, in seconds; whether all begins again."""

    seconds: float
    hold: float
    loop: bool

    def durations(self, footage: Footage) -> list[int]:
        """How long each image stays, in milliseconds: hundredths of a second, as GIF counts them."""
        phases = [footage.figure.frames[step].phase for step in footage.steps]
        times = [self.seconds * (PACE if a != b else 1.0) for a, b in zip(phases, ["", *phases], strict=False)]
        times[-1] += self.hold
        return [10 * round(100 * time) for time in times]


def _seconds(name: str, given: float, least: float) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not least <= given <= 60:
        raise ValueError(f"{name} is a time from {least:g} to 60 seconds; got {given!r}")
    return float(given)


def _chosen(steps: Iterable[int] | slice | None, count: int) -> list[int]:
    """The numbers of the steps to show."""
    if steps is None or isinstance(steps, slice):
        chosen = list(range(count)[steps or slice(None)])
    elif isinstance(steps, str) or not isinstance(steps, Iterable):
        raise TypeError(f"steps is a range, a slice or a list of step numbers; got {steps!r:.60}")
    else:
        chosen = [_exists(step, count) for step in steps]
    if not chosen:
        raise ValueError(f"steps={steps!r} leaves no step to show: this trace has the steps 0 to {count - 1}")
    if len(chosen) > MOST_STEPS:
        every = math.ceil(count / MOST_STEPS)
        raise ValueError(
            f"{len(chosen)} steps are too many for one movie (at most {MOST_STEPS}): show some of them, such as "
            f"steps=range(0, {count}, {every})"
        )
    return chosen


def _of_phase(figure: Figure, chosen: list[int]) -> list[int]:
    """Those of the steps that happen in the phase that is drawn."""
    phase = figure.options.phase
    kept = [
        k for k in chosen if phase == "all" or (figure.frames[k].phase in ("start", "forward")) == (phase == "forward")
    ]
    if not kept:
        raise ValueError(f"none of these steps is in the {phase} phase: leave out steps, or phase")
    return kept


def _exists(step: int, count: int) -> int:
    try:
        number = operator.index(step)
    except TypeError:
        raise TypeError(f"steps is a list of whole numbers; it holds {step!r:.60}") from None
    if isinstance(step, bool) or not 0 <= number < count:
        raise ValueError(f"there is no step {step!r}: this trace has the steps 0 to {count - 1}")
    return number


def _footage(figure: Figure, steps: list[int], width: int | None) -> Footage:
    natural = size(figure.svg)[0]
    if width is None:
        width = round(min(max(natural * READABLE / SMALL, WIDTHS[0]), WIDTHS[1]))
    if not isinstance(width, int) or isinstance(width, bool) or not 160 <= width <= 8192:
        raise ValueError(f"width is a number of pixels from 160 to 8192; got {width!r}")
    footage = Footage(figure, tuple(steps), width + width % 2)
    across, down = footage.size
    if across * down * len(steps) > MOST_PIXELS or down > 16_000:
        raise ValueError(
            f"{len(steps)} images of {across}×{down} pixels are more than memory should hold: take a smaller width, "
            "or fewer steps"
        )
    return footage


# ---------------------------------------------------------------------- writers
def _watched(images: Iterable[Image.Image], count: int, progress: bool, delay: float = 2.0) -> Iterator[Image.Image]:
    """The same images; after so many seconds a line says how many there have been."""
    from tqdm.auto import tqdm  # only who makes a movie waits for it

    yield from tqdm(images, "movie", count, leave=False, disable=not progress, delay=delay, unit="step")


def _in_few_colours(footage: Footage, progress: bool) -> list[Image.Image]:
    """All images in one palette: with one of their own each, files are three times as large."""
    # Half the size has the same colours, and a quarter of the work.
    small = Footage(footage.figure, footage.steps, footage.width // 2)
    shown = [small.image(small.steps[place]) for place in sorted({0, len(small) // 2, len(small) - 1})]
    sample = Image.new("RGB", (small.size[0], small.size[1] * len(shown)))
    for place, image in enumerate(shown):
        sample.paste(image, (0, place * small.size[1]))
    palette = _palette(sample)
    images = _watched(footage, len(footage), progress)
    return [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]


def _palette(sample: Image.Image) -> Image.Image:
    """The colours of large areas as they are, and for the edges of letters and lines those that come nearest."""
    mixed = sample.quantize(COLOURS - PURE, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).convert("RGB")
    colours: list[Colour] = []
    for colour in [*_by_area(sample)[:PURE], *_by_area(mixed)]:
        # Pillow rounds to multiples of four before it looks for the nearest: a close one could replace the paper's.
        if all(max(abs(a - b) for a, b in zip(colour, other, strict=True)) >= APART for other in colours):
            colours.append(colour)
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for colour in colours for channel in colour])
    return palette


def _by_area(image: Image.Image) -> list[Colour]:
    """The colours of an image, those of the largest areas first."""
    counted: Any = image.getcolors(image.width * image.height)
    return [colour for _, colour in sorted(counted, reverse=True)]


def _moving(images: list[Image.Image], kind: str, timing: Timing, durations: list[int], **options: Any) -> bytes:
    file, first, more = io.BytesIO(), images[0], images[1:]
    rounds = {"loop": 0} if timing.loop else {} if kind == "GIF" else {"loop": 1}
    first.save(file, kind, save_all=True, append_images=more, duration=durations, **rounds, **options)
    return file.getvalue()


def _gif(footage: Footage, timing: Timing, progress: bool) -> bytes:
    images = _in_few_colours(footage, progress)
    # With one more colour for "as before", Pillow leaves out what does not change.
    palette = bytes(images[0].getpalette() or []).ljust(3 * (COLOURS + 1), b"\0")
    shared = {"optimize": True, "palette": palette, "transparency": COLOURS, "disposal": 1}
    return _moving(images, "GIF", timing, timing.durations(footage), **shared)


def _webp(footage: Footage, timing: Timing, progress: bool) -> bytes:
    images = _in_few_colours(footage, progress)
    thorough = {"lossless": True, "minimize_size": True, "method": 2, "quality": 60}
    return _moving(images, "WEBP", timing, timing.durations(footage), **thorough)


def _apng(footage: Footage, timing: Timing, progress: bool) -> bytes:
    return _moving(_in_few_colours(footage, progress), "PNG", timing, timing.durations(footage))


def _mp4(footage: Footage, timing: Timing, progress: bool) -> bytes:
    try:
        import imageio_ffmpeg
    except ImportError:
        raise ImportError(
            "imageio-ffmpeg is not installed; it brings the encoder of .mp4 files: pip install imageio-ffmpeg. "
            "Files that end in .gif, .webp or .apng need nothing more"
        ) from None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "movie.mp4"
        settings = ["-crf", "23", "-preset", "fast", "-tune", "animation", "-movflags", "+faststart"]
        durations = timing.durations(footage)
        tick = max(TICK[0], min(TICK[1], *durations))
        writer = imageio_ffmpeg.write_frames(
            str(file), footage.size, fps=1000 / tick, quality=None, codec="libx264", macro_block_size=2,
            ffmpeg_log_level="error", output_params=settings,
        )  # fmt: skip
        writer.send(None)
        try:
            for image, time in zip(_watched(footage, len(footage), progress), durations, strict=True):
                pixels = image.tobytes()
                for _ in range(max(1, round(time / tick))):
                    writer.send(pixels)
        finally:
            writer.close()
        return file.read_bytes()
