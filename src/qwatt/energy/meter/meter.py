"""The meter: opens windows and marks every reader at their two ends."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Boundary
from qwatt.energy.meter.heartbeat import start_heartbeat
from qwatt.energy.meter.ladder import Sources, choose
from qwatt.energy.meter.processes import Snapshot, snapshot
from qwatt.energy.meter.reader import Reader
from qwatt.energy.meter.window import Mark, Window


class Meter:
    """Measures the energy of stretches of work of this process, its threads and its children.

    Windows nest: one opened inside another of the same thread becomes its child. Readers are cumulative, so
    the energies of consecutive children never add up to more than their parent's. A window holds what *all*
    threads did meanwhile. CPU rungs need no background thread.

    The boundary is `node` when the processor is charged as a share of its server (the CPU-time rung alone),
    `device` as soon as a sensor of a chip (RAPL, NVML) takes part; the other readings are then brought to it.

    Args:
        readers: the rungs to read; the default is the best ones that this machine can.
        sources: where the default readers look; for tests.
    """

    def __init__(self, readers: Sequence[Reader] | None = None, sources: Sources | None = None) -> None:
        self.readers = tuple(choose(sources) if readers is None else readers)
        names = [reader.name for reader in self.readers]
        if len(set(names)) < len(names):
            raise QwattError(f"two readers of one name: {', '.join(names)}")
        sensor = any(reader.is_sensor for reader in self.readers)
        self.boundary = Boundary.DEVICE if sensor else Boundary.NODE
        self._lock = threading.Lock()
        self._open: list[Window] = []
        self._stacks = threading.local()
        self._last_cpu_s: float | None = None
        self._cpu_s = 0.0
        gap_s = min((reader.max_gap_s for reader in self.readers), default=math.inf)
        if math.isfinite(gap_s):
            start_heartbeat(self, gap_s)

    @contextmanager
    def window(self, name: str) -> Iterator[Window]:
        """Open a window; its figures can be read after the block, also after one that raised.

        What the block raises comes out of it, also when a reader or a window inside fails meanwhile.

        Args:
            name: what the window covers, such as "trial" or "circuits".
        """
        stack = self._stack()
        depth = len(stack)
        try:
            window = self.begin(name)
            yield window
            self.end(window)
        except BaseException:
            left = stack[depth:]
            del stack[depth:]  # before any call, as a second interrupt can only come out of one
            self._break_off(left)
            raise

    def begin(self, name: str) -> Window:
        """Open a window without a `with` block; `end` must follow in the same thread."""
        stack = self._stack()
        path = f"{stack[-1].path}/{name}" if stack else name
        with self._lock:
            mark = self._mark()
            window = Window(path, self.readers, self.boundary, mark)
            window.see(mark)
            stack.append(window)
            self._open.append(window)
        return window

    def end(self, window: Window) -> Window:
        """Close the innermost window of this thread.

        Raises:
            QwattError: another window is the innermost one.
        """
        stack = self._stack()
        if not stack or stack[-1] is not window:
            inner = stack[-1].path if stack else "none"
            raise QwattError(f"the window {window.path!r} is not the innermost of this thread ({inner})")
        try:
            with self._lock:
                window.close(self._mark())
        except BaseException:
            window.break_off()
            raise
        finally:
            self._forget(window)
        if any(reader.charged_by_use for reader in self.readers):
            _ = window.measurement  # now, as it depends on whether the GPU is in use by now
        return window

    def beat(self) -> None:
        """Read the readers in between, so that none waits longer than it can; a no-op without a window."""
        with self._lock:
            if self._open:
                pids = self._mark().tree.pids
                for reader in self.readers:
                    reader.watch(pids)

    def _break_off(self, left: list[Window]) -> None:
        """Close windows that an exception left open, whatever state they are in; raises no `Exception`."""
        try:
            for window in left:
                window.break_off()
            if left:
                with self._lock:
                    mark = self._mark()
                for window in left:
                    window.close(mark)
        except Exception:
            return  # they stay broken off, with an unknown energy
        finally:
            for window in left:
                self._forget(window)

    def _forget(self, window: Window) -> None:
        """Take a window off both lists; an interrupt in between leaves it where `window` finds it."""
        for windows in (self._open, self._stack()):
            if window in windows:
                windows.remove(window)

    def _mark(self) -> Mark:
        tree = self._never_falling(snapshot())
        mark = Mark(tree, tuple(reader.read(tree) for reader in self.readers))
        for window in self._open:
            window.see(mark)
        return mark

    def _never_falling(self, tree: Snapshot) -> Snapshot:
        """Return the snapshot with CPU seconds that do not fall when a descendant leaves the tree."""
        if self._last_cpu_s is None:
            self._cpu_s = tree.cpu_s
        else:
            self._cpu_s += max(0.0, tree.cpu_s - self._last_cpu_s)
        self._last_cpu_s = tree.cpu_s
        return replace(tree, cpu_s=self._cpu_s)

    def _stack(self) -> list[Window]:
        if not hasattr(self._stacks, "windows"):
            self._stacks.windows = []
        windows: list[Window] = self._stacks.windows
        return windows
