"""Modules: PyTorch's numbers, paths and text; saving and loading; neurons in scalars; clear refusals."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import backprop_viz as bp
from backprop_viz import nn
from backprop_viz.autograd.nn.module import drawn

DRAW = np.random.default_rng(0)
ROWS, IMAGES = DRAW.normal(size=(6, 4)), DRAW.normal(size=(3, 2, 8, 8))
SIGNALS, INDICES = DRAW.normal(size=(3, 4, 5)), DRAW.integers(0, 7, size=(6, 3))


def classifier(nn: Any) -> Any:
    return nn.Sequential(
        nn.Linear(4, 6), nn.LayerNorm(6), nn.GELU(), nn.Linear(6, 5, bias=False), nn.BatchNorm1d(5), nn.SiLU(),
        nn.Linear(5, 3), nn.LeakyReLU(0.2),
    )  # fmt: skip


def convolutional(nn: Any) -> Any:
    # No bias before a batch norm, which takes it away again: its gradient would be noise, which Adam makes large.
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(4, 3, (2, 3), stride=(1, 2)), nn.Tanh(), nn.AvgPool2d((2, 1), stride=1), nn.Flatten(),
        nn.LayerNorm((6,), elementwise_affine=False), nn.Linear(6, 3),
    )  # fmt: skip


def embedded(nn: Any) -> Any:
    return nn.Sequential(nn.Embedding(7, 4), nn.Flatten(), nn.Linear(12, 3), nn.Sigmoid())


def signals(nn: Any) -> Any:
    return nn.Sequential(nn.BatchNorm1d(4, momentum=None), nn.Flatten(), nn.Linear(20, 3))


NETWORKS: list[tuple[Callable[[Any], Any], Any]] = [
    (classifier, ROWS),
    (convolutional, IMAGES),
    (embedded, INDICES),
    (signals, SIGNALS),
]
CLASSES = np.array([0, 2, 1, 1, 0, 2])
THREE: Any = 3  # no tensor, whatever the types say


def near(ours: Any, theirs: Any) -> bool:
    return np.allclose(ours, theirs, rtol=1e-10, atol=1e-10)


def twins(build: Callable[[Any], Any]) -> tuple[nn.Sequential, Any]:
    """One architecture with the same weights, ours and PyTorch's."""
    import torch

    theirs = build(torch.nn).double()
    ours = build(nn)
    assert isinstance(ours, nn.Sequential)
    ours.load_state_dict({path: value.numpy() for path, value in theirs.state_dict().items()})
    return ours, theirs


# ---------------------------------------------------------------------- PyTorch's numbers
@pytest.mark.needs("torch")
@pytest.mark.parametrize(("build", "x"), NETWORKS)
@pytest.mark.parametrize(
    ("kind", "settings"), [("SGD", {"lr": 0.05, "momentum": 0.9}), ("Adam", {"lr": 0.01}), ("AdamW", {"lr": 0.01})]
)
def test_twenty_steps_of_training_are_those_of_pytorch(
    build: Callable[[Any], Any], x: Any, kind: str, settings: dict[str, Any]
) -> None:
    import torch

    ours, theirs = twins(build)
    classes = CLASSES[: len(x)]
    mine = getattr(bp.optim, kind)(ours.parameters(), **settings)
    other = getattr(torch.optim, kind)(theirs.parameters(), **settings)
    for _ in range(20):
        mine.zero_grad()
        other.zero_grad()
        out, expected = ours(bp.tensor(x)), theirs(torch.tensor(x))
        loss = nn.CrossEntropyLoss()(out, classes)
        expected_loss = torch.nn.CrossEntropyLoss()(expected, torch.tensor(classes))
        assert near(out.data, expected.detach())
        assert near(loss.data, expected_loss.detach())
        loss.backward()
        expected_loss.backward()
        for (path, w), (same, u) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
            assert path == same
            assert near(w.grad, u.grad), path
        mine.step()
        other.step()
    state = theirs.state_dict()
    assert list(ours.state_dict()) == list(state)
    assert all(near(value, state[path]) for path, value in ours.state_dict().items())
    assert near(ours.eval()(bp.tensor(x)).data, theirs.eval()(torch.tensor(x)).detach())


