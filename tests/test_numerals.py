from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.errors import NumeralError
from pipeline.normalize import to_simplified
from pipeline.numerals import find_numerals, parse_digits, parse_number, read_numeral
from pipeline.values import Quantity, Relation
from tests.quantity_cases import number_text, read_cases

CASES = read_cases("numerals")
ACCEPTED = [case for case in CASES if case.expected != ("-",)]
REFUSED = [case for case in CASES if case.expected == ("-",)]


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case.text)
def test_value(case) -> None:  # type: ignore[no-untyped-def]
    assert parse_number(case.text) == Decimal(case.expected[0])
    assert parse_number(to_simplified(case.text)) == Decimal(case.expected[0])


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.text or "empty")
def test_refused(case) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NumeralError):
        parse_number(case.text)


def test_the_table_is_large_and_a_third_negative() -> None:
    assert len(CASES) >= 150
    assert len(REFUSED) * 3 >= len(CASES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("三四百", "300..400 ="),
        ("七八", "7..8 ="),
        ("十五六", "15..16 ="),
        ("二十七八", "27..28 ="),
        ("五六千万", "50000000..60000000 ="),
        ("一百二三十", "120..130 ="),
        ("三五百", "300..500 ="),
        ("三、四百", "300..400 ="),
        ("数十", "? ~"),
        ("数千万", "? ~"),
        ("上百亿", "? ~"),
        ("几百", "? ~"),
        ("十几", "10 >"),
        ("十多万", "100000 >"),
        ("十余", "10 >"),
        ("7000多亿", "700000000000 >"),
        ("十来", "10 ~"),
        ("九八", "98 ="),
        ("一二三", "123 ="),
        ("二〇一七", "2017 ="),
    ],
)
def test_ranges_and_vague_numbers(text: str, expected: str) -> None:
    quantity = read_numeral(text)
    assert f"{number_text(quantity)} {quantity.relation.value}" == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("他有三四百人", ["三四百"]),
        ("二零一七年有2,345,678人", ["二零一七", "2,345,678"]),
        ("2017 十大新闻", ["2017", "十"]),
        ("2017一年", ["2017"]),
        ("以上百分之五", ["五"]),
        ("一百零几万人与一百零幾萬人", ["一百零几万", "一百零幾萬"]),
        ("60几亿元", ["60几亿"]),
        ("版本1.2.3", ["1.2"]),
        ("人数十万", ["十万"]),
        ("十来个人", ["十来"]),
        ("1 亿欧元", ["1 亿"]),
        ("9 千万英镑", ["9 千万"]),
        ("100，200", ["100，200"]),
        ("2017,500人", ["2017"]),
        ("没有数", []),
        ("", []),
    ],
)
def test_find(text: str, expected: list[str]) -> None:
    assert [text[n.start : n.end] for n in find_numerals(text)] == expected


def test_find_between_offsets_and_flags_digits() -> None:
    found = list(find_numerals("五〇年2017年十年", 3, 8))
    assert [(n.start, n.end, n.digits) for n in found] == [(3, 7, True)]
    assert [n.digits for n in find_numerals("二〇一七与二十")] == [True, False]
    assert next(iter(find_numerals("半"))).quantity == Quantity(
        Decimal("0.5"), None, None, Relation.EQ
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [("2017", 2017), ("２０１７", 2017), ("二〇一七", 2017), ("二零二二", 2022), ("九八", 98)],
)
def test_digits(text: str, value: int) -> None:
    assert parse_digits(text) == value


@pytest.mark.parametrize("text", ["", "二十", "2017年", "1,000", "9" * 40])
def test_digits_refused(text: str) -> None:
    with pytest.raises(NumeralError):
        parse_digits(text)
