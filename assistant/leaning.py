"""Whether a question leans on those before it, by rules that can be read.

A question leans on others where it refers to what it does not name: by a pronoun without an
antecedent, by *the meeting* with nothing else, by *who else*, or by saying too little to be
searched for. Where that is in doubt it stands alone: to carry what was not meant does more harm
than to carry nothing.
"""

import re
from collections.abc import Iterator

from index.lexical import is_stopword

# What people say before they ask.
_COURTESY = re.compile(
    r"\W*(?:(?:ok(?:ay)?|thanks?(?: you)?|got it|i see|i understand|that is fine|wow|um+|hmm*"
    r"|is that (?:all|right|true|so)|(?:great|cool|sure|yes|no|well|interesting)(?=\s*[,.!?]|$))"
    r"\b(?:[\s,.!?]+|$))+",
    re.IGNORECASE,
)
_OPENING = re.compile(r"\W*(?:and|but|or|also|so|then)\b[\s,]*", re.IGNORECASE)

# "What about 2022?", "and in Haiti?": something in the place of something else.
_ABOUT = re.compile(r"\W*(?:(?:and|but|or|so|then)\b[\s,]*)?(?:what|how) about\s+", re.IGNORECASE)
_ASKS = re.compile(
    r"\b(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|had"
    r"|can|could|will|would|should|may|might|must|tell|show|list|explain|describe|compare|give)\b",
    re.IGNORECASE,
)
_MOST_SWAPPED = 5

# A question with so many words of its own is understood whatever *this* in it means.
_SAYS_MUCH = 5

# "Is it possible to", "it is true that", "how long does it take to", "when it rains": no pronoun.
_EMPTY_IT = re.compile(
    r"\b(?:is|was|be)\s+it\s+(?:[\w’'-]+\s+){1,2}(?:to|that|for|if|when)\b"
    r"|\bit(?:\s+is|\s+was|[’']s)\s+(?:[\w’'-]+\s+){1,2}(?:to|that|for|if|when)\b"
    r"|\bit\s+(?:takes?|costs?|means?)\s+(?:\w+\s+){0,2}to\b|\bit\s+(?:rain|snow)\w*",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:(?P<person>he|she)|(?P<owner>his|her|its|their)|him|hers|it|they|them|theirs"
    r"|(?P<pointing>these|those(?!\s+(?:who|that|which))"
    r"|this(?!\s+(?:time\s+of|day|week|month|quarter|year|decade|century|morning|spring|summer"
    r"|autumn|fall|winter)\b)"
    r"|(?<=\bis )that|(?<=\bwas )that|(?<=\bdid )that|(?<=\bdoes )that|(?<=\bof )that"
    r"|(?<=\babout )that|(?<=\bafter )that|(?<=\bfor )that|(?<=\blike )that|that(?=\W*$)"
    r"|(?<!\bwhich )ones?(?=\W*$)|(?<=\bwhich )ones?(?!.*\bor\b)))\b",
    re.IGNORECASE,
)
_THERE = re.compile(
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )(?<!\bbe )(?<!\bbeen )\bthere\b(?=\W*$|\s+in\b)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"[,.;:?!]|\b(?:and|but|or|if|when|while|because|since|that|which|who|after|before|so|as)\b",
    re.IGNORECASE,
)
_PLURAL = r"\b\w{3,}(?<!s)s\b"
_PLURALS = re.compile(_PLURAL)
_NOUN = re.compile(rf"\b(?:an?|the|each|every|some|any|my)\s+[\w’'-]+|{_PLURAL}")

_ELSE = re.compile(r"\b(?:else|(?:an)?other|others|more(?!\s+about))\b", re.IGNORECASE)
_THAN = re.compile(r"\b(?:than|besides|except|apart from|other than)\b", re.IGNORECASE)

# "The meeting", where nothing says which, and it is neither the first, the best nor the only one
# of its kind.
_DEFINITE = re.compile(
    r"\bthe\s+"
    r"(?!(?!(?:test|guest|quest|request|forest|interest|arrest|unrest|contest|harvest|protest)\b)"
    r"\w+est\b|most\b|best\b|worst\b|least\b|first\b|last\b|latest\b|only\b|difference"
    r"|second\b|third\b|\w{2,}th\b"
    r"|world\b|earth\b|sun\b|moon\b|sky\b|internet\b|past\b|future\b|environment\b|weather\b"
    r"|economy\b|universe\b|bible\b|way\b)[a-z][\w’'-]*",
)
_WHICH = re.compile(
    r"(?:[\w’'-]+\s+){0,2}(?:of|for|in|on|at|by|with|from|to|between|about|that|who|which)\b"
)
_NUMBER = re.compile(r"\d")

