"""What a user takes away: the network, which labels other rows, and its predictions on the test part."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.artifact import ArtifactCard
from qwatt.core.errors import QwattError
from qwatt.data.cells import to_csv
from qwatt.data.rows import to_json
from qwatt.stages.training.weights.network import Floats, Weights, logits
from qwatt.stages.training.weights.problem import TASK, WeightsAnswer, WeightsProblem
from qwatt.stages.training.weights.scaling import Scaling

MATRICES, DESCRIPTION = "model.safetensors", "network.json"


@dataclass(frozen=True)
class Network:
    """A trained network as it is saved.

    Args:
        classes: the classes' names, in the order of the outputs.
        columns: names of a table's columns; empty for texts.
        encoder: of texts, or None for a table.
        scaling: from numbers to inputs.
        weights: a matrix a layer.
    """

    classes: tuple[str, ...]
    columns: tuple[str, ...]
    encoder: str | None
    scaling: Scaling
    weights: Weights

    def probabilities(self, values: NDArray[Any]) -> Floats:
        """Return the softmax, shape (rows, classes), of a table's or embeddings' numbers."""
        outputs = logits(self.weights, self.scaling.apply(values)).astype(np.float64)
        powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)

    def save(self, folder: Path) -> list[Path]:
        """Write `model.safetensors` and `network.json`; return both."""
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, NDArray[Any]] = {
            f"layer.{i}": np.ascontiguousarray(m) for i, m in enumerate(self.weights)
        }
        arrays |= {"mean": self.scaling.mean, "factors": self.scaling.factors}
        plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        save_file(plain, folder / MATRICES)
        record = {
            "classes": self.classes,
            "columns": self.columns,
            "encoder": self.encoder,
        }
        (folder / DESCRIPTION).write_text(to_json(record, indent=2) + "\n", "utf-8")
        return [folder / MATRICES, folder / DESCRIPTION]

    @classmethod
    def load(cls, folder: Path) -> Network:
        """Read what `save` wrote.

        Raises:
            QwattError: a file is missing or damaged.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            record = json.loads((folder / DESCRIPTION).read_text("utf-8"))
            arrays = load_file(folder / MATRICES)
            weights = tuple(arrays[f"layer.{i}"] for i in range(len(arrays) - 2))
            scaling = Scaling(arrays["mean"], arrays["factors"])
            found = cls(
                tuple(record["classes"]), tuple(record["columns"]), record["encoder"], scaling, weights
            )
            if found.probabilities(scaling.mean[None]).shape != (1, len(found.classes)):
                raise ValueError("the last layer has another number of outputs than there are classes")
            return found
        except (
            OSError,
            ValueError,
            TypeError,
            KeyError,
            IndexError,
            RecursionError,
            SafetensorError,
        ) as error:
            raise QwattError(
                f"no saved network can be read here: {error}",
                where=str(folder),
                mend="give the folder of an artifact, as in RUN/artifacts/training/weights/adam",
            ) from error


def write_network(problem: WeightsProblem, answer: WeightsAnswer, folder: Path) -> list[Path]:
    """Write the network, its card, and `predictions.csv` of the test part."""
    embedding = problem.embedding
    encoder = None if embedding is None else embedding.encoder
    network = Network(problem.classes, problem.columns, encoder, problem.scaling, answer.weights)
    files = network.save(folder)
    outputs = logits(answer.weights, problem.inputs(problem.test)).argmax(axis=1)
    rows = [
        {"id": name, "label": problem.classes[label], "predicted": problem.classes[choice]}
        for name, label, choice in zip(problem.test.ids, problem.test.labels, outputs, strict=True)
    ]
    predictions = folder / "predictions.csv"
    predictions.write_text(to_csv(["id", "label", "predicted"], rows), "utf-8", errors="backslashreplace")
    return [*files, ArtifactCard(TASK, answer.method).write(folder), predictions]
