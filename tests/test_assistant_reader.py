"""The reader: every sentence is read, alone or among others, and scored as it was trained to."""

import json
import math
import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import Assistant, RerankerError
from assistant.ranking import Ranking, standardised, with_reader, with_reranker, without_reader
from assistant.reader import Reader, Text, default_reader, readable
from assistant.reader.pairs import QUESTION, WINDOW, Pairing
from assistant.reader.reader import EMPTY, FOLDER, RECORD, VOCABULARY, WEIGHTS, pooled
from assistant.reader.spoiling import altered, careless, without_answer
from index.durable import sha256_of

QUESTION_ASKED = "Who co-chaired the 11th dialogue?"
TEXTS = [
    Text(
        "Security Dialogue",
        (
            "The thirteen countries met on Monday.",
            "It was co-chaired by Saint Lucia and the United States.",
        ),
    ),
    Text("Bread\nYeast", ("Yeast gives off gas, which lifts the dough.",)),
    Text("", ("会议讨论了海上安全。", "Совет принял резолюцию.")),
]

words = st.lists(st.sampled_from("the dialogue was chaired by 11 countries é 会 -- x".split()))
texts = st.builds(
    Text,
    words.map(" ".join),
    st.lists(words.map(" ".join).filter(bool), min_size=1, max_size=12).map(tuple),
)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return default_reader()


@pytest.fixture(scope="module")
def pairing() -> Pairing:
    return Pairing(FOLDER / VOCABULARY)


@given(question=words.map(" ".join), text=texts, times=st.integers(1, 40))
def test_every_token_of_every_sentence_stands_in_a_row(pairing, question, text, times):
    text = replace(text, sentences=text.sentences * times)
    [rows] = pairing.rows(question, [text])
    read: dict[int, list[int]] = {}
    for row in rows:
        assert len(row.ids) == len(row.types) <= WINDOW
        assert row.starts[-1] == len(row.ids) - 1
        for number, (start, end) in zip(row.sentences, pairwise(row.starts), strict=True):
            read.setdefault(number, []).extend(row.ids[start:end])
    assert [read[number] for number in range(len(text.sentences))] == pairing.tokens(text.sentences)


def test_a_sentence_longer_than_a_row_is_read_in_pieces(pairing):
    sentence = "dialogue " * 2000
    [rows] = pairing.rows("dialogue " * 500, [Text("dialogue " * 500, ("One.", sentence))])
    pieces = [row for row in rows if 1 in row.sentences]
    assert len(pieces) > 10
    assert all(len(row.ids) <= WINDOW for row in rows)
    assert all(row.ids.index(row.ids[-1]) == QUESTION + 1 for row in rows)


def test_the_last_sentence_of_a_long_passage_is_read(reader):
    answer = "It was co-chaired by Saint Lucia and the United States."
    rest = tuple(f"The delegation of country {number} arrived by sea." for number in range(90))
    [reading] = reader.read(QUESTION_ASKED, [Text("Security Dialogue", (*rest, answer))])
    assert len(reading.sentences) == 91
    assert int(np.argmax(reading.sentences)) == 90


@given(
    scores=st.lists(st.floats(-9, 9, width=32), min_size=1, max_size=60),
    cuts=st.lists(st.integers(0, 60), max_size=8),
)
def test_a_sentence_scores_the_logsumexp_of_its_tokens(scores, cuts):
    starts = sorted({min(cut, len(scores)) for cut in cuts} | {0, len(scores)})
    slow = [
        math.log(sum(math.exp(score) for score in scores[start:end]))
        for start, end in pairwise(starts)
    ]
    assert pooled(np.array(scores, np.float32), starts) == pytest.approx(slow, abs=1e-5)


def test_a_sentence_without_a_token_does_not_answer():
    assert pooled(np.array([0.5, 0.5], np.float32), [0, 0, 2])[0] == EMPTY


@given(text=st.text(), words=st.lists(st.text(), max_size=3))
def test_tokens_within_words_are_tokens_of_the_text(pairing, text, words):
    within = pairing.within(text, words)
    [tokens] = pairing.tokens([text])
    assert within == sorted(set(within) & {*range(len(tokens))})


