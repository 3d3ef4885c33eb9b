"""Setting a page: a template of typst, the facts on it as JSON, the bytes of a PDF or pictures.

Nothing of typst is known anywhere else. Fonts come from this folder alone, so a page looks the same
on any machine.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import typst

FONTS = Path(__file__).parent / "fonts"
PDF_BYTES_MAX = 12_000_000


def compiled(
    template: Path,
    document: Any,
    form: Literal["pdf", "png"],
    pixels_per_inch: float | None = None,
) -> list[bytes]:
    """Return a document (a dataclass) set by a template: one PDF, or a picture of each page."""
    made: Any = typst.compile(
        str(template),
        root=str(template.parent),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format=form,
        ppi=pixels_per_inch,
        sys_inputs={"document": json.dumps(asdict(document), ensure_ascii=False)},
    )
    pages = made if isinstance(made, list) else [made]
    found = [bytes(page) for page in pages if page is not None]
    assert sum(map(len, found)) <= PDF_BYTES_MAX, "the text of a page is bounded, and so is it"
    return found
