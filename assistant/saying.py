"""Answers to *What did X say about Y?*: only words of X, own words before reported ones."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from assistant.dates import read_dates
from assistant.evidence import Evidence
from assistant.kinds import Said
from assistant.parts import Asked, Found, Part, apart
from assistant.speakers import Speaker, Voice, Voices
from index import Filter, content_words

# Passages whose documents are looked through for the speaker.
_WIDE = 100

# Sentences cited of own words, and of reported ones.
_CITED = 3

_LABELS: dict[Voice, str] = {"own": "In {}’s own words", "reported": "As others report {}"}


@dataclass(frozen=True, slots=True)
class _Heard:
    """A sentence of the speaker, and the estimated probability that it answers."""

    evidence: Evidence
    voice: Voice
    chance: float


def said(asked: Asked, question: Said) -> Found | None:
    """Returns what a speaker says of a topic, or that no such words are here.

    The question is asked in the documents that know the speaker, and once more without the name,
    which does not stand in the middle of a turn. None if no document knows the speaker, and the
    name may be no name.
    """
    speaker = Speaker(question.speaker)
    search = asked.judgement.generation.search
    hits = search(f"{question.speaker} {question.topic}", _WIDE, within=asked.within)
    documents = map(
        asked.judgement.generation.document,
        dict.fromkeys(hit.passage.document_id for hit in hits),
    )
    voices = {document.id: Voices(document) for document in documents}
    known = {name: each for name, each in voices.items() if each.speaks(speaker)}
    name = question.speaker if _is_name(question.speaker) else question.speaker.title()
    if not known and name != question.speaker:
        return None
    heard = list(_heard(asked, question, speaker, known)) if known else []
    good = sorted(
        (each for each in heard if each.chance >= asked.limit),
        key=lambda each: (-each.chance, each.evidence.document.id, each.evidence.span),
    )
    parts = []
    for voice, label in _LABELS.items():
        chosen = apart([each.evidence for each in good if each.voice == voice])
        if chosen:
            parts.append(Part(label.format(name), chosen[:_CITED]))
    dates = asked.judgement.dates
    if not parts:
        closest = max((each.chance for each in heard), default=0.0)
        reason = f"Nothing here that {name} says, or is reported to have said, answers that."
        return Found("said", (), closest, reason=reason, dates=dates)
    first = next(each for each in good if each.evidence is parts[0].cited[0])
    return Found("said", parts, first.chance, dates=dates)


def _heard(
    asked: Asked, question: Said, speaker: Speaker, known: dict[str, Voices]
) -> Iterator[_Heard]:
    """Yields what was found in the documents that know the speaker, each sentence once."""
    within = replace(asked.within or Filter(), documents=frozenset(known))
    topic = frozenset(content_words(_undated(question.topic)).values())
    best: dict[tuple[str, int], _Heard] = {}
    for text in (asked.judgement.typed.text, f"What about {question.topic}?"):
        judgement = asked.judge(text, within)
        for entry in judgement.evidence:
            voice = known[entry.document.id].voice(speaker, entry.passage, entry.span)
            if voice is None:
                continue
            chance = asked.sure_of(judgement, entry, topic)
            place = (entry.document.id, entry.span.start)
            if place not in best or best[place].chance < chance:
                best[place] = _Heard(entry, voice, chance)
    yield from best.values()


def _undated(topic: str) -> str:
    """The topic without its words about time, which no sentence need repeat."""
    reading = read_dates(topic, date.today())
    for start, end in reversed(reading.spans if reading else ()):
        topic = topic[:start] + topic[end:]
    return topic


def _is_name(words: str) -> bool:
    return any(word[0].isupper() for word in words.split())
