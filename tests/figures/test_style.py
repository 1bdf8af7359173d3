from mushin.figures.style import method_styles


def test_fifteen_methods_share_no_colour_with_marker():
    styles = method_styles(range(15)).values()
    assert len({(style.colour, style.marker) for style in styles}) == 15
    assert len({style.marker for style in styles}) == 15
