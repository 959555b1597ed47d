"""Group-relative policy optimisation of the decoder itself, by trl: no policy chooses, the decoder learns."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort, Plan
from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.registry import method
from qwatt.core.threads import one_thread
from qwatt.language.decoder import load_decoder
from qwatt.stages.tuning.reinforce.continuations import PARTS, Continuations, drawn_tokens
from qwatt.stages.tuning.reinforce.method import ReinforceMethod
from qwatt.stages.tuning.reinforce.problem import Outcome, PolicyAnswer, ReinforceProblem
from qwatt.stages.tuning.reinforce.rule import passes
from qwatt.stages.tuning.reinforce.settings import COMMON, LIMITS, setup

if TYPE_CHECKING:
    import datasets
    import torch
    from transformers import trainer_callback
    from trl.trainer import grpo_config, grpo_trainer
else:
    torch, datasets = lazy("torch"), lazy("datasets")
    grpo_config, grpo_trainer = lazy("trl.trainer.grpo_config"), lazy("trl.trainer.grpo_trainer")
    trainer_callback = lazy("transformers.trainer_callback")

_GROUP, _ROWS = 8, 16
"""Continuations of a prompt that are compared, and of all prompts in a step."""
_ITERATIONS = 400.0
"""Steps of a small optimiser that trl's own work in a step weighs as much as."""


