"""A loss that does not move."""

from denovo.callbacks.tripwires.wire import Sight, Wire


class FrozenLoss(Wire):
    """Fire when the value of a term stays the same to the last digit.

    A loss that falls on one batch after the other differs in its digits even when it has stopped
    learning. A value of exactly 0 does not count: there is nothing left to learn.

    Parameters
    ----------
    patience : int
        Steps in a row that must have the same value.
    action : str
        ``warn`` or ``stop``.
    """

    def __init__(self, patience: int = 20, action: str = "warn") -> None:
        super().__init__(action)
        self.patience = patience
        self._seen: dict[str, tuple[float, int]] = {}

    def before_backward(self, sight: Sight) -> str | None:
        """Compare each value with the one before."""
        if not sight.is_first:
            return None
        for name, value in sight.values.items():
            before, count = self._seen.get(name, (value, 0))
            self._seen[name] = (value, count + 1 if value == before else 1)
        for name, value in sight.values.items():
            if self._seen[name][1] >= self.patience and value != 0:
                return (
                    f"the {name} loss has been {value!r}, to the last digit, for "
                    f"{self._seen[name][1]} steps up to step {sight.step}: nothing that is learnt "
                    "reaches it, as beyond the bound of a clamp (use penalty=log), after a detach, "
                    "or with a learning rate of 0"
                )
        return None
