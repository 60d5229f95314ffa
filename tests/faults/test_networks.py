"""Networks whose description a stranger altered, through loading and the start of fine-tuning."""

import json
from pathlib import Path

import pytest

from denovo.errors import InputError
from denovo.sequencing.networks import load_model
from denovo.sequencing.networks.loading import SHIPPED
from tests.faults import record
from tests.helpers.altered_networks import altered_descriptions, compact, forge


@pytest.mark.faults
def test_an_altered_network_runs_no_code_and_is_loaded_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    description = compact(json.loads(SHIPPED.with_suffix(".json").read_text()))
    altered = list(altered_descriptions(description, every_change=False))
    for place, change, content in altered[:: len(altered) // 100]:
        path = forge(SHIPPED, tmp_path / "m.safetensors", lambda d, c=content: d.update(c))
        record.tried["altered networks"] += 1
        try:
            load_model(path)
        except InputError as error:
            record.check("altered networks", "tracebacks", "\n" not in str(error), str(error))
        except Exception as error:
            record.check("altered networks", "tracebacks", False, (place, change, repr(error)))
        left = {entry.name for entry in tmp_path.iterdir()}
        record.check("altered networks", "code run", left == {"m.safetensors", "m.json"}, left)
    assert record.tried["altered networks"] >= 40
