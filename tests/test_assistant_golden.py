"""Golden files and BEIR folders are read strictly; measures are checked by hand."""

import json
import sys
from types import SimpleNamespace

import pytest

from assistant import MAX_QUESTION, Assistant, BadGolden
from assistant.errors import PackageMissing
from assistant.evaluation import evaluate_beir, evaluate_golden, holds
from assistant.golden import GoldenQuestion, Place, QuotedPlace, load_beir, load_golden, resolve
from assistant.measures import auroc, latency_measures, ranking_measures

TEXT = "Ana Silva chaired the talks. Ben Okoro hosted the dinner in Lagos."


def golden(tmp_path, *entries):
    path = tmp_path / "golden.jsonl"
    path.write_text("\n".join(json.dumps(entry) for entry in entries))
    return path


def test_a_golden_file_is_read_a_line_or_a_list(tmp_path):
    entry = {
        "question": "Who?",
        "answers": [{"document": "a", "start": 0, "end": 3}],
        "kind": "who",
        "turns": ["Which talks?"],
    }
    expected = [GoldenQuestion("Who?", (Place("a", 0, 3),), "who", ("Which talks?",))]
    assert load_golden(golden(tmp_path, entry)) == expected
    listed = tmp_path / "list.json"
    listed.write_text(json.dumps([entry]))
    assert load_golden(listed) == expected


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"question": "Who?"}, "line 1.*answers"),
        ({"question": " ", "answers": []}, "line 1: the question is empty"),
        ({"question": "\u200b", "answers": []}, "line 1: the question is empty"),
        ({"question": "x" * (MAX_QUESTION + 1), "answers": []}, "line 1: .* ask in at most"),
        ({"question": 7, "answers": []}, "line 1.*text"),
        ({"question": "Who?", "answers": {}}, "line 1.*list"),
        ({"question": "Who?", "answers": ""}, "line 1.*list"),
        ({"question": "Who?", "answers": [{"document": "a", "start": 1.9, "end": 3}]}, "whole"),
        ({"question": "Who?", "answers": [{"document": "a", "start": 0, "end": True}]}, "whole"),
        (
            {"question": "Who?", "answers": [{"document": "a", "start": 0, "end": float("inf")}]},
            "whole",
        ),
        ({"question": "Who?", "answers": [{"document": "a", "start": 3, "end": 3}]}, "empty span"),
        ({"question": "Who?", "answers": [{"document": "a"}]}, "start"),
        ({"question": "Who?", "answers": [], "kind": 1}, "line 1.*kind"),
        ({"question": "Who?", "answers": [], "turns": "Why?"}, "line 1.*turns"),
        ({"question": "Who?", "answers": [], "turns": [1]}, "line 1.*turns"),
        ({"question": "Who?", "answers": [], "turns": [" "]}, "line 1: the question is empty"),
        (1, "line 1"),
    ],
)
def test_a_malformed_entry_is_told_with_its_place(tmp_path, entry, fault):
    with pytest.raises(BadGolden, match=fault):
        load_golden(golden(tmp_path, entry))


def test_a_file_that_is_not_json_or_not_there_is_told(tmp_path):
    (tmp_path / "bad.jsonl").write_text("{")
    (tmp_path / "deep.jsonl").write_text("[" * 200_000)
    for name in ("bad.jsonl", "deep.jsonl", "absent.jsonl"):
        with pytest.raises(BadGolden, match=name):
            load_golden(tmp_path / name)
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(BadGolden, match="no question"):
        load_golden(tmp_path / "empty.jsonl")


def document(identifier, source, record=None, text=TEXT, sha256="0"):
    return SimpleNamespace(id=identifier, source=source, record=record, text=text, sha256=sha256)


@pytest.mark.parametrize("name", ["sub/a.txt", "/data/sub/a.txt", "a.txt", "a"])
def test_a_document_may_be_named_in_several_ways(name):
    found = resolve(
        [GoldenQuestion("Who?", (Place(name, 0, 9),))], [document("sub/a.txt", "/data/sub/a.txt")]
    )
    assert found == [GoldenQuestion("Who?", (Place("sub/a.txt", 0, 9),))]


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        (Place("b", 0, 9), "no document"),
        (Place("x", 0, 9), "several"),
        (Place("1/x.txt", 0, 10**6), "outside"),
    ],
)
def test_a_place_that_is_not_there_is_told(place, fault):
    documents = [document("1/x.txt", "/1/x.txt"), document("2/x.txt", "/2/x.txt")]
    with pytest.raises(BadGolden, match=fault):
        resolve([GoldenQuestion("Who?", (place,))], documents)


@pytest.mark.parametrize(
    ("documents", "place"),
    [
        ([document("a.txt", "/a.txt")], Place("a.txt", 29, 38)),  # where it stood
        ([document("a.txt", "/a.txt", text=f"First. {TEXT}")], Place("a.txt", 36, 45)),
        (  # the nearest of two
            [document("a.txt", "/a.txt", text=f"Ben Okoro came. {TEXT}")],
            Place("a.txt", 45, 54),
        ),
        ([document("old/a.txt", "/old/a.txt")], Place("old/a.txt", 29, 38)),  # moved
        (  # renamed, and twice there: both are the same bytes
            [document(name, f"/{name}", sha256="f") for name in ("b.txt", "c.txt")],
            Place("b.txt", 29, 38),
        ),
    ],
)
def test_a_quoted_answer_is_found_again(documents, place):
    answer = QuotedPlace("a.txt", 29, 38, "Ben Okoro", "f")
    asked = GoldenQuestion("Who hosted?", (answer,), "who", ("Who chaired?",))
    found = resolve([asked], documents)
    assert found == [GoldenQuestion("Who hosted?", (place,), "who", ("Who chaired?",))]


