from mushin.page.drawings import embedded_svg

FILE = """<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "x" "http://www.w3.org/svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="72pt" height="36pt" viewBox="0 0 72 36" \
xmlns="http://www.w3.org/2000/svg" version="1.1">
 <metadata><dc:title>http://example.org</dc:title></metadata>
 <defs><style type="text/css">*{fill: red}</style><path id="glyph"/></defs>
 <g clip-path="url(#clip)"><use xlink:href="#glyph"/></g>
</svg>
"""


def test_ids_and_their_references_get_the_prefix():
    element = str(embedded_svg(FILE, "scores", "A"))
    assert 'id="scores.glyph"' in element
    assert 'href="#scores.glyph"' in element
    assert "url(#scores.clip)" in element


def test_what_counts_for_the_whole_page_or_names_an_address_goes():
    element = str(embedded_svg(FILE, "scores", "A"))
    assert element.startswith('<svg class="drawing" role="img" aria-label="A" viewBox="0 0 72 36">')
    for unwanted in ("http", "<style", "<metadata", "<!DOCTYPE", "xmlns", "xlink"):
        assert unwanted not in element


def test_description_is_escaped_and_may_hold_braces():
    element = str(embedded_svg(FILE, "scores", 'a "b" <c> {d}'))
    assert 'aria-label="a &#34;b&#34; &lt;c&gt; {d}"' in element
