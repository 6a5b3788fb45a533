"""The small words of a sentence, as "if", "or", "by" and "few": they turn what the others say.

A word that says something has before it, up to the one before, small words that tell how it is
joined to the rest: *from* Boston *to* Albany, *was* killed *by* Smith. In a sentence that says what
its source says, each has the same ones as there.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.cited import Source, closest, says, sentences_of, words_in
from index import analyze

# Words that join, grade or reverse what they stand before.
_JOINTS = frozenset(
    """if unless whether until till because although though since while whereas whenever when once
    before after despite except but or either neither nor and than as like so
    for against to from by with without within on off onto into out up down away back over under
    above below between among through across along around toward towards via per about beyond near
    during upon amid
    few fewer fewest many more most much less least little all every each any some several both half
    none only even just enough too another other others such same
    almost nearly approximately roughly around barely hardly partly partially mostly largely
    former formerly acting deputy vice assistant associate attempted proposed planned potential
    prospective fake false supposed draft unofficial interim honorary sometimes often rarely seldom
    usually always again still yet already""".split()
)

# Is, was and been are told apart, as the first two tell when; the last goes with have.
_BEING = {
    **dict.fromkeys("is are am re".split(), "is"),
    **dict.fromkeys("was were".split(), "was"),
    **dict.fromkeys("be been being".split(), "been"),
}
_PRONOUNS = {
    word: group
    for group in ("he his him himself", "she her hers herself", "i my me", "we our us", "you your")
    for word in group.split()
}

# What one sentence may have before a word and another not, if something before it is left out.
_LOOSE = frozenset(["and", "but", "both"])

_CONDITIONS = re.compile(
    r"\b(?:if|unless|whether|provided|providing|assuming|supposing|lest|otherwise|would"
    r"|(?:as|so) long as|in case|in the event|on condition|depending|depends?|subject to)\b",
    re.IGNORECASE,
)
# Verbs, and nouns, that make of what follows, or goes before, somebody's words or thoughts.
_ATTRIBUTING = re.compile(
    r"\b(?:sa(?:y|ys|id|ying)|stat(?:ed|ing)|tells?|told|telling|wr(?:ite|ites|ote)|according"
    r"|report(?:ed|edly)|rumou?r\w*|thinks?|thinking|thought|fe(?:lt|els?)|not(?:ed|es|ing)"
    r"|projected|legend(?:s|ary)?|fiction\w*|theory|theories|hypothes[ie]s|myths?|opinions?"
    r"|beliefs?|allegations?|accusations?|den(?:y|ies|ied|ying)|testif(?:y|ies|ied|ying)"
    r"|(?:believ|argu|alleg|accus|acknowledg|conced|conclud|disput|doubt|estimat|expect|claim"
    r"|assert|suggest|insist|contend|maintain|warn|predict|forecast|speculat|suspect|assum|presum"
    r"|suppos|imagin|hop|fear|wish|promis|threaten|vow|announc|declar|tweet|quot|theori[sz]"
    r"|postulat|purport|recommend|admit|admitt|confess|pretend|remark|explain)(?:e|ed|es|s|ing)?)\b",
    re.IGNORECASE,
)
# A writer's way to lead over to the passage, that says nothing.
_PASSAGE = r"(?:the|this|these) (?:passage|text|document|source|statement|release|report)s?"
_LEAD = re.compile(
    rf"^(?:(?:According to|As (?:stated|described|noted|reported) in) {_PASSAGE},?"
    rf"|{_PASSAGE} (?:says?|states?|notes?|reports?) that) ",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Joint:
    """A word that says something, and how it is joined to the one before it.

    Attributes:
        term: The word's term; empty at the end of the sentence.
        word: The word itself.
        before: The term before it.
        words: The small words between them that count.
        pronouns: Groups of the pronouns between them.
    """

    term: str
    word: str
    before: str
    words: tuple[str, ...]
    pronouns: frozenset[str]


def changed_joint(sentence: str, sources: Sequence[Source]) -> str | None:
    """Returns which small word is another, or stands elsewhere, in the sources; None if none."""
    sentence = _LEAD.sub("", sentence)
    near = list(_joints(closest(sentence, sources)))
    texts = [*sentences_of(sources), *(source.text.above for source in sources)]
    far = [joint for text in texts for joint in _joints(text)]
    ours = list(_joints(sentence))
    for at, joint in enumerate(ours):
        if not joint.term:
            if not _ends_alike(joint, near):
                return "it ends otherwise than the closest sentence of what it cites"
            continue
        known = [each for each in near if each.term == joint.term]
        known = known or [each for each in far if each.term == joint.term]
        by = "by" in ours[at + 1].words  # the end has a joint of its own
        if known and not any(_alike(joint, each, passive=by) for each in known):
            return (
                f"before “{joint.word}” it has {_told(joint)} where the closest sentence of what it"
                f" cites has {_told(known[0])}"
            )
    return None


def dropped_frame(sentence: str, sources: Sequence[Source]) -> str | None:
    """Returns which condition, or whose words, a sentence leaves out or puts in; None if none."""
    sentence = _LEAD.sub("", sentence)
    source = closest(sentence, sources)
    for what, pattern in (("condition", _CONDITIONS), ("attribution", _ATTRIBUTING)):
        ours, theirs = _found(pattern, sentence), _found(pattern, source)
        for word in theirs.keys() - ours.keys():
            return f"it leaves out the {what} “{theirs[word]}” of the closest sentence it cites"
        for word in ours.keys() - theirs.keys():
            return f"it says “{ours[word]}” where the closest sentence of what it cites does not"
    return None


def _found(pattern: re.Pattern[str], text: str) -> dict[str, str]:
    """Returns what a pattern finds in a text, by its terms."""
    return {" ".join(analyze(each)): each for each in pattern.findall(text)}


def _alike(ours: _Joint, theirs: _Joint, *, passive: bool) -> bool:
    if ours.pronouns and theirs.pronouns and ours.pronouns != theirs.pronouns:
        return False
    one, other = list(ours.words), list(theirs.words)
    if one == other:
        return True
    if ours.before != theirs.before:
        other = [word for word in other if word not in _LOOSE or word in one]
    if passive:  # "hosted by Rosa" and "was hosted by Rosa"
        one, other = ([w for w in each if w not in _BEING.values()] for each in (one, other))
    return one == other


def _ends_alike(end: _Joint, near: Sequence[_Joint]) -> bool:
    after = [each for each in near if each.before == end.before]
    return not after or any(
        each.words[: len(end.words)] == end.words and (end.words or each.term or not each.words)
        for each in after
    )


def _joints(text: str) -> Iterator[_Joint]:
    before, words, pronouns = "", list[str](), set[str]()
    for word in words_in(text):
        # "US" is no "us".
        small = "" if word.isupper() and len(word) > 1 else word.lower()
        if small in _JOINTS:
            words.append(small)
        elif small in _BEING:
            words.append(_BEING[small])
        elif small in _PRONOUNS:
            pronouns.add(_PRONOUNS[small])
        elif says(word):
            for term in analyze(word):
                yield _Joint(term, word, before, tuple(words), frozenset(pronouns))
                before, words, pronouns = term, [], set()
    yield _Joint("", "", before, tuple(words), frozenset(pronouns))


def _told(joint: _Joint) -> str:
    words = [*joint.words, *(group.split()[0] for group in sorted(joint.pronouns))]
    return f"“{' '.join(words)}”" if words else "nothing"
