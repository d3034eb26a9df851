"""A telemetry SDK of our own that speaks the Sensors Analytics wire protocol as SDK 3.2.10 (2019) did."""
