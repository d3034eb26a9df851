"""What the operator of the collector can see: every event, every person, each person's life in order."""
