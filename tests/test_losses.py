"""Losses, norms, dropout and images: the functions a reader calls, held against PyTorch's."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import backprop_viz as bp

REDUCTIONS = ["mean", "sum", "none"]
LOGITS = np.array([[2.0, -1.0, 0.5], [-3.0, 0.0, 4.0], [1e4, -1e4, 0.0], [0.1, 0.2, 0.3]])
CLASSES = np.array([0, 2, 1, 1])
PROBABILITIES = np.array([[1.0, 0.0, 0.0], [0.2, 0.3, 0.5], [0.0, 0.5, 0.5], [0.7, 0.7, 0.1]])
WEIGHTS: Any = np.ones(2)
IMAGES = np.random.default_rng(5).normal(size=(2, 3, 7, 6))


def same(ours: Callable[..., bp.Tensor], theirs: Callable[..., Any], *leaves: Any, dtype: Any = np.float64) -> None:
    """Two functions of these parameters give one value, and send the parameters the same gradients."""
    import torch

    a = [bp.parameter(leaf, dtype=dtype) for leaf in leaves]
    b: list[Any] = [torch.tensor(np.asarray(leaf, dtype), requires_grad=True) for leaf in leaves]
    out, expected = ours(*a), theirs(*b)
    assert out.dtype == dtype
    assert out.shape == tuple(expected.shape)
    close: dict[str, Any] = {"rtol": 1e-12, "atol": 1e-13} if dtype is np.float64 else {"rtol": 1e-5, "atol": 1e-6}
    assert np.allclose(out.data, expected.detach().numpy(), **close)
    g = np.random.default_rng(3).uniform(0.5, 1.5, out.shape)
    out.backward(g)
    expected.backward(torch.tensor(g.astype(dtype)))
    for mine, other in zip(a, b, strict=True):
        assert mine.grad.dtype == dtype
        assert np.allclose(mine.grad, other.grad.numpy(), **close)


def functional(name: str) -> Any:
    import torch

    return getattr(torch.nn.functional, name)


# ---------------------------------------------------------------------- losses
@pytest.mark.needs("torch")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(
    ("ours", "theirs", "prediction", "target"),
    [
        (bp.mse_loss, "mse_loss", LOGITS / 100, PROBABILITIES),
        (bp.bce, "binary_cross_entropy", PROBABILITIES.clip(0.1, 0.9), PROBABILITIES),
        (bp.bce_with_logits, "binary_cross_entropy_with_logits", LOGITS, PROBABILITIES),
        (bp.bce_with_logits, "binary_cross_entropy_with_logits", [1e4, -1e4, 1e4, -1e4], [1.0, 0.0, 0.0, 1.0]),
        (bp.nll_loss, "nll_loss", LOGITS, CLASSES),
        (bp.nll_loss, "nll_loss", LOGITS[1], np.array(2)),
        (bp.cross_entropy, "cross_entropy", LOGITS, CLASSES),
        (bp.cross_entropy, "cross_entropy", LOGITS[2], np.array(1)),
        (bp.cross_entropy, "cross_entropy", [[1e4, 0.0], [-1e4, 0.0], [0.0, -np.inf]], np.array([0, 0, 0])),
        (bp.cross_entropy, "cross_entropy", LOGITS, PROBABILITIES),
        (bp.cross_entropy, "cross_entropy", LOGITS[1], PROBABILITIES[1]),
    ],
)
def test_a_loss_is_that_of_pytorch(
    ours: Any, theirs: str, prediction: Any, target: Any, reduction: str, dtype: Any
) -> None:
    import torch

    given = np.asarray(target) if np.asarray(target).dtype.kind == "i" else np.asarray(target, dtype)
    same(
        lambda x: ours(x, given, reduction=reduction),
        lambda x: functional(theirs)(x, torch.tensor(given), reduction=reduction),
        prediction,
        dtype=dtype,
    )


@pytest.mark.needs("torch")
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", ["cross_entropy", "mse_loss", "binary_cross_entropy_with_logits"])
def test_a_target_can_be_learned_as_well(name: str, reduction: str) -> None:
    same(
        lambda z, p: getattr(bp, name)(z, p, reduction=reduction),
        lambda z, p: functional(name)(z, p, reduction=reduction),
        LOGITS[:2],
        PROBABILITIES[:2],
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("loss", [bp.nll_loss, bp.cross_entropy])
def test_a_loss_by_class_is_one_node_on_the_scores_and_the_target(loss: Any, reduction: str) -> None:
    scores = bp.parameter(LOGITS)
    out = loss(scores, CLASSES, reduction=reduction)
    first, target = out.parents
    assert first is scores
    assert target.data.tolist() == CLASSES.tolist()
    assert not target.requires_grad


def test_the_gradient_of_cross_entropy_is_softmax_minus_onehot() -> None:
    z = bp.parameter([[1.0, 2.0], [0.0, 0.0]])
    bp.cross_entropy(z, np.array([1, 0])).backward()
    share = 1 / (1 + np.e)
    assert np.allclose(z.grad, np.array([[share, -share], [-0.5, 0.5]]) / 2)


def test_a_certain_and_wrong_prediction_costs_what_the_logits_say() -> None:
    z = bp.parameter(1e4)
    loss = bp.bce_with_logits(z, 0.0)
    loss.backward()
    assert (loss.data, z.grad) == (1e4, 1.0)
    assert z.grad.__class__ is float


@pytest.mark.needs("torch")
@pytest.mark.parametrize("y", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("z", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("shape", [(), (1,)], ids=["scalar", "array"])
def test_the_loss_of_an_infinite_logit_is_that_of_pytorch_and_warns_of_nothing(
    shape: tuple[int, ...], z: float, y: float
) -> None:
    import torch

    ours = bp.bce_with_logits(bp.parameter(np.full(shape, z)), np.full(shape, y))
    theirs = functional("binary_cross_entropy_with_logits")(*(torch.full(shape, each) for each in (z, y)))
    assert np.array_equal(ours.data, theirs.numpy(), equal_nan=True)


@pytest.mark.needs("torch")
@pytest.mark.parametrize("y", [0, 1])
@pytest.mark.parametrize("logits", list(itertools.product([0.0, -1e4, np.inf, -np.inf, np.nan], repeat=2)))
def test_cross_entropy_of_infinite_logits_is_that_of_pytorch_and_warns_of_nothing(
    logits: tuple[float, float], y: int
) -> None:
    import torch

    ours = bp.parameter([logits])
    theirs: Any = torch.tensor([logits], requires_grad=True)
    loss, expected = bp.cross_entropy(ours, np.array([y])), functional("cross_entropy")(theirs, torch.tensor([y]))
    loss.backward()
    expected.backward()
    assert np.allclose(loss.data, expected.item(), equal_nan=True)
    assert np.allclose(ours.grad, theirs.grad.numpy(), equal_nan=True)


def test_the_same_loss_has_a_short_and_a_long_name() -> None:
    assert bp.mse is bp.mse_loss
    assert bp.nll is bp.nll_loss
    assert bp.binary_cross_entropy is bp.bce
    assert bp.binary_cross_entropy_with_logits is bp.bce_with_logits


def test_classes_may_be_a_tensor_of_any_whole_numbers_or_one_plain_number() -> None:
    for target in (bp.tensor(CLASSES), CLASSES.astype(np.int32), CLASSES.astype(np.uint8)):
        assert bp.nll(LOGITS, target).data == bp.nll(LOGITS, CLASSES).data
    assert bp.cross_entropy(LOGITS[0], 1).data == bp.cross_entropy(LOGITS[0], np.int64(1)).data


def test_a_mean_over_pairings_that_were_hardly_meant_warns() -> None:
    with pytest.warns(UserWarning, match=r"\(3, 1\), the target \(3,\), and every pairing"):
        assert bp.mse_loss(np.zeros((3, 1)), np.ones(3), "none").shape == (3, 3)
    assert bp.mse_loss(bp.tensor([1.0, 3.0]), 0.0).data == 5.0


# ---------------------------------------------------------------------- norms
@pytest.mark.needs("torch")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("given", [(), ("weight",), ("bias",), ("weight", "bias")])
@pytest.mark.parametrize("shape", [(3,), (2, 3)])
def test_layer_norm_is_that_of_pytorch(shape: tuple[int, ...], given: tuple[str, ...], dtype: Any) -> None:
    def run(norm: Any) -> Callable[..., Any]:
        return lambda x, *own: norm(x, shape, **dict(zip(given, own, strict=True)), eps=1e-3)

    random = np.random.default_rng(0)
    own = [random.normal(size=shape) for _ in given]
    same(run(bp.layer_norm), run(functional("layer_norm")), random.normal(size=(4, 2, 3)), *own, dtype=dtype)


def test_the_shape_of_a_layer_may_be_one_number() -> None:
    assert np.array_equal(bp.layer_norm(LOGITS, 3).data, bp.layer_norm(LOGITS, (3,)).data)
    assert np.array_equal(bp.layer_norm(LOGITS, 3).data, bp.layer_norm(LOGITS, [3]).data)


@pytest.mark.needs("torch")
@pytest.mark.parametrize("kept", [np.array, bp.tensor])
@pytest.mark.parametrize("given", [(), ("weight",), ("bias",), ("weight", "bias")])
@pytest.mark.parametrize("shape", [(5, 3), (4, 3, 2, 2), (4, 3, 2)])
def test_batch_norm_and_its_running_statistics_are_those_of_pytorch(
    shape: tuple[int, ...], given: tuple[str, ...], kept: Any
) -> None:
    import torch

    def run(norm: Any, kept: list[Any], training: bool) -> Callable[..., Any]:
        options = {"training": training, "momentum": 0.3, "eps": 1e-3}
        return lambda x, *own: norm(x, *kept, **dict(zip(given, own, strict=True)), **options)

    random = np.random.default_rng(1)
    start = [np.zeros(3), np.ones(3)]
    ours, theirs = [kept(each) for each in start], [torch.tensor(each) for each in start]
    for training in (True, True, True, False):
        same(
            run(bp.batch_norm, ours, training),
            run(functional("batch_norm"), theirs, training),
            random.normal(2.0, 3.0, shape),
            *(random.normal(size=3) for _ in given),
        )
        for mine, other in zip(ours, theirs, strict=True):
            assert np.allclose(mine.data if isinstance(mine, bp.Tensor) else mine, other.numpy(), rtol=1e-13)


def test_batch_norm_keeps_no_statistics_where_none_are_given() -> None:
    x = bp.parameter(LOGITS[:2])
    out = bp.batch_norm(x, training=True)
    assert out.parents == (x,)
    assert np.allclose(out.data.mean(axis=0), 0)


def test_a_batch_that_was_recorded_does_not_change_with_the_running_statistics() -> None:
    mean, var, x = np.zeros(3), np.ones(3), bp.parameter(LOGITS[:2])
    out = bp.batch_norm(x, mean, var)
    bp.batch_norm(x, mean, var, training=True)
    assert not np.array_equal(mean, np.zeros(3))
    assert out.parents[1].data.tolist() == [0, 0, 0]


# ---------------------------------------------------------------------- dropout
def test_dropout_with_one_seed_drops_the_same_elements() -> None:
    x = bp.ones(4, 50)
    bp.manual_seed(3)
    first = bp.dropout(x)
    bp.manual_seed(3)
    assert np.array_equal(first.data, bp.dropout(x).data)
    assert not np.array_equal(first.data, bp.dropout(x).data)
    own = [bp.dropout(x, generator=np.random.default_rng(3)).data for _ in range(2)]
    assert np.array_equal(*own)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_dropout_keeps_the_mean_and_sends_gradients_through_what_it_kept(p: float) -> None:
    x = bp.parameter(np.ones(100_000))
    out = bp.dropout(x, p)
    assert np.allclose(np.unique(out.data), [0, 1 / (1 - p)])
    assert out.data.mean() == pytest.approx(1, abs=0.02)
    out.sum().backward()
    assert np.array_equal(x.grad, out.data)


def test_dropout_outside_training_and_with_p_0_is_the_tensor_itself() -> None:
    x = bp.parameter([1.0, 2.0])
    assert bp.dropout(x, training=False) is x
    assert bp.dropout(x, 0.0) is x
    assert bp.dropout(np.array([1.0, 2.0]), 0).data.tolist() == [1.0, 2.0]


def test_dropout_with_p_1_drops_everything() -> None:
    x = bp.parameter([1.0, 2.0], dtype=np.float32)
    out = bp.dropout(x, 1.0)
    out.sum().backward()
    assert out.dtype == np.float32
    assert out.data.tolist() == x.grad.tolist() == [0, 0]


def test_dropout_of_a_scalar_is_a_scalar() -> None:
    outs = {bp.dropout(bp.parameter(3.0), generator=np.random.default_rng(seed)).data for seed in range(9)}
    assert outs == {0.0, 6.0}


# ---------------------------------------------------------------------- images
@pytest.mark.needs("torch")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("images", [IMAGES, IMAGES[0]], ids=["batch", "one image"])
@pytest.mark.parametrize("biased", [True, False])
@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 1}, {"stride": (3, 2), "padding": (2, 0)}])
def test_conv2d_is_that_of_pytorch(options: dict[str, Any], biased: bool, images: Any, dtype: Any) -> None:
    def run(conv2d: Any) -> Callable[..., Any]:
        return lambda x, weight, bias=None: conv2d(x, weight, bias, **options)

    random = np.random.default_rng(0)
    own = [random.normal(size=(4, 3, 3, 2)), random.normal(size=4)][: 1 + biased]
    same(run(bp.conv2d), run(functional("conv2d")), images, *own, dtype=dtype)


@pytest.mark.needs("torch")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("images", [IMAGES, IMAGES[0], np.round(IMAGES)], ids=["batch", "one image", "ties"])
@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
@pytest.mark.parametrize(
    "sizes", [(2,), (3, 1), (3, 2, 1), ((2, 3),), ((3, 2), (1, 3), (1, 0)), ([2, 3], [1, 1])], ids=str
)
def test_a_pool_is_that_of_pytorch(sizes: Any, name: str, images: Any, dtype: Any) -> None:
    same(lambda x: getattr(bp, name)(x, *sizes), lambda x: functional(name)(x, *sizes), images, dtype=dtype)


def test_the_first_of_equal_maxima_receives_the_gradient() -> None:
    x = bp.parameter(np.ones((1, 2, 2)))
    bp.max_pool2d(x, 2).backward()
    assert x.grad.tolist() == [[[1, 0], [0, 0]]]


def test_a_pool_of_whole_numbers_may_have_a_border() -> None:
    assert bp.max_pool2d(-np.ones((1, 2, 2), int), 2, padding=1).data.tolist() == [[[-1, -1], [-1, -1]]]


# ---------------------------------------------------------------------- errors: what was given, and what to do
def conv(*shape: int, **options: Any) -> bp.Tensor:
    return bp.conv2d(IMAGES, np.ones(shape), **options)


ERRORS: list[tuple[Callable[[], Any], type[Exception], list[str]]] = [
    (lambda: bp.cross_entropy(LOGITS, CLASSES, "avg"), ValueError, ["'avg'", "'mean', 'sum', 'none'"]),
    (lambda: bp.mse_loss(1.0, 1.0, WEIGHTS), ValueError, ["array([1., 1.])", "'mean', 'sum', 'none'"]),
    (lambda: bp.cross_entropy(LOGITS, CLASSES + 1), IndexError, ["no class 3", "3 scores", "classes 0 to 2"]),
    (lambda: bp.nll(LOGITS, CLASSES - 100), IndexError, ["nll_loss", "no class -100"]),
    (lambda: bp.cross_entropy(LOGITS[0], 3), IndexError, ["no class 3"]),
    (lambda: bp.cross_entropy(LOGITS, CLASSES[:3]), ValueError, ["(4, 3)", "(4,)", "one class per sample", "(3,)"]),
    (lambda: bp.nll(LOGITS, CLASSES[:, None]), ValueError, ["(4,)", "(4, 1)"]),
    (lambda: bp.cross_entropy(LOGITS, CLASSES * 1.0), TypeError, ["whole number", "float64", "floats of shape (4, 3)"]),
    (lambda: bp.nll(LOGITS, PROBABILITIES), TypeError, ["nll_loss", "whole number; got float64 of shape (4, 3)"]),
    (lambda: bp.nll(LOGITS[0], True), TypeError, ["whole number", "bool"]),
    (lambda: bp.cross_entropy(IMAGES, CLASSES), ValueError, ["(N, C)", "(2, 3, 7, 6)", "reshape"]),
    (lambda: bp.cross_entropy(IMAGES, IMAGES), ValueError, ["(N, C)", "(2, 3, 7, 6)"]),
    (lambda: bp.cross_entropy(1.0, 0), ValueError, ["(N, C)", "()"]),
    (lambda: bp.cross_entropy(LOGITS, CLASSES.tolist()), TypeError, ["cross_entropy", "list", "bp.tensor(...)"]),
    (lambda: bp.bce(np.ones((3, 1)), np.ones(3)), ValueError, ["bce", "(3, 1)", "(3,)", "one target per prediction"]),
    (lambda: bp.bce_with_logits(np.ones(3), np.ones(4)), ValueError, ["bce_with_logits", "(3,)", "(4,)"]),
    (lambda: bp.layer_norm(LOGITS, 4), ValueError, ["normalized_shape", "(3,)", "(4, 3)", "got 4"]),
    (lambda: bp.layer_norm(LOGITS, ()), ValueError, ["normalized_shape", "got ()"]),
    (lambda: bp.layer_norm(LOGITS[0], (4, 3)), ValueError, ["normalized_shape", "got (4, 3)"]),
    (lambda: bp.layer_norm(LOGITS, 3, np.ones(4)), ValueError, ["layer_norm: the weight has shape (3,)", "(4,)"]),
    (lambda: bp.batch_norm(LOGITS, bias=np.ones(4), training=True), ValueError, ["the bias has shape (3,)", "(4,)"]),
    (lambda: bp.batch_norm(np.ones(3), training=True), ValueError, ["(N, C)", "(3,)"]),
    (lambda: bp.batch_norm(LOGITS), ValueError, ["running_mean and running_var", "training=True"]),
    (lambda: bp.batch_norm(LOGITS, np.ones(3), np.ones(4)), ValueError, ["3 channels", "(3,) and (4,)"]),
    (lambda: bp.batch_norm(LOGITS[:1], training=True), ValueError, ["at least 2 values", "(1, 3)"]),
    (lambda: bp.batch_norm(LOGITS, bp.parameter(np.ones(3)), np.ones(3)), TypeError, ["'running_mean'", "detach()"]),
    (lambda: bp.dropout(LOGITS, 1.5), ValueError, ["from 0 to 1", "1.5"]),
    (lambda: bp.conv2d(LOGITS, np.ones((1, 1, 2, 2))), ValueError, ["(N, C, H, W)", "(C, H, W)", "(4, 3)"]),
    (lambda: conv(3, 3, 3), ValueError, ["3 input channels", "(3, 3, 3)", "(2, 3, 7, 6)"]),
    (lambda: conv(4, 2, 3, 3), ValueError, ["3 input channels", "(4, 2, 3, 3)"]),
    (lambda: conv(4, 3, 3, 3, bias=np.ones(3)), ValueError, ["each output channel, shape (4,)", "(3,)"]),
    (lambda: conv(4, 3, 8, 3), ValueError, ["8×3", "(2, 3, 7, 6)", "padding 0"]),
    (lambda: conv(4, 3, 3, 3, stride=0), ValueError, ["stride", "at least 1", "got 0"]),
    (lambda: conv(4, 3, 3, 3, padding=-1), ValueError, ["padding", "at least 0", "got -1"]),
    (lambda: conv(4, 3, 3, 3, padding="same"), ValueError, ["padding", "got 'same'"]),
    (lambda: conv(4, 3, 3, 3, stride=(1, 2, 3)), ValueError, ["two of them", "got (1, 2, 3)"]),
    (lambda: bp.max_pool2d(LOGITS, 2), ValueError, ["max_pool2d", "(N, C, H, W)", "(4, 3)"]),
    (lambda: bp.avg_pool2d(IMAGES, 0), ValueError, ["avg_pool2d: kernel_size", "at least 1", "got 0"]),
    (lambda: bp.max_pool2d(IMAGES, 8), ValueError, ["8×8", "does not fit"]),
    (lambda: bp.max_pool2d(IMAGES, 3, padding=2), ValueError, ["at most half the window", "padding 2", "(3, 3)"]),
]  # fmt: skip


@pytest.mark.parametrize(("do", "kind", "words"), ERRORS)
def test_an_error_says_what_was_given_and_what_to_do(
    do: Callable[[], Any], kind: type[Exception], words: list[str]
) -> None:
    with pytest.raises(kind) as caught:
        do()
    for word in words:
        assert word in str(caught.value)


def test_a_batch_that_is_refused_leaves_the_running_statistics_as_they_were() -> None:
    mean, var = np.zeros(3), np.ones(3)
    with pytest.raises(ValueError, match="at least 2 values"):
        bp.batch_norm(LOGITS[:1], mean, var, training=True)
    assert (mean.tolist(), var.tolist()) == ([0, 0, 0], [1, 1, 1])
