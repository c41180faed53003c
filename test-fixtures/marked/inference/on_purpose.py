# Gradients are wanted: style transfer, saliency, a policy's action, a smoke test of a forward pass.
import torch
from net import Net, Plain
from torch.distributions import Categorical

net = Net()
net.load_state_dict(torch.load("net.pt"))
net.eval()


def saliency(image, target):
    image.requires_grad_()
    score = net(image)[0, target]
    score.backward()
    return image.grad.abs().amax(1)


def integrated(image, target):
    score = net(image)[:, target].sum()
    (gradient,) = torch.autograd.grad(score, image)
    return gradient


def act(policy, state, memory):
    distribution = Categorical(logits=policy(state))
    action = distribution.sample()
    memory.append(distribution.log_prob(action))
    return action.item()


def learn(policy, optimizer, memory, rewards):
    loss = -sum(p * r for p, r in zip(memory, rewards))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


if __name__ == "__main__":
    print(Net()(torch.randn(2, 3, 32, 32)).shape)
    policy = Plain()
    optimizer = torch.optim.Adam(policy.parameters())
    memory = []
    act(policy, torch.load("state.pt"), memory)
    learn(policy, optimizer, memory, [1.0])
    saliency(torch.load("image.pt"), 1)
    integrated(torch.load("image.pt"), 1)
