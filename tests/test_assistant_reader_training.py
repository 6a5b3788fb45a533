"""The reader is trained on what it should be, and a stopped training goes on where it was."""

import gzip
import json
import random
import shutil
from itertools import accumulate, count
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import BertConfig, BertModel

from assistant.reader import Reader, Text, further, train
from assistant.reader.batches import Group, batch_of
from assistant.reader.cloze import cloze
from assistant.reader.example import Example
from assistant.reader.examples import load_examples, make_examples, save_examples
from assistant.reader.export import UNQUANTISED
from assistant.reader.losses import Scored, loss_of
from assistant.reader.model import ReaderModel
from assistant.reader.pairs import Pairing, Row
from assistant.reader.reader import FOLDER, RECORD, VOCABULARY, WEIGHTS, pooled
from assistant.reader.sets import OWN, WRITTEN, Asked, read_sets, read_written
from index.models import DEFAULT_MODEL, find_model

# What PyTorch and Transformers say of themselves is not ours to mend.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning"),
]

HARBOUR = "The harbour was dug in 1852. Its lighthouse is kept by Ada Lund. Ships pay a toll."
ISLAND = "The island has no harbour. A ferry comes on Mondays."
TURNS = "MR PRICE: Good day, and thank you to the 13 ministers who came for the talks on trade."
MEASURED = "Talks are held in Oslo"


