"""The one catalogue of sentences: all that `report/` tells people goes through `_`, the templates' text too.

English stands in the code, as gettext has it; `scripts/make_catalogue.py` gathers it in ``messages.pot``. A
translation is one file made of that (``msgfmt -o messages.mo de.po``), put beside this module. What verdicts
say is compared byte for byte, so the language is the installation's, and never that of a locale.
"""

import gettext
from importlib.resources import files


def _translation() -> gettext.NullTranslations:
    compiled = files("hometruth.report") / "messages.mo"
    if not compiled.is_file():
        return gettext.NullTranslations()
    with compiled.open("rb") as file:
        return gettext.GNUTranslations(file)


TRANSLATION = _translation()


def plural(one: str, many: str, number: int) -> str:
    """The noun for so many of something."""
    return TRANSLATION.ngettext(one, many, number)


def _(template: str, /, **facts: object) -> str:
    """A sentence in the language of the report, with *facts* filled in where there are any."""
    told = TRANSLATION.gettext(template)
    return told.format_map(facts) if facts else told
