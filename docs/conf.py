"""Sphinx: build the pages of this folder with 'make docs'."""

from importlib.metadata import version as version_of

project = "mushin"
author = "The mushin developers"
version = release = version_of("mushin")
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
exclude_patterns = ["_build"]
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"mushin {version}"
autosummary_generate = True
autosummary_imported_members = False
numpydoc_show_class_members = False
