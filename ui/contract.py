"""The JSON that programs read: one form for answers, citations, documents and reports."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from assistant import Answer, Assistant, Citation, Dates, Group, Quote
from assistant.comparison import Comparison
from assistant.evaluation import Evaluation
from assistant.measures import reliability, risk_coverage
from assistant.outcomes import slices_of
from assistant.review import Review
from assistant.synthesis import Writer, Written
from corpus import Document
from index import BuildReport, Generation, Home, Progress, SourceState, generation_states
from ui.places import locator_of

#: What `json.dumps` takes.
Json = dict[str, Any]


def answer_json(answer: Answer) -> Json:
    """Returns an answer as programs read it."""
    found: Json = {
        "question": answer.question,
        "answered": not answer.abstained,
        "confidence": round(answer.confidence, 4),
        "reason": answer.reason,
        "readings": [{"word": reading.word, "as": reading.read_as} for reading in answer.readings],
        "dates": dates_json(answer.dates) if answer.dates else None,
        "carried": asdict(answer.carried) if answer.carried else None,
        "citations": [citation_json(citation) for citation in answer.citations],
        "kind": answer.kind,
        "note": answer.note,
        "groups": [group_json(group) for group in answer.groups],
    }
    if answer.abstained:
        found["nearest"] = [citation_json(citation) for citation in answer.nearest]
        found["unknown_terms"] = list(answer.unknown_terms)
    found["generation"] = answer.generation
    found["milliseconds"] = round(answer.milliseconds, 1)
    return found


def group_json(group: Group) -> Json:
    """Returns a part of an answer, with the numbers of its citations."""
    numbers = [citation.number for citation in group.citations]
    return {"label": group.label, "citations": numbers, "reason": group.reason}


def dates_json(dates: Dates) -> Json:
    """Returns how a question's words about time were understood."""
    return {
        "words": dates.words,
        "since": dates.since.isoformat() if dates.since else None,
        "until": dates.until.isoformat() if dates.until else None,
        "order": dates.order,
        "kept": dates.kept,
    }


def citation_json(citation: Citation) -> Json:
    """Returns a citation, or a passage found by a search, as programs read it."""
    passage, quote, document = citation.passage, citation.quote, citation.document
    return {
        "number": citation.number,
        "score": round(citation.score, 4),
        "verified": citation.verified,
        "document": document_json(document),
        "passage": {
            "id": passage.id,
            "start": passage.start,
            "end": passage.end,
            "text": citation.passage_text,
            "context": passage.context,
        },
        "quote": asdict(quote),
        "locator": locator_of(document, quote.start, quote.end),
        "also_in": [
            {"id": repeat.document_id, "title": repeat.title, "published": repeat.published}
            for repeat in citation.also_in
        ],
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
        "facts": {fact.field: {"from": fact.origin, "sure": fact.sure} for fact in document.facts},
    }


def source_json(assistant: Assistant, document: Document, quote: Quote, around: int) -> Json:
    """Returns a place in a document, checked now, with ``around`` characters on either side."""
    text = document.text
    first, last = max(0, quote.start - around), min(len(text), quote.end + around)
    return {
        "document": document_json(document),
        "before": text[first : quote.start],
        "quote": asdict(quote),
        "after": text[quote.end : last],
        "start": first,
        "end": last,
        "characters": len(text),
        "locator": locator_of(document, quote.start, quote.end),
        "verified": assistant.verify(document, quote),
        "generation": assistant.generation.name,
    }


def sentence_json(written: Written) -> Json:
    """Returns a sentence that was written, and whether what it cites supports it."""
    return {
        "text": written.text,
        "citations": list(written.citations),
        "supported": written.supported,
        "reason": written.reason,
        "quotations": [
            {
                "number": found.number,
                "document": found.document_id,
                "start": found.span.start,
                "end": found.span.end,
            }
            for found in written.quotations
        ],
    }


def end_json(writer: Writer, problem: str | None) -> Json:
    """Returns who wrote a text, and why it ends before it should; None if it does not."""
    return {"host": writer.host, "model": writer.model, "problem": problem}


def written_json(writer: Writer, sentences: Sequence[Written], problem: str | None) -> Json:
    """Returns a text that was written of an answer's evidence."""
    return end_json(writer, problem) | {"sentences": list(map(sentence_json, sentences))}


def evaluation_json(evaluation: Evaluation, compared: Comparison | None = None) -> Json:
    """Returns the measures of an evaluation, what came of each question, and how both compare.

    Curves and slices are there if questions were asked, a comparison if there was a baseline.
    """
    outcomes = evaluation.outcomes
    found: Json = {"measures": evaluation.measures, "outcomes": list(map(asdict, outcomes))}
    if outcomes:
        confidence = [outcome.confidence for outcome in outcomes]
        right = [outcome.right for outcome in outcomes]
        found["slices"] = asdict(slices_of(outcomes))
        found["reliability"] = list(map(asdict, reliability(confidence, right)))
        found["risk_coverage"] = asdict(risk_coverage(confidence, right))
    if compared:
        found["comparison"] = {
            "measures": {
                name: asdict(each) | {"difference": each.difference}
                for name, each in compared.differences.items()
            },
            "mcnemar": compared.mcnemar and asdict(compared.mcnemar),
        }
    return found


def report_json(report: BuildReport) -> Json:
    """Returns what a build did."""
    return asdict(report)


def review_json(found: Review) -> Json:
    """Returns what golden questions told of a new index."""
    return {
        "asked": found.asked,
        "fault": found.fault,
        "changed": [
            {
                "question": entry.question,
                "before": entry.before and citation_json(entry.before),
                "now": entry.now and citation_json(entry.now),
            }
            for entry in found.changed
        ],
    }


def progress_json(progress: Progress) -> Json:
    """Returns how far a build is, with its rate (units a second) and the seconds left."""
    return asdict(progress) | {"rate": progress.rate, "seconds_left": progress.seconds_left}


def status_json(home: Home, generation: Generation, sources: Sequence[SourceState]) -> Json:
    """Returns what a home holds, and how far it is up to date."""
    manifest = generation.manifest
    return {
        "home": str(home.path),
        "generation": generation.name,
        "created": manifest.created,
        "documents": manifest.documents,
        "passages": manifest.passages,
        "encoder": asdict(manifest.encoder),
        "vectors": manifest.vectors,
        "problems": manifest.problems,
        "timings": manifest.timings,
        "stale": any(source.is_stale for source in sources),
        "sources": [asdict(source) for source in sources],
        "generations": [
            {
                "name": entry.name,
                "serves": entry.serves,
                "bytes": entry.bytes,
                "created": entry.manifest and entry.manifest.created,
                "documents": entry.manifest and entry.manifest.documents,
                "passages": entry.manifest and entry.manifest.passages,
                "vectors": entry.manifest and entry.manifest.vectors,
            }
            for entry in generation_states(home)
        ],
    }
