"""Templates, and pictures embedded in pages."""

import base64
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from denovo.reports.figures.gallery import Picture, to_png, to_svg


@dataclass(frozen=True)
class InlinePicture:
    """Title, caption and data URI of a picture."""

    title: str
    caption: str
    source: str


def inline(picture: Picture, is_small: bool = False) -> InlinePicture:
    """Encode a picture as SVG, or as PNG for thumbnails: a third of the size with many peaks."""
    kind, content = (
        ("png", to_png(picture.figure)) if is_small else ("svg+xml", to_svg(picture.figure))
    )
    encoded = base64.b64encode(content).decode("ascii")
    return InlinePicture(picture.title, picture.caption, f"data:image/{kind};base64,{encoded}")


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
