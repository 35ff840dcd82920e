"""The tree of a beam search, node by node against a plain computation of what the search had to weigh."""

from __future__ import annotations

import pytest
import torch

from engine.corpus.vocabulary import BOS, EOS
from engine.decoding.beam_tree import BeamTree, beam_tree
from engine.decoding.decode import UnrolledDecoder, n_best
from engine.decoding.options import DecodeOptions
from engine.errors import UsageError
from tests.engine.decoding.plain_decoding import Words, plain_beam, proposals
from tests.engine.decoding.test_decode import sharp

WIDTH, SHORTEST, LONGEST = 4, 1, 5


def words_of(tree: BeamTree, index: int) -> Words:
    node = tree.nodes[index]
    return () if node.parent < 0 else (*words_of(tree, node.parent), node.word)


def test_every_step_shows_the_best_continuations_of_what_was_kept() -> None:
    model = sharp(150)
    with torch.no_grad():
        model.output_bias[EOS] += 1.0
    states = set()
    for seed in range(5):
        z = 2.0 * torch.randn(1, 3, generator=torch.Generator().manual_seed(seed))
        options = DecodeOptions(beam=WIDTH, n_best=2, min_words=SHORTEST, max_words=LONGEST)
        tree = beam_tree(UnrolledDecoder(model), z, options, 30)
        kept: dict[Words, float] = {(): 0.0}
        for depth in range(1, max(node.depth for node in tree.nodes) + 1):
            shown = [index for index, node in enumerate(tree.nodes) if node.depth == depth]
            weighed = [
                ((*words, word), total + float(score))
                for words, total in kept.items()
                for word, score in enumerate(proposals(model, z, words, SHORTEST, False).tolist())
                if score > -torch.inf and (depth <= LONGEST or word == EOS)
            ]
            weighed.sort(key=lambda pair: -pair[1])
            assert [words_of(tree, index) for index in shown] == [words for words, _ in weighed[: len(shown)]]
            assert [tree.nodes[index].total for index in shown] == pytest.approx(
                [total for _, total in weighed[: len(shown)]], abs=1e-4
            )
            assert len(shown) == min(2 * WIDTH, len(weighed))
            kept = {
                words_of(tree, index): tree.nodes[index].total
                for index in shown
                if any(node.parent == index for node in tree.nodes)
            }
            assert len(kept) <= WIDTH
        states |= {node.state for node in tree.nodes}

        best, expected = tree.sentences[0], plain_beam(model, z, WIDTH, SHORTEST, LONGEST, 2)
        assert [each.ids for each in tree.sentences] == [words for words, _ in expected]
        assert list(tree.sentences) == n_best([UnrolledDecoder(model)], [z], options, 30)[0][0]
        way = [index for index, node in enumerate(tree.nodes) if node.state == "best"]
        assert words_of(tree, way[-1]) == (*best.ids, EOS)
        assert tree.nodes[0].word == BOS
        assert tuple(tree.nodes[index].log_probability for index in way[1:]) == best.token_log_probabilities
    assert states == {"kept", "pruned", "ended", "best"}


def test_a_tree_of_diverse_beams_tells_its_groups_apart() -> None:
    options = DecodeOptions(beam=4, groups=2, diversity=2.0, max_words=4)
    tree = beam_tree(UnrolledDecoder(sharp(20)), torch.ones(1, 3), options, 30, words=[f"w{n}" for n in range(20)])
    assert {node.group for node in tree.nodes} == {0, 1}
    assert all(node.text == f"w{node.word}" for node in tree.nodes)
    for node in tree.nodes[1:]:
        parent = tree.nodes[node.parent]
        assert node.parent == 0 or parent.group == node.group
        assert node.depth == parent.depth + 1
        assert node.total == pytest.approx(parent.total + node.log_probability, abs=1e-5)
    for children in tree.children()[1:]:
        assert [tree.nodes[child].parent for child in children] == [
            tree.nodes[child].parent for child in children[:1]
        ] * len(children)


def test_only_a_beam_has_a_tree() -> None:
    with pytest.raises(UsageError, match="Only a beam search"):
        beam_tree(UnrolledDecoder(sharp(8)), torch.ones(1, 3), DecodeOptions("greedy"), 5)
