"""A variant whose weights are no numbers is refused in words, by every request about sentences; the others go on."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import pytest
import torch

from engine.decoding.options import DecodeOptions
from engine.runs.run import Run
from engine.sentences.filling import fill
from engine.sentences.posterior_cloud import posterior_cloud
from engine.sentences.prior_samples import prior_samples
from engine.sentences.token_credit import token_credit
from engine.sentences.variant_answers import Refused, asked
from engine.session import Session

GREEDY = DecodeOptions("greedy")
REQUESTS: dict[str, Callable[[Session], Iterator[object]]] = {
    "cloud": lambda session: posterior_cloud(session, "The cat sees the river.", 3, GREEDY),
    "credit": lambda session: token_credit(session, "The cat sees the river."),
    "fill": lambda session: fill(session, "The cat ___ the river.", n_best=5, candidates=5, samples=2),
    "sample": lambda session: prior_samples(session, 3, GREEDY),
}


@pytest.mark.parametrize("request_name", REQUESTS)
@pytest.mark.parametrize("broken", ["encoder", "decoder"])
def test_weights_that_are_no_numbers_are_told(tiny_run: Run, request_name: str, broken: str) -> None:
    whole = Session.load(tiny_run, "cpu")
    model = copy.deepcopy(whole.model("vae"))
    with torch.no_grad():
        for parameter in getattr(model, broken).parameters():
            parameter.fill_(float("nan"))
    session = Session(tiny_run, {"vae": model, "autogen-m1": whole.model("autogen-m1")}, {}, whole.device)
    made = list(REQUESTS[request_name](session))
    refused = [answer for answer in made if isinstance(answer, Refused)]
    if (request_name, broken) == ("sample", "encoder"):
        assert refused == []  # the prior needs no encoder
        return
    assert [answer.variant for answer in refused] == ["vae"]
    assert refused[0].message.endswith(".")
    assert {answer.variant for answer in made if not isinstance(answer, Refused)} == {"autogen-m1"}  # type: ignore[attr-defined]


def test_those_that_are_asked_stand_in_the_order_of_the_run(tiny_run: Run) -> None:
    whole = Session.load(tiny_run, "cpu")
    assert asked(whole, None) == ("vae", "autogen-m1")
    assert asked(whole, ["autogen-m1"]) == ("autogen-m1",)
    assert asked(Session(tiny_run, {"autogen-m1": whole.model("autogen-m1")}, {"vae": "x"}, whole.device), None) == (
        "vae",
        "autogen-m1",
    )
    assert asked(Session.load(tiny_run, "cpu", ["autogen-m1"]), None) == ("autogen-m1",)
    unknown = list(token_credit(whole, "The cat", ["nope"]))
    assert isinstance(unknown[0], Refused)
    assert "no variant 'nope'" in unknown[0].message
