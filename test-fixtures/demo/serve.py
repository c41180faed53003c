"""The HTTP service behind the mobile application."""

import io

import torch
from fastapi import FastAPI, UploadFile
from PIL import Image

from data import preprocess
from model import LeafNet

app = FastAPI()


@app.get("/health")
def health():
    return {"status": "ok"}


@app.post("/diagnose")
async def diagnose(photo: UploadFile):
    model = LeafNet()
    model.load_state_dict(torch.load("leafnet.pt", map_location="cpu"))
    image = Image.open(io.BytesIO(await photo.read())).convert("RGB")
    scores = model(preprocess(image).unsqueeze(0))
    return {"disease": int(scores.argmax(dim=1))}
