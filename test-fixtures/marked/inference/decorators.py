# Decorators with and without parentheses, and one of the project's own.
import functools

import torch
from net import Net

net = Net()
net.load_state_dict(torch.load("net.pt"))
net.eval()


@torch.no_grad()
def first(x):
    return net(x).argmax(1).tolist()


@torch.inference_mode
def second(x):
    return net(x).argmax(1).tolist()


def quiet(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        with torch.no_grad():
            return fn(*args, **kwargs)

    return wrapper


@quiet
def third(x):
    return net(x).argmax(1).tolist()


def fourth(x):
    return net(x).argmax(1).tolist()  # ~ inference-with-gradients


x = torch.load("x.pt")
print(first(x), second(x), third(x), fourth(x))
