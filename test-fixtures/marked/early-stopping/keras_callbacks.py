"""Imported and never built, built and never passed, some fits guarded and others not."""
from tensorflow.keras.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from tensorflow.keras.layers import Dense
from tensorflow.keras.models import Sequential


def build():
    model = Sequential([Dense(8), Dense(1)])
    model.compile(loss="mse")
    return model


plateau = ReduceLROnPlateau(monitor="val_loss", patience=3)
checkpoint = ModelCheckpoint("best.keras", save_best_only=True)

first = build()
first.fit(x, y, epochs=80, validation_data=(xv, yv), callbacks=[plateau, checkpoint])  # ~ training-without-early-stopping

second = build()
second.fit(x, y, epochs=80, validation_data=(xv, yv), callbacks=[plateau, EarlyStopping(patience=4)])

third = build()
third.fit(x, y, epochs=80, validation_data=(xv, yv))  # ~ training-without-early-stopping

callbacks = [checkpoint]
callbacks.append(EarlyStopping(patience=2, restore_best_weights=True))
fourth = build()
fourth.fit(x, y, epochs=80, validation_data=(xv, yv), callbacks=callbacks)

fifth = build()
fifth.fit(x, y, epochs=80, validation_data=(xv, yv), callbacks=make_callbacks())
