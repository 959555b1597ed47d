"""CPU seconds of one unit of every kind of host work, as `[work]` of catalogue/host_power.toml holds them.

    python benchmarks/host_work.py [--quick] [KIND ...]

Every kind is done at several sizes, each repeated; a size's figure is the median CPU time (not wall time, so
that a loaded machine is tolerable) of one thread over its units, less the fixed cost of a call where that is
a kind of its own. A kind's value is the geometric mean over its sizes, low and high are their extremes,
widened by MACHINES for other processors. Prints TOML to paste.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before NumPy and torch are imported

import argparse
import datetime
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

MACHINES = 1.5
"""How far another processor's core is taken to be from this one's, in speed."""

Call = Callable[[], object]


@dataclass(frozen=True)
class Sample:
    """Units of work, the call that does them, and one whose CPU time is not to be counted."""

    units: float
    call: Call
    less: Call | None = None

    def beyond(self, smaller: Sample) -> Sample:
        """Return the work beyond a smaller sample of the same call, free of what a call costs."""
        return Sample(self.units - smaller.units, self.call, smaller.call)


def texts(count: int, words: int, distinct: int = 2000) -> list[str]:
    """Made-up English-like documents of about 6 bytes a word; two in ten share most of their words."""
    rng = np.random.default_rng(count + words)
    letters = np.array(list("etaoinshrdlucmfwygpbvk"))
    vocabulary = ["".join(rng.choice(letters, rng.integers(2, 9))) for _ in range(distinct)]
    frequency = 1.0 / np.arange(1, distinct + 1)
    drawn = [rng.choice(vocabulary, words, p=frequency / frequency.sum()) for _ in range(count)]
    for i in range(0, count - 1, 10):
        drawn[i + 1] = np.where(rng.random(words) < 0.05, "changed", drawn[i])
    return [" ".join(document) for document in drawn]


def byte_count(documents: list[str]) -> float:
    return float(sum(len(document.encode()) for document in documents))


def gemm_flop() -> Iterator[Sample]:
    """Matrix products in NumPy, float32."""
    rng = np.random.default_rng(0)
    for rows, inner, columns in ((64, 384, 96), (256, 384, 256), (1000, 384, 1000)):
        a = rng.normal(size=(rows, inner)).astype(np.float32)
        b = rng.normal(size=(inner, columns)).astype(np.float32)
        yield Sample(2.0 * rows * inner * columns, lambda a=a, b=b: a @ b)


@cache
def elementwise() -> Iterator[Sample]:
    """Values of tanh or exp of float32 arrays in NumPy, with what adds and scales them on the way."""
    rng = np.random.default_rng(8)
    for count in (5_000, 100_000, 1_000_000):
        x = rng.standard_normal(count).astype(np.float32)
        yield Sample(2.0 * count, lambda x=x: np.exp(np.tanh(0.5 * x + 1.0)).sum())  # type: ignore[misc]


def qaoa_case(variables: int) -> tuple[Any, Any, int]:
    from qwatt.quantum.backends.engine import EngineBackend
    from qwatt.quantum.qubo import independent_set_bqm

    rng = np.random.default_rng(variables)
    edges = [(i, j) for i in range(variables) for j in range(i) if rng.random() < 3 / variables]
    return EngineBackend(), independent_set_bqm(rng.uniform(1, 2, variables), edges), len(edges)


def qaoa_call(variables: int, layers: int) -> Sample:
    from qwatt.quantum.primitives import qaoa

    backend, bqm, edges = qaoa_case(variables)
    angles = np.linspace(0.1, 0.5, layers)
    flops = qaoa.simulation_flops(variables, edges, layers)
    return Sample(flops, lambda: backend.qaoa(bqm, angles, angles[::-1], 100, np.random.default_rng(0)))


def network_call(sentences: int, train: bool) -> Sample:
    import torch

    from qwatt.quantum.backends.engine import EngineBackend
    from qwatt.quantum.circuits.reupload import reupload
    from qwatt.quantum.primitives import expectation, gradient

    circuit = reupload(wires=6, blocks=2, layers=2)
    backend, rng = EngineBackend(), np.random.default_rng(0)
    inputs = torch.tensor(rng.normal(size=(sentences, circuit.n_inputs)), dtype=torch.float32)
    weights = torch.tensor(rng.normal(size=circuit.weight_shape), dtype=torch.float32, requires_grad=train)
    flops = expectation.simulation_flops(circuit, sentences)
    if train:
        flops += gradient.simulation_flops(circuit, sentences)

    def call() -> None:
        values = backend.expval(circuit, inputs, weights)
        if train:
            values.sum().backward()

    return Sample(flops, call)


def statevector_flop() -> Iterator[Sample]:
    """Operations that `quantum.primitives` count for simulations on the engine, beside its calls."""
    yield qaoa_call(12, 10).beyond(qaoa_call(4, 10))
    yield qaoa_call(16, 10).beyond(qaoa_call(4, 10))
    for train in (False, True):
        yield network_call(500, train).beyond(network_call(1, train))


def engine_call() -> Iterator[Sample]:
    """Calls of the engine beside their operations: one a circuit, whatever its batch; a gradient is three."""
    yield Sample(1.0, qaoa_call(4, 10).call)
    yield Sample(1.0, network_call(1, train=False).call)
    yield Sample(3.0, network_call(1, train=True).call)


def corpora() -> Iterator[list[str]]:
    """Many short documents, some of a page, few long ones."""
    for count, words in ((400, 40), (100, 400), (20, 4000)):
        yield texts(count, words)


def normalised_byte() -> Iterator[Sample]:
    """Bytes of text that are brought into the form in which texts are compared."""
    from qwatt.stages.curation.dedup.text import normalise

    for documents in corpora():
        yield Sample(byte_count(documents), lambda d=documents: [normalise(text, "signs") for text in d])


def hashed_byte() -> Iterator[Sample]:
    """Bytes of normalised text that are shingled and signed with 128 hashes."""
    from qwatt.stages.curation.dedup.lsh import signatures
    from qwatt.stages.curation.dedup.shingles import shingle

    for documents, form in zip(corpora(), normalised_byte(), strict=True):
        yield Sample(form.units, lambda d=documents: signatures(shingle(d, "char5"), 0), form.call)


def compared_byte() -> Iterator[Sample]:
    """Bytes of both documents of candidate pairs whose Jaccard similarity is verified exactly."""
    from qwatt.stages.curation.dedup.shingles import jaccard, shingle

    for words in (80, 400, 3000):
        documents = texts(20, words)
        sets = shingle(documents, "char5")
        pairs = [(sets[i], sets[j]) for i in range(20) for j in range(i)]
        yield Sample(19 * byte_count(documents), lambda p=pairs: [jaccard(*each) for each in p])


def tokenised_byte() -> Iterator[Sample]:
    """Bytes of text through a trained byte-level BPE of the tokenizers library."""
    from tokenizers import ByteLevelBPETokenizer

    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(texts(200, 400), vocab_size=2000, show_progress=False)
    for count, words in ((400, 40), (40, 4000)):
        documents = texts(count, words)
        yield Sample(byte_count(documents), lambda d=documents: tokenizer.encode_batch(d))


def encoder_flop() -> Iterator[Sample]:
    """Two operations a parameter of the layers and token, on a transformer of MiniLM's size."""
    import torch
    from transformers import BertConfig, BertModel

    config = BertConfig(hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536)
    network = BertModel(config).eval()
    parameters = sum(p.numel() for p in network.encoder.parameters())

    def forward(tokens: Any) -> None:
        with torch.inference_mode():
            network(input_ids=tokens)

    for batch, length in ((32, 16), (8, 128), (4, 256)):
        tokens = torch.ones((batch, length), dtype=torch.long)
        yield Sample(2.0 * parameters * batch * length, lambda t=tokens: forward(t))


