from __future__ import annotations

from pathlib import Path

import pytest

from mushin.config.plan import CellName
from mushin.errors import ConfigError
from mushin.layout import cell_folder


@pytest.mark.parametrize("name", ["..", "../x", "/etc", "a/b", "", ".hidden", "a\0", "con..", "x" * 101])
def test_name_that_leads_elsewhere_is_refused_wherever_it_came_from(name: str) -> None:
    for cell in (CellName(name, "mlp", 0), CellName("digits", name, 0)):
        with pytest.raises(ConfigError, match=r"^cell [^ ]*.*(is not a name|has 101 characters)"):
            cell_folder(Path("results"), cell)
