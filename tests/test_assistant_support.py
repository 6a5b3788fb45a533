"""Is a written sentence supported by what it cites? Each way in which it may not be."""

import pytest

from assistant.cited import Source
from assistant.counts import unknown_number
from assistant.faults import fault_of, find_quotations
from assistant.fit_support import statements_of
from assistant.reader.pairs import Text
from assistant.statements import shortened, source_of, stated, swapped
from assistant.support import Support
from assistant.verbatim import find_verbatim, quotations_of
from index import DEFAULT_MODEL
from index.models import prepare_encoder

PASSAGE = (
    "On 16 November 2023, the ministers met in Castries. Rosa Vega thanked Juan Soto for the 25"
    " patrol boats, and pledged $600.8 million over four years. The minister did not sign the"
    " treaty. The fleet will sail to Martinique in May. She said: “We’re ready to sail.”"
)
SOURCE = source_of(PASSAGE, "Readout of the 11th dialogue")


def fault(sentence: str) -> str:
    return fault_of(sentence, [SOURCE]) or ""


@pytest.mark.parametrize(
    "sentence",
    [
        "The ministers met in Castries on 16 November 2023.",
        "At the eleventh dialogue, the ministers met in Castries.",
        "Rosa Vega pledged $600.8 million over 4 years.",
        "Rosa Vega thanked Juan Soto for the 25 patrol boats.",
        "The minister didn't sign the treaty.",
        "The fleet will sail to Martinique in May.",
        'She said: "We\'re ready to sail."',
    ],
)
def test_no_rule_finds_fault_with_what_the_passage_says(sentence):
    assert fault(sentence) == ""


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("The ministers met in Castries on 17 November 2023.", "the number 17"),
        ("The ministers met in Castries on 16 November 2024.", "the number 2024"),
        ("The ministers met in Castries on 16 December 2023.", "“December”"),
        ("Rosa Vega pledged $8 million over four years.", "the number 8"),
        ("Rosa Vega pledged $600.8 billion over four years.", "“billion”"),
        ("Rosa Vega thanked Juan Soto for the 4 patrol boats.", "“4 patrol”"),
        ("At the ninth dialogue, the ministers met in Castries.", "“ninth dialogue”"),
        ("The ministers met in Bridgetown.", "“Bridgetown”"),
        ("Bridgetown thanked Juan Soto.", "“Bridgetown”"),
        ("Juan Soto thanked Rosa Vega for the 25 patrol boats.", "it names “Juan” before “Rosa”"),
        ("In Martinique, Rosa Vega thanked Juan Soto.", "“Martinique” does not stand by “Rosa”"),
        ("The minister signed the treaty.", "leaves out a “not”"),
        ("The ministers never met in Castries.", "denies what"),
        ("The minister did not sail to Martinique.", "denies"),
        ("The fleet sailed to Martinique in May.", "the “will”"),
        ("The ministers possibly met in Castries.", "“possibly”"),
        ("The ministers met in Castries and celebrated.", "“celebrated”"),
        ("Rosa Vega said “we are ready to sail”.", "word for word"),
        ("Rosa Vega said “We’re ready to sai”.", "word for word"),
        ("Rosa Vega said “We’re ready.", "does not close"),
        ("The ministers met at https://evil.example/x.", "the address https://evil.example/x"),
        ("<b>The ministers met in Castries.</b>", "“b”"),
    ],
)
def test_each_fault_is_told_in_words(sentence, told):
    assert told in fault(sentence)
    assert "\n" not in fault(sentence)


def test_a_word_and_its_antonym_are_told_apart():
    source = source_of("Exports increased in the second quarter, as prices were higher.")
    assert "“decreased”" in (fault_of("Exports decreased in the second quarter.", [source]) or "")
    assert "“lower”" in (fault_of("Exports increased as prices were lower.", [source]) or "")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("We're ready to sail.", "We’re ready\n to   sail."),
        ("We’re  ready", "We’re ready"),
        ("the ministers", "the ministers"),
        ("The Ministers", None),
        ("minister", None),
        ("ready, to sail", None),
        ("  ", None),
    ],
)
def test_a_quotation_stands_word_for_word_or_not_at_all(words, found):
    text = PASSAGE.replace("The minister did", "The ministers’ envoy did")
    text = text.replace("ready to sail", "ready\n to   sail")
    span = find_verbatim(words, text)
    assert (span and text[span.start : span.end]) == found