_DEFINES = re.compile(
    r"\W*(?:what|who|where|when|how|why)(?:[’']?s|\s+(?:is|are|was|were|does|do))\s+"
    r"(?:(?:an?|the)\s+)?[\w’'-]+(?:\s+[\w’'-]+)?\W*$|\W*(?:define|what means)\b",
    re.IGNORECASE,
)
_ANY = re.compile(r"\ban?\s+\w", re.IGNORECASE)

#: A word, with what joins its parts.
WORD = re.compile(r"[^\W_]+(?:(?:[’'&-]|(?<=\b[A-Z])\.(?=[A-Z]\b)|(?<=\d)\.(?=\d))[^\W_]+)*")

# What a question took over already, or explains itself, stands in brackets at its end.
_EXPLAINED = re.compile(r"\([^()]+\)\W*$")

# What stands before the first word of a sentence; the stop of "U.S." ends none.
_OPENS = re.compile(r"(?:^|(?<!\b[A-Z])[.?!:])[\s\"'“‘(]*$")

#: Words that a question may be made of without telling what it is about.
SAYS_LITTLE = frozenset(
    """able actually also another any anything aspect aspects available besides case cause changed
    cost did different else even ever example examples exactly far find first get give go going good
    happen happened happens help important interesting know kind kinds last like list long made main
    make makes many mean means might more most much name need new next now number old one ones other
    others own part people please possible really reason reasons recent same say second see seem
    show significant some something sort still such take tell than thing things think time times too
    two type types use used very want way ways well work works would year years yes yet both each
    again after before between during if just not only while am needs needed get getting hi hello ok
    thanks thank please what’s what's it’s it's""".split()
)


def leans(question: str) -> bool:
    """Returns whether a question cannot be understood without the one before it."""
    text = without_courtesy(question)
    subject = subject_words(text)
    if _EXPLAINED.search(text):
        return False
    if _refers(text) or swapped(text) is not None:
        return True
    if has_name(text) or _NUMBER.search(text):
        return False
    if _ELSE.search(text) and not _THAN.search(text) and len(subject) <= 2:
        return True
    if _OPENING.match(text) and len(subject) <= 3:
        return True
    if len(subject) <= 3 and _is_definite(text):
        return True
    if len(subject) > 1 or not (_ASKS.search(text) or "?" in text):
        return False
    return not (subject and (_DEFINES.match(text) or _ANY.search(text)))


def swapped(question: str) -> str | None:
    """Returns what a question puts in the place of something in the one before it.

    That is *2022* of *what about 2022?* and *in Haiti* of *and in Haiti?*; None if it asks
    something of its own.
    """
    text = without_courtesy(question)
    opening = _ABOUT.match(text) or _OPENING.match(text)
    if not opening:
        return None
    rest = text[opening.end() :].strip(" ?.!,;:")
    few = 0 < len(WORD.findall(rest)) <= _MOST_SWAPPED
    return rest if few and not _ASKS.search(rest) else None


def subject_words(text: str) -> list[str]:
    """Returns the words of a text that tell what it is about."""
    words = WORD.findall(text)
    return [word for word in words if not (is_stopword(word) or word.lower() in SAYS_LITTLE)]


def without_courtesy(question: str) -> str:
    """Returns a question without the thanks before it, unless there is nothing else."""
    opening = _COURTESY.match(question)
    return question[opening.end() :] or question if opening else question


def names_in(question: str) -> Iterator[re.Match[str]]:
    """Yields the words that are spelt like names, but for the first of a sentence."""
    for word in WORD.finditer(question):
        capital = word[0][0].isupper() and not is_stopword(word[0].split("’")[0].split("'")[0])
        acronym = sum(map(str.isupper, word[0])) >= 2
        if acronym or (capital and not _OPENS.search(question[: word.start()])):
            yield word


def has_name(question: str) -> bool:
    """Returns whether a word of a question is spelt like a name."""
    return next(names_in(question), None) is not None


def _refers(text: str) -> bool:
    """Whether a pronoun stands where nothing before it can be meant by it."""
    empty = {at for match in _EMPTY_IT.finditer(text) for at in range(*match.span())}
    for pronoun in _PRONOUN.finditer(text):
        if pronoun.start() in empty:
            continue
        before = text[: pronoun.start()]
        *clauses, _ = _CLAUSE.split(before)
        noun = _PLURALS if pronoun[0].lower().startswith("the") else _NOUN
        if pronoun["person"]:
            known = has_name(before)
        elif pronoun["owner"]:
            known = (
                has_name(before) or bool(noun.search(before)) or any(map(subject_words, clauses))
            )
        elif pronoun["pointing"]:
            known = len(subject_words(text)) >= _SAYS_MUCH
        else:
            known = any(map(subject_words, clauses))
        if not known:
            return True
    return bool(_THERE.search(text)) and not has_name(text)


def _is_definite(text: str) -> bool:
    return any(
        not _WHICH.match(text[match.end() :].lstrip()) and not text[: match.start()].endswith("of ")
        for match in _DEFINITE.finditer(text)
    )
