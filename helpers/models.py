"""Networks, how they start and what they hold, each as it was first built in a lesson."""

import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from torch.nn import functional as F

from helpers.language import spoken


def mlp(*widths, activation=nn.ReLU):
    """Build a fully connected network, with an activation after every layer but the last.

    Args:
        widths: features of the input, of each hidden layer and of the output: at least two numbers.
        activation: the class of the activation layers.

    >>> mlp(2, 8, 1)
    Sequential(
      (0): Linear(in_features=2, out_features=8, bias=True)
      (1): ReLU()
      (2): Linear(in_features=8, out_features=1, bias=True)
    )
    """
    if len(widths) < 2 or min(widths) < 1:
        raise ValueError(spoken("mlp needs at least two widths of at least 1, got {this}").format(this=widths))
    layers = []
    for inputs, outputs in zip(widths, widths[1:], strict=False):
        layers += [nn.Linear(inputs, outputs), activation()]
    return nn.Sequential(*layers[:-1])


def alexnet(size=224, width=1.0, classes=10, dropout=0.5):
    """Build the article's AlexNet for grey images; at the defaults it has the article's 21 layers exactly.

    Args:
        size: height and width of the input images, at least 65.
        width: factor on every number of channels and hidden features: 0.25 for a quarter.
        classes: number of outputs.
        dropout: p of the two dropout layers.

    Returns:
        nn.Sequential from images (N, 1, size, size) to logits (N, classes).

    Raises:
        ValueError: the images are too small for three poolings, or width leaves a layer empty.
    """
    side = feature_side(size)
    if side < 1:
        raise ValueError(spoken("size must be at least 65 for AlexNet's three poolings, got {this}").format(this=size))
    a, b, c, hidden = (int(channels * width) for channels in (96, 256, 384, 4096))
    if a < 1:
        raise ValueError(spoken("width must leave at least one channel of 96, got {this}").format(this=width))
    return nn.Sequential(
        nn.Conv2d(1, a, kernel_size=11, stride=4, padding=1), nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Conv2d(a, b, kernel_size=5, padding=2), nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Conv2d(b, c, kernel_size=3, padding=1), nn.ReLU(),
        nn.Conv2d(c, c, kernel_size=3, padding=1), nn.ReLU(),
        nn.Conv2d(c, b, kernel_size=3, padding=1), nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Flatten(),
        nn.Linear(b * side * side, hidden), nn.ReLU(),
        nn.Dropout(p=dropout),
        nn.Linear(hidden, hidden), nn.ReLU(),
        nn.Dropout(p=dropout),
        nn.Linear(hidden, classes),
    )  # fmt: skip


def feature_side(size, padding=1):
    """Return the side of AlexNet's last feature map for images of size × size: 5 for 224.

    Each layer maps n to (n + 2·padding − kernel) // stride + 1; the 3×3 and 5×5 convolutions keep n.
    """
    side = (size + 2 * padding - 11) // 4 + 1
    for _ in range(3):
        side = (side - 3) // 2 + 1
    return side


def init_he(model):
    """Draw the weights for ReLU layers after He et al. (2015), set the biases to 0, return the model."""
    for layer in model.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    return model


def freeze_whitened(layer, images):
    """Set a convolution's filters to whitened patches of images, after which they are not trained; return the layer.

    The filters are the patches' principal components, those of the largest variance, each divided by its standard
    deviation, so that all outputs vary alike; half of the filters are the negatives of the others, since ReLU follows
    (Jordan, 94% on CIFAR-10 in 3.29 seconds, 2024). Biases are 0. The backward pass ends behind the layer.

    Args:
        layer: a Conv2d with at most twice as many filters as a patch has numbers.
        images: a float tensor (N, channels, H, W), what the layer will see; a few hundred are enough.
    """
    patches = F.unfold(images, layer.kernel_size, stride=layer.stride).transpose(1, 2).flatten(0, 1)
    variances, components = torch.linalg.eigh(patches.T.cov())  # in rising order
    half = (len(layer.weight) + 1) // 2
    filters = components[:, -half:] / variances[-half:].clamp(min=1e-3).sqrt()
    with torch.no_grad():
        layer.weight.copy_(torch.cat([filters, -filters], 1).T[: len(layer.weight)].view_as(layer.weight))
        layer.bias.zero_()
    return layer.requires_grad_(False)


def init_xavier(model):
    """Draw the weights after Glorot and Bengio (2010), as the article does, leave the biases, return the model."""
    for layer in model.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(layer.weight)
    return model


def count_parameters(model):
    """Count the trainable numbers of a model."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def kept_bytes(forward, parameters=()):
    """Run forward() and return how many bytes autograd keeps for the way back, the parameters left out.

    >>> import torch
    >>> v = torch.ones(1000, requires_grad=True)
    >>> kept_bytes(v.tanh)
    4000
    """
    kept = set()

    def save(tensor):
        kept.add(tensor.untyped_storage())
        return tensor.detach()

    with saved_tensors_hooks(save, lambda tensor: tensor):
        forward()
    return sum(storage.nbytes() for storage in kept - {parameter.untyped_storage() for parameter in parameters})
