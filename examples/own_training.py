"""Your own training, searched by every method at equal trainings, with the joules of each:

    qwatt run architecture/search --train examples/own_training.py:train --method tpe --method vqc-surrogate

A training is one function. It gets the settings as a dictionary and returns the validation loss, less being
better; with "held_back", the loss on data that no search sees, the result is judged by that. `budget` (share
of a full training, for successive halving) and `seed` are passed only where the function takes them.
"""

from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

SPLIT_SEED = 0


def train(settings, budget, seed):
    """Train a small perceptron on handwritten digits."""
    pixels, digits = load_digits(return_X_y=True)
    fit_x, rest_x, fit_y, rest_y = train_test_split(pixels, digits, train_size=600, random_state=SPLIT_SEED)
    model = MLPClassifier(
        hidden_layer_sizes=(settings["width"],),
        activation=settings["activation"],
        learning_rate_init=settings["learning_rate"],
        random_state=seed,
    )
    for _ in range(max(1, round(12 * budget))):
        model.partial_fit(fit_x / 16, fit_y, classes=range(10))
    half = len(rest_y) // 2
    losses = [
        log_loss(y, model.predict_proba(x / 16), labels=range(10))
        for x, y in ((rest_x[:half], rest_y[:half]), (rest_x[half:], rest_y[half:]))
    ]
    return {"loss": losses[0], "held_back": losses[1]}


train.space = {
    "learning_rate": {"log": [1e-3, 1e-1], "levels": 5},
    "width": {"order": [8, 16, 32]},
    "activation": ["relu", "tanh"],
}
