"""What one training step and one line cost, ours and the explicit published form: jobs of bench_explainer.py."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from pathproof.explain.multivariate.encoder import Factors, encode, gradient
from pathproof.explain.multivariate.explicit import PROJECTIONS, explicit_loss
from pathproof.explain.multivariate.losses import Weights, total_loss

WEIGHTS = Weights(fidelity=1.0, similarity=1.0, collinearity=1.0, local=0.1)


@dataclass(frozen=True)
class Size:
    """Genes, latents, rank, lines of a batch."""

    genes: int
    latents: int
    rank: int
    batch: int

    @property
    def name(self) -> str:
        """For the table."""
        return f"m = {self.genes}, k = {self.latents}, r = {self.rank}, B = {self.batch}"


@dataclass(frozen=True)
class Figure:
    """One measured figure."""

    name: str
    what: str
    value: float


def draw(size: Size, coordinates: int | None = None) -> tuple[Factors, torch.Tensor, torch.Tensor]:
    """A random encoder, lines and outputs, float32."""
    d = coordinates or size.genes
    generator = torch.Generator().manual_seed(0)
    shapes = ((1, d, size.rank + 1), (1, size.latents, size.rank, d), (1, size.latents), (1,))
    values = [torch.randn(shape, generator=generator) / d**0.5 for shape in shapes]
    factors = Factors(*(value.requires_grad_(True) for value in values))
    x = torch.randn(1, size.batch, d, generator=generator)
    return factors, x, torch.randn(1, size.batch, generator=generator)


def stepper(factors: Factors, loss: Callable[[], torch.Tensor]) -> Callable[[], None]:
    """A training step of a loss."""
    optimiser = torch.optim.Adam(list(factors.tensors()), fused=True)

    def step() -> None:
        optimiser.zero_grad(set_to_none=True)
        loss().backward()  # type: ignore[no-untyped-call]
        optimiser.step()

    return step


def seconds(step: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median seconds of the clock and of the processor, after one step that does not count."""
    step()
    clock, processor = [], []
    for _ in range(repeats):
        before = time.perf_counter(), time.process_time()
        step()
        clock.append(time.perf_counter() - before[0])
        processor.append(time.process_time() - before[1])
    return statistics.median(clock), statistics.median(processor)


def peak_bytes(loss: Callable[[], torch.Tensor]) -> int:
    """Bytes that a loss keeps for its gradient: every tensor that autograd saves, each storage once."""
    seen: dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        seen[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss()
    return sum(seen.values())


def step_figures(size: Size, coordinates: int | None = None) -> list[Figure]:
    """Our step in all genes or in coordinates of the row space; and one line explained, alone and as one of a batch."""
    factors, x, output = draw(size, coordinates)
    clock, processor = seconds(stepper(factors, lambda: total_loss(factors, x, output, WEIGHTS, "regression").sum()), 9)
    name = size.name + (f", {coordinates} coordinates" if coordinates else "")
    with torch.no_grad():
        alone = seconds(lambda: gradient(factors, encode(factors, x[:, :1])), 30)[1]
        batch = seconds(lambda: gradient(factors, encode(factors, x)), 9)[1] / size.batch
    return [
        Figure(name, "step, ms", 1000 * clock),
        Figure(name, "step, ms of processor", 1000 * processor),
        Figure(name, "one line alone, ms of processor", 1000 * alone),
        Figure(name, "one line, ms", 1000 * batch),
    ]


def comparison(size: Size, repeats: int = 2) -> list[Figure]:
    """Our step and the explicit published one, in all genes, in the same run."""
    factors, x, output = draw(size)

    def ours() -> torch.Tensor:
        return total_loss(factors, x, output, WEIGHTS, "regression").sum()

    def published() -> torch.Tensor:
        generator = torch.Generator().manual_seed(0)
        return explicit_loss(
            factors, x[0], output[0], WEIGHTS, "regression", projections=PROJECTIONS, generator=generator
        )

    fast, slow = seconds(stepper(factors, ours), 9), seconds(stepper(factors, published), repeats)
    memory = peak_bytes(ours), peak_bytes(published)
    return [
        Figure(size.name, "explicit step, s", slow[0]),
        Figure(size.name, "times faster than explicit", slow[1] / fast[1]),
        Figure(size.name, "memory, MiB", memory[0] / 2**20),
        Figure(size.name, "memory of explicit / ours", memory[1] / memory[0]),
    ]
