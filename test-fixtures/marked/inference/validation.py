# eval() without no_grad in the validation of a training loop; no_grad in another method of the class.
import torch
from net import Net


class Runner:
    def __init__(self, loader, val_loader):
        self.net = Net()
        self.loader, self.val_loader = loader, val_loader
        self.optimizer = torch.optim.Adam(self.net.parameters())
        self.loss = torch.nn.CrossEntropyLoss()

    @torch.no_grad()
    def predict(self, x):
        self.net.eval()
        return self.net(x).argmax(1).tolist()

    def validate(self):
        self.net.eval()
        total = 0.0
        for x, y in self.val_loader:
            total += self.loss(self.net(x), y).item()  # ~ validation-with-gradients
        return total / len(self.val_loader)

    def fit(self, epochs=5):
        for _ in range(epochs):
            self.net.train()
            for x, y in self.loader:
                self.optimizer.zero_grad()
                self.loss(self.net(x), y).backward()
                self.optimizer.step()
            print(self.validate())


runner = Runner(torch.load("train.pt"), torch.load("val.pt"))
runner.fit()
print(runner.predict(torch.load("x.pt")))