def test_the_tokens_of_an_answer_are_those_that_spell_it(pairing):
    sentence = "It was co-chaired by Saint Lucia; Saint Lucia paid."
    [tokens] = pairing.tokens([sentence])
    within = pairing.within(sentence, ["saint lucia"])
    [answer] = pairing.tokens(["saint lucia"])
    assert [tokens[at] for at in within] == [*answer, *answer]
    assert pairing.within(sentence, ["Jamaica"]) == []


def test_a_passage_reads_the_same_alone_among_others_and_in_any_order(reader):
    alone = [reader.read(QUESTION_ASKED, [text])[0] for text in TEXTS]
    assert reader.read(QUESTION_ASKED, TEXTS) == alone
    assert reader.read(QUESTION_ASKED, TEXTS[::-1]) == alone[::-1]
    assert reader.read(QUESTION_ASKED, TEXTS * 2) == alone * 2


def test_nothing_to_read_and_other_languages_are_no_trouble(reader):
    assert reader.read(QUESTION_ASKED, []) == []
    for question in ("", "?", "谁主持了会议？", "\u202e\x00", "🙂" * 300):
        for reading in reader.read(question, TEXTS):
            assert np.isfinite([*reading.sentences, reading.relevance, reading.answers]).all()


def test_the_sentence_that_answers_scores_best(reader):
    readings = reader.read("Who co-chaired the security dialogue?", TEXTS)
    assert int(np.argmax(readings[0].sentences)) == 1
    assert readings[0].answers > max(readings[1].answers, readings[2].answers)
    assert readings[0].relevance > max(readings[1].relevance, readings[2].relevance)


def test_quantised_weights_score_as_the_trained_ones_did(reader):
    record = json.loads((FOLDER / RECORD).read_text(encoding="utf-8"))
    now, then = [], []
    for probe in record["probes"]:
        text = Text(probe["text"]["above"], tuple(probe["text"]["sentences"]))
        [reading] = reader.read(probe["question"], [text])
        expected = probe["unquantised"]
        now += [*reading.sentences, reading.relevance, reading.answers]
        then += [*expected["sentences"], expected["relevance"], expected["answers"]]
        best, *rest = sorted(expected["sentences"], reverse=True)
        if best - max(rest, default=-np.inf) > 0.5:
            assert np.argmax(reading.sentences) == np.argmax(expected["sentences"])
    assert np.corrcoef(now, then)[0, 1] > 0.99
    assert np.abs(np.subtract(now, then)).max() < 1.5


def test_the_weights_are_those_of_the_record_and_the_card():
    record = json.loads((FOLDER / RECORD).read_text(encoding="utf-8"))
    assert sha256_of(FOLDER / WEIGHTS) == record["sha256"]
    assert record["sha256"] in (FOLDER / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_what_the_reader_reads_are_the_document_s_words(bundled_home):
    with Assistant.open(bundled_home) as assistant:
        for document in assistant.documents():
            for passage in assistant.generation.passages_of(document.id):
                text = readable(document, passage)
                assert all(sentence in document.text for sentence in text.sentences)
                assert document.title[:160] in text.above


@given(st.lists(st.floats(-20, 20), max_size=20))
def test_relevance_is_told_in_standard_deviations(values):
    found = standardised(values)
    assert len(found) == len(values)
    assert sum(found) == pytest.approx(0, abs=1e-6)
    assert not found or np.std(found) == pytest.approx(1, abs=1e-6) or set(found) == {0.0}


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=20), st.floats(0.01, 10))
def test_little_difference_in_relevance_is_not_made_much_of(values, least):
    found, plain = standardised(values, least), standardised(values)
    assert np.std(found) <= 1 + 1e-6
    assert max(found) - min(found) <= (max(values) - min(values)) / least + 1e-6
    if np.std(values) > least + 1e-6:
        assert found == pytest.approx(plain)


def test_documents_that_contradict_each_other_are_both_quoted(home_of):
    home = home_of(
        {
            "2019.txt": "Port report\n\nThe harbour master of Port Lumen is Ada Quill.\n",
            "2022.txt": "Port report\n\nThe harbour master of Port Lumen is Rosa Vega.\n",
        }
    )
    with Assistant.open(home) as assistant:
        answer = assistant.ask("Who is the harbour master of Port Lumen?")
    quotes = " ".join(citation.quote.text for citation in answer.citations)
    assert "Ada Quill" in quotes
    assert "Rosa Vega" in quotes


