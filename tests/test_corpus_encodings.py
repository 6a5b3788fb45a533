"""Texts are read in the encoding they were saved in, or not at all."""

from io import BytesIO

import pytest

from corpus.formats.text import decoded, read

_RUSSIAN = "Министр иностранных дел встретился с послом. Стороны обсудили сотрудничество.\n"
_UKRAINIAN = "Міністр зустрівся з послом Франції. Їхня розмова тривала годину.\n"
_JAPANESE = "大臣は本日、フランス大使と会談した。ﾃﾞｰﾀ を交換した。貿易と気候について話し合った。\n"


@pytest.mark.parametrize("times", [1, 20])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((_RUSSIAN, name) for name in ("koi8-r", "cp1251", "iso8859-5", "cp866", "utf-8")),
        *((_UKRAINIAN, name) for name in ("koi8-u", "cp1251", "utf-8")),
        *((_JAPANESE, name) for name in ("cp932", "euc-jp", "utf-8")),
    ],
)
def test_a_text_comes_out_as_it_was_saved(text: str, encoding: str, times: int):
    saved = (text * times).encode(encoding)

    assert decoded(saved) == text * times
    assert read(BytesIO(saved)).text == text * times


@pytest.mark.parametrize("first", ["Москва", "СССР"])
def test_a_first_word_in_capitals_changes_nothing(first: str):
    text = f"{first}. {_RUSSIAN}"

    assert decoded(text.encode("koi8-r")) == text


@pytest.mark.parametrize("name", ["東京都港区ﾋﾞﾙ", "大阪ﾎﾃﾙ ﾎｰﾙ"])
def test_half_width_kana_in_a_japanese_name_are_kept(name: str):
    assert decoded(name.encode("cp932")) == name
