"""A context manager of one's own around a tracker."""
from contextlib import contextmanager

from carbontracker.tracker import CarbonTracker


@contextmanager
def measured(epochs):
    tracker = CarbonTracker(epochs=epochs)
    tracker.epoch_start()
    yield tracker
    tracker.epoch_end()