def row(question, passage, answer="", **more):
    start = passage.find(answer)
    answers = [{"text": answer, "start": start, "end": start + len(answer)}] if answer else []
    return {"question": question, "passage": passage, "answers": answers, "label": 1} | more


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of sets, each with a question or two."""

    def write(path: str, rows: list[dict]) -> None:
        file = tmp_path / "data" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with gzip.open(file, "wt", encoding="utf-8") as out:
            out.writelines(json.dumps(each) + "\n" for each in rows)

    write(
        "train/qed_nq.jsonl.gz",
        [
            row("who keeps the lighthouse", HARBOUR, "Ada Lund", title="The_harbour"),
            row("when does the ferry come", ISLAND, "Mondays", title="The_island"),
            row("and who else?", ISLAND, "ferry", history=["who comes?"]),
        ],
    )
    write("train/omos_qa_en.jsonl.gz", [row("Is there a pool?", ISLAND, label=0)])
    write(
        "train/selqa.jsonl.gz",
        [
            row("Where do bees live?", "Bees make honey.", qid="1", label=0),
            row("Where do bees live?", "They live in hives.", qid="1"),
        ],
    )
    titles = ("Island lighthouse is open again", "Press briefing of the fourth of May", MEASURED)
    texts = ("A lighthouse was opened today.", TURNS, "The talks were held in Oslo.")
    records = [
        {"_id": f"r{number}", "title": title, "text": text}
        for number, (title, text) in enumerate(zip(titles, texts, strict=True))
    ]
    write("press-releases/documents.jsonl.gz", records)
    known = tmp_path / "data" / "press-releases" / "known-item.jsonl"
    known.write_text(json.dumps({"_id": "t", "text": MEASURED, "document": "r2"}) + "\n")
    return tmp_path / "data"


SETS = {"qed_nq": 10, "omos_qa_en": 10, "selqa": 10, "clozes": 10, "headlines": 10}


def test_sets_are_read_with_their_answers_in_place(data):
    documents, asked = read_sets(data, SETS)
    texts = {record["_id"]: record["text"] for record in documents}
    answers = {each.question: [texts[each.document][slice(*span)] for span in each.answers]
               for each in asked if each.document}  # fmt: skip
    assert answers == {
        "who keeps the lighthouse": ["Ada Lund"],
        "when does the ferry come": ["Mondays"],
        "Where do bees live?": ["They live in hives."],
    }
    assert [each for each in asked if not each.document] == [
        Asked("omos_qa_en", "Is there a pool?", None, (), (next(
            name for name, text in texts.items() if name.startswith("omos") and text == ISLAND
        ),))
    ]  # fmt: skip


def test_negatives_seem_to_answer_and_do_not(new_home, data, tmp_path):
    examples = list(make_examples(new_home, data, SETS))
    by_question = {example.question: example for example in examples}
    lighthouse = by_question["who keeps the lighthouse"]
    assert lighthouse.positive
    assert lighthouse.positive.above == "The harbour"
    assert [lighthouse.positive.sentences[at] for at in lighthouse.answering] == [
        "Its lighthouse is kept by Ada Lund."
    ]
    assert lighthouse.negatives
    assert not any("Ada Lund" in " ".join(text.sentences) for text in lighthouse.negatives)
    pool = by_question["Is there a pool?"]
    assert pool.positive is None
    assert " ".join(pool.negatives[0].sentences) == ISLAND
    save_examples(examples, tmp_path / "examples.jsonl.gz")
    assert load_examples(tmp_path / "examples.jsonl.gz") == examples


def test_a_collection_asks_itself_and_nothing_else_is_told_that_it_does_not_answer(new_home, data):
    examples = list(make_examples(new_home, data, SETS))
    own = [example for example in examples if example.set_name in OWN]
    assert {example.set_name for example in own} == {*OWN}
    asked = {example.question for example in own}
    assert "Island lighthouse is open again" in asked
    assert MEASURED not in asked
    for example in own:
        assert example.positive
        assert example.positive not in example.negatives
        if example.set_name == "headlines":
            assert example.question not in example.positive.above
        for answer in example.answers:
            assert answer in example.positive.sentences[example.answering[0]]
            assert not any(answer in " ".join(text.sentences) for text in example.negatives)
    collection = {TURNS, "A lighthouse was opened today.", "The talks were held in Oslo."}
    for example in examples:
        if example not in own:
            assert not any(collection & {*text.sentences} for text in example.negatives)


def test_questions_written_for_the_collection_have_its_passages_as_negatives(
    new_home, data, tmp_path
):
    rows = [
        {"question": "In which capital did they meet?", "of": "r2",
         "answers": [{"document": "r2", "start": 23, "end": 27}]},
        {"question": "How many people saw the lighthouse open?", "of": "r0", "answers": []},
    ]  # fmt: skip
    file = tmp_path / "written.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in rows))
    examples = list(make_examples(new_home, data, {"qed_nq": 10}, written=read_written(file)))
    capital, people = (each for each in examples if each.set_name == WRITTEN)
    assert capital.positive
    assert capital.positive.sentences == ("The talks were held in Oslo.",)
    assert (capital.answering, capital.answers) == ((0,), ("Oslo",))
    assert people.positive is None
    assert people.negatives[0].sentences == ("A lighthouse was opened today.",)
    of_others = {HARBOUR, ISLAND}
    for example in (capital, people):
        assert example.negatives
        assert not any(" ".join(text.sentences) in of_others for text in example.negatives)


def test_what_says_the_same_again_is_no_negative(new_home, data, tmp_path):
    path = data / "press-releases" / "documents.jsonl.gz"
    records = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    again = {"_id": "r3", "title": "Talks", "text": "The talks were held, again, in the capital."}
    other = {"_id": "r4", "title": "Talks", "text": "The talks on fish will be long."}
    lines = [json.dumps(each) + "\n" for each in [*records, again, other]]
    path.write_bytes(gzip.compress("".join(lines).encode()))
    asked = Asked(WRITTEN, "Where were the talks held?", "press-releases/r2", ((23, 27),))
    [example] = make_examples(new_home, data, {}, written=[asked])
    texts = [" ".join(text.sentences) for text in example.negatives]
    assert other["text"] in texts
    assert again["text"] not in texts


@given(
    sentence=st.lists(
        st.sampled_from("The Prime Minister gave $3.5 million to 13 islands in March 4 of".split()),
        min_size=8,
        max_size=40,
    ).map(" ".join),
    seed=st.integers(0, 99),
)
def test_a_cloze_asks_for_words_of_its_sentence_and_does_not_say_them(sentence, seed):
    made = cloze(sentence, "March", random.Random(seed))
    if made:
        assert made.answer in sentence
        assert made.answer.casefold() not in made.question.casefold()


@pytest.mark.parametrize(
    ("sentence", "kind", "answer"),
    [
        ("the fund will pay $25 million to the islands this year", "how much", "$25 million"),
        ("the fund will pay its share to 13 islands of the region", "how many islands", "13"),
        (
            "the fund paid its share to islands of the region on June 3, 2021",
            "when",
            "June 3, 2021",
        ),
    ],
)
def test_a_cloze_asks_for_what_there_is(sentence, kind, answer):
    made = cloze(sentence, "", random.Random(1))
    assert made
    assert made.question.startswith(kind)
    assert made.answer == answer


def row_of(lengths: list[int], question: int = 2) -> Row:
    """A row with sentences of some lengths in tokens."""
    starts = [question, *(question + total for total in accumulate(lengths))]
    ids = [*range(starts[-1]), 2]
    return Row(ids, [0] * question + [1] * (len(ids) - question), starts, [*range(len(lengths))])


@st.composite
def groups(draw) -> list[Group]:
    """Groups of rows of several lengths, with and without one that answers."""
    made = []
    for _ in range(draw(st.integers(1, 4))):
        sizes = st.lists(st.integers(1, 4), min_size=1, max_size=3)
        rows = [row_of(each) for each in draw(st.lists(sizes, min_size=1, max_size=4))]
        positive = draw(st.none() | st.integers(0, len(rows) - 1))
        answering = []
        if positive is not None:
            tokens = range(rows[positive].starts[0], rows[positive].starts[-1])
            answering = sorted(draw(st.sets(st.sampled_from(tokens), min_size=1)))
        made.append(Group(rows, positive, answering))
    return made


@given(groups(), st.integers(1, 3), st.integers(0, 99))
def test_the_loss_is_that_of_its_formula(groups, at_once, seed):
    batch = batch_of(groups, at_once)
    generator = torch.Generator().manual_seed(seed)
    outputs = [
        (
            torch.randn(chunk.ids.shape, generator=generator).requires_grad_(),
            torch.randn((len(chunk.ids), 2), generator=generator),
        )
        for chunk in batch.chunks
    ]
    expected = []
    for number, group in enumerate(groups):
        rows = {
            int(chunk.slot[at]): (tokens[at].detach().double().numpy(), passages[at].numpy())
            for chunk, (tokens, passages) in zip(batch.chunks, outputs, strict=True)
            for at in range(len(chunk.ids))
            if chunk.group[at] == number
        }
        # Only the tokens of sentences can answer; silence has the logit 0.
        inside = [
            rows[slot][0][row.starts[0] : row.starts[-1]] for slot, row in enumerate(group.rows)
        ]
        total = np.logaddexp.reduce(np.concatenate([[0.0], *inside]))
        relevance, answers = np.array([rows[slot][1] for slot in range(len(group.rows))]).T
        wrong = np.ones(len(rows))
        loss = total
        if group.positive is not None:
            wrong[group.positive] = -1
            right = rows[group.positive][0][group.answering]
            loss = total - np.logaddexp.reduce(right)
            loss += 0.5 * (np.logaddexp.reduce(relevance) - relevance[group.positive])
        expected.append(loss + 0.5 * np.mean(np.log1p(np.exp(wrong * answers))))
    loss = loss_of(batch, Scored.of(batch, outputs))
    assert float(loss) == pytest.approx(float(np.mean(expected)), rel=1e-4)
    loss.backward()
    assert all(tokens.grad.isfinite().all() for tokens, _ in outputs)


def test_the_tokens_of_the_answer_are_trained_to_win():
    pairing = Pairing(FOLDER / VOCABULARY)
    for example in examples():
        group = train._plain_group(example, pairing)
        if example.positive is None:
            assert group.positive is None
            continue
        row = group.rows[group.positive]
        chosen = [row.ids[at] for at in group.answering]
        if example.answers:
            assert chosen == pairing.tokens(example.answers)[0]
        else:  # all that the passage says
            assert chosen == row.ids[row.starts[0] : row.starts[-1]]


def examples() -> list[Example]:
    harbour = Text("The harbour", tuple(f"{part.strip('.')}." for part in HARBOUR.split(". ")))
    island = Text("", tuple(f"{part.strip('.')}." for part in ISLAND.split(". ")))
    return [
        Example("a", "who keeps the lighthouse", harbour, (1,), ("Ada Lund",), (island,)),
        Example("a", "when does the ferry come", island, (1,), ("Mondays",), (harbour,)),
        Example("b", "is there a pool", None, (), (), (island, harbour)),
        Example("b", "does the island have a harbour", island, (), (), (harbour,)),
    ]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A transformer of the same kind as the one that is trained, but small."""
    folder = tmp_path / "small"
    torch.manual_seed(7)
    config = BertConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    BertModel(config).save_pretrained(folder)
    shutil.copy(find_model(DEFAULT_MODEL) / VOCABULARY, folder)
    return folder


