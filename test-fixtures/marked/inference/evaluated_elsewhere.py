# eval() in another function and in another file.
import torch
from net import Net
from loading import load_model, prepare

model = None


def start():
    global model
    model = Net()
    model.load_state_dict(torch.load("net.pt"))
    model.eval()


def predict(x):
    with torch.no_grad():
        return model(x).argmax(1).tolist()


def predict_loaded(x):
    net = load_model("net.pt")
    with torch.inference_mode():
        return net(x).argmax(1).tolist()


def predict_prepared(x):
    net = Net()
    prepare(net, "net.pt")
    with torch.inference_mode():
        return net(x).argmax(1).tolist()


start()
print(predict(torch.load("x.pt")), predict_loaded(torch.load("x.pt")), predict_prepared(torch.load("x.pt")))