@pytest.mark.needs("torch")
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(
    ("name", "prediction", "target"),
    [
        ("MSELoss", ROWS, ROWS[::-1].copy()),
        ("BCELoss", 1 / (1 + np.exp(-ROWS)), (ROWS > 0.3) * 1.0),
        ("BCEWithLogitsLoss", ROWS, (ROWS > 0.3) * 1.0),
        ("CrossEntropyLoss", ROWS, CLASSES),
        ("NLLLoss", ROWS, CLASSES),
    ],
)
def test_losses_are_those_of_pytorch(name: str, prediction: Any, target: Any, reduction: str) -> None:
    import torch

    ours = getattr(nn, name)(reduction)(bp.tensor(prediction), bp.tensor(target))
    theirs = getattr(torch.nn, name)(reduction=reduction)(torch.tensor(prediction), torch.tensor(target))
    assert near(ours.data, theirs)


@pytest.mark.needs("torch")
@pytest.mark.parametrize("name", nn.functional.__all__)
def test_functions_bear_the_names_of_pytorch(name: str) -> None:
    import torch

    assert hasattr(torch.nn.functional, name) or hasattr(torch, name)
    assert callable(getattr(nn.functional, name))


def test_softmax_sums_to_one_along_its_axis() -> None:
    assert nn.Softmax(dim=0)(bp.tensor(ROWS)).sum(axis=0).data == pytest.approx(np.ones(4))


@pytest.mark.parametrize(
    ("layer", "inputs"),
    [
        (lambda **made: nn.Linear(100, 50, **made), 100),
        (lambda **made: nn.Conv2d(4, 50, 5, **made), 100),
    ],
)
def test_weights_start_uniform_within_one_over_the_root_of_the_inputs(layer: Callable[..., Any], inputs: int) -> None:
    made = layer(generator=np.random.default_rng(1))
    for tensor in made.parameters():
        assert np.abs(tensor.data).max() < inputs**-0.5
        assert np.abs(tensor.data).max() > 0.9 * inputs**-0.5
    assert made.weight.data.std() == pytest.approx((3 * inputs) ** -0.5, rel=0.05)


def test_the_same_seed_gives_the_same_network() -> None:
    def numbers() -> list[Any]:
        bp.manual_seed(3)
        net = nn.Sequential(nn.MLP([2, 3, 1]), nn.Embedding(3, 2), nn.Dropout(), nn.Neuron(2))
        return [*(np.array(w.data).tolist() for w in net.parameters()), net[2](bp.ones(20)).data.tolist()]

    assert numbers() == numbers()


@pytest.mark.parametrize(
    "made",
    [nn.Linear(2, 3, dtype=bp.float32), nn.Conv2d(1, 2, 3, dtype=bp.float32), nn.BatchNorm1d(3, dtype=bp.float32)],
)
def test_a_layer_may_hold_numbers_of_single_precision(made: nn.Module) -> None:
    assert {w.dtype for w in made.parameters()} == {np.dtype(np.float32)}


# ---------------------------------------------------------------------- what a module holds
class Branches(nn.Module):
    """One of everything that can be assigned."""

    def __init__(self) -> None:
        self.scale = bp.parameter(2.0)
        self.constant = bp.tensor(3.0)
        self.w = [bp.parameter(1.0), bp.parameter(2.0)]
        self.pair = (nn.Linear(1, 1), nn.Linear(1, 1, bias=False))
        self.body = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
        self.tied = self.body[0]
        self.register_buffer("seen", bp.tensor(0.0))
        self.computed = self.scale * 2
        self.text = "no tensor"

    def forward(self, x: Any) -> Any:
        return self.body(x) * self.scale


PATHS = ["scale", "w0", "w1", "pair.0.weight", "pair.0.bias", "pair.1.weight", "body.0.weight", "body.0.bias"]


def test_parameters_come_in_the_order_they_were_assigned_each_once() -> None:
    net = Branches()
    assert [path for path, _ in net.named_parameters()] == PATHS
    assert [path for path, _ in net.named_buffers()] == ["seen"]
    assert [path for path, _ in net.named_modules()] == ["", "pair.0", "pair.1", "body", "body.0", "body.1"]
    assert [path for path, _ in net.named_children()] == ["pair.0", "pair.1", "body", "tied"]
    assert next(net.parameters()) is net.scale
    assert [tensor.item() for tensor in net.buffers()] == [0.0]
    assert next(net.modules()) is net
    assert [*net.children()][2] is net.body


def test_a_frozen_parameter_is_still_one() -> None:
    net = Branches().requires_grad_(False)
    assert [path for path, _ in net.named_parameters()] == PATHS
    assert not any(w.requires_grad for w in net.parameters())
    assert not net(bp.tensor([[1.0]])).requires_grad
    net.requires_grad_()
    assert net(bp.tensor([[1.0]])).requires_grad


