from tensorflow import keras


class EarlyStoppingAtMinimum(keras.callbacks.Callback):
    def __init__(self, patience=0):
        super().__init__()
        self.patience = patience

    def on_epoch_end(self, epoch, logs=None):
        if logs["val_mae"] > self.best:
            self.model.stop_training = True


model = keras.Sequential([keras.layers.Dense(1)])
model.fit(x, y, epochs=200, validation_split=0.2, callbacks=[EarlyStoppingAtMinimum(3)])