@pytest.mark.parametrize(
    ("sentence", "words", "closed"),
    [
        ("He said “a b” and “c”.", ("a b", "c"), True),
        ('He said "a b".', ("a b",), True),
        ("Er sagte „a b“.", ("a b",), True),
        ("Il a dit « a b ».", ("a b",), True),
        ("The ‘go-fast’ of the ministers’ fleet and Vega’s.", ("go-fast",), True),
        ("He said ‘we’re off’.", ("we’re off",), True),
        ("The ministers’ fleet, Vega's boats.", (), True),
        ("He said “a b.", (), False),
        ('He said "a" and "b.', ("a",), False),
    ],
)
def test_what_stands_in_quotation_marks_is_a_quotation(sentence, words, closed):
    found = quotations_of(sentence)
    assert (found.words, found.closed) == (words, closed)


def test_a_quotation_is_placed_in_its_document():
    whole = f"Before. {PASSAGE}"
    source = Source(2, Text("", (PASSAGE,)), PASSAGE, start=8, document_id="a.txt")
    [found] = find_quotations("They “met in Castries”, as said.", [source])
    assert (found.number, found.document_id) == (2, "a.txt")
    assert whole[found.span.start : found.span.end] == "met in Castries"


def test_numbers_count_in_any_spelling_and_only_whole():
    source = source_of("It cost 1,250,000 euros, 3.5% of 12 budgets, on 2023-11-16 at 10:30.")
    for number in ("1250000", "1,250,000", "3.5", "12", "twelve", "2023", "10:30"):
        assert unknown_number(f"It was {number}.", [source]) is None, number
    for number in ("1,250", "250", "3", "5", "35", "30.10", "2", "two", "three"):
        assert unknown_number(f"It was {number}.", [source]) is not None, number


@pytest.fixture(scope="module")
def support(compiled_models) -> Support:
    encoder, _ = prepare_encoder(compiled_models, DEFAULT_MODEL)
    return Support(encoder.embed_passages)


def test_sentences_as_they_stand_are_supported_and_others_about_the_same_are_not(support):
    for sentence in SOURCE.text.sentences:
        assert support.fault(sentence, [SOURCE]) is None
    other = source_of("The boats in Castries. Rosa pledged years. Ministers of four met Juan Soto.")
    told = support.fault("The ministers met Juan Soto in Castries for four years.", [other])
    assert told


ALTERED = [
    ("The fund got $600.8 million.", "The fund got €600.8 million."),
    ("The fund got $600.8 million.", "The fund got -$600.8 million."),
    ("The fund got $600.8 million.", "The fund got 600.8 million."),
    ("The fund got A$600.8 million.", "The fund got $600.8 million."),
    ("It was -5 degrees in Oslo.", "It was 5 degrees in Oslo."),
    ("It was minus 5 degrees in Oslo.", "It was 5 degrees in Oslo."),
    ("It was 5 degrees in Oslo.", "It was −5 degrees in Oslo."),
    ("Prices rose by 5 percent in May.", "Prices rose by 5 in May."),
    ("Prices rose by 5% in May.", "Prices rose by 5 in May."),
    ("Prices rose by five percent in May.", "Prices rose by five in May."),
    ("Prices rose by 5 to 10 percent in May.", "Prices rose by 10 percent in May."),
    ("Prices rose by 5-10 percent in May.", "Prices rose by 10 percent in May."),
    ("Prices rose by 5-10 percent in May.", "Prices rose by 5 percent in May."),
    ("The city has 1.5 million people.", "The city has 1.5 % million people."),
    ("The road has a length of 10km.", "The road has a length of 10mi."),
    ("The shop opens at 9 a.m. in summer.", "The shop opens at 9 p.m. in summer."),
    ("More than 5 boats sank.", "Less than 5 boats sank."),
    ("More than 5 boats sank.", "5 boats sank."),
    ("Nearly 25 boats sank.", "25 boats sank."),
    ("Smith voted against the bill.", "Smith voted for the bill."),
    ("Smith voted for the bill.", "Smith voted against the bill."),
    ("The alarm was off.", "The alarm was on."),
    ("The alarm was off at noon.", "The alarm was on at noon."),
    ("Smith turned the alarm off.", "Smith turned the alarm on."),
    ("The bus runs from Boston to Albany.", "The bus runs to Boston from Albany."),
    ("Smith left although Jones stayed.", "Smith left because Jones stayed."),
    ("Although Smith lost, Jones stayed.", "Because Smith lost, Jones stayed."),
    ("Few voters stayed home.", "Many voters stayed home."),
    ("Some voters stayed home.", "All voters stayed home."),
    ("Most voters stayed home.", "Voters stayed home."),
    ("Smith or Jones signed the bill.", "Smith and Jones signed the bill."),
    ("Smith and Jones signed the bill.", "Smith or Jones signed the bill."),
    ("Smith or Jones signed the bill.", "Jones signed the bill."),
    ("Smith left before the vote.", "Smith left after the vote."),
    ("Jones was killed by Smith.", "Jones killed Smith."),
    ("The mayor was killed by Smith.", "The mayor killed Smith."),
    ("The mayor was killed by Smith.", "The mayor was killed with Smith."),
    ("The mayor was killed in Boston.", "The mayor killed in Boston."),
    ("If convicted, Smith faces ten years.", "Smith faces ten years."),
    ("Smith faces ten years unless Jones pays.", "Smith faces ten years."),
    ("Smith faces ten years if Jones pays.", "Smith faces ten years unless Jones pays."),
    ("Smith believes Jones stole the car.", "Jones stole the car."),
    ("According to Smith, Jones stole the car.", "Jones stole the car."),
    ("Jones stole the car, Smith said.", "Jones stole the car."),
    ("Police allege that Jones stole the car.", "Jones stole the car."),
    ("Jones stole the car.", "According to Smith, Jones stole the car."),
    ("Jones is believed to be guilty.", "Jones is guilty."),
    ("Smith is the former mayor.", "Smith is the mayor."),
    ("Smith was the mayor.", "Smith is the mayor."),
    ("She signed the bill, said Smith.", "He signed the bill, said Smith."),
    ("Smith tried to win the race.", "Smith won the race."),
]