def test_what_is_appended_to_a_list_counts() -> None:
    net = nn.Module()
    net.layers = layers = []
    layers.append(nn.Linear(1, 1))
    net.w = weights = [bp.parameter(1.0)]
    weights.append(bp.parameter(2.0))
    assert [path for path, _ in net.named_parameters()] == ["w0", "w1", "layers.0.weight", "layers.0.bias"]


def test_what_takes_the_place_of_a_parameter_is_judged_anew() -> None:
    net = nn.Linear(2, 1)
    net.bias = None
    assert [path for path, _ in net.named_parameters()] == ["weight"]
    net.weight = bp.tensor([[1.0, 2.0]])
    assert [*net.parameters()] == []
    net.register_buffer("bias", bp.tensor([0.0]))
    net.bias = bp.parameter([0.0])
    assert ([*net.buffers()], [*net.parameters()]) == ([], [net.bias])


def test_two_modules_may_share_a_parameter() -> None:
    net = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    net[1].weight = net[0].weight
    assert [path for path, _ in net.named_parameters()] == ["0.weight"]
    assert list(net.state_dict()) == ["0.weight", "1.weight"]


def test_a_copy_has_parameters_of_its_own() -> None:
    net = Branches().requires_grad_(False)
    other = copy.deepcopy(net)
    assert [path for path, _ in other.named_parameters()] == PATHS
    other.scale.data = 7.0
    assert net.scale.data == 2.0


def test_training_and_use_are_told_to_all_modules() -> None:
    net = nn.Sequential(nn.Sequential(nn.Dropout()), nn.Linear(1, 1))
    assert all(module.training for module in net.modules())
    assert not any(module.training for module in net.eval().modules())
    assert all(module.training for module in net.train().modules())


def test_dropout_leaves_holes_only_while_learning() -> None:
    layer, x = nn.Dropout(0.5), bp.ones(1000)
    assert set(layer(x).data) == {0.0, 2.0}
    assert set(layer.eval()(x).data) == {1.0}


def test_gradients_are_forgotten_everywhere() -> None:
    net = nn.MLP([2, 3, 1])
    net(bp.tensor(ROWS[:, :2])).sum().backward()
    assert all(w.grad is not None for w in net.parameters())
    net.zero_grad()
    assert all(w.grad is None for w in net.parameters())


# ---------------------------------------------------------------------- names in pictures
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("w", "w"),
        ("w0", "w0"),
        ("0.weight", "weight0"),
        ("2.1.w0", "w210"),
        ("1.12.w3", "w1_12_3"),
        ("body.0.bias", "body.bias0"),
        ("fc1.weight", "fc1.weight"),
        ("w1.0", "w10"),
        ("0", "0"),
    ],
)
def test_a_parameter_is_drawn_by_its_path_with_the_numbers_last(path: str, name: str) -> None:
    assert drawn(path) == name


def test_parameters_take_the_names_of_their_places_unless_they_have_one() -> None:
    net = nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.Linear(1, 1, bias=False)))
    assert [w.name for w in net.parameters()] == ["weight0", "bias0", "weight10"]
    net[0].bias = bp.parameter([0.0], name="shift")
    outer = nn.Sequential(net)
    assert [w.name for w in outer.parameters()] == ["weight00", "shift", "weight010"]
    assert nn.Sequential(net[0])[0].weight.name == "weight00"  # the first place it was given holds


def test_a_neuron_is_drawn_as_the_lecture_writes_it() -> None:
    y = nn.Neuron(2, bp.sigmoid)([bp.tensor(1.0, name="x0"), bp.tensor(2.0, name="x1")])
    trace = bp.trace(y)
    assert [node.name for node in trace.nodes if node.kind != "compute"] == ["w0", "w1", "b", "x0", "x1"]
    assert [node.op for node in trace.nodes if node.kind == "compute"] == ["mul", "add", "mul", "add", "sigmoid"]


# ---------------------------------------------------------------------- saving and loading
def test_what_was_saved_can_be_loaded_and_is_a_copy() -> None:
    net, other = classifier(nn), classifier(nn)
    saved = net.state_dict()
    before = other[0].weight.data
    assert other.load_state_dict(saved) == ([], [])
    assert all(np.array_equal(value, saved[path]) for path, value in other.state_dict().items())
    assert other[0].weight.data is before
    assert other[0].weight.version == 1
    saved["0.weight"][...] = 0
    assert net[0].weight.data.all()
    assert other[0].weight.data.all()


