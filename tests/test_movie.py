"""Movies and handouts: what a decoder finds in the files, and what is refused."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graphs import GRAPHS, fan_out, hostile, mlp, neuron
from PIL import Image, ImageChops, ImageSequence

import backprop_viz as bp
from backprop_viz.player import handout, movie
from backprop_viz.player.footage import Footage, Telling, spotlit
from backprop_viz.render.raster import png, size
from backprop_viz.render.sizes import SMALL

STEPS = len(bp.trace(neuron()).events)
MOVING = ("gif", "webp", "apng")


def filmed(folder: Path, ending: str = "gif", build: Callable[[], bp.Tensor] = neuron, **settings: Any) -> Path:
    return bp.movie(build(), folder / f"x.{ending}", **{"width": 480, "progress": False} | settings)


def frames_of(path: Path) -> tuple[list[Image.Image], list[int]]:
    """The images of a file and how long each stays, in milliseconds."""
    images, times = [], []
    with Image.open(path) as file:
        for frame in ImageSequence.Iterator(file):
            frame.load()
            times.append(round(frame.info["duration"]))
            images.append(frame.convert("RGB"))
    return images, times


def apart(one: Image.Image, other: Image.Image) -> Any:
    """By how much pixels differ, in the channel where it is most."""
    return np.asarray(ImageChops.difference(one, other)).max(axis=2)


# ---------------------------------------------------------------------- what is in the files
@pytest.mark.parametrize("ending", MOVING)
def test_each_step_is_an_image_that_stays_as_long_as_it_should(tmp_path: Path, ending: str) -> None:
    images, times = frames_of(filmed(tmp_path, ending, seconds=0.8, hold=2.0))
    forward = next(i for i, e in enumerate(bp.trace(neuron()).events) if isinstance(e, bp.Seed))
    long = {0: 1200, 1: 1200, forward + 1: 1200, STEPS: 2800}
    assert times == [long.get(step, 800) for step in range(STEPS + 1)]
    assert len({image.size for image in images}) == 1
    assert all(apart(*pair).max() > 50 for pair in itertools.pairwise(images))


@pytest.mark.parametrize("ending", MOVING)
def test_an_image_is_the_static_picture_with_light_on_what_the_step_is_about(tmp_path: Path, ending: str) -> None:
    images, _ = frames_of(filmed(tmp_path, ending, width=960))
    figure = bp.draw(neuron(), step=STEPS)
    still = Image.open(io.BytesIO(png(figure.svg, 960 / size(figure.svg)[0]))).convert("RGB")
    differs = apart(images[-1].crop(still.getbbox()), still)[8:-8, 8:-8] > 90
    assert 0.005 < differs.mean() < 0.03
    assert not differs[:, 400:].any(), "the last step is about w₁, far on the left"


@pytest.mark.parametrize("build", GRAPHS.values(), ids=GRAPHS)
def test_what_is_drawn_anew_alone_makes_the_same_images_as_drawing_all(build: Callable[[], bp.Tensor]) -> None:
    figure = bp.draw(build(), step=0)
    steps = range(0, len(figure.frames), 2)
    footage = Footage(figure, steps, 900)
    for step, image in zip(steps, footage, strict=True):
        assert (apart(image, footage.image(step)) > 64).sum() <= 4


def test_the_paper_and_the_shapes_keep_their_colours(tmp_path: Path) -> None:
    images, _ = frames_of(filmed(tmp_path, width=960))
    counted: list[Any] = [pair for image in images for pair in image.getcolors(1 << 24) or []]
    colours = {colour for _, colour in counted}
    theme = bp.draw(neuron()).options.theme
    for name in (theme.paper, theme.ink, *(theme.fills[kind] for kind in ("compute", "parameter", "input"))):
        exact = [int(name[i : i + 2], 16) for i in (1, 3, 5)]
        assert min(max(abs(a - b) for a, b in zip(exact, colour, strict=True)) for colour in colours) <= 2


def test_every_step_has_its_number_its_sentence_and_its_phase_under_it() -> None:
    figure = bp.draw(neuron(), step=0)
    telling = Telling(figure, range(STEPS + 1), 700)
    for step, frame in enumerate(figure.frames):
        told = " ".join(re.findall(r">([^<>]+)</text>", telling.svg(step)))
        assert f"step {step} of {STEPS}" in told
        assert frame.sentence in told
        assert {"Forward pass", "Backward pass"} <= set(re.findall(r">([^<>]+)</text>", telling.svg(step)))
    assert len({size(telling.svg(step)) for step in range(STEPS + 1)}) == 1


def test_what_a_step_is_about_and_nothing_else_has_thick_lines() -> None:
    figure = bp.draw(fan_out(), step=0)
    for step, frame in enumerate(figure.frames):
        pieces = [piece for piece in spotlit(figure, step) if 'stroke-width="3"' in piece]
        assert {re.findall(r'data-part="([^"]+)"', piece)[0] for piece in pieces} <= set(frame.active)
        assert bool(pieces) == bool(frame.active)
        plain = figure.at(step).svg
        assert len("".join(spotlit(figure, step))) >= len(plain) - plain.index(">") - len("</svg>") - 1


def test_numbers_of_thirty_nodes_are_readable_without_a_width_given() -> None:
    total: Any = 0.0
    w, b = bp.parameter(0.3, name="w"), bp.parameter(0.1, name="b")
    for n in range(4):
        total = total + (w * bp.tensor(n + 1.0) + b - bp.tensor(n + 2.0)) ** 2
    figure = bp.draw(total, step=0)
    assert 28 <= len(figure.trace.nodes) <= 34
    footage = movie._footage(figure, [0], None)
    assert SMALL * footage.width / size(figure.svg)[0] >= 8.9


def test_a_movie_goes_through_the_chosen_steps_in_the_given_order(tmp_path: Path) -> None:
    whole, _ = frames_of(filmed(tmp_path))
    for steps, expected in ((range(1, 9, 4), [1, 5]), (slice(-3, None), [6, 7, 8]), ([3, 1], [3, 1])):
        some, _ = frames_of(filmed(tmp_path, steps=steps))
        tall = 180  # the picture alone: what stands below is as high as the longest sentence asks
        nearest = [
            min(
                range(len(whole)),
                key=lambda n: apart(image.crop((0, 0, 480, tall)), whole[n].crop((0, 0, 480, tall))).sum(),
            )
            for image in some
        ]
        assert nearest == expected


@pytest.mark.parametrize("ending", MOVING)
def test_one_step_is_a_movie_too(tmp_path: Path, ending: str) -> None:
    with Image.open(filmed(tmp_path, ending, steps=[2])) as file:
        assert getattr(file, "n_frames", 1) == 1


def test_a_movie_begins_again_unless_it_is_told_not_to(tmp_path: Path) -> None:
    def rounds(ending: str, loop: bool) -> Any:
        with Image.open(filmed(tmp_path, ending, steps=[0, 1], loop=loop)) as file:
            return file.info.get("loop")

    assert [rounds(ending, True) for ending in MOVING] == [0, 0, 0]
    assert [rounds(ending, False) for ending in MOVING] == [None, 1, 1]


def test_names_that_would_be_markup_and_arrays_are_filmed(tmp_path: Path) -> None:
    for build in (hostile, mlp):
        assert len(frames_of(filmed(tmp_path, build=build, steps=[0, 3, 6]))[0]) == 3


@pytest.mark.parametrize("ending", [*MOVING, "pdf"])
def test_two_processes_write_the_same_bytes(tmp_path: Path, ending: str) -> None:
    program = (
        f"import graphs, backprop_viz as bp; "
        f"bp.movie(graphs.neuron(), {str(tmp_path / f'y.{ending}')!r}, width=480, steps=[0, 5, 8], progress=False)"
    )
    here = filmed(tmp_path, ending, steps=[0, 5, 8])
    places = [str(Path(__file__).parent.parent), str(Path(__file__).parent), *sys.path]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places)), "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
    first, second = (hashlib.sha256(path.read_bytes()).hexdigest() for path in (here, tmp_path / f"y.{ending}"))
    assert first == second


@pytest.mark.skipif(find_spec("imageio_ffmpeg") is None, reason="imageio-ffmpeg is not installed")
def test_a_video_lasts_as_long_as_its_steps(tmp_path: Path) -> None:
    import imageio_ffmpeg

    path = filmed(tmp_path, "mp4", steps=[0, 1, 2], seconds=1.0, hold=2.0)
    reader = imageio_ffmpeg.read_frames(str(path))
    about = next(reader)
    reader.close()
    assert about["duration"] == pytest.approx(1.5 + 1.5 + 3.0, abs=0.11)
    assert about["size"] == movie._footage(bp.draw(neuron(), step=0), [0, 1, 2], 480).size


# ---------------------------------------------------------------------- the handout
def test_a_handout_has_as_many_steps_on_a_page_as_can_be_read(tmp_path: Path) -> None:
    x = bp.tensor(0.5, name="x")
    small, wide = bp.trace(bp.square(x)), x
    for _ in range(6):
        wide = bp.tanh(wide * bp.parameter(1.25))
    counts = []
    for trace in (small, bp.trace(wide)):
        figure = bp.draw(trace)
        steps = range(len(figure.frames))
        read = [n for n in (4, 3, 2) if handout._largest(figure, steps, n).scale * SMALL >= handout.READABLE]
        counts.append(read[0] if read else 1)
        file = bp.movie(trace, tmp_path / "x.pdf").read_bytes()
        assert len(re.findall(rb"/Type ?/Page\b", file)) == -(-len(steps) // counts[-1])
    assert counts[0] == 4 > counts[1]


@pytest.mark.parametrize(("a_page", "pages"), [(1, 4), (3, 2), (4, 1), (12, 1)])
def test_a_handout_has_so_many_steps_on_a_page_of_a4(tmp_path: Path, a_page: int, pages: int) -> None:
    file = filmed(tmp_path, "pdf", steps=range(4), a_page=a_page).read_bytes()
    boxes = re.findall(rb"/MediaBox ?\[([^]]*)\]", file)
    assert len(boxes) == pages
    assert {tuple(sorted(round(float(side)) for side in box.split()[2:])) for box in boxes} == {(595, 842)}


def test_a_step_on_a_handout_has_its_sentence_and_stays_in_its_place() -> None:
    figure = bp.draw(neuron(), step=0)
    sheet = handout.Sheet(figure, range(STEPS + 1), 4, 1, False)
    texts = re.findall(r">([^<>]+)</text>", "".join(sheet.pages()))
    for step, frame in enumerate(figure.frames):
        assert " ".join(sheet.sentences[step]) == frame.sentence
        assert set(sheet.sentences[step]) <= set(texts)
    assert 0 < size(figure.svg)[0] * sheet.scale <= sheet.cell[0]


def test_a_wide_page_is_taken_where_the_picture_comes_out_larger(tmp_path: Path) -> None:
    def across(orientation: str) -> bool:
        file = filmed(tmp_path, "pdf", steps=[3], a_page=1, orientation=orientation).read_bytes()
        (box,) = re.findall(rb"/MediaBox ?\[([^]]*)\]", file)
        _, _, wide, tall = map(float, box.split())
        return wide > tall

    assert across("LR")
    assert not across("TB")


# ---------------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"ending": "avi"}, r"cannot save as '\.avi' \(must be one of \.gif, \.webp, \.apng, \.mp4, \.pdf\)"),
        ({"steps": [0, 99]}, rf"there is no step 99: this trace has the steps 0 to {STEPS}"),
        ({"steps": [-1]}, "there is no step -1"),
        ({"steps": [True]}, "there is no step True"),
        ({"steps": []}, r"steps=\[\] leaves no step to show"),
        ({"steps": [1] * 2001}, rf"2001 steps are too many .* steps=range\(0, {STEPS + 1}, 1\)"),
        ({"width": 10}, "width is a number of pixels from 160 to 8192; got 10"),
        ({"width": 480.0}, "width is a number of pixels"),
        ({"width": True}, "width is a number of pixels"),
        ({"width": 8000, "steps": [1] * 100}, "take a smaller width, or fewer steps"),
        ({"seconds": 0}, "seconds is a time from 0.02 to 60 seconds; got 0"),
        ({"seconds": float("nan")}, "seconds is a time"),
        ({"hold": -1}, "hold is a time from 0 to 60 seconds; got -1"),
        ({"ending": "pdf", "a_page": 0}, "a_page is how many steps stand on a page, 1 to 12; got 0"),
        ({"step": 3}, "leave out step"),
        ({"compare": bp.trace(neuron())}, "leave out compare"),
        ({"theme": "pink"}, "there is no theme 'pink'"),
    ],
)
def test_what_cannot_be_filmed_is_refused(tmp_path: Path, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        filmed(tmp_path, **settings)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("steps", "said"), [("123", "steps is a range, a slice or a list"), ([0.5], "it holds 0.5")])
def test_steps_that_are_no_numbers_are_refused(tmp_path: Path, steps: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        filmed(tmp_path, steps=steps)


def test_a_setting_that_movie_does_not_have_is_named_with_those_it_has(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="movie has no setting 'foo'") as told:
        filmed(tmp_path, foo=2)
    assert "draw" not in str(told.value)
    for name in ("progress", "a_page", "orientation", "theme"):
        assert name in str(told.value)
    assert "compare" not in str(told.value)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        filmed(tmp_path / "none", steps=[0])


def test_a_video_without_its_encoder_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(ImportError, match=r"pip install imageio-ffmpeg.*\.gif, \.webp or \.apng"):
        filmed(tmp_path, "mp4")


@pytest.mark.parametrize("ending", ["gif", "mp4"])
def test_an_interrupted_movie_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    if ending == "mp4" and find_spec("imageio_ffmpeg") is None:
        pytest.skip("imageio-ffmpeg is not installed")
    (tmp_path / f"x.{ending}").write_bytes(b"old")

    def interrupted(images: Any, count: int, progress: bool) -> Any:
        yield next(iter(images))
        raise KeyboardInterrupt

    monkeypatch.setattr(movie, "_watched", interrupted)
    with pytest.raises(KeyboardInterrupt):
        filmed(tmp_path, ending)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [(f"x.{ending}", b"old")]


def test_a_long_movie_says_how_far_it_is_and_a_short_one_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = [Image.new("RGB", (1, 1))] * 3
    assert list(movie._watched(images, 3, True)) == images
    assert capsys.readouterr().err == ""
    assert list(movie._watched(images, 3, True, delay=0.0)) == images
    assert "movie" in capsys.readouterr().err
    assert list(movie._watched(images, 3, False, delay=0.0)) == images
    assert capsys.readouterr().err == ""
