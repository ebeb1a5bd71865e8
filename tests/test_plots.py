"""Plots for lectures: they show the project's numbers, say what they show, and come out the same every time."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import backprop_viz as bp
from backprop_viz.plots import canvas, derivatives, scaling, surface

plots: Any = bp.plots  # what is drawn is read back from Axes, whose types say little


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No window, and no figure that a test leaves behind."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    from matplotlib import pyplot

    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


def own_axes(**settings: Any) -> Any:
    from matplotlib.figure import Figure

    return Figure(figsize=(3.6, 3.0)).add_subplot(**settings)


def bowl() -> tuple[Any, Any, Any]:
    a, b = bp.parameter(2.0, name="a"), bp.parameter(-1.0, name="b")
    return (a - 1.0) ** 2 + 3.0 * b**2, a, b


def descent(steps: int = 4) -> tuple[list[bp.Trace], list[tuple[float, float]]]:
    a, b = bp.parameter(2.0, name="a"), bp.parameter(-1.0, name="b")
    optimizer, traces, places = bp.optim.SGD([a, b], lr=0.1), [], [(2.0, -1.0)]
    for _ in range(steps):
        traces.append(bp.training_step((a - 1.0) ** 2 + 3.0 * b**2, optimizer))
        places.append((float(a.data), float(b.data)))
    return traces, places


POINTS = np.random.default_rng(0).normal(size=(40, 2))
LABELS = (POINTS[:, 0] > 0).astype(int)
PLOTS: dict[str, Callable[[Any], Any]] = {
    "contour": lambda ax: plots.loss_surface(*bowl(), path=descent()[0], ax=ax),
    "norms": lambda ax: plots.gradient_norms(descent()[0], ax=ax),
    "boundary": lambda ax: plots.decision_boundary(lambda p: p[:, 0], POINTS, LABELS, ax=ax),
    "classes": lambda ax: plots.decision_boundary(lambda p: np.c_[p, -p.sum(1)], POINTS, LABELS, ax=ax),
    "jacobian": lambda ax: plots.jacobian(bp.softmax, [1.0, 2.0, 0.5], ax=ax),
    "gradcheck": lambda ax: plots.gradcheck_error(bp.sin, 0.7, ax=ax),
    "growth": lambda ax: plots.growth([10, 20, 40], [1.0, 2.1, 3.9], ax=ax),
}


def line(ax: Any, label: str) -> Any:
    return next(each for each in ax.get_lines() if str(each.get_label()).startswith(label)).get_xydata()


# ---------------------------------------------------------------------- all of them
def test_importing_the_package_does_not_import_matplotlib() -> None:
    code = "import sys, backprop_viz as bp; bp.plots.growth; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", PLOTS)
def test_every_plot_has_a_title_and_labels_and_draws_on_the_axes_given(name: str) -> None:
    from matplotlib import pyplot, rcParams

    before, ax = dict(rcParams), own_axes()
    assert PLOTS[name](ax) is ax
    assert ax.get_title()
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    assert pyplot.get_fignums() == []
    new = PLOTS[name](None)
    assert pyplot.get_fignums() == [new.figure.number]
    assert dict(rcParams) == before


@pytest.mark.parametrize("kind", ["svg", "png"])
@pytest.mark.parametrize("name", PLOTS)
def test_every_plot_is_the_same_byte_by_byte(name: str, kind: str) -> None:
    from matplotlib import rc_context

    def saved() -> bytes:
        file = io.BytesIO()
        with rc_context({"svg.hashsalt": "plots"}):
            stamps = {"Date": None} if kind == "svg" else {"Software": None}
            PLOTS[name](None).figure.savefig(file, format=kind, metadata=stamps)
        return file.getvalue()

    assert saved() == saved()


@pytest.mark.parametrize("name", PLOTS)
def test_axes_that_cannot_take_the_plot_are_refused(name: str) -> None:
    with pytest.raises(TypeError, match=r"a matplotlib Axes, as plt.subplots\(\) gives; got str"):
        PLOTS[name]("here")
    with pytest.raises(TypeError, match="this plot is flat"):
        PLOTS[name](own_axes(projection="3d"))


def test_a_plot_that_fails_leaves_no_figure() -> None:
    from matplotlib import pyplot

    with pytest.raises(KeyError), canvas.canvas(None):
        raise KeyError
    assert pyplot.get_fignums() == []


# ---------------------------------------------------------------------- the loss over two parameters
def test_the_surface_holds_the_graphs_losses_and_changes_nothing() -> None:
    loss, a, b = bowl()
    xs, ys = np.meshgrid(np.linspace(-1, 3, 5), np.linspace(-2, 2, 5))
    assert np.allclose(surface.evaluated(bp.graph(loss), {a: xs, b: ys}), (xs - 1) ** 2 + 3 * ys**2)
    ax = plots.loss_surface(loss, a, b, xlim=(-1, 3), ylim=(-2, 2), ax=own_axes())
    assert (ax.get_xlim(), ax.get_ylim()) == ((-1, 3), (-2, 2))
    assert line(ax, "present point").tolist() == [[2.0, -1.0]]
    assert (a.data, b.data, loss.data, a.grad) == (2.0, -1.0, 4.0, None)


def test_a_graph_of_arrays_gives_the_same_losses_as_its_formula() -> None:
    x, w, b = bp.tensor([1.0, 2.0, 4.0]), bp.parameter(0.5), bp.parameter(0.1)
    loss = ((x * w + b) ** 2).sum()
    ws, bs = np.array([0.0, 1.0, -2.0]), np.array([1.0, 0.5, 3.0])
    found = surface.evaluated(bp.graph(loss), {w: ws, b: bs})
    assert np.allclose(found, [((x.data * i + j) ** 2).sum() for i, j in zip(ws, bs, strict=True)])
    assert plots.loss_surface(loss, w, b, ax=own_axes()).get_xlabel() == "w"


@bp.op(x="2 * x")
def squared(x: Any) -> Any:
    """x² of a single number."""
    return x * x if isinstance(x, float | np.generic) or np.size(x) == 1 else 1 / 0


def test_an_op_written_for_single_numbers_is_evaluated_point_by_point() -> None:
    a, b = bp.parameter(2.0, name="a"), bp.parameter(1.0, name="b")
    loss = squared(a) + b
    at = np.array([0.0, 3.0, -1.0])
    assert surface.evaluated(bp.graph(loss), {a: at, b: at}).tolist() == [0.0, 12.0, 0.0]
    assert plots.loss_surface(loss, a, b, points=5, ax=own_axes()).get_ylabel() == "b"


def test_a_large_graph_gets_fewer_points() -> None:
    w, b = bp.parameter(0.5), bp.parameter(0.1)
    loss = (bp.tensor(np.ones(10**6)) * w + b).sum()
    assert surface.affordable(bp.graph(loss)) < surface.POINTS == surface.affordable(bp.graph(bowl()[0]))


def test_the_path_is_where_the_steps_went() -> None:
    traces, places = descent()
    loss, a, b = bowl()
    for path in (traces, places):
        ax = plots.loss_surface(loss, a, b, path=path, ax=own_axes())
        assert line(ax, "descent, 4 steps") == pytest.approx(np.array(places))
    ax = plots.loss_surface(loss, a, b, path=traces, kind="surface", ax=own_axes(projection="3d"))
    path = next(each for each in ax.get_lines() if each.get_label() == "descent, 4 steps")
    x, y, z = path.get_data_3d()
    assert np.allclose(z, (x - 1) ** 2 + 3 * y**2)
    assert ax.get_zlabel() == "loss"


def test_the_arrows_of_a_long_path_lie_at_equal_distances() -> None:
    slowing = np.array([[1 - 0.99**i, 0.0] for i in range(1000)] + [[np.nan, np.inf]])
    assert surface.milestones(slowing[:5]).tolist() == [0, 1, 2, 3, 4]
    chosen = slowing[surface.milestones(slowing)]
    assert len(chosen) == 25
    assert np.allclose(np.diff(chosen[:, 0]), 1 / 24, atol=0.02)
    loss, a, b = bowl()
    plots.loss_surface(loss, a, b, path=slowing, ax=own_axes())


def test_a_parameter_that_is_not_updated_stays_where_it_is() -> None:
    a, b = bp.parameter(2.0, name="a"), bp.parameter(-1.0, name="b")
    trace = bp.training_step((a - 1.0) ** 2 + 3.0 * b**2, bp.optim.SGD([b], lr=0.1))
    assert surface.descent([trace], ["a", "b"]) == pytest.approx(np.array([[2.0, -1.0], [2.0, -0.4]]))


def test_a_flat_loss_and_one_with_holes_are_drawn() -> None:
    a, b = bp.parameter(1.0, name="a"), bp.parameter(2.0, name="b")
    for loss in (a * 0.0 + b * 0.0, bp.log(a) + bp.exp(300.0 * b)):
        assert plots.loss_surface(loss, a, b, ax=own_axes()).get_title() == "Loss over a and b"
        plots.loss_surface(loss, a, b, kind="surface", ax=own_axes(projection="3d"))


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"kind": "map"}, ValueError, r"kind is one of \('contour', 'surface'\); got 'map'"),
        ({"points": 1}, ValueError, "points is a whole number above 1; got 1"),
        ({"xlim": (2, 1)}, ValueError, r"xlim is a pair \(low, high\).*; got \(2, 1\)"),
        ({"path": [1.0, 2.0]}, TypeError, r"path is a list of pairs \(x, y\), or of traces"),
        ({"path": [bp.trace(bp.parameter(1.0, name="c") * 2.0)]}, ValueError, "0 leaves called 'a'.*parameters are c"),
        ({"kind": "surface", "ax": "flat"}, TypeError, "a matplotlib Axes"),
    ],
)
def test_what_the_surface_cannot_draw_is_refused(settings: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        plots.loss_surface(*bowl(), **settings)


def test_leaves_that_the_loss_cannot_be_drawn_over_are_refused() -> None:
    loss, a, b = bowl()
    with pytest.raises(ValueError, match=r"over leaves of its graph \(a, b\); got"):
        plots.loss_surface(loss, a, bp.parameter(7.0))
    with pytest.raises(ValueError, match="two different leaves"):
        plots.loss_surface(loss, a, a)
    w = bp.parameter([1.0, 2.0], name="w")
    with pytest.raises(ValueError, match=r"over scalars; w has shape \(2,\)"):
        plots.loss_surface((w * b).sum(), w, b)
    with pytest.raises(ValueError, match=r"a loss is one number; got shape \(2,\)"):
        plots.loss_surface(w * a * b, a, b)
    with pytest.raises(ValueError, match="the loss is finite nowhere"):
        plots.loss_surface(bp.log(a) * b, a, b, xlim=(-2, -1))
    with pytest.raises(TypeError, match="three dimensions: ax=figure"):
        plots.loss_surface(loss, a, b, kind="surface", ax=own_axes())


# ---------------------------------------------------------------------- gradient norms
def test_the_norms_are_those_of_the_recorded_gradients() -> None:
    w, b = bp.parameter([3.0, 4.0], name="w"), bp.parameter(1.0, name="$b$")
    steps, expected = [], []
    for _ in range(3):
        steps.append(bp.training_step((w * w).sum() + b * 2.0, bp.optim.SGD([w, b], lr=0.1)))
        expected.append(np.linalg.norm(np.asarray(w.grad)))
    ax = plots.gradient_norms(steps, ax=own_axes())
    assert ax.get_yscale() == "log"
    assert line(ax, "w")[:, 1] == pytest.approx(np.array(expected))
    assert line(ax, r"\$b\$")[:, 1].tolist() == [2.0, 2.0, 2.0]
    together = plots.gradient_norms(steps, by=lambda name: "all", ax=own_axes())
    assert line(together, "all")[:, 1] == pytest.approx(np.hypot(expected, 2.0))


def test_a_gradient_of_zero_is_marked_and_a_missing_one_is_a_gap() -> None:
    ax = plots.gradient_norms([{"a": 1.0}, {"a": 0.0}, {"b": 2.0}, {"a": np.inf}], ax=own_axes())
    assert line(ax, "exactly 0").tolist() == [[1.0, 0.0]]
    assert line(ax, "not finite").tolist() == [[3.0, 1.0]]
    assert np.isnan(line(ax, "a")[:, 1]).tolist() == [False, True, True, True]


def test_many_parameters_and_steps_are_summed_up() -> None:
    steps = [{f"w{i}": 10.0**i for i in range(9)} for _ in range(3000)]
    ax = plots.gradient_norms(steps, ax=own_axes())
    assert set(line(ax, "median")[:, 1]) == {1e4}
    assert len(line(ax, "median")) == 1000
    assert "one in 3" in ax.get_xlabel()
    assert "smallest to largest of 9" in ax.get_legend_handles_labels()[1]


@pytest.mark.parametrize(
    ("steps", "error", "words"),
    [
        ([], ValueError, "no steps to draw"),
        ([3.0], TypeError, r"a step is a trace or a dict \{name: norm\}; got float 3.0"),
        ([{"w": -1.0}], ValueError, "a norm is a number, 0 or above; got"),
        ([bp.trace(bp.tensor(1.0) * 2.0)], ValueError, "none of these steps holds a gradient"),
    ],
)
def test_steps_without_norms_are_refused(steps: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        plots.gradient_norms(steps)


# ---------------------------------------------------------------------- decision boundaries
def test_every_label_has_a_marker_of_its_own_and_all_its_points() -> None:
    ax = PLOTS["boundary"](own_axes())
    clouds = {each.get_label(): each for each in ax.collections if str(each.get_label()).startswith("label")}
    assert list(clouds) == ["label 0", "label 1"]
    for kind in (0, 1):
        assert np.array_equal(clouds[f"label {kind}"].get_offsets(), POINTS[kind == LABELS])
    shapes = [each.get_paths()[0].vertices for each in clouds.values()]
    assert shapes[0].shape != shapes[1].shape
    assert "output = 0" in ax.get_legend_handles_labels()[1]


def test_the_boundary_is_where_the_output_changes() -> None:
    ax = plots.decision_boundary(lambda p: bp.sigmoid(p[:, 0] - 0.25), POINTS, LABELS, ax=own_axes())
    assert "output = 0.5" in ax.get_legend_handles_labels()[1]
    (boundary,) = [each for each in ax.collections if getattr(each, "levels", np.empty(0)).tolist() == [0.5]]
    assert np.allclose(boundary.get_paths()[0].vertices[:, 0], 0.25, atol=1e-3)


def test_a_module_is_asked_as_in_use_and_left_as_it_was() -> None:
    net = bp.nn.Sequential(bp.nn.Linear(2, 3), bp.nn.Dropout(0.5), bp.nn.Linear(3, 1))
    next(net.children()).eval()
    before = [each.training for each in net.modules()]
    plots.decision_boundary(net, bp.tensor(POINTS), LABELS, ax=own_axes())
    assert [each.training for each in net.modules()] == before
    assert all(each.grad is None for each in net.parameters())


def test_modules_of_scalar_neurons_and_many_points_are_drawn() -> None:
    many = np.random.default_rng(1).normal(size=(4000, 2))
    for model in (bp.nn.ScalarMLP([2, 3, 1]), bp.nn.ScalarMLP([2, 3])):
        ax = plots.decision_boundary(model, many, many[:, :1] > 0, ax=own_axes())
        drawn = [len(each.get_offsets()) for each in ax.collections if str(each.get_label()).startswith("label")]
        assert sum(drawn) <= 1001
        assert f"label False ({drawn[0]} of " in ax.get_legend_handles_labels()[1][-2]


@pytest.mark.parametrize(
    ("model", "points", "labels", "error", "words"),
    [
        (len, np.ones((3, 3)), [0, 1, 0], ValueError, r"numbers of shape \(N, 2\); got shape \(3, 3\)"),
        (len, np.ones((3, 2)), [0, 1], ValueError, r"3 points, and the labels have shape \(2,\)"),
        (len, np.ones((8, 2)), range(8), ValueError, "at most 7 kinds of labels.*got 8"),
        (3, np.ones((1, 2)), [0], TypeError, "a module or a function; got int 3"),
        (len, np.ones((1, 2)), [0], ValueError, r"the model gets 10000 points at once.*gave shape \(\) and"),
        (lambda p: p[:, 0] * np.nan, np.ones((1, 2)), [0], ValueError, "finite nowhere"),
    ],
)
def test_what_has_no_boundary_is_refused(
    model: Any, points: Any, labels: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        plots.decision_boundary(model, points, list(labels))


def test_a_resolution_of_one_point_is_refused() -> None:
    with pytest.raises(ValueError, match="resolution is a whole number above 1; got 1"):
        plots.decision_boundary(len, POINTS, LABELS, resolution=1)


# ---------------------------------------------------------------------- Jacobians
def cells(ax: Any) -> Any:
    return np.asarray(ax.images[0].get_array())


def test_the_cells_are_the_jacobian_and_the_colours_are_even_about_zero() -> None:
    x = np.array([1.0, 2.0, 0.5])
    ax = plots.jacobian(bp.softmax, x, ax=own_axes())
    assert np.array_equal(cells(ax), bp.jacobian(bp.softmax, x))
    low, high = ax.images[0].get_clim()
    assert low == -high == -np.abs(cells(ax)).max()
    assert len(ax.texts) == 9
    assert ax.get_title() == "Jacobian of softmax"
    assert plots.jacobian(lambda x: x * 0.0, x, ax=own_axes()).images[0].get_clim() == (-1.0, 1.0)


def test_the_edges_of_a_trace_give_their_local_jacobians() -> None:
    W, x = bp.parameter([[1.0, 2.0], [3.0, -4.0]], name="W"), bp.parameter([0.5, -1.0], name="x")
    trace = bp.trace((bp.tanh(W @ x) * x).sum())
    whole = {
        "matmul": (lambda W: W @ x.data, W.data),
        "tanh": (bp.tanh, (W @ x).data),
        "sum": (lambda v: v.sum(), np.ones(2)),
    }
    for name, (f, at) in whole.items():
        edge = next(edge for edge in trace.edges if trace.nodes[edge.child].op == name)
        drawn = cells(plots.jacobian(trace, edge, ax=own_axes()))
        assert np.allclose(drawn.ravel(), np.ravel(bp.jacobian(f, at))), name
        assert np.array_equal(cells(plots.jacobian(trace, edge.index, ax=own_axes())), drawn)


def test_a_broadcast_edge_has_a_column_for_each_element_of_the_parent() -> None:
    a, b = bp.parameter([[1.0, 2.0]]), bp.parameter([[3.0], [5.0]])
    trace = bp.trace((a * b).sum())
    assert np.allclose(
        cells(plots.jacobian(trace, 0, ax=own_axes())), bp.jacobian(lambda a: a * b.data, a.data).reshape(4, 2)
    )


def test_a_large_jacobian_is_drawn_in_blocks_by_the_entry_of_largest_magnitude() -> None:
    matrix = np.zeros((401, 3))
    matrix[4, 1], matrix[5, 1], matrix[400, 2] = 2.0, -7.0, 1.0
    drawn, blocks = derivatives.in_blocks(matrix)
    assert (drawn.shape, blocks) == ((134, 3), (3, 1))
    assert [drawn[1, 1], drawn[133, 2], int(np.count_nonzero(drawn))] == [-7.0, 1.0, 2]
    ax = plots.jacobian(lambda x: bp.tensor(matrix) @ x, np.ones(3), ax=own_axes())
    assert "(blocks of 3)" in ax.get_ylabel()
    small = plots.jacobian(lambda x: x * np.linspace(-1, 1, 20), np.ones(20), ax=own_axes())
    assert len(small.collections[0].get_offsets()) == 10  # a bar for each negative entry


@pytest.mark.parametrize(
    ("f", "x", "error", "words"),
    [
        (3.0, 1.0, TypeError, r"a function \(f, x\) or of a trace's edge; got float"),
        (bp.sin, (1.0, 2.0), TypeError, "by one input; got a tuple of 2"),
        (lambda x: 3.0, 1.0, TypeError, "gives one tensor; this one gave float 3.0"),
        (bp.sin, np.ones(3000), ValueError, "3000 × 3000 entries is too large to draw"),
        (bp.trace(bp.parameter(1.0) * 2.0), 5, ValueError, "the trace has edges 0 to 0; got 5"),
        (bp.trace(bp.parameter([[1.0]]).sum(axis=0).sum()), 0, ValueError, "does not hold the local gradient of sum"),
        (bp.trace(bp.tanh(bp.parameter(np.ones(3000))).sum()), 0, ValueError, "too large to draw"),
    ],
)
def test_what_is_no_jacobian_is_refused(f: Any, x: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        plots.jacobian(f, x)


# ---------------------------------------------------------------------- central differences
def test_the_error_is_that_of_central_differences() -> None:
    ax = plots.gradcheck_error(bp.exp, 1.0, ax=own_axes())
    steps, errors = line(ax, "measured").T
    assert (steps[0], steps[-1]) == (0.1, 1e-13)
    h = 0.1
    assert errors[0] == pytest.approx(abs((np.exp(1 + h) - np.exp(1 - h)) / (2 * h) / np.e - 1))
    ((best, least),) = line(ax, "best")
    assert 1e-7 < best < 1e-4
    assert least == errors[errors > 0].min()
    assert {ax.get_xscale(), ax.get_yscale()} == {"log"}


def test_the_error_is_drawn_of_exact_flat_and_large_functions() -> None:
    for f, x in ((lambda x: x * 2.0, 0.0), (lambda x: x * 0.0, 1.0), (bp.tanh, np.linspace(-1, 1, 2000))):
        ax = plots.gradcheck_error(f, x, ax=own_axes())
        assert line(ax, "best").shape == (1, 2)
    assert plots.gradcheck_error(lambda x: x * 0.0, 1.0, ax=own_axes()).get_ylabel() == "error (the gradient is 0)"


@pytest.mark.parametrize(
    ("f", "x", "error", "words"),
    [
        (3.0, 1.0, TypeError, "takes a function and its input; got float 3.0"),
        (bp.sin, (1.0, 2.0), TypeError, "one of one input; got a tuple of 2"),
        (lambda x: 3.0, 1.0, TypeError, "gives a tensor computed from its input; got float"),
        (lambda x: bp.log(x) * np.nan, 1.0, ValueError, "no step gives a finite difference"),
    ],
)
def test_what_has_no_differences_is_refused(f: Any, x: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        plots.gradcheck_error(f, x)


# ---------------------------------------------------------------------- growth
def test_the_slope_and_its_interval_stand_in_the_legend() -> None:
    sizes = [10, 100, 1000]
    ax = plots.growth(sizes, [2e-6 * n**2 for n in sizes], label="squares", ax=own_axes())
    assert ax.get_legend_handles_labels()[1] == ["squares", "slope 2.00 (2.00 to 2.00)"]
    assert line(ax, "squares") == pytest.approx(np.array([[n, 2e-6 * n**2] for n in sizes]))
    plots.growth(sizes, [[1.0, 3.0, 2.0]] * 3, label="repeated", ax=ax)
    assert line(ax, "repeated")[:, 1].tolist() == [2.0, 2.0, 2.0]
    fits = [each for each in ax.get_lines() if each.get_gid() == "fit"]
    assert len({each.get_linestyle() for each in fits}) == len(fits) == 2
    assert plots.growth([1, 2], [1, 2], ax=own_axes()).get_legend_handles_labels()[1][1] == "slope 1.00"


def test_the_interval_is_that_of_least_squares() -> None:
    x, y = np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 1.2, 1.8, 3.0])
    coefficients, covariance = np.polyfit(x, y, 1, cov=True)
    slope, offset, half = scaling.fit(x, y)
    assert (slope, offset) == pytest.approx(tuple(coefficients))
    assert half == pytest.approx(4.303 * np.sqrt(covariance[0, 0]), rel=1e-3)


def test_students_t_agrees_with_the_tables() -> None:
    assert [round(scaling.student(n), 2) for n in (1, 10, 11, 20, 60)] == [12.71, 2.23, 2.20, 2.09, 2.0]


def test_graphs_and_traces_count_their_nodes_and_edges() -> None:
    loss = bowl()[0]
    trace = bp.trace(loss)
    expected = len(trace.nodes) + len(trace.edges)
    assert [scaling.size_of(x) for x in (loss, bp.graph(loss), trace, 7)] == [expected] * 3 + [7.0]
    many = np.arange(1, 2001)
    ax = plots.growth(many, many * 1.0, ax=own_axes())
    assert ax.get_legend_handles_labels()[1][0] == "measured (500 of 2000)"


@pytest.mark.parametrize(
    ("sizes", "times", "error", "words"),
    [
        ([1, 2], [1.0], ValueError, "there are 2 sizes, but times for 1"),
        ([1, 2], [1.0, 0.0], ValueError, "a time is a finite number above 0"),
        ([1, -2], [1.0, 1.0], ValueError, "a size is a finite number above 0"),
        ([3, 3], [1.0, 2.0], ValueError, r"two different sizes at least; got \[3.0, 3.0\]"),
        (["big", 3], [1.0, 2.0], TypeError, "a size is a number, a loss, a graph or a trace; got str 'big'"),
    ],
)
def test_what_has_no_slope_is_refused(sizes: Any, times: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        plots.growth(sizes, times)
