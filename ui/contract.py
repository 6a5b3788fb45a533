"""The JSON that programs read: one form for answers, citations, documents and reports."""

from dataclasses import asdict
from typing import Any

from assistant import Answer, Citation
from assistant.evaluation import Evaluation
from corpus import Document
from index import BuildReport

#: What `json.dumps` takes.
Json = dict[str, Any]


def answer_json(answer: Answer) -> Json:
    """Returns an answer as programs read it."""
    found: Json = {
        "question": answer.question,
        "answered": not answer.abstained,
        "confidence": round(answer.confidence, 4),
        "reason": answer.reason,
        "citations": [citation_json(citation) for citation in answer.citations],
    }
    if answer.abstained:
        found["nearest"] = [citation_json(citation) for citation in answer.nearest]
        found["unknown_terms"] = list(answer.unknown_terms)
    found["generation"] = answer.generation
    found["milliseconds"] = round(answer.milliseconds, 1)
    return found


def citation_json(citation: Citation) -> Json:
    """Returns a citation, or a passage found by a search, as programs read it."""
    passage = citation.passage
    locator: Json = {"line": citation.line}
    if passage.heading:
        locator["heading"] = passage.heading
    if citation.document.record:
        locator["record"] = citation.document.record
    return {
        "number": citation.number,
        "score": round(citation.score, 4),
        "verified": citation.verified,
        "document": document_json(citation.document),
        "passage": {
            "id": passage.id,
            "start": passage.start,
            "end": passage.end,
            "text": citation.passage_text,
        },
        "quote": asdict(citation.quote),
        "locator": locator,
    }


def document_json(document: Document) -> Json:
    """Returns what is known of a document, without its text."""
    return {
        "id": document.id,
        "title": document.title,
        "source": document.source,
        "published": document.published.isoformat() if document.published else None,
        "event_date": document.event_date.isoformat() if document.event_date else None,
        "sha256": document.sha256,
        "publisher": document.publisher,
        "author": document.author,
        "url": document.url,
        "media_type": document.media_type,
    }


def evaluation_json(evaluation: Evaluation) -> Json:
    """Returns the measures of an evaluation, and what came of each question."""
    outcomes = [asdict(outcome) for outcome in evaluation.outcomes]
    return {"measures": evaluation.measures, "outcomes": outcomes}


def report_json(report: BuildReport) -> Json:
    """Returns what a build did."""
    return asdict(report)