def test_an_assistant_answers_with_and_without_the_reader(bundled_home):
    quotes = []
    for ranking in (with_reader(), without_reader()):
        with Assistant.open(bundled_home, ranking) as assistant:
            judgement = assistant.judge(QUESTION_ASKED)
            assert bool(judgement.read) == (ranking.reader is not None)
            quotes.append(judgement.evidence[0].text)
            ids = [hit.passage.id for hit in judgement.hits]
            assert sorted(ids) == sorted(set(ids))
            assert [hit.rank for hit in judgement.hits] == list(range(1, len(ids) + 1))
    assert all("co-chaired by Saint Lucia" in quote for quote in quotes)


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory) -> Path:
    """A cross-encoder as sentence-transformers keeps one: untrained, from the weights at hand."""
    return _cross_encoder(tmp_path_factory.mktemp("cross-encoder"), labels=1)


def _cross_encoder(folder: Path, labels: int) -> Path:
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    from index.models import DEFAULT_MODEL, find_model

    config = BertConfig(
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        num_labels=labels,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(find_model(DEFAULT_MODEL)).save_pretrained(folder)
    return folder


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_another_cross_encoder_says_how_relevant_a_passage_is(bundled_home, cross_encoder):
    ranking = with_reranker(str(cross_encoder))
    assert ranking.reranker
    with Assistant.open(bundled_home, ranking) as assistant:
        judgement = assistant.judge(QUESTION_ASKED)
    with Assistant.open(bundled_home) as assistant:
        usual = assistant.judge(QUESTION_ASKED)
    given = sorted(each.relevance for each in judgement.read)
    texts = [readable(judgement.generation.document(hit.passage.document_id), hit.passage)
             for hit in judgement.hits]  # fmt: skip
    expected = sorted(standardised(ranking.reranker.relevance(QUESTION_ASKED, texts)))
    assert given == pytest.approx(expected, abs=1e-4)
    assert given != pytest.approx(sorted(each.relevance for each in usual.read), abs=1e-4)
    assert sorted(each.reader for each in judgement.read) == sorted(
        each.reader for each in usual.read
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_reranker_that_cannot_be_used_is_told_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(RerankerError, match="no-such-model") as told:
        with_reranker(str(tmp_path / "no-such-model"))
    assert "\n" not in str(told.value)
    three = _cross_encoder(tmp_path / "three", labels=3)
    with pytest.raises(RerankerError, match="gives 3 scores"):
        with_reranker(str(three))


ANSWERED = Text(
    "Dialogue",
    (
        "The first dialogue took place in Saint Lucia in 2010.",
        "Barbados was host to the largest one in 2015.",
    ),
)


def test_a_passage_loses_the_sentence_that_answers_and_no_other():
    spoiled = without_answer(ANSWERED, (1,), ("Barbados",))
    assert spoiled == replace(ANSWERED, sentences=ANSWERED.sentences[:1])
    assert without_answer(ANSWERED, (1,), ("Saint Lucia",)) is None
    assert without_answer(replace(ANSWERED, sentences=("One.",)), (0,), ("One",)) is None


@given(seed=st.integers())
@settings(max_examples=50)
def test_an_altered_question_is_another_one_without_the_answer(seed):
    question = "Who was host to the largest dialogue in 2015?"
    other = Text("", ("The ministers of Trinidad and Tobago went to Saint Lucia in 2011.",))
    changed = altered(question, ANSWERED, [other], ("Barbados",), random.Random(seed))
    assert changed
    assert changed != question
    assert "Barbados" not in changed


@given(seed=st.integers(), question=st.text(max_size=80))
def test_careless_typing_leaves_a_question(seed, question):
    assert careless(question, random.Random(seed)) or not question.strip(" ?.").split()


def test_a_ranking_without_a_reader_reads_nothing(bundled_home):
    ranking = Ranking(without_reader().weights)
    with Assistant.open(bundled_home, ranking) as assistant:
        assert ranking.read(assistant.generation, "who?", []) == []
