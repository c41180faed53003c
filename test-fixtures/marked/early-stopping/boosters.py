import lightgbm as lgb
import xgboost as xgb
from catboost import CatBoostClassifier
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from transformers import AutoModelForSeq2SeqLM, EarlyStoppingCallback, Trainer, TrainingArguments

xgb.XGBRegressor(n_estimators=3000).fit(x, y, eval_set=[(xv, yv)])  # ~ training-without-early-stopping
xgb.XGBRegressor(n_estimators=3000, early_stopping_rounds=30).fit(x, y, eval_set=[(xv, yv)])
xgb.XGBClassifier().fit(x, y)
lgb.train({"objective": "binary", "early_stopping_round": 50}, train, num_boost_round=4000, valid_sets=[valid])
lgb.train({"objective": "binary"}, train, num_boost_round=4000, valid_sets=[valid], callbacks=[lgb.early_stopping(20)])
CatBoostClassifier(iterations=5000).fit(x, y, eval_set=(xv, yv), early_stopping_rounds=100)
CatBoostClassifier(iterations=5000).fit(x, y, eval_set=(xv, yv))  # ~ training-without-early-stopping
GradientBoostingRegressor(n_estimators=800, n_iter_no_change=5).fit(x, y)
RandomForestClassifier(n_estimators=1000).fit(x, y)

model = AutoModelForSeq2SeqLM.from_pretrained("t5-small")
model.generate(ids, num_beams=4, early_stopping=True)

args = TrainingArguments("out", num_train_epochs=30, eval_strategy="epoch")
Trainer(model=model, args=args, eval_dataset=valid).train()  # ~ training-without-early-stopping
guarded = Trainer(model=model, args=args, eval_dataset=valid)
guarded.add_callback(EarlyStoppingCallback(early_stopping_patience=2))
guarded.train()