@pytest.mark.parametrize(("said", "altered"), ALTERED)
def test_a_sentence_is_kept_as_it_stands_and_struck_with_a_small_word_or_sign_changed(
    support, said, altered
):
    source = source_of(f"The report has two parts. {said} Nothing else happened.")
    assert fault_of(said, [source]) is None
    assert support.fault(said, [source]) is None
    assert support.fault(altered, [source])


@pytest.mark.parametrize(
    ("sentence", "written"),
    [
        ("In Castries, the talks were hosted by Rosa Vega.", "The talks were hosted by Rosa Vega."),
        ("The talks, hosted by Rosa Vega, end.", "The talks were hosted by Rosa Vega."),
        ("Smith thanked Jones, and left Boston.", "Smith left Boston."),
        ("It gave 5 million dollars to Boston.", "It gave $5 million to Boston."),
        ("It gave 5 per cent to Boston.", "It gave five per cent to Boston."),
        ("It gave five boats to Boston.", "It gave 5 boats to Boston."),
        (
            "The U.S. gave boats to Boston.",
            "According to the passage, the US gave boats to Boston.",
        ),
    ],
)
def test_no_rule_finds_fault_with_what_says_the_same_otherwise(sentence, written):
    assert fault_of(written, [source_of(sentence)]) is None


@pytest.mark.parametrize(
    ("question", "answer", "statement"),
    [
        ("Who led the revolt?", "Zhu", "Zhu led the revolt."),
        ("What is the capital?", "N’Djamena", "N’Djamena is the capital."),
        ("What is the town known as?", "N’Djamena", None),
        ("Which dynasty printed paper money?", "the Yuan", "The Yuan printed paper money."),
        ("Who did Zhu lead?", "peasants", None),
        ("Why was Zhu angry?", "taxes", None),
    ],
)
def test_a_question_about_a_subject_makes_a_statement(question, answer, statement):
    assert stated(question, answer) == statement


def test_statements_are_shortened_and_swapped_by_rule():
    assert shortened("The fleet sails to Martinique today, which is far.") == (
        "The fleet sails to Martinique today."
    )
    assert shortened("The fleet does not sail to Martinique today, which is far.") is None
    assert swapped("Then Rosa Vega thanked Juan Soto.") == "Then Juan Soto thanked Rosa Vega."


def test_false_sentences_are_struck_on_texts_that_nothing_was_fitted_on(support, test_data):
    statements = statements_of(test_data, fitting=False)
    kinds = {each.kind for each in statements}
    assert kinds >= {"misleading", "exchanged", "negated", "swapped", "elsewhere", "sentence"}
    for kind, least in (("negated", 1.0), ("elsewhere", 0.98), ("misleading", 0.93)):
        some = [each for each in statements if each.kind == kind][:60]
        struck = [each for each in some if support.fault(each.text, [each.source])]
        assert len(struck) >= least * len(some), kind
    whole = [each for each in statements if each.kind == "sentence"][:60]
    shown = [each for each in whole if support.fault(each.text, [each.source]) is None]
    assert len(shown) >= 0.95 * len(whole)
