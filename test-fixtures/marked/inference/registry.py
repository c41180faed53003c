# A network looked up in a table of another program: what `eval()` returns is the network, whatever it is.
import torch
from zoo import look_up


def train(net, loader, criterion, optimizer):
    net = net.train()
    for x, y in loader:
        optimizer.zero_grad()
        criterion(net(x), y).backward()
        optimizer.step()


def evaluate(net, loader, criterion):
    net = net.eval()
    total, right = 0.0, 0
    for x, y in loader:
        outputs = net(x)  # ~ validation-with-gradients
        total += criterion(outputs, y).item()
        right += (outputs.argmax(1) == y).sum().item()
    return total, right


@torch.no_grad()
def check(net, loader):
    net = net.eval()
    return [net(x).argmax(1).tolist() for x, _ in loader]


def run(name, loader, val_loader):
    net = look_up(name)
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(30):
        train(net, loader, criterion, optimizer)
        print(epoch, evaluate(net, val_loader, criterion))
    print(check(net, val_loader))
