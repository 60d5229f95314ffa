"""Run folders written by hand: for tests that read a run and need no training."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from denovo.reports.runs import Example, ExampleSet, ReadResidue, Refinement, write_examples

MASSES = {"P": 97.05276, "E": 129.04259, "T": 101.04768, "I": 113.08406, "D": 115.02694}
MASSES |= {"M[UNIMOD:35]": 147.03540, "[UNIMOD:1]-": 42.01057, "K": 128.09496}
STEPS = np.arange(0, 60, 2)


def read(*names: str, wrong: tuple[int, ...] = ()) -> tuple[ReadResidue, ...]:
    """Residues of a prediction, wrong ones by their place."""
    return tuple(
        ReadResidue(name, MASSES[name], place not in wrong, -0.1)
        for place, name in enumerate(names)
    )


def example(is_right: bool = True, n_refinements: int = 0, **changes) -> Example:
    """PEPTIDE with its y1, b2 and a peak that nothing explains."""
    residues = read(*"PEPTIDE") if is_right else read(*"PEPTIED", wrong=(4, 5, 6))
    steps = tuple(
        Refinement(read(*"PEPTIDE", wrong=tuple(range(k, 7))), 1000.0 / (k + 1))
        for k in range(n_refinements)
    )
    values = {
        "identifier": "scan 7", "mz": (148.0604, 200.0, 227.1026), "intensity": (0.5, 0.2, 1.0),
        "precursor_mz": 400.6873, "precursor_charge": 2, "peptide": tuple("PEPTIDE"),
        "residues": residues, "log_probability": -0.7, "ppm_error": 1.5, "is_right": is_right,
        "refinements": steps,
    }  # fmt: skip
    return Example(**(values | changes))


def metrics(gradient_shares: bool = True) -> pd.DataFrame:
    """What a short run logs: training figures at every other step, two validations."""
    fall = np.exp(-STEPS / 10)
    table = {
        "step": STEPS,
        "train/loss_token": 3 * fall,
        "train/precursor_loss": 6 * fall,
        "train/ppm_error_median": 3e4 * fall,
        "curriculum/stage": 1.0 + (STEPS >= 30),
    }
    if gradient_shares:
        for term, size in {"token": 1.0, "precursor": 0.5}.items():
            table |= {
                f"gradients/norm_{term}": size * fall,
                f"gradients/share_{term}": 0.5 + 0 * fall,
            }
            table[f"gradients/cosine_{term}"] = size + 0 * fall
    validations = {"step": [29, 59]}
    for name, last in {"val": 0.5, "val_noisy": 0.25}.items():
        validations |= {
            f"{name}/peptide_recall": [0.1, last],
            f"{name}/ppm_error_abs_median": [900.0, 0.0],
            f"{name}/soft_ppm_error_abs_median": [1000.0, 5.0],
            f"{name}/recall_length_7_9": [0.2, last],
            f"{name}/recall_length_10_12": [0.0, last],
        }
    return pd.concat([pd.DataFrame(table), pd.DataFrame(validations)])


def write_run(
    folder: Path,
    finished: bool = True,
    table: pd.DataFrame | None = None,
    examples: tuple[Example, ...] = (),
    wires: tuple[dict, ...] = (),
    name: str = "trial",
) -> Path:
    """Write the files of a run that the report reads."""
    (folder / "metrics").mkdir(parents=True)
    (metrics() if table is None else table).to_csv(folder / "metrics" / "metrics.csv", index=False)
    stages = [{"name": "tokens", "start": 0, "end": 1}, {"name": "masses", "start": 1, "end": 2}]
    config = {
        "name": name, "seed": 0, "loss_scale": 100.0, "scale": {"batch_size": 8},
        "model": {"_target_": "denovo.models.EvidenceSequencer"},
        "curriculum": {"steps_per_unit": 30, "stages": stages},
    }  # fmt: skip
    (folder / "config.yaml").write_text(yaml.safe_dump(json.loads(json.dumps(config))))
    if finished:
        summary = {
            "steps": 60, "spectra": 480, "seconds": 4.0, "best_peptide_recall": 0.5,
            "metrics": {"test/peptide_recall": 0.4, "test_noisy/peptide_recall": 0.2},
            "stages": [
                {"stage": 1, "name": "tokens", "end_step": 30, "val/peptide_recall": 0.1},
                {"stage": 2, "name": "masses", "end_step": 60, "val/peptide_recall": 0.5},
            ],
            "versions": {"torch": "2.0"}, "checkpoint": "best.ckpt", "store_hash": "abc",
        }  # fmt: skip
        (folder / "summary.json").write_text(json.dumps(summary))
    if examples:
        write_examples(folder, ExampleSet(60, "noisy", examples))
    if wires:
        (folder / "tripwires.jsonl").write_text("".join(json.dumps(w) + "\n" for w in wires))
    return folder
