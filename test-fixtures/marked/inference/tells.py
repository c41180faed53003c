# `.data` and `.detach()` on what comes out: the graph was built all the same.
import numpy as np
import torch
from net import Net

net = Net()
net.load_state_dict(torch.load("net.pt"))
net.eval()

scores = net(torch.load("x.pt"))  # ~ inference-with-gradients
print(np.argmax(scores.detach().cpu().numpy(), 1))


def best(x):
    outputs = net(x)  # ~ inference-with-gradients
    _, predicted = torch.max(outputs.data, 1)
    return predicted.tolist()


print(best(torch.load("y.pt")))
