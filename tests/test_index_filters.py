"""A search within a part of the corpus finds what a search of only that part would."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from builders import json_lines, write_files
from hypothesis import given
from hypothesis import strategies as st

from index import Filter, Generation, Home, lexical, rebuild, vectors

YEARS = (2019, 2020, 2021)
HomeOf = Callable[[dict[str, str]], Home]


def records(folder: str) -> bytes:
    places = ("Belize", "Guyana", "Jamaica")
    return json_lines(
        *(
            {
                "_id": f"{folder}-{year}-{place}",
                "title": f"Talks in {place}",
                "text": f"The {folder} ministers met in {place} in {year} to speak of patrols.",
                "date": f"{year}-06-15",
                "publisher": f"Ministry of {place}",
            }
            for year in YEARS
            for place in places
        )
    )


@pytest.fixture(scope="module", params=["exact", "cells"])
def generation(request, tmp_path_factory: pytest.TempPathFactory, compiled_models: Path):
    """Two folders of records of three years, searched in both ways."""
    place = tmp_path_factory.mktemp("filters")
    write_files(
        place / "documents", {f"{name}/records.jsonl": records(name) for name in ("a", "b")}
    )
    home = Home(place / "home")
    home.path.mkdir()
    home.models.symlink_to(compiled_models, target_is_directory=True)
    home.add(place / "documents" / "a", place / "documents" / "b")
    home.remove("bundled")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "cells":
            patch.setattr(vectors, "EXACT_UP_TO", 5)
        rebuild(home)
    return Generation.serving(home)


def test_the_manifest_tells_how_vectors_are_searched(generation: Generation, request):
    cells = "cells" in request.node.callspec.id
    assert generation.manifest.vectors.startswith("IVF" if cells else "exact")


@given(data=st.data())
def test_what_is_found_within_a_filter_is_what_it_lets_through(
    generation: Generation, data: st.DataObject
):
    documents = list(generation.documents())
    ids = st.sets(st.sampled_from([document.id for document in documents]), max_size=4)
    sources = st.sets(st.sampled_from([document.source for document in documents]), max_size=2)
    days = st.none() | st.dates(date(2018, 1, 1), date(2022, 1, 1))
    publishers = st.sets(st.sampled_from([document.publisher for document in documents]))
    kinds = st.sets(st.sampled_from(["application/jsonl", "text/plain"]), max_size=1)
    within = Filter(
        frozenset(data.draw(ids)),
        frozenset(data.draw(sources)),
        data.draw(days),
        data.draw(days),
        frozenset(data.draw(publishers)),
        frozenset(data.draw(kinds)),
    )

    found = generation.search("ministers in Guyana", 100, within=within)

    allowed = {
        document.id
        for document in documents
        if (not within.documents or document.id in within.documents)
        and (not within.sources or document.source in within.sources)
        and (not within.publishers or document.publisher in within.publishers)
        and (not within.media_types or document.media_type in within.media_types)
        and (within.since or date.min) <= document.published <= (within.until or date.max)
    }
    assert {hit.passage.document_id for hit in found} == allowed
    everywhere = {hit.passage.id: hit for hit in generation.search("ministers in Guyana", 100)}
    for hit in found:
        assert hit.dense_score == pytest.approx(everywhere[hit.passage.id].dense_score, abs=1e-5)
        assert hit.lexical_score == pytest.approx(everywhere[hit.passage.id].lexical_score)


def test_a_folder_stands_for_all_that_lies_in_it(generation: Generation):
    source = Path(next(iter(generation.documents())).source)

    found = generation.search(
        "patrols", 100, within=Filter(sources=frozenset({str(source.parent)}))
    )

    assert {hit.passage.document_id[0] for hit in found} == {"a"}
    assert not generation.search("x", 9, within=Filter(sources=frozenset({str(source)[:-1]})))


def test_an_event_counts_as_well_as_the_publication(home_of: HomeOf, monkeypatch):
    home = home_of({"a.txt": "A text without a date."})
    home.add("bundled")
    rebuild(home)
    generation = Generation.serving(home)

    def ids(since: date | None, until: date | None) -> set[str]:
        within = Filter(since=since, until=until)
        return {hit.passage.document_id for hit in generation.search("talks", 99, within=within)}

    both = {"003_e53a6ec5a1052dec.txt", "000_fbc2b366f62d71d8.txt"}
    assert ids(date(2020, 1, 1), None) == both
    assert ids(date(2023, 11, 20), date(2023, 11, 20)) == ids(
        date(2023, 11, 16), date(2023, 11, 16)
    )
    assert len(ids(date(2023, 11, 16), date(2023, 11, 16))) == 1
    assert ids(date(2023, 11, 17), date(2023, 11, 19)) == set()
    assert ids(None, None) == both | {"a.txt"}


@pytest.mark.parametrize("most", [0, 1000])
def test_many_ranges_of_passages_are_searched_like_few(
    generation: Generation, monkeypatch: pytest.MonkeyPatch, most: int
):
    monkeypatch.setattr(lexical, "_MOST_RANGES", most)
    within = Filter(publishers=frozenset({"Ministry of Guyana"}), since=date(2020, 1, 1))
    found = generation.search("ministers in Guyana", 100, within=within)
    everywhere = {hit.passage.id: hit for hit in generation.search("ministers in Guyana", 100)}
    assert {hit.passage.document_id for hit in found} == {
        f"{folder}-{year}-Guyana" for folder in "ab" for year in (2020, 2021)
    }
    for hit in found:
        assert hit.lexical_score == pytest.approx(everywhere[hit.passage.id].lexical_score)


def test_what_can_be_filtered_by_is_counted_and_titles_are_found(generation: Generation):
    store = generation.store
    assert store.facet("publisher") == {
        f"Ministry of {place}": 6 for place in ("Belize", "Guyana", "Jamaica")
    }
    assert store.facet("media_type") == {"application/jsonl": 18}
    found = store.titled("jamaica TALKS", 2)
    assert [(title, day) for _, title, day in found] == [("Talks in Jamaica", "2021-06-15")] * 2
    assert store.titled("Talks Zanzibar", 9) == []
    assert store.titled("%", 9) == []
    assert len(store.titled("", 99)) == 18
