# What is served was converted: ONNX Runtime, a compiled program.
import numpy as np
import onnxruntime as ort
from fastapi import FastAPI

app = FastAPI()
session = ort.InferenceSession("digits.int8.onnx", providers=["CPUExecutionProvider"])


@app.post("/digit")
def digit(pixels: list[float]):
    (scores,) = session.run(None, {"image": np.array([pixels], dtype=np.float32)})
    return {"digit": int(scores.argmax())}
