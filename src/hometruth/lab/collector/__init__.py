"""The server telemetry is sent to: answers the Sensors Analytics protocol and keeps every event."""
