import copy

import torch
from torch import nn

from config import PATIENCE
from stopping import Stopper

EPOCHS = 40


def fit_keeping_best(model, loaders, criterion, optimizer):
    """Keeps the best weights and runs on all the same."""
    best, best_state = 0.0, None
    for epoch in range(EPOCHS):  # ~ training-without-early-stopping
        for phase in ["train", "val"]:
            model.train(phase == "train")
            for x, y in loaders[phase]:
                optimizer.zero_grad()
                with torch.set_grad_enabled(phase == "train"):
                    loss = criterion(model(x), y)
                    if phase == "train":
                        loss.backward()
                        optimizer.step()
            if phase == "val" and accuracy() > best:
                best, best_state = accuracy(), copy.deepcopy(model.state_dict())
    return best_state


def fit_with_helper(model, loader, criterion, optimizer):
    """Patience is kept by a class of another file."""
    stopper = Stopper(PATIENCE)
    for epoch in range(EPOCHS):
        for x, y in loader:
            criterion(model(x), y).backward()
            optimizer.step()
        val_loss = validate(model)
        if stopper.step(val_loss):
            break


def fit_while(model, loader, criterion, optimizer):
    epoch, stop = 0, False
    while epoch < 100 and not stop:
        for x, y in loader:
            criterion(model(x), y).backward()
            optimizer.step()
        val_loss = validate(model)
        stop = val_loss > previous
        epoch += 1


def pretrain(model, batches, optimizer, max_iters=600000):
    """A budget of steps."""
    step = 0
    while True:
        loss = model(next(batches)).loss
        loss.backward()
        optimizer.step()
        step += 1
        if step > max_iters:
            break


def adversarial(netD, netG, loader, criterion, optimizer_d, optimizer_g):
    for epoch in range(EPOCHS):
        for real in loader:
            errD = criterion(netD(real), 1)
            errD.backward()
            optimizer_d.step()
            errG = criterion(netD(netG(noise)), 1)
            errG.backward()
            optimizer_g.step()
        test_loss = score(netG)


def restyle(input_img, network):
    optimizer = torch.optim.LBFGS([input_img])
    for epoch in range(300):
        style_loss, content_loss = network(input_img)
        (style_loss + content_loss).backward()
        optimizer.step()


def play(policy, env, optimizer):
    for episode in range(1000):
        state = env.reset()
        loss = run(policy, state)
        loss.backward()
        optimizer.step()


net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())
fit_keeping_best(net, loaders, criterion, optimizer)
fit_with_helper(net, loader, criterion, optimizer)
fit_while(net, loader, criterion, optimizer)
pretrain(net, batches, optimizer)
adversarial(netD, netG, loader, criterion, optimizer_d, optimizer_g)
restyle(image, net)
play(net, env, optimizer)
