# subject: LightGBM, 3,000 noisy rows, at most 1,000 rounds
# sujet: LightGBM, 3 000 lignes bruitées, 1 000 tours au plus
# compare: better lower
# measure: rounds
# uses: lightgbm numpy
"""Boosts trees on rows whose labels are partly wrong."""

import json

import lightgbm as lgb
import numpy as np

rng = np.random.default_rng(0)
rows = rng.normal(size=(4000, 20))
labels = (rows[:, :4].sum(axis=1) + rng.normal(scale=2, size=4000) > 0).astype(int)
train_set = lgb.Dataset(rows[:3000], labels[:3000])
valid_set = lgb.Dataset(rows[3000:], labels[3000:], reference=train_set)
params = {"objective": "binary", "verbosity": -1, "num_threads": 1}
booster = lgb.train(params, train_set, num_boost_round=1000, valid_sets=[valid_set])

chance = np.clip(booster.predict(rows[3000:]), 1e-9, 1 - 1e-9)
loss = -np.mean(np.where(labels[3000:] == 1, np.log(chance), np.log(1 - chance)))
print(json.dumps({"result": float(loss), "counts": {"rounds": booster.current_iteration()}}))
