"""Templates, and pictures embedded in pages."""

import base64
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from denovo.reports.figures.gallery import Picture, encode


def inline(picture: Picture, is_small: bool = False) -> dict[str, str]:
    """Return title, caption and source (a data URI) of a picture.

    Thumbnails are PNG, which is a third of the size of SVG with many peaks.
    """
    kind = "png" if is_small else "svg"
    encoded = base64.b64encode(encode(picture.figure, kind)).decode("ascii")
    source = f"data:image/{'svg+xml' if kind == 'svg' else kind};base64,{encoded}"
    return {"title": picture.title, "caption": picture.caption, "source": source}


def fill(template: str, **content: Any) -> str:
    """Fill a template of ``denovo/reports/html/templates``; the content is escaped."""
    environment = Environment(
        loader=PackageLoader("denovo.reports.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**content)
