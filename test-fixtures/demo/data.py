"""Photographs of leaves, one folder per disease."""

from pathlib import Path

from PIL import Image
from torch.utils.data import DataLoader, Dataset, random_split
from torchvision import transforms

IMAGE_SIZE = 160

preprocess = transforms.Compose(
    [
        transforms.Resize((IMAGE_SIZE, IMAGE_SIZE)),
        transforms.ToTensor(),
        transforms.Normalize([0.48, 0.46, 0.41], [0.23, 0.22, 0.22]),
    ]
)


class LeafPhotos(Dataset):
    def __init__(self, root: str):
        self.paths = sorted(Path(root).glob("*/*.jpg"))
        self.labels = sorted({path.parent.name for path in self.paths})

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        path = self.paths[index]
        image = Image.open(path).convert("RGB")
        return preprocess(image), self.labels.index(path.parent.name)


def build_loaders(root: str, batch_size: int):
    photos = LeafPhotos(root)
    held_out = len(photos) // 5
    train, valid = random_split(photos, [len(photos) - held_out, held_out])
    train_loader = DataLoader(train, batch_size=batch_size, shuffle=True)
    valid_loader = DataLoader(valid, batch_size=batch_size)
    return train_loader, valid_loader
