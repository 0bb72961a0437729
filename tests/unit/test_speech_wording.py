"""An answer as it is read aloud: every word of it and no mark."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.speech.wording import spoken_text

ANSWER = """\
## План на неделю 🎯

Вот **что** я _предлагаю_, [как договорились](https://example.com/a?b=1):

1. Встать в 7:30 ☀️ и выпить `стакан` воды
2. Пробежать 3,5 км — *без остановок*!
   - по парку
   - ~~по шоссе~~
3) Записать ✅

| День | Сделать |
|------|---------|
| Пн   | бег     |

```python
print("это не читают")
```

> Дорогу осилит идущий.

Подробнее: https://www.vk.com/page?id=5, и всё 👍🏽
"""


def test_an_answer_with_everything_in_it() -> None:
    assert spoken_text(ANSWER).splitlines() == [
        "План на неделю.",
        "Вот что я предлагаю, как договорились:",
        "1. Встать в 7:30 и выпить стакан воды.",
        "2. Пробежать 3,5 км — без остановок!",
        "по парку.",
        "по шоссе.",
        "3. Записать.",
        "День, Сделать.",
        "Пн, бег.",
        "Дорогу осилит идущий.",
        "Подробнее: vk.com, и всё.",
    ]


@pytest.mark.parametrize(
    ("markdown", "spoken"),
    [
        ("", ""),
        ("🎉", ""),
        ("---", ""),
        ("```\nкод\n```", ""),
        ("1️⃣ раз", "1 раз."),
        ("Цель → шаг", "Цель — шаг."),
        ("→ шаг", "шаг."),
        ("**жирный без пары", "жирный без пары."),
        ("5 * 3 = 15", "5 * 3 = 15."),
        ("2*3*4 = 24 и *5*6", "2*3*4 = 24 и 5*6."),
        ("2**3**2 и **7** 10**2", "2**3**2 и 7 10**2."),
        ("5. первое\n3. второе", "5. первое.\n3. второе."),
        ("2026. Год", "2026. Год."),
        ("минус -5 и №7, 20 °C", "минус -5 и №7, 20 °C."),
        ("<b>важно</b> и 2 < 3", "важно и 2 < 3."),
        ("<div>\nвнутри\n</div>", "внутри."),
        ("![вид из окна](a.png)", "вид из окна."),
        ("Он сказал: «Да!»", "Он сказал: «Да!»"),
        ("#цель и C#", "цель и C#."),
        ("- [x] сделано\n- [ ] нет", "сделано.\nнет."),
        ("Почта <https://user:pw@example.com:8443/x>.", "Почта example.com."),
        ("строка\nи ещё  \nтретья", "строка и ещё третья."),
        ("\\*не список\\*", "не список."),
        ("1. раз\n\n   ещё\n\n   ```\n   код\n   ```\n2. два", "1. раз.\nещё.\n2. два."),
        ("слово\ud83d слово", "слово слово."),
    ],
)
def test_one_thing_at_a_time(markdown: str, spoken: str) -> None:
    assert spoken_text(markdown) == spoken


MARKED = st.text(
    st.sampled_from("абв Яz159 \n\n\t.,!?*_`~#>-+|[]()<>/\\:=&;\"'🎯✅\ufe0f\u200d👍🏽→http://"),
    max_size=200,
)


@given(MARKED)
def test_no_marks_no_emoji_and_tidy_whitespace(markdown: str) -> None:
    spoken = spoken_text(markdown)
    assert not re.search(r"(?<!\d)\*\*|\*\*(?!\d)|__|~~|[`|]|[🎯✅👍🏽\ufe0f\u200d→]", spoken)
    for line in spoken.split("\n") if spoken else []:
        assert line == " ".join(line.split())
        assert any(map(str.isalnum, line))
        assert line.rstrip("»\"')]”")[-1] in ".!?…:;"


WORDS = st.lists(
    st.one_of(
        st.text(st.characters(categories=["Ll", "Lu"]), min_size=1, max_size=8),
        st.integers(0, 10**6).map(str),
        st.decimals(0, 1000, places=2).map(str),
    ),
    min_size=1,
    max_size=8,
)


@given(WORDS)
def test_plain_words_and_numbers_stay_as_they_are(words: list[str]) -> None:
    sentence = "Так " + " ".join(words)
    assert spoken_text(sentence) == sentence + "."
    assert spoken_text(sentence + "!") == sentence + "!"


@given(st.lists(WORDS.map(" ".join), min_size=1, max_size=4), st.data())
def test_markup_round_words_takes_none_of_them_away(texts: list[str], data: st.DataObject) -> None:
    marks = ["**{}**", "*{}*", "~~{}~~", "`{}`", "[{}](https://a.example/b)"]
    marked = [data.draw(st.sampled_from(marks)).format(text) for text in texts]
    expected = "Так " + " и ".join(texts)
    assert spoken_text("Так " + " и ".join(marked)) == expected + "."
    assert spoken_text("- Так " + " и ".join(marked)) == expected + "."
    assert spoken_text("# Так " + " и ".join(marked)) == expected + "."


@given(st.text(max_size=300))
def test_nothing_breaks_it(text: str) -> None:
    assert isinstance(spoken_text(text), str)
