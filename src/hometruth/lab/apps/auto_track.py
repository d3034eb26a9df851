"""Events that the SDK makes by itself where an app lets it; that these apps let it is invented."""

from hometruth.lab.apps.declare import EventKind, NameSource

_SOURCE = "SDK source: its own event; that this app has it switched on: invented"

START = EventKind("$AppStart", ("$is_first_time", "$resume_from_background"), _SOURCE, NameSource.SDK)
END = EventKind("$AppEnd", ("event_duration",), _SOURCE, NameSource.SDK)
VIEW = EventKind("$AppViewScreen", ("$screen_name", "$title"), _SOURCE, NameSource.SDK)
CLICK = EventKind(
    "$AppClick",
    ("$element_id", "$element_type", "$element_content", "$screen_name", "$title"),
    _SOURCE,
    NameSource.SDK,
)
AUTO_TRACKED = (START, END, VIEW, CLICK)
