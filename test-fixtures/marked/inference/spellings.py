# train(flag), ternaries, chains, reassignment, a loop over models, names that are not "model".
import torch
from net import Net

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def run(net, loader, is_training, optimizer=None):
    net.train(is_training)
    total = 0.0
    with torch.set_grad_enabled(is_training):
        for x, y in loader:
            loss = torch.nn.functional.cross_entropy(net(x.to(device)), y.to(device))
            if is_training:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            total += loss.item()
    return total


def phases(net, loaders, optimizer):
    for phase in ["train", "val"]:
        net.train() if phase == "train" else net.eval()
        for x, y in loaders[phase]:
            with torch.set_grad_enabled(phase == "train"):
                loss = torch.nn.functional.cross_entropy(net(x), y)
                if phase == "train":
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()


def chained(images):
    matcher = Net().to(device).eval()
    with torch.no_grad():
        return matcher(images).cpu().numpy()


def reassigned(images):
    net = Net()
    net.load_state_dict(torch.load("net.pt"))
    net = net.eval()
    with torch.inference_mode():
        return net(images).cpu().numpy()


def ensemble(paths, images):
    members = []
    for path in paths:
        member = Net()
        member.load_state_dict(torch.load(path))
        members.append(member)
    for each in members:
        each.eval()
    with torch.no_grad():
        return sum(each(images).softmax(1) for each in members).argmax(1).tolist()


def half_done(images):
    net = Net()
    net.load_state_dict(torch.load("net.pt"))
    net.to(device)
    with torch.no_grad():
        return net(images).argmax(1).tolist()  # ~ inference-without-eval


net = Net().to(device)
optimizer = torch.optim.Adam(net.parameters())
loaders = torch.load("loaders.pt")
run(net, loaders["train"], True, optimizer)
run(net, loaders["val"], False)
phases(net, loaders, optimizer)
images = torch.load("images.pt")
print(chained(images), reassigned(images), ensemble(["a.pt", "b.pt"], images), half_done(images))
