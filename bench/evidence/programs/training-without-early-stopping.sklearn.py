# subject: scikit-learn gradient boosting, 2,000 noisy rows, at most 400 trees
# sujet: gradient boosting scikit-learn, 2 000 lignes bruitées, 400 arbres au plus
# compare: better higher 0.01
# measure: trees
# uses: sklearn.ensemble sklearn.datasets sklearn.model_selection
"""Boosts trees; the score is the accuracy on unseen rows."""

import json

from sklearn.datasets import make_classification
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import train_test_split

x, y = make_classification(3000, 20, n_informative=6, flip_y=0.2, random_state=0)
x, x_test, y, y_test = train_test_split(x, y, test_size=1000, random_state=0)
clf = GradientBoostingClassifier(n_estimators=400, random_state=0)
clf.fit(x, y)

print(json.dumps({"result": clf.score(x_test, y_test), "counts": {"trees": len(clf.estimators_)}}))
