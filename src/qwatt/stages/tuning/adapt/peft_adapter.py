"""Adapters of the library peft, put into all matrices of a decoder and merged into them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qwatt.core.effort import Effort
from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.core.method import Context
from qwatt.stages.tuning.adapt.adapter import Adapter
from qwatt.stages.tuning.adapt.method import AdaptMethod
from qwatt.stages.tuning.adapt.pretrained import Pretrained
from qwatt.stages.tuning.adapt.settings import Setup

if TYPE_CHECKING:
    import peft
    import torch
else:
    peft, torch = lazy("peft"), lazy("torch")
    _lora, _miss, _hira = lazy("peft.tuners.lora"), lazy("peft.tuners.miss"), lazy("peft.tuners.hira")
    # what peft loads late, imported before anything is measured


class PeftAdapter(Adapter):
    """An adapter of peft.

    Args:
        subject: the decoder.
        config: which adapter, of which size.

    Raises:
        QwattError: peft has no such adapter for this decoder's kind of matrices.
    """

    def __init__(self, subject: Pretrained, config: Any) -> None:
        self._model = subject.model
        try:
            peft.inject_adapter_in_model(config, self._model)
        except (TypeError, ValueError) as error:
            what = f"peft cannot put it into {subject.decoder.name}: {str(error).partition(chr(10))[0]}"
            raise QwattError(what, mend="name other methods by --method") from error

    def parameters(self) -> list[torch.nn.Parameter]:
        """Return what peft left trainable."""
        return [weights for weights in self._model.parameters() if weights.requires_grad]

    def merge(self) -> None:
        """Merge every adapter and take its wrapper away."""
        wrapped = [(n, part) for n, part in self._model.named_modules() if hasattr(part, "get_base_layer")]
        for name, part in wrapped:
            part.merge()
            parent, _, own = name.rpartition(".")
            setattr(self._model.get_submodule(parent), own, part.get_base_layer())
        del self._model.peft_config


class PeftMethod(AdaptMethod):
    """Base of the methods that peft has; one gives `config`."""

    @abstractmethod
    def config(self, options: Mapping[str, Any], setup: Setup) -> Any:
        """Return peft's configuration.

        Args:
            options: what every configuration is told: the matrices.
            setup: sizes.
        """

    def adapter(self, setup: Setup, context: Context) -> Adapter:
        """Put peft's adapter into the decoder."""
        options = {"target_modules": [matrix.name for matrix in setup.pretrained.matrices]}
        return PeftAdapter(setup.pretrained, self.config(options, setup))

    def adapter_effort(self, setup: Setup, shots: int | None) -> Effort:
        """Count the products with both factors, forward, and backward with their gradients."""
        sides = sum(matrix.rows + matrix.columns for matrix in setup.pretrained.matrices)
        return Effort(work={"gemm_flop": 6.0 * sides * setup.rank * setup.trained_tokens})