def test_a_quoted_answer_whose_words_are_gone_is_told():
    asked = GoldenQuestion("Who?", (QuotedPlace("a.txt", 29, 38, "Ada Quill", "f"),))
    with pytest.raises(BadGolden, match=r"a\.txt.*no more.*Ada Quill"):
        resolve([asked], [document("a.txt", "/a.txt")])
    with pytest.raises(BadGolden, match="no document"):
        resolve([asked], [document("b.txt", "/b.txt")])


def test_a_beir_folder_keeps_only_judged_queries(tmp_path):
    (tmp_path / "qrels").mkdir()
    (tmp_path / "queries.jsonl").write_text(
        '{"_id": "1", "text": "one"}\n{"_id": "2", "text": "two"}\n'
    )
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n2\td\t1\n")
    found = load_beir(tmp_path)
    assert found.queries == {"2": "two"}
    assert found.judgements == {"2": {"d": 1}}


def test_a_beir_folder_without_judgements_is_told(tmp_path):
    (tmp_path / "queries.jsonl").write_text('{"_id": "1", "text": "one"}\n')
    with pytest.raises(BadGolden, match=r"test\.tsv"):
        load_beir(tmp_path)


@pytest.mark.parametrize("text", [None, 7, "", " \n"])
def test_a_query_without_a_text_is_told(tmp_path, text):
    (tmp_path / "queries.jsonl").write_text(json.dumps({"_id": "1", "text": text}))
    with pytest.raises(BadGolden, match=r"line 1: a query needs _id and text"):
        load_beir(tmp_path)


def test_a_field_that_csv_cannot_take_is_told(tmp_path):
    (tmp_path / "qrels").mkdir()
    (tmp_path / "queries.jsonl").write_text('{"_id": "1", "text": "one"}\n')
    row = f"1\t{'d' * 200_000}\t1\n"
    (tmp_path / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{row}")
    with pytest.raises(BadGolden, match=r"test\.tsv.*field"):
        load_beir(tmp_path)


@pytest.mark.parametrize("package", ["ir_measures", "scipy"])
def test_a_missing_package_is_told_before_anything_is_asked(monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    for evaluate in (evaluate_golden, evaluate_beir):
        with pytest.raises(PackageMissing, match=r"pip install 'readout\[evaluate\]'"):
            evaluate(None, None)


@pytest.mark.parametrize(
    ("place", "held"),
    [
        (Place("a", 0, 28), True),  # around the answer
        (Place("a", 4, 9), True),  # the answer itself
        (Place("a", 5, 8), True),  # inside it
        (Place("a", 5, 28), False),  # cuts it
        (Place("b", 0, 28), False),  # another document
    ],
)
def test_a_quote_is_right_if_it_holds_the_answer_or_lies_in_it(place, held):
    assert holds(place, [Place("a", 4, 9)]) is held


def test_auroc_counts_pairs_in_order_and_ties_as_half():
    assert auroc([0.9, 0.5], [0.5, 0.1]) == pytest.approx((1 + 1 + 0.5 + 1) / 4)
    assert auroc([], [0.5]) is None


def test_ranking_measures_are_the_standard_ones():
    measures = ranking_measures({"q": {"b": 1}}, {"q": {"a": -1.0, "b": -2.0}})
    assert measures["nDCG@10"] == pytest.approx(0.6309, abs=1e-4)  # 1 / log2(3)
    assert (measures["passage hit@1"], measures["passage hit@5"]) == (0, 1)
    assert measures["recall@100"] == 1
    assert measures["MRR@10"] == 0.5
    assert set(ranking_measures({}, {}).values()) == {None}


def test_latency_is_reported_as_percentiles():
    assert latency_measures([1.0, 2.0, 3.0]) == {
        "latency p50 ms": 2.0,
        "latency p95 ms": pytest.approx(2.9),
    }


def test_refusals_and_quotes_are_counted_against_the_golden_answers(home_of):
    home = home_of({"a.txt": TEXT})
    questions = [
        GoldenQuestion("Who chaired the talks?", (Place("a", 0, 9),)),
        GoldenQuestion("Who hosted the dinner?", (Place("a", 0, 9),)),  # wrong on purpose
        GoldenQuestion("What is the boiling point of ethanol?", ()),
    ]
    with Assistant.open(home) as assistant:
        everything = evaluate_golden(assistant, questions, threshold=0.0)
        nothing = evaluate_golden(assistant, questions, threshold=1.0)
    assert everything.measures["false answers"] == 1
    assert everything.measures["false refusals"] == 0
    assert everything.measures["quote hit@1"] == 0.5
    assert everything.measures["wrong first quote when answered"] == 0.5
    assert [outcome.quote_rank for outcome in everything.outcomes] == [1, 2, None]
    assert nothing.measures["false answers"] == 0
    assert nothing.measures["false refusals"] == 1
    assert nothing.measures["quote hit@1"] == 0.5  # ranking does not hang on the threshold
    assert nothing.measures["AUROC"] == everything.measures["AUROC"]
