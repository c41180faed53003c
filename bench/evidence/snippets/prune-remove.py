# course: torch.nn.utils.prune.remove(module, 'weight')
# today: the same; the zeros stay in place, so neither file nor pass is smaller than those of the unpruned model
# aujourdhui: la même ; les zéros restent, ni le fichier ni la passe ne sont plus petits que ceux du modèle non élagué
# uses: torch
import io

import torch
import torch.nn.utils.prune
from torch import nn

module = nn.Linear(300, 300)


def size():
    file = io.BytesIO()
    torch.save(module.state_dict(), file)
    return file.tell()


def as_written():
    unpruned = size()
    torch.nn.utils.prune.l1_unstructured(module, "weight", amount=0.5)
    pruned = size()
    torch.nn.utils.prune.remove(module, "weight")
    assert (module.weight == 0).float().mean() >= 0.49
    return f"{unpruned} bytes unpruned, {pruned} pruned with its mask, {size()} after remove"


as_today = as_written
