"""Where nan and inf come from: the first step that made them is marked in the trace and told in the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import backprop_viz as bp
from backprop_viz.render.frames import frames


def marked(loss: bp.Tensor) -> list[str]:
    """What is said of the first step that makes nan or inf: its kind, and the op it is about."""
    trace = bp.trace(loss)
    event = trace.first_nonfinite
    told = [frame.sentence for frame in frames(trace) if "first step that makes nan or inf" in frame.sentence]
    assert len(told) == (event is not None)
    match event:
        case None:
            return []
        case bp.Forward(node=node):
            return ["forward", trace.nodes[node].op]
        case bp.Send(edge=edge):
            return ["send", trace.nodes[trace.edges[edge].child].op]
    raise AssertionError(event)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("value", "compute", "expected"),
    [
        (2.0, lambda x: x.exp() * x, []),
        (1000.0, lambda x: (x.exp() - x.exp()) * 2, ["forward", "exp"]),
        (0.0, lambda x: (x.log() * x).tanh(), ["forward", "log"]),
        ([1.0, 0.0], lambda x: (1 / x).sum(), ["forward", "div"]),
        (0.0, lambda x: x.sqrt() * 3, ["send", "sqrt"]),
        (1e200, lambda x: (x * 1e100) * (x * 1e100) * 1.0, ["forward", "mul"]),
        (np.inf, lambda x: x * 2, []),
        (np.nan, lambda x: x * 2, []),
        ([np.inf, 1.0], lambda x: (x - x).sum(), []),
    ],
)
def test_the_first_step_that_makes_nan_or_inf_is_marked(
    value: Any, compute: Callable[[Any], Any], expected: list[str]
) -> None:
    assert marked(compute(bp.parameter(value))) == expected
