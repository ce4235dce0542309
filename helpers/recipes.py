"""The numbers with which AlexNet reaches its accuracy in little time, and what `fit` makes of them."""

from helpers.language import spoken

# Nesterov momentum with one cycle of learning rate and momentum (Smith and Topin, 2018), He initialisation but for the
# first filters, which are whitened patches and not trained, smoothed labels (Szegedy et al., 2016), weight decay and
# mirrored images.
FAST = {
    "width": 0.25,  # factor on AlexNet's channels; 1 is the article's
    "size": 65,  # height and width of the input images, the least of AlexNet; the article's is 224
    "epochs": 2,
    "batch_size": 128,
    "dropout": 0.2,  # of two layers; the article's is 0.5
    "whitened": 500,  # training images whose patches make the first filters
    "learning_rate": 0.06,  # the highest of the cycle
    "warmup": 0.25,  # share of the steps in which it rises
    "momentum": 0.9,
    "weight_decay": 5e-4,
    "label_smoothing": 0.1,
    "examples": 60_000,  # training images, of 60,000
    "seed": 0,  # where the weights, the dropout, the mirroring and the order of the images start
}

MOST = {"width": 2, "size": 1024, "epochs": 10**6, "batch_size": 60_000, "seed": 2**63 - 1}  # and memory may say less


def build(recipe):
    """Return the arguments of `training.fit` for a dict like FAST.

    Raises:
        ValueError: a number is out of its range.
        DataError: the data is damaged.
    """
    import torch  # here, so that the command line knows the numbers before torch has loaded

    from helpers import data, models

    for name, most in MOST.items():
        if not recipe[name] <= most:  # so that NaN is refused, too
            told = spoken("{name} must be at most {most}, got {this}")
            raise ValueError(told.format(name=name, most=most, this=recipe[name]))
    torch.manual_seed(recipe["seed"])
    train_set, test_set = data.fashion_mnist(examples=recipe["examples"]), data.fashion_mnist(train=False)
    loader = data.loader(train_set, recipe["batch_size"], shuffle=True, drop_last=True, seed=recipe["seed"])
    network = models.init_he(models.alexnet(recipe["size"], recipe["width"], dropout=recipe["dropout"]))
    models.freeze_whitened(network[0], data.Preprocess(recipe["size"])(train_set.tensors[0][: recipe["whitened"]]))
    model = torch.nn.Sequential(data.Preprocess(recipe["size"], flip=True), network)
    optimizer = torch.optim.SGD(
        model.parameters(),
        lr=recipe["learning_rate"],
        momentum=recipe["momentum"],
        weight_decay=recipe["weight_decay"],
        nesterov=True,
        fused=True,  # a step is one pass over the weights
    )
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=recipe["learning_rate"],
        total_steps=max(8, recipe["epochs"] * len(loader)),  # fewer would leave no step to rise in
        pct_start=recipe["warmup"],
    )
    return {
        "model": model,
        "loader": loader,
        "optimizer": optimizer,
        "test_loader": data.loader(test_set, 4 * recipe["batch_size"]),
        "epochs": recipe["epochs"],
        "loss_function": torch.nn.CrossEntropyLoss(label_smoothing=recipe["label_smoothing"]),
        "scheduler": scheduler,
    }
