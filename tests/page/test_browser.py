"""The page of a study in a real browser: nothing is fetched, fails, or is wider than the screen."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path

import pytest

from made_study import made_study
from mushin.comparisons import compare_methods
from mushin.dataset_comparisons import compare_over_datasets
from mushin.page.content import StudyContent
from mushin.page.drawings import draw_all
from mushin.page.render import render_page
from mushin.summaries import summarise_methods

BROWSER = next(filter(None, map(shutil.which, ("google-chrome", "chromium", "chromium-browser"))), None)
DESKTOP, PHONE = 1280, 390

# The frames run under this policy too, so that every attempt to fetch anything is an error in the console.
PROBE = """<!DOCTYPE html>
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<body>{frames}<script>
addEventListener("load", () => {{
  const found = [...document.querySelectorAll("iframe")].map((frame) => {{
    const page = frame.contentDocument, width = page.documentElement.clientWidth;
    const inScroller = (element) => {{
      for (let of = element.parentElement; of; of = of.parentElement)
        if (getComputedStyle(of).overflowX !== "visible") return true;
      return false;
    }};
    const outside = [...page.body.querySelectorAll("*")].filter((element) => {{
      const box = element.getBoundingClientRect();
      return box.width > 0 && (box.right > width + 1 || box.left < -1) && !inScroller(element);
    }});
    return {{
      width: width,
      scroll: page.documentElement.scrollWidth,
      outside: outside.slice(0, 5).map((element) => element.outerHTML.slice(0, 80)),
      requests: frame.contentWindow.performance.getEntriesByType("resource").map((entry) => entry.name),
      sections: page.querySelectorAll("section").length,
    }};
  }});
  document.title = JSON.stringify(found);
}});
</script>"""


@dataclass(frozen=True)
class Shown:
    """What a browser made of a page, by the width of its screen, and what its console said."""

    by_width: dict[int, dict]
    console: list[str]


def show(page: str, folder: Path) -> Shown:
    """Open a page in a frame as wide as each screen; a frame has no least width, as windows have."""
    frames = "".join(
        f'<iframe style="border:0;width:{width}px;height:2000px" srcdoc="{escape(page)}"></iframe>'
        for width in (DESKTOP, PHONE)
    )
    probe = folder / "probe.html"
    probe.write_text(PROBE.format(frames=frames), encoding="utf-8")
    done = subprocess.run(
        [
            *(BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *("--no-first-run", "--disable-background-networking", f"--user-data-dir={folder / 'user'}"),
            *("--hide-scrollbars", "--window-size=1400,2000", "--virtual-time-budget=20000"),
            *("--enable-logging=stderr", "--dump-dom", probe.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    (title,) = re.findall(r"<title>(.*?)</title></head>", done.stdout[:20_000], re.S)
    screens = json.loads(unescape(title))
    return Shown({one["width"]: one for one in screens}, re.findall(r"CONSOLE.*", done.stderr))


needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="needs Chromium: none of google-chrome, chromium and chromium-browser is here"
)


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    ds = made_study(
        ["a rather long name of method number 1 (wide, lr=0.001)", "cnn", "mlp"],
        datasets=["a data set with a long name", "b", "c"],
        n_seeds=3,
    )
    over = compare_over_datasets(ds)
    tables = compare_methods(ds), summarise_methods(ds)
    content = StudyContent(ds, *tables, ranks=over.ranks, over_datasets=over.comparisons)
    return show(render_page(content, draw_all(content)), tmp_path_factory.mktemp("browser"))


@needs_browser
def test_page_says_nothing_on_the_console_and_fetches_nothing(shown):
    assert shown.console == []
    assert [screen["requests"] for screen in shown.by_width.values()] == [[], []]


@needs_browser
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_page_is_no_wider_than_the_screen(shown, width):
    screen = shown.by_width[width]
    assert screen["sections"] == 8
    assert screen["outside"] == []
    assert screen["scroll"] == width


@needs_browser
def test_what_the_tests_above_look_for_is_found(tmp_path):
    bad = (
        '<img src="https://example.org/a.png"><p style="width:800px">wide</p>'
        "<script>console.error('failed')</script>"
    )
    found = show(f"<!DOCTYPE html><title>bad</title>{bad}", tmp_path)
    assert any("failed" in line for line in found.console)
    assert any("https://example.org/a.png" in line for line in found.console)
    assert found.by_width[PHONE]["scroll"] > PHONE
    assert "wide" in found.by_width[PHONE]["outside"][0]
    assert found.by_width[DESKTOP]["outside"] == []