def test_scalars_can_be_saved_and_loaded() -> None:
    net, other = nn.ScalarMLP([2, 2, 1]), nn.ScalarMLP([2, 2, 1])
    other.load_state_dict(net.state_dict())
    assert list(net.state_dict())[:4] == ["0.0.w0", "0.0.w1", "0.0.b", "0.1.w0"]
    assert net([1.0, 2.0]).data == other([1.0, 2.0]).data


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": None}, "does not fit Linear: missing: weight."),
        ({"extra": 1.0}, "unexpected: extra."),
        ({"weight": np.ones(2)}, "weight has shape (2,) where the module's has (3, 2)."),
        ({"bias": None, "b": 1.0, "weight": 1.0}, "missing: bias; weight has shape () where the module's has (3, 2)"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_whole(change: dict[str, Any], message: str) -> None:
    net = nn.Linear(2, 3)
    before = net.state_dict()
    state = {"weight": np.ones((3, 2)), "bias": np.ones(3)} | change
    with pytest.raises(RuntimeError, match=re.escape(message)):
        net.load_state_dict({path: value for path, value in state.items() if value is not None})
    assert all(np.array_equal(value, before[path]) for path, value in net.state_dict().items())


def test_what_fits_by_name_can_be_loaded_alone() -> None:
    net = nn.Linear(2, 3)
    keys = net.load_state_dict({"bias": [1, 2, 3], "extra": 1.0}, strict=False)
    assert (keys.missing_keys, keys.unexpected_keys) == (["weight"], ["extra"])
    assert net.bias is not None
    assert net.bias.data.tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(RuntimeError, match=re.escape("bias has shape (1,) where")):
        net.load_state_dict({"bias": [1]}, strict=False)


# ---------------------------------------------------------------------- text
def test_a_network_is_shown_as_pytorch_shows_it() -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Softmax(dim=1), nn.ModuleList([nn.MSELoss()])), nn.Tanh())
    assert repr(net) == (
        "Sequential(\n  (0): Linear(in_features=2, out_features=3, bias=True)\n  (1): Sequential(\n"
        "    (0): Softmax(dim=1)\n    (1): ModuleList(\n      (0): MSELoss()\n    )\n  )\n  (2): Tanh()\n)"
    )


@pytest.mark.needs("torch")
@pytest.mark.parametrize("build", [convolutional, embedded, classifier])
def test_the_text_differs_from_pytorchs_only_by_what_is_not_there(build: Callable[[Any], Any]) -> None:
    import torch

    absent = r", (dilation|ceil_mode|track_running_stats)=\w+|approximate='none'"
    theirs = re.sub(absent, "", repr(build(torch.nn)))
    assert repr(build(nn)) == re.sub(r"(BatchNorm.*), bias=True", r"\1", theirs)


def test_scalar_networks_say_what_they_are() -> None:
    assert repr(nn.ScalarMLP([2, 1], bp.relu)) == "ScalarMLP(\n  (0): Layer(\n    (0): Neuron(2, linear)\n  )\n)"
    assert repr(nn.Neuron(3, bp.relu)) == "Neuron(3, relu)"
    assert repr(nn.Dropout(0.1)) == "Dropout(p=0.1)"


# ---------------------------------------------------------------------- containers and neurons
def test_a_list_of_modules_is_a_list() -> None:
    items = [nn.Linear(1, 1), nn.ReLU(), nn.Linear(1, 1)]
    held = nn.ModuleList(items)
    assert (len(held), list(held), held[-1]) == (3, items, items[2])
    assert type(held[1:]) is nn.ModuleList
    assert type(nn.MLP([1, 1, 1])[:2]) is nn.Sequential
    assert list(held[1:]) == items[1:]


def test_a_module_that_is_there_twice_runs_twice() -> None:
    double = nn.Linear(1, 1)
    double.load_state_dict({"weight": [[2.0]], "bias": [0.0]})
    net = nn.Sequential(double, double)
    assert net(bp.tensor([1.0])).data.tolist() == [4.0]
    assert len([*net.parameters()]) == 2


def test_a_perceptron_has_an_activation_after_each_layer_but_the_last() -> None:
    assert [type(module).__name__ for module in nn.MLP([2, 3, 4, 1], nn.Tanh)] == [
        "Linear", "Tanh", "Linear", "Tanh", "Linear",
    ]  # fmt: skip


