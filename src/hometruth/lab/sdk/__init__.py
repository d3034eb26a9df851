"""A telemetry SDK of our own for the wire protocol of Sensors Analytics, in the generations of `variants`."""
