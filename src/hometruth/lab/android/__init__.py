"""What a phone gives to its apps: a clock with timers, preferences, HTTP through the proxy, a device."""
