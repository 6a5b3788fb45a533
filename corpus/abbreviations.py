"""Full stops that end no sentence: after abbreviations, counting numbers and ordinals."""

import re

# As much of a sentence's end, and of what follows, as a rule looks at.
_TAIL = 60

# What counts or names what follows, where nothing stands before it: "2.", "(a)", "2.1.",
# "Table 1.", or an abbreviation that is all there is so far ("U.S.").
_NOTHING_YET = re.compile(
    r"\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z])[.)]|(?:[A-Z]\.){2,}"
    r"|(?:Table|Figure|Fig\.|Chart|Box|Annex|Appendix|Article|Art\.|Section|Chapter|Part|Schedule"
    r"|Tabelle|Abbildung|Artikel|Kapitel|Anlage|Tableau|Chapitre|Annexe|Tabla|Cuadro|Artículo"
    r"|Capítulo|Artigo|Quadro)\s(?:\d{1,3}(?:\.\d{1,3})*|[IVX]{1,5})\."
)
_LEAD = r"(?:^|[\s(\[“„\"«’'-])"
# A rank or title stands before its name; others lead on to what they speak of.
_LEADS_ON = re.compile(
    _LEAD + r"(?:Mr|Mrs|Ms|Messrs|Drs?|Profs?|Rev|Hon|Amb|Sec|Gov|Gens?|Sens?|Reps?|Lt|Col|Maj|Capt"
    r"|Cmdr|Adm|Sgt|Cpl|Brig|Supt|Insp|St|Ste|Ft|Mt|Mme|Mmes|Mlle|Mgr|Sra|Srta|Sres|Dra|Dña|Abg|Hrn"
    r"|Dipl|Dott|Sig|bzw|vgl|Vgl|ggf|sog|inkl|einschl|evtl|cf|viz|e\.g|i\.e|z\.\s?B|d\.\s?h"
    r"|т\.\s?н|т\.\s?е|проф|акад|ген)\.$"
)
# Before a figure, these belong to it: "Rs. 1.2 billion", "art. 3", "Dez. 2020".
_BEFORE_FIGURE = re.compile(
    _LEAD
    + r"(?:Rs|Nos?|Nr|Arts?|Abs|Ziff|Secs?|Figs?|Vols?|pp?|paras?|chap|approx|ca|vs|nn?|Res|Tel"
    r"|Ext|Bd|Rn|Rz|Kap|Tab|Abb|Gem|al|núm|págs?|cap|ст|пп?|гл|рис|табл|Jan|Feb|Mar|Apr|Jun|Jul"
    r"|Aug|Sept?|Oct|Okt|Nov|Dec|Dez|janv|févr|avr|juil|déc)\.$",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"[\d§№]")
# "Am 5." / "März", "Der 19." / "Zivilsenat": an ordinal in German. In English, "12. September"
# may as well end a sentence and begin the next.
_NUMBER = re.compile(r"(?<!\S)\d{1,3}\.$")
_GERMAN_MONTH = re.compile(r"(?:Januar|Jänner|Februar|März|Mai|Juni|Juli|Oktober|Dezember)\b")
_COMMON_MONTH = re.compile(r"(?:April|August|September|November)\b")
_GERMAN_DAY = re.compile(
    r"(?:\b(?:am|vom|zum|bis|de[rnms]|seit|ab|nach|vor|und|[a-zä]+tag,)\s|^)\d{1,2}\.$",
    re.IGNORECASE,
)
_GERMAN_ORDINAL = re.compile(
    r"\b(?:der|dem|den|das|im|zum|vom|beim|zur)\s\d{1,3}\.$", re.IGNORECASE
)
# "3,5 Mrd." / "Euro"
_GERMAN_AMOUNT = re.compile(r"\d\s?(?:Mrd|Mio|Tsd)\.$")
_GERMAN_START = re.compile(
    r"(?:D(?:er|ie|as|amit|avon|ies\w*)|E[rs]|Sie|I[mn]|Für|Und|Auch|Nach|Bei|Wir|Hinzu)\b"
)
# "U.S. Ambassador" is one name, although both words could end and begin a sentence.
_COUNTRY = re.compile(r"\b(?:U\.S|U\.K|U\.N|E\.U)\.$")
_OFFICE = re.compile(
    r"(?:Acting |Deputy |Special |Permanent |Assistant |Under )*"
    r"(?:Ambassador|Secretar|Embass|Mission|Representative|Envoy|Government|Department|Congress"
    r"|Senat|Army|Navy|Air Force|Coast Guard|President|Security|Attorney|Treasury|Agency)"
)
# Sentences begin with a capital, but for names such as "iPhone", list items and addresses.
_CLOSING = '"“”»’)]'
_SMALL_START = re.compile(r"[a-z][A-Z]|[a-z][.)]\s|https?:|www\.")


def goes_on(before: str, after: str) -> bool:
    """Tells whether a sentence cannot end between two pieces of a text that touch.

    Args:
        before: The sentence so far, up to what looks like its end.
        after: What follows, or its first words.
    """
    before, after = before.strip(), after[:_TAIL].lstrip()
    if not before or not after or after[0] == "|":
        return bool(before)
    if after[0] in ",;:":  # after a full stop, a word between them was lost
        return before[-1] in _CLOSING
    if after[0].islower() and not _SMALL_START.match(after):
        return True
    tail = before[-_TAIL:]
    return bool(
        (len(before) < _TAIL and _NOTHING_YET.fullmatch(before))
        or _LEADS_ON.search(tail)
        or (_FIGURE.match(after) and _BEFORE_FIGURE.search(tail))
        or (_NUMBER.search(tail) and _is_ordinal(tail, after))
        or (_GERMAN_AMOUNT.search(tail) and not _GERMAN_START.match(after))
        or (_COUNTRY.search(tail) and _OFFICE.match(after))
    )


def _is_ordinal(tail: str, after: str) -> bool:
    return bool(
        _GERMAN_MONTH.match(after)
        or (_COMMON_MONTH.match(after) and _GERMAN_DAY.search(tail))
        or (_GERMAN_ORDINAL.search(tail) and not _GERMAN_START.match(after))
    )
