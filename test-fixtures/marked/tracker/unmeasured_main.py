from loop import train

if __name__ == "__main__":
    train(model, loader, optimizer)  # ~ training-without-tracker
