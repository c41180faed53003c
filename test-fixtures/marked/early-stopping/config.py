CONFIG = {"epochs": 4, "long": 60}
PATIENCE = 5
