"""Questions become quotes that stand where they are said to stand, or an honest no."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant import MAX_QUESTION, Assistant, BadQuestion, Quote, UnknownPlace, verification
from corpus import sentence_spans
from index import FileStamp, NoIndex, rebuild

QUESTION = "Who co-chaired the 11th dialogue?"
ANSWER = "co-chaired by Saint Lucia, the Dominican Republic, and the United States"


@pytest.fixture
def assistant(bundled_home):
    with Assistant.open(bundled_home) as opened:
        yield opened


def test_an_answer_quotes_the_sentence_that_answers(assistant):
    answer = assistant.ask(QUESTION)
    assert not answer.abstained
    assert answer.reason is None
    assert answer.nearest == ()
    assert ANSWER in answer.citations[0].quote.text
    assert answer.generation == "000001"


def test_every_quote_stands_at_its_place_and_is_one_sentence(assistant):
    for question in (QUESTION, "Which countries are CBSI countries?", "What did Rusk announce?"):
        for citation in assistant.ask(question, threshold=0).citations:
            quote, text = citation.quote, citation.document.text
            assert text[quote.start : quote.end] == quote.text
            assert (quote.start, quote.end) in sentence_spans(text)
            assert citation.passage.start <= quote.start < quote.end <= citation.passage.end
            assert citation.passage_text in text
            assert citation.verified


def test_citations_are_numbered_from_one_best_first(assistant):
    citations = assistant.ask(QUESTION, threshold=0).citations
    assert [citation.number for citation in citations] == list(range(1, len(citations) + 1))
    scores = [citation.score for citation in citations]
    assert scores == sorted(scores, reverse=True)


def test_what_nothing_answers_is_refused_with_reason_and_nearest(assistant):
    answer = assistant.ask("What is the boiling point of ethanol?")
    assert answer.abstained
    assert answer.citations == ()
    assert answer.nearest
    assert "ethanol" in answer.unknown_terms
    assert "ethanol" in (answer.reason or "") or "None of" in (answer.reason or "")


def test_the_threshold_decides_what_is_refused(assistant):
    assert assistant.ask(QUESTION, threshold=1.0).abstained
    assert not assistant.ask("What is the boiling point of ethanol?", threshold=0.0).abstained


def test_the_same_question_gives_the_same_answer(assistant):
    first, second = assistant.ask(QUESTION), assistant.ask(QUESTION)
    assert first.citations == second.citations
    assert first.confidence == second.confidence


def test_threads_that_ask_at_once_get_what_one_gets_alone(assistant):
    questions = [QUESTION, "What did Rusk announce?", "When was the 11th dialogue?"] * 4
    alone = [assistant.ask(question).citations for question in questions]
    with ThreadPoolExecutor(6) as pool:
        together = [answer.citations for answer in pool.map(assistant.ask, questions)]
    assert together == alone


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "\u200b "])
def test_an_empty_question_is_told(assistant, question):
    with pytest.raises(BadQuestion, match="empty"):
        assistant.ask(question)


def test_a_question_of_100_kilobytes_is_told(assistant):
    with pytest.raises(BadQuestion, match=f"{MAX_QUESTION:,}"):
        assistant.ask("who " * 25_000)


@pytest.mark.parametrize(
    "question",
    ["谁主持了会议？", "кто был председателем?", "من ترأس الحوار؟", "🙂", "?!…", "'; DROP--"],
)
def test_a_question_in_any_script_is_answered_or_refused(assistant, question):
    answer = assistant.ask(question)
    assert answer.abstained == (not answer.citations)


def test_half_characters_of_a_question_are_replaced(assistant):
    assert assistant.ask("caf\udce9 \n what?").question == "caf\ufffd what?"
    assert assistant.search("caf\ud800 dialogue")


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_a_threshold_out_of_range_is_told(assistant, threshold):
    with pytest.raises(BadQuestion, match="threshold"):
        assistant.ask(QUESTION, threshold=threshold)


def test_a_sentence_that_stands_in_two_documents_is_cited_once(home_of):
    sentence = "The minister opened the new harbour in Castries on 4 May 2021."
    home = home_of(
        {
            "a.txt": f"Harbour news\n\n{sentence} Many came.",
            "b.txt": f"Week in review\n\n{sentence} It rained.",
        }
    )
    with Assistant.open(home) as assistant:
        answer = assistant.ask("Who opened the new harbour in Castries?", threshold=0)
    assert [citation.quote.text for citation in answer.citations].count(sentence) == 1


def test_an_edited_original_is_flagged_and_others_are_not(home_of, tmp_path):
    home = home_of(
        {"a.txt": "Ana Silva chaired the talks.", "b.txt": "Ben Okoro chaired the vote."}
    )
    with Assistant.open(home) as assistant:
        (tmp_path / "documents" / "a.txt").write_text("Ana Silva left the talks.!")
        verified = {hit.document.id: hit.verified for hit in assistant.search("chaired", k=2)}
    assert verified == {"a.txt": False, "b.txt": True}


def test_an_original_touched_but_not_changed_is_still_verified(home_of, tmp_path):
    home = home_of({"a.txt": "Ana Silva chaired the talks."})
    os.utime(tmp_path / "documents" / "a.txt", (1, 1))
    with Assistant.open(home) as assistant:
        assert [hit.verified for hit in assistant.search("chaired")] == [True]


def test_a_vanished_original_is_flagged(home_of, tmp_path):
    home = home_of({"a.txt": "Ana Silva chaired the talks."})
    (tmp_path / "documents" / "a.txt").unlink()
    with Assistant.open(home) as assistant:
        assert [hit.verified for hit in assistant.search("chaired")] == [False]


def test_an_original_replaced_by_a_pipe_is_flagged_at_once(home_of, tmp_path):
    home = home_of({"a.txt": "Ana Silva chaired the talks."})
    (tmp_path / "documents" / "a.txt").unlink()
    os.mkfifo(tmp_path / "documents" / "a.txt")
    found = []
    with Assistant.open(home) as assistant:
        search = threading.Thread(
            target=lambda: found.extend(assistant.search("chaired")), daemon=True
        )
        search.start()
        search.join(20)
    assert [hit.verified for hit in found] == [False]


def test_hashing_one_original_keeps_no_other_waiting(home_of, tmp_path, monkeypatch):
    home = home_of({"slow.txt": "Ana Silva chaired.", "fast.txt": "Ben Okoro chaired."})
    for name in ("slow.txt", "fast.txt"):
        os.utime(tmp_path / "documents" / name, (1, 1))
    hashing, may_end = threading.Event(), threading.Event()
    hashes_of = verification.fingerprints

    def slowly(path):
        if path.name == "slow.txt":
            hashing.set()
            assert may_end.wait(60)
        return hashes_of(path)

    monkeypatch.setattr(verification, "fingerprints", slowly)
    with Assistant.open(home) as assistant, ThreadPoolExecutor(2) as pool:

        def verified(name):
            document = assistant.document(name)
            return assistant.verify(document, Quote.of(document, 0, 3))

        try:
            slow = pool.submit(verified, "slow.txt")
            assert hashing.wait(60)
            assert pool.submit(verified, "fast.txt").result(20)
        finally:
            may_end.set()
        assert slow.result(20)


def test_a_quote_of_an_earlier_index_is_not_verified_by_a_later_one(home_of, tmp_path, monkeypatch):
    monkeypatch.setattr(FileStamp, "is_settled", lambda _: True)
    home = home_of({"a.txt": "Ana Silva chaired the talks."})
    with Assistant.open(home) as assistant:
        document = assistant.document("a.txt")
        quote = Quote.of(document, 0, 9)
        assert assistant.verify(document, quote)
        (tmp_path / "documents" / "a.txt").write_text("Ben Okoro chaired the talks.")
        rebuild(home)
        assert assistant.refresh()
        assert not assistant.verify(document, quote)
        assert assistant.verify(assistant.document("a.txt"), Quote(0, 9, "Ben Okoro"))


def test_one_edited_record_of_many_is_flagged_alone(new_home, tmp_path):
    records = tmp_path / "records.jsonl"
    lines = [
        '{"_id": "a", "text": "Ana Silva chaired."}',
        '{"_id": "b", "text": "Ben Okoro chaired."}',
    ]
    records.write_text("\n".join(lines))
    new_home.add(records)
    new_home.remove(Path("bundled"))
    rebuild(new_home)
    records.write_text("\n".join([lines[0].replace("Silva", "Souza"), lines[1]]))
    with Assistant.open(new_home) as assistant:
        verified = {hit.document.id: hit.verified for hit in assistant.search("chaired")}
    assert verified == {"a": False, "b": True}


def test_search_ranks_passages_and_clamps_k(assistant):
    hits = assistant.search("firearms tracing working group", k=1000)
    assert [hit.number for hit in hits] == list(range(1, len(hits) + 1))
    assert len(hits) == assistant.generation.manifest.passages
    assert "interagency working group" in hits[0].passage_text
    assert hits[0].quote.text == hits[0].passage_text
    with pytest.raises(BadQuestion, match="at least 1"):
        assistant.search("firearms", k=0)


def test_places_that_are_not_there_are_told(assistant):
    with pytest.raises(UnknownPlace, match="no such document"):
        assistant.document("nowhere.txt")
    with pytest.raises(UnknownPlace, match=r"^caf\ufffd: no such document"):
        assistant.document("caf\udce9")
    for start, end in ((5, 5), (-1, 4), (0, 10**6)):
        with pytest.raises(UnknownPlace, match="no characters"):
            assistant.quote("003_e53a6ec5a1052dec.txt", start, end)


def test_a_home_without_an_index_says_how_to_make_one(tmp_path):
    with pytest.raises(NoIndex, match="readout rebuild"):
        Assistant.open(tmp_path)


def test_a_rebuild_is_seen_after_refresh_and_answers_go_on_meanwhile(bundled_home, tmp_path):
    with Assistant.open(bundled_home) as assistant:
        note = tmp_path / "note.txt"
        note.write_text("Rosa Vega won the regatta in Gros Islet.")
        bundled_home.add(note)
        failures, stop = [], threading.Event()

        def keep_asking():
            while not stop.is_set():
                answer = assistant.ask(QUESTION)
                if answer.abstained or ANSWER not in answer.citations[0].quote.text:
                    failures.append(answer)

        asking = threading.Thread(target=keep_asking)
        asking.start()
        rebuild(bundled_home)
        assert assistant.generation.name == "000001"
        assert assistant.refresh()
        assert not assistant.refresh()
        stop.set()
        asking.join()
        assert failures == []
        answer = assistant.ask("Who won the regatta?", threshold=0)
        assert answer.generation == "000002"
        assert answer.citations[0].quote.text == "Rosa Vega won the regatta in Gros Islet."
