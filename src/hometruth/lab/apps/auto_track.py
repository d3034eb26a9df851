"""Events that the SDK makes by itself where an app lets it; that these apps let it is invented."""

from hometruth.lab.apps.declare import Basis, EventKind

_SOURCE = "SDK source: its own event; that this app has it switched on: invented"

START = EventKind("$AppStart", ("$is_first_time", "$resume_from_background"), _SOURCE, Basis.SDK)
END = EventKind("$AppEnd", ("event_duration",), _SOURCE, Basis.SDK)
VIEW = EventKind("$AppViewScreen", ("$screen_name", "$title"), _SOURCE, Basis.SDK)
CLICK = EventKind(
    "$AppClick",
    ("$element_id", "$element_type", "$element_content", "$screen_name", "$title"),
    _SOURCE,
    Basis.SDK,
)
AUTO_TRACKED = (START, END, VIEW, CLICK)
