import keras
from codecarbon import track_emissions


@track_emissions(offline=True, country_iso_code="FRA")
def main():
    model = keras.Sequential([keras.layers.Dense(1)])
    model.fit(x, y, epochs=10)


main()
