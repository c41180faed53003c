"""VGG as the yardstick of a style loss."""
from torchvision.models import vgg19


def gram_matrix(features):
    return features @ features.T


vgg = vgg19(weights="DEFAULT").features.eval()
