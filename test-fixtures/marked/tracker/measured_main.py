"""The tracker stands here, the loop in loop.py."""
from codecarbon import EmissionsTracker

from loop import train

with EmissionsTracker(project_name="demo"):
    train(model, loader, optimizer)
