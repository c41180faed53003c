import torchvision.models as tvm
from data import pictures
from tensorflow.keras.applications import VGG19

base = VGG19(weights="imagenet", include_top=False)  # ~ oversized-model
backbone = tvm.resnet18(weights="DEFAULT")
features = base.predict(pictures)
