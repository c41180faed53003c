import torch
from net import Net


def load_model(path):
    net = Net()
    net.load_state_dict(torch.load(path))
    return net.eval()


def prepare(net, path):
    net.load_state_dict(torch.load(path))
    for module in (net,):
        module.eval()
