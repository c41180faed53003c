"""Names the disease on each photograph given, all in one batch, from the exported model."""

import sys

import numpy as np
import onnxruntime as ort
from PIL import Image

from data import preprocess


def main(paths):
    session = ort.InferenceSession("leafnet.onnx")
    batch = np.stack([preprocess(Image.open(path).convert("RGB")).numpy() for path in paths])
    (scores,) = session.run(None, {"images": batch})
    for path, label in zip(paths, scores.argmax(axis=1)):
        print(path, label)


if __name__ == "__main__":
    main(sys.argv[1:])