def test_a_stopped_training_ends_as_one_that_went_through(tmp_path, small, monkeypatch):
    monkeypatch.setattr(train, "find_model", lambda _: small)
    monkeypatch.setitem(train.PLANS, "cpu", train.Plan(4, 2, 2, 1e-4, 0.0))
    monkeypatch.setattr(train, "CHECKPOINT", 1)
    monkeypatch.setattr(train, "LOOKS", 2)
    trained: list[dict[str, torch.Tensor]] = []
    exported: list[ReaderModel] = []
    really = train.export

    def export(model, source, work, folder, figures):
        trained.append({name: value.clone() for name, value in model.state_dict().items()})
        if not exported:
            exported.append(model)
            really(model, source, work, tmp_path, figures)

    monkeypatch.setattr(train, "export", export)
    for name in ("through", "stopped"):
        (tmp_path / name).mkdir()
        save_examples(examples(), tmp_path / name / "examples.jsonl.gz")
        save_examples(examples(), tmp_path / name / "held-out.jsonl.gz")
    train.train(tmp_path, tmp_path / "through")

    loss = train.loss_of
    done = count()

    def interrupted(*arguments):
        if next(done) == 2:
            raise KeyboardInterrupt
        return loss(*arguments)

    monkeypatch.setattr(train, "loss_of", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train.train(tmp_path, tmp_path / "stopped")
    monkeypatch.setattr(train, "loss_of", loss)
    train.train(tmp_path, tmp_path / "stopped")
    log = (tmp_path / "stopped" / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in log] == [1, 2, 3, 4]
    assert trained[0].keys() == trained[1].keys()
    for name, value in trained[0].items():
        assert torch.allclose(value, trained[1][name], atol=1e-6), name

    [model] = exported
    record = json.loads((tmp_path / RECORD).read_text())
    assert record["examples"] == {"a": 2, "b": 2}
    pairing = Pairing(tmp_path / VOCABULARY)
    sources = [text for example in examples() for text in example.negatives]
    rows = [rows[0] for rows in pairing.rows("who keeps the lighthouse", sources)]
    with torch.inference_mode():
        expected = model.eval().read(rows)
    original = Reader(tmp_path / "through" / UNQUANTISED, tmp_path / VOCABULARY)
    for file, tolerance in (
        (original, 1e-4),
        (Reader(tmp_path / WEIGHTS, tmp_path / VOCABULARY), 1),
    ):
        readings = file.read("who keeps the lighthouse", sources)
        for row, scores, reading in zip(rows, expected, readings, strict=True):
            sentences = pooled(scores.tokens.numpy(), row.starts)
            assert reading.sentences == pytest.approx(sentences, abs=tolerance)
            assert reading.relevance == pytest.approx(float(scores.relevance), abs=tolerance)
            assert reading.answers == pytest.approx(float(scores.answers), abs=tolerance)


def test_further_training_begins_where_the_first_ended(tmp_path, small, monkeypatch):
    out = tmp_path / "out"
    out.mkdir()
    shutil.copy(FOLDER / RECORD, out)
    monkeypatch.setattr(further, "FOLDER", out)
    monkeypatch.setattr(further, "find_model", lambda _: small)
    monkeypatch.setattr(further, "PLAN", train.Plan(2, 2, 2, 1e-4, 0.0))
    monkeypatch.setattr(train, "CHECKPOINT", 1)
    monkeypatch.setattr(train, "LOOKS", 1)
    torch.manual_seed(3)
    first = ReaderModel(small)
    torch.save({"model": first.state_dict()}, tmp_path / "checkpoint.pt")
    for name in ("further", "held-out"):
        save_examples(examples(), tmp_path / f"{name}.jsonl.gz")
    (tmp_path / "questions.jsonl").write_text("")

    for _ in range(2):  # done again, it has nothing to do, and tells the same
        further.further(tmp_path, tmp_path, tmp_path / "questions.jsonl")
    trained = torch.load(tmp_path / "further.pt", weights_only=True)["model"]
    moved = [
        float((trained[name] - value).abs().max()) for name, value in first.state_dict().items()
    ]
    assert 0 < max(moved) < 1e-3  # two steps at this rate, from where the first part ended
    record, before = (json.loads((folder / RECORD).read_text()) for folder in (out, FOLDER))
    assert record["examples"] == before["examples"]
    assert record["further examples"] == {"a": 2, "b": 2}
    assert [entry["step"] for entry in record["log"] if entry.get("run") == "further"] == [1, 2]
    mean = ReaderModel(small)
    mean.load_state_dict(
        {
            name: further.SHARE * trained[name] + (1 - further.SHARE) * value
            for name, value in first.state_dict().items()
        }
    )
    row = Pairing(small / VOCABULARY).rows("who?", [examples()[0].negatives[0]])[0]
    with torch.inference_mode():
        expected = mean.eval().read(row)[0]
    exported = Reader(tmp_path / UNQUANTISED, out / VOCABULARY)
    (read,) = exported.read("who?", [examples()[0].negatives[0]])
    assert read.answers == pytest.approx(float(expected.answers), abs=1e-4)
    assert (out / WEIGHTS).exists()


def test_padding_changes_no_score(small):
    pairing = Pairing(small / VOCABULARY)
    model = ReaderModel(small).eval()
    groups = [pairing.rows(each.question, each.negatives) for each in examples()]
    rows = [row for group in groups for each in group for row in each]
    random.Random(7).shuffle(rows)
    with torch.inference_mode():
        together, alone = model.read(rows), [model.read([row])[0] for row in rows]
    for one, other in zip(together, alone, strict=True):
        assert torch.allclose(one.tokens, other.tokens, atol=1e-4)
        assert torch.allclose(one.relevance, other.relevance, atol=1e-4)
