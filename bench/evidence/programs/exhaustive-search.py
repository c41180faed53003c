# subject: scikit-learn, random forest, 27 candidates, {ROWS} rows
# sujet: scikit-learn, forêt aléatoire, 27 candidats, {ROWS} lignes
# compare: better higher 0.05
# measure: cpu
# uses: sklearn.ensemble sklearn.model_selection sklearn.datasets
# vary: ROWS = 1500
"""Looks for the best forest; the score is the accuracy on rows that the search has not seen."""

import json

from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, train_test_split

ROWS = 1500
x, y = make_classification(ROWS + 600, 20, n_informative=8, flip_y=0.1, random_state=0)
x, x_test, y, y_test = train_test_split(x, y, test_size=600, random_state=0)
made = {"fits": 0, "rows": 0}


class Forest(RandomForestClassifier):
    """Counts what is asked of it."""

    def fit(self, x, y, sample_weight=None):
        made["fits"] += 1
        made["rows"] += len(x)
        return super().fit(x, y, sample_weight)


grid = {
    "n_estimators": [5, 10, 20],
    "max_depth": [4, 8, None],
    "min_samples_leaf": [1, 2, 5],
}
search = GridSearchCV(Forest(random_state=0), grid, cv=3)
search.fit(x, y)

print(json.dumps({"result": search.score(x_test, y_test), "counts": {**made, "score": search.score(x_test, y_test)}}))
