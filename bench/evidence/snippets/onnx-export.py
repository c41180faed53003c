# course: torch.onnx.export(model, dummy_input, "model.onnx")
# today: torch.onnx.export(model.eval(), (dummy_input,), "model.onnx", dynamo=True), which needs onnxscript
# aujourdhui: torch.onnx.export(model.eval(), (dummy_input,), "model.onnx", dynamo=True), qui a besoin d’onnxscript
# uses: torch
import numpy as np
import onnxruntime
import torch
from torch import nn

model = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 2))
dummy_input = torch.rand(1, 16)


def agrees():
    session = onnxruntime.InferenceSession("model.onnx")
    (scores,) = session.run(None, {session.get_inputs()[0].name: dummy_input.numpy()})
    assert np.allclose(scores, model.eval()(dummy_input).detach().numpy(), atol=1e-5)
    return "model.onnx gives the same scores in ONNX Runtime"


def as_written():
    torch.onnx.export(model, dummy_input, "model.onnx")
    return agrees()


def as_today():
    torch.onnx.export(model.eval(), (dummy_input,), "model.onnx", dynamo=True)
    return agrees()
