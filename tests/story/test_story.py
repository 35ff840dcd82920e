"""What the story counts, against a plain count."""

from __future__ import annotations

from app.core.readings import kept_words
from engine.corpus.tokens import tokenize, words_of
from engine.session import Session
from tests.story.__main__ import EVERYDAY, SHORT, given_back


def test_words_kept_are_those_in_their_order():
    said = words_of(tokenize("He opened the window and looked outside."))
    assert kept_words(said, words_of(tokenize("He closed the window and, outside, looked."))) == 5
    assert kept_words(said, said) == 7
    assert kept_words(said, ()) == 0


def test_the_shares_are_those_of_a_plain_count(tiny_run):
    session = Session.load(tiny_run, "cpu")
    sentences = ["The cat sees the house today.", "My old dog loves the river at night and forgets the winter again."]
    for name, given in given_back(session, sentences).items():
        made = [session.reconstruct(sentence, [name])[0] for sentence in sentences]
        exact = [each.decoded.text == sentence for each, sentence in zip(made, sentences, strict=True)]
        assert given.exact == sum(exact) / 2
        assert given.exact_short == exact[0]
        assert given.kl == sum(float(each.latent.kl) for each in made) / 2


def test_the_everyday_sentences_are_forty_and_most_are_short():
    sentences = EVERYDAY.read_text("utf-8").splitlines()
    assert len(sentences) == len(set(sentences)) == 40
    assert sum(len(words_of(tokenize(sentence))) <= SHORT for sentence in sentences) >= 30
