"""Makes the classifier smaller, for the tablet used in the field."""

import torch
import torch.nn.utils.prune as prune

from data import build_loaders
from model import LeafNet


def shrink(checkpoint: str):
    model = LeafNet()
    model.load_state_dict(torch.load(checkpoint, map_location="cpu"))
    prune.l1_unstructured(model.conv1, name="weight", amount=0.4)
    prune.l1_unstructured(model.conv2, name="weight", amount=0.4)
    torch.save(model.state_dict(), "leafnet-pruned.pt")
    return model


def quantize(model, root: str):
    model.eval()
    model.qconfig = torch.ao.quantization.get_default_qconfig("x86")
    prepared = torch.ao.quantization.prepare(model)
    _, valid_loader = build_loaders(root, 32)
    with torch.inference_mode():
        for images, _ in valid_loader:
            prepared(images)
    return torch.ao.quantization.convert(prepared)


if __name__ == "__main__":
    smaller = quantize(shrink("leafnet.pt"), "photos")
    torch.jit.save(torch.jit.script(smaller), "leafnet-int8.pt")