def test_scalars_and_arrays_compute_the_same() -> None:
    scalars, arrays = nn.ScalarMLP([2, 3, 1]), nn.MLP([2, 3, 1], nn.Tanh)
    numbers = {path: np.array([w.data]) for path, w in scalars.named_parameters()}
    for layer, path in enumerate(["0", "2"]):
        neurons = range(len(scalars[layer]))
        weights = [[numbers[f"{layer}.{n}.w{i}"][0] for i in range(2 if layer == 0 else 3)] for n in neurons]
        arrays.load_state_dict(
            {f"{path}.weight": weights, f"{path}.bias": [numbers[f"{layer}.{n}.b"][0] for n in neurons]}, strict=False
        )
    assert scalars([0.3, -0.2]).data == pytest.approx(arrays(bp.tensor([0.3, -0.2])).data[0])


def test_a_scalar_network_learns_two_points() -> None:
    bp.manual_seed(0)
    net = nn.ScalarMLP([2, 3, 1])
    sgd = bp.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(100):
        loss = sum((net(x) - y) ** 2 for x, y in [((1.0, 2.0), 1.0), ((-1.0, 0.5), -1.0)])
        sgd.zero_grad()
        assert isinstance(loss, bp.Tensor)
        loss.backward()
        sgd.step()
    assert loss.item() < 1e-3


def test_a_layer_of_neurons_gives_a_list() -> None:
    outputs = nn.Layer(2, 3)([1.0, 2.0])
    assert [out.op.name for out in outputs] == ["tanh"] * 3
    assert len(nn.ScalarMLP([2, 2])(iter([1.0, 2.0]))) == 2


# ---------------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("write", "kind", "message"),
    [
        (lambda: nn.Module()(1), NotImplementedError, "Module has no forward(): write `def forward(self, x):`"),
        (lambda: nn.Module().register_buffer("m", THREE), TypeError, "is a tensor that needs no gradient; got m=3"),
        (lambda: nn.Module().register_buffer("m", bp.parameter(1.0)), TypeError, "needs no gradient; got m=tensor(1.0"),
        (lambda: nn.Linear(1, 1).load_state_dict([1.0]), TypeError, "a state_dict maps paths to arrays; got list"),  # type: ignore[arg-type]
        (lambda: nn.Sequential(nn.ReLU), TypeError, "a Sequential holds modules; got type"),  # type: ignore[arg-type]
        (lambda: nn.ModuleList([THREE]), TypeError, "a ModuleList holds modules; got int 3"),
        (lambda: nn.MLP([3]), ValueError, "an MLP has at least two sizes, as in [2, 8, 1]"),
        (lambda: nn.MLP([3, 1], bp.tanh), TypeError, "activation is a class of modules, such as nn.Tanh; got"),  # type: ignore[arg-type]
        (lambda: nn.ScalarMLP([3]), ValueError, "an MLP has at least two sizes, as in [2, 4, 1]"),
        (lambda: nn.Linear(0, 1), ValueError, "in_features is a whole number, 1 or more; got 0"),
        (lambda: nn.Linear(2, 1.5), ValueError, "out_features is a whole number, 1 or more; got 1.5"),  # type: ignore[arg-type]
        (lambda: nn.Conv2d(1, 1, (3, 0)), ValueError, "kernel_size is a whole number, 1 or more; got 0"),
        (lambda: nn.LayerNorm((3, -1)), ValueError, "normalized_shape is a whole number, 1 or more; got -1"),
        (lambda: nn.Dropout(1.5), ValueError, "p is a probability, from 0 to 1; got 1.5"),
        (lambda: nn.MSELoss("average"), ValueError, "unknown reduction: 'average'"),
        (lambda: nn.Linear(2, 1)(bp.ones(5, 3)), ValueError, "takes 2 features along the last axis; got shape (5, 3)"),
        (lambda: nn.Linear(2, 1)(bp.tensor(1.0)), ValueError, "got shape (). Reshape"),
        (lambda: nn.BatchNorm1d(2)(bp.ones(5, 3)), ValueError, "(N, C) or (N, C, length) with C = 2 features; got"),
        (lambda: nn.BatchNorm2d(2)(bp.ones(5, 2)), ValueError, "shape (N, C, height, width) with C = 2"),
        (lambda: nn.Neuron(2)([1.0]), ValueError, "this neuron has 2 weights, one for each input; got 1 inputs"),
    ],
)
def test_what_cannot_be_meant_is_refused(write: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=re.escape(message)):
        write()
