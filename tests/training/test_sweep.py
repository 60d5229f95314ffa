"""A job of a sweep that fails stops no other, and says why."""

import logging
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf, open_dict

from denovo.errors import InputError
from denovo.training import sweep
from denovo.training.sweep import run_job


@pytest.fixture
def job_in(root, tmp_path):
    """Compose a job as Hydra would before it calls the program, in a mode."""

    def make(mode):
        overrides = [f"hydra.runtime.output_dir={tmp_path}", f"hydra.mode={mode}", "logger=csv"]
        with initialize_config_dir(str(root / "conf"), version_base="1.3"):
            config = compose("train", overrides=overrides, return_hydra_config=True)
        HydraConfig.instance().set_config(config)
        with open_dict(config):
            del config["hydra"]
        return config

    before = HydraConfig.instance().cfg
    yield make
    HydraConfig.instance().cfg = before


def fail_with(error):
    def job(cfg):
        raise error

    return job


def test_what_a_job_returns_is_passed_on(job_in):
    for mode in ("RUN", "MULTIRUN"):
        assert run_job(lambda cfg: cfg.loss_scale / 200, job_in(mode)) == 0.5


def test_a_fault_of_the_input_ends_a_single_run_with_a_sentence(job_in, capsys, tmp_path):
    with pytest.raises(SystemExit):
        run_job(fail_with(InputError("too little of it")), job_in("RUN"))
    assert capsys.readouterr().err == "error: too little of it\n"
    assert not (tmp_path / "failure.txt").exists()


def test_a_fault_of_the_program_ends_a_single_run_as_it_is(job_in):
    with pytest.raises(ZeroDivisionError):
        run_job(fail_with(ZeroDivisionError()), job_in("RUN"))


def test_a_failed_job_of_a_sweep_leaves_its_sentence_and_its_settings(job_in, tmp_path):
    assert run_job(fail_with(InputError("too\nlittle of it")), job_in("MULTIRUN")) is None
    assert (tmp_path / "failure.txt").read_text() == "too little of it\n"
    assert "loss_scale: 100.0" in (tmp_path / "config.yaml").read_text()


def test_an_unexpected_fault_leaves_its_traceback_in_the_log(job_in, tmp_path, caplog):
    with caplog.at_level(logging.ERROR):
        assert run_job(fail_with(KeyError("gone")), job_in("MULTIRUN")) is None
    assert (tmp_path / "failure.txt").read_text() == "KeyError: 'gone'\n"
    assert "Traceback" in caplog.text


def test_the_group_of_a_sweep_is_settled_even_where_asserts_are_left_out():
    source = Path(sweep.__file__)
    optimized: dict = {"__name__": "denovo.training.sweep"}
    exec(compile(source.read_text(), source, "exec", optimize=2), optimized)
    reads = []
    OmegaConf.register_new_resolver("read", lambda: reads.append(1) or "today", use_cache=True)
    try:
        optimized["SweepComparison"]().on_multirun_start(OmegaConf.create({"group": "${read:}"}))
    finally:
        OmegaConf.clear_resolver("read")
    assert reads == [1]


def test_an_interrupted_sweep_ends(job_in):
    with pytest.raises(KeyboardInterrupt):
        run_job(fail_with(KeyboardInterrupt()), job_in("MULTIRUN"))
