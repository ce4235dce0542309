"""Lessons exported as HTML keep their pictures, and these their text alternatives, saved widgets or not.

Every Jupyter program reads this that has this folder on its JUPYTER_CONFIG_PATH.
"""

from pathlib import Path

c = get_config()  # noqa: F821 (Jupyter gives it)
c.HTMLExporter.template_name = "course"
c.HTMLExporter.extra_template_basedirs = [str(Path(__file__).resolve().parent / "nbconvert")]
c.HTMLExporter.NbConvertBase.display_data_priority.prepend(["image/png"])  # a widget is nothing without the web
