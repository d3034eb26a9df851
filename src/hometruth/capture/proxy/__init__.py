"""The live recorder: mitmproxy as a library. Importing this loads mitmproxy, which takes a second."""

from hometruth.capture.proxy.listening import Listening
from hometruth.capture.proxy.recorder import Recorder
from hometruth.capture.proxy.sinkhole import Sinkhole

__all__ = ["Listening", "Recorder", "Sinkhole"]