@method
class Grpo(ReinforceMethod):
    """All weights of the decoder are tuned by the rule's verdict on what it writes; then it writes once.

    It needs `pip install 'qwatt[reinforce]'`, and continuations to write. Its decisions in training are
    continuations, as many as its steps have, and far fewer than a policy that only chooses is given.
    """

    name = "grpo"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2402.03300", "trl's GRPOTrainer")
    extra = "reinforce"
    space: ClassVar[Mapping[str, Sequence[Any]]] = {
        "learning_rate": (1e-3, 3e-4, 3e-3),
        "grpo_steps": (60,),
        **COMMON,
    }
    limits = {**LIMITS, "grpo_steps": (1, 1_000_000)}

    def run(self, problem: ReinforceProblem, settings: Settings, context: Context) -> Solution[PolicyAnswer]:
        """Tune a copy of the decoder and judge what it writes on the validation part."""
        world = self._world(problem, settings, context)
        with one_thread(), torch.random.fork_rng(devices=[]):
            model = load_decoder(world.decoder.name).model
            with context.phase(Ring.KERNEL, "train"):
                curve = self._tuned(model, world, settings, context)
            with context.phase(Ring.KERNEL, "validate"):
                validation = _written(model.eval(), world, "validation", context.seed)
        state = {name: tensor.detach().numpy().copy() for name, tensor in model.state_dict().items()}
        answer = PolicyAnswer(
            self.name, world.decoder.parameters, state, curve, validation, decoder=world.decoder.name
        )
        return Solution(answer, counters={"training_decisions": float(_ROWS * int(settings["grpo_steps"]))})

    def apply(
        self,
        problem: ReinforceProblem,
        solution: Solution[PolicyAnswer],
        settings: Settings,
        context: Context,
    ) -> Solution[PolicyAnswer]:
        """Judge what the tuned decoder writes on the held-back part."""
        world = self._world(problem, settings, context)
        model = load_decoder(world.decoder.name).model
        state = solution.answer.state
        model.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in state.items()})
        with one_thread(), torch.random.fork_rng(devices=[]), context.phase(Ring.KERNEL, "decide"):
            test = _written(model, world, "test", context.seed)
        counters = solution.counters | {"decisions": float(test.decisions)}
        return replace(solution, answer=replace(solution.answer, test=test), counters=counters)

    def plan(self, problem: ReinforceProblem, settings: Settings, shots: int | None) -> Plan:
        """Count the passes that write, and those that learn."""
        found = setup(problem, settings)
        if not isinstance(found.environment, Continuations):
            return Plan(note="it writes nothing where there is nothing to write")
        before, new = problem.budget.length
        steps, weights = int(settings["grpo_steps"]), found.environment.decoder.parameters
        learnt = 2.0 * weights * (new + 4 * (before + new)) * _ROWS * steps
        work = {"encoder_flop": learnt, "iteration": (_ITERATIONS + 20.0 * new) * steps}
        rows = sum(map(len, found.environment.prompts[1:])) / 2
        writing = {"encoder_flop": 2.0 * weights * rows * new * (before + new), "iteration": 20.0 * new}
        return Plan(
            run=Effort(work=work) + Effort(work=writing),
            apply=Effort(work=writing),
            once=self.once(problem, found),
        )

    def _world(self, problem: ReinforceProblem, settings: Settings, context: Context) -> Continuations:
        """Return the texts.

        Raises:
            QwattError: a pole is to be balanced, or rows of the decoder's tokens cannot be filled up.
        """
        world = self.prepared(problem, settings, context).environment
        if not isinstance(world, Continuations):
            mend = "give text by --data, or held-back for the decoder's own"
            raise QwattError("grpo tunes a decoder, and a cart has none", where=problem.source, mend=mend)
        tokenizer = world.decoder.tokenizer
        if tokenizer.pad_token_id is None and tokenizer.eos_token_id is None:
            what = "its tokenizer has neither a pad_token nor an eos_token, and trl fills up rows with one"
            mend = "name one of its entries so in tokenizer_config.json"
            raise QwattError(what, where=world.decoder.name, mend=mend)
        return world

    def _tuned(self, model: Any, world: Continuations, settings: Settings, context: Context) -> Any:
        """Tune in place; return the mean reward by step."""
        rewards: list[float] = []

        def judged(completions: list[str], **_: Any) -> list[float]:
            found = [float(passes(text)) for text in completions]
            rewards.append(sum(found) / len(found))
            return found

        prompts = world.decoder.tokenizer.batch_decode(world.prompts[0].tolist(), skip_special_tokens=True)
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            # trl calls what transformers has given other names, and says so at every step
            warnings.simplefilter("ignore", FutureWarning)
            trainer = grpo_trainer.GRPOTrainer(
                model=model,
                args=_arguments(folder, world.problem.budget.length[1], settings, context.seed),
                reward_funcs=judged,
                train_dataset=datasets.Dataset.from_list([{"prompt": prompt} for prompt in prompts]),
                processing_class=world.decoder.tokenizer,
            )
            trainer.remove_callback(trainer_callback.PrinterCallback)  # it prints among our own output
            trainer.train()
        return np.array(rewards, dtype=np.float32)


def _arguments(folder: str, length: int, settings: Settings, seed: int) -> Any:
    return grpo_config.GRPOConfig(
        output_dir=folder,
        per_device_train_batch_size=_ROWS,
        num_generations=_GROUP,
        max_completion_length=length,
        max_steps=int(settings["grpo_steps"]),
        learning_rate=float(settings["learning_rate"]),
        seed=seed,
        beta=0.0,
        temperature=1.0,
        use_cpu=True,
        bf16=False,
        activation_checkpointing=False,
        report_to="none",
        save_strategy="no",
        logging_strategy="no",
        disable_tqdm=True,
    )


def _written(model: Any, world: Continuations, part: str, seed: int) -> Outcome:
    """Return the share of prompts that one continuation of the tuned decoder's own passes."""
    prompts = torch.from_numpy(world.prompts[PARTS.index(part)])
    torch.manual_seed(seed)
    with torch.no_grad():
        texts = world.texts(drawn_tokens(model, prompts, world.problem.budget.length[1]))
    rewards = world.rewards(part)
    chance, best = float(rewards.mean()), float(rewards.max(1).mean())
    reward = sum(map(passes, texts)) / len(texts)
    return Outcome(reward, chance, world.target(chance, best), len(texts))