def iteration() -> Iterator[Sample]:
    """Optimiser steps that Python drives, beside their arithmetic: Adam in torch, L-BFGS in scikit-learn."""
    import torch

    x, y = torch.randn(64, 8), torch.rand(64).round()
    weight, bias = torch.zeros(8, requires_grad=True), torch.zeros(1, requires_grad=True)
    optimiser = torch.optim.Adam([weight, bias])

    def step() -> None:
        optimiser.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(x @ weight + bias, y).backward()
        optimiser.step()

    yield Sample(1.0, step)
    yield logistic_fit(40).beyond(logistic_fit(1))


def logistic_fit(steps: int) -> Sample:
    """Return a fit of at most `steps` steps with a prediction; its units are the steps it takes."""
    import warnings

    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(120, 64)), rng.integers(0, 2, 120)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=10.0, max_iter=steps))

    def fit() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it does not converge, on purpose
            model.fit(x, y)
            model.predict(x)

    fit()
    return Sample(float(model[-1].n_iter_[0]), fit)


def fit() -> Iterator[Sample]:
    """A fit and a prediction of a scikit-learn pipeline, beside its steps: checks, copies, a thread pool."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    yield Sample(1.0, logistic_fit(1).call)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 8)), np.arange(20) % 2
    model = make_pipeline(StandardScaler(), SVC())
    yield Sample(1.0, lambda: model.fit(x, y).predict(x))


def trial() -> Iterator[Sample]:
    """Trials, beside what their method does: energy windows, bills, scores, a record."""
    from qwatt.core.registry import get_method, get_task
    from qwatt.energy.meter import Meter
    from qwatt.protocol.execute import execute
    from qwatt.testing.trials import small_spec

    task, method = get_task("encoding/load"), get_method("encoding/load", "float32")
    spec = small_spec(type(method))
    problem = task.load(spec.source, spec.size, spec.seed)
    yield Sample(1.0, lambda: execute(spec, task, method, problem, Meter()))


def array_call() -> Iterator[Sample]:
    """Calls of NumPy on small arrays that Python drives, beside their arithmetic."""
    x, y = np.ones((20, 8), dtype=np.float32), np.ones((8, 8), dtype=np.float32)

    def call() -> None:
        z = np.tanh(x @ y)
        z = z - z.max(axis=1, keepdims=True)
        np.log(np.exp(z).sum(axis=1)).mean()

    yield Sample(8.0, call)


def decomposition_flop() -> Iterator[Sample]:
    """Orthogonal and eigenvector decompositions in LAPACK, double precision: 2 n^3 and 9 n^3."""
    rng = np.random.default_rng(0)
    for size in (128, 384):
        square = rng.normal(size=(size, size))
        symmetric = square + square.T
        yield Sample(2.0 * size**3, lambda a=square: np.linalg.qr(a))
        yield Sample(9.0 * size**3, lambda a=symmetric: np.linalg.eigh(a))


def random_draw() -> Iterator[Sample]:
    """Binomial numbers drawn by NumPy."""
    rng = np.random.default_rng(0)
    for count in (100, 10_000):
        chances = rng.dirichlet(np.ones(384), size=count // 10)
        yield Sample(float(chances.size), lambda c=chances: rng.multinomial(64_000, c))


def core_second() -> Iterator[Sample]:
    """Core-seconds that an earlier measurement took, such as a training of a shipped table."""

    def spin() -> None:
        end = time.process_time() + 0.05
        while time.process_time() < end:
            pass

    yield Sample(0.05, spin)


def lowered_gate() -> Iterator[Sample]:
    """Gates of a circuit of the first use, recorded by PennyLane, counted for the bill and lowered."""
    from qwatt.quantum.backends.engine import EngineBackend
    from qwatt.quantum.circuits import qram
    from qwatt.quantum.primitives.size import size_of

    rng = np.random.default_rng(0)

    def fresh(kind: str, entries: int, word: int) -> Any:
        table = tuple(tuple(int(bit) for bit in row) for row in rng.integers(0, 2, (entries, word)))
        return qram.lookup(kind, table, 2)

    for kind, entries, word in (("qrom", 16, 4), ("select", 16, 8), ("bucket_brigade", 4, 2)):
        backend = EngineBackend()

        def first(kind: str = kind, entries: int = entries, word: int = word, on: Any = backend) -> None:
            on.sample(fresh(kind, entries, word), shots=1, rng=np.random.default_rng(0))

        size = size_of(fresh(kind, entries, word))
        yield Sample(float(size.gates_1q + size.gates_2q), first)


def node_variable() -> Iterator[Sample]:
    """Variables of a linear program at a node of branch and bound in HiGHS: examples and similar pairs."""
    from qwatt.stages.curation.select.representation import Representation, similarity_graph
    from qwatt.stages.curation.select.representative_exact import NODES, best_choice

    for examples in (400, 600):
        rng = np.random.default_rng(examples)
        around = rng.normal(size=(examples // 8, 32))
        vectors = around[rng.integers(len(around), size=examples)] + rng.normal(0.0, 1.0, (examples, 32))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        graph = similarity_graph(vectors.astype(np.float32), 0.5)
        problem = Representation(graph, 1.0, examples // 10)
        yield Sample(float(NODES * (examples + graph.nnz / 2)), lambda p=problem: best_choice(p))


def learning(train: Callable[[list[str]], object]) -> Iterator[Sample]:
    """Training texts of two sizes, with as many rare words as a book has."""
    for count in (300, 1200):
        documents = texts(count, 400, 30_000)
        yield Sample(byte_count(documents), lambda d=documents: train(d))


def unigram_byte() -> Iterator[Sample]:
    """Bytes of text from which the tokenizers library learns a Unigram model."""
    from qwatt.stages.encoding.tokenise.unigram import Unigram

    yield from learning(lambda documents: Unigram().train(documents, 4096))


def tiktoken_byte() -> Iterator[Sample]:
    """Bytes of text through tiktoken."""
    from qwatt.stages.encoding.tokenise.bpe_rustbpe import BpeRustbpe

    method = BpeRustbpe()
    encode = method.encoder(method.train(texts(100, 400), 1000))
    yield from learning(encode)


def bpeasy_byte() -> Iterator[Sample]:
    """Bytes of text from which bpeasy learns merges."""
    from qwatt.stages.encoding.tokenise.bpe_bpeasy import BpeBpeasy

    yield from learning(lambda documents: BpeBpeasy().train(documents, 4096))


def rustbpe_byte() -> Iterator[Sample]:
    """Bytes of text from which rustbpe learns merges."""
    from qwatt.stages.encoding.tokenise.bpe_rustbpe import BpeRustbpe

    yield from learning(lambda documents: BpeRustbpe().train(documents, 4096))


def gigatoken_byte() -> Iterator[Sample]:
    """Bytes of text from which gigatoken learns merges."""
    from qwatt.stages.encoding.tokenise.bpe_gigatoken import BpeGigatoken

    yield from learning(lambda documents: BpeGigatoken().train(documents, 4096))


def spin_update() -> Iterator[Sample]:
    """Proposals of simulated annealing (reads x sweeps x variables), four couplings a variable."""
    from qwatt.quantum.qubo import get_sampler, independent_set_bqm

    sampler = get_sampler("annealing", sweeps=200)
    for variables in (20, 100, 500):
        rng = np.random.default_rng(variables)
        edges = {
            tuple(sorted(rng.choice(variables, 2, replace=False).tolist())) for _ in range(2 * variables)
        }
        bqm = independent_set_bqm(rng.uniform(1, 2, variables), sorted(edges))
        reads = 4000 // variables
        yield Sample(float(reads * 200 * variables), lambda m=bqm, r=reads: sampler.sample(m, r, 0))


KINDS: dict[str, Callable[[], Iterator[Sample]]] = {
    kind.__name__: kind
    for kind in (
        gemm_flop,
        elementwise,
        statevector_flop,
        engine_call,
        normalised_byte,
        hashed_byte,
        compared_byte,
        tokenised_byte,
        encoder_flop,
        iteration,
        fit,
        spin_update,
        trial,
        array_call,
        decomposition_flop,
        random_draw,
        core_second,
        lowered_gate,
        node_variable,
        tiktoken_byte,
        unigram_byte,
        bpeasy_byte,
        rustbpe_byte,
        gigatoken_byte,
    )
}


def cpu_s(call: Call, budget_s: float) -> float:
    """Return the median CPU seconds of a call, repeated for about the budget."""
    spent: list[float] = []
    call()
    while len(spent) < 3 or (sum(spent) < budget_s and len(spent) < 500):
        start = time.process_time()
        call()
        spent.append(time.process_time() - start)
    return statistics.median(spent)


def seconds_per_unit(kind: str, budget_s: float) -> list[float]:
    """Return the CPU seconds of a unit, size by size; about `budget_s` for each."""
    found = []
    for sample in KINDS[kind]():
        less_s = cpu_s(sample.less, budget_s) if sample.less else 0.0
        found.append((cpu_s(sample.call, budget_s) - less_s) / sample.units)
    return found


def toml(kind: str, found: list[float]) -> str:
    """Return a kind's entry: what a unit is, its value and its interval."""
    value = statistics.geometric_mean(found)
    low, high = min(found) / MACHINES, max(found) * MACHINES
    meaning = " ".join(str(KINDS[kind].__doc__).split())
    numbers = f"value = {value:.2e}\nlow = {low:.2e}\nhigh = {high:.2e}"
    return f'[work.{kind}]\n# {meaning}\n{numbers}\nunit = "s/{kind}"\n'


def processor() -> str:
    """Return the processor's family and model, as /proc/cpuinfo has them, or its architecture."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    fields = dict(line.split(":", 1) for line in lines[:12] if ":" in line)
    values = {key.strip(): value.strip() for key, value in fields.items()}
    names = [values.get(key, "") for key in ("model name", "cpu family", "model")]
    return " ".join(filter(None, names)) or platform.machine()


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], help="kinds to measure; all by default")
    parser.add_argument("--quick", action="store_true", help="three repeats each, to see that all kinds run")
    options = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    measured = {
        kind: seconds_per_unit(kind, 0.0 if options.quick else 1.0) for kind in options.kinds or KINDS
    }
    print("[work]")
    print(f'source = "calibrated by benchmarks/host_work.py on one thread of {processor()}"')
    print(f'date = "{datetime.date.today()}"\nconfidence = "D"\n')
    for kind, found in measured.items():
        print(toml(kind, found))
        print(f"# {kind} by size: " + ", ".join(f"{seconds:.2e}" for seconds in found) + "\n")


if __name__ == "__main__":
    main()
