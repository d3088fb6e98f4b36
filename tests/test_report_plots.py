"""Charts: drawn with a font that has the characters, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("matplotlib")

from pipeline.config import load_config
from pipeline.errors import ConfigError, InputError
from pipeline.report.plots import Chart, font_for, plot_run
from pipeline.runner import run
from tests.report_runs import PLAIN, write_articles


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plots")
    articles = write_articles(folder / "articles", a=PLAIN, b=PLAIN.replace("17%", "31%"))
    config = load_config(None, {"stages": ("percent", "year", "money")})
    run(config, [str(articles)], folder / "out")
    return folder / "out"


def latin_font() -> Path:
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


def test_a_font_without_the_characters_is_refused() -> None:
    assert font_for(["2023 17%"], latin_font()).get_file() == str(latin_font())
    with pytest.raises(ConfigError, match=r"characters 收營.*install one.*--font"):
        font_for(["營收 17%"], latin_font())


def test_a_file_that_is_no_font_is_a_plain_message(tmp_path: Path) -> None:
    path = tmp_path / "no.ttf"
    path.write_bytes(b"no font")
    with pytest.raises(ConfigError, match="cannot read font"):
        font_for(["1"], path)


def test_years_need_no_chinese_font_and_give_the_same_bytes(tmp_path: Path, out: Path) -> None:
    first, second = tmp_path / "a" / "years.svg", tmp_path / "b" / "years.svg"
    assert plot_run(out, Chart.YEARS, first, font=latin_font()) == 6
    plot_run(out, Chart.YEARS, second, font=latin_font())
    assert first.read_bytes() == second.read_bytes()
    assert b"<svg" in first.read_bytes()


def test_percentages_by_subject(tmp_path: Path, out: Path) -> None:
    try:
        font_for(["營收营收"])
    except ConfigError:
        pytest.skip("no font with Chinese characters is here")
    path = tmp_path / "percentages.png"
    assert plot_run(out, Chart.PERCENTAGES, path) >= 2
    assert path.read_bytes().startswith(b"\x89PNG")


def test_nothing_to_draw_and_odd_formats_are_said(tmp_path: Path, out: Path) -> None:
    with pytest.raises(InputError, match="no company"):
        plot_run(out, Chart.COMPANIES, tmp_path / "c.png")
    with pytest.raises(ConfigError, match="cannot draw to"):
        plot_run(out, Chart.YEARS, tmp_path / "c.docx", font=latin_font())
    assert not (tmp_path / "c.docx").exists()
