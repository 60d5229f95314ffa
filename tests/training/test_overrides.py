"""What is typed after train.py: what does not exist is named, with the closest that does."""

import pytest

from denovo.errors import InputError
from denovo.training.overrides import check_command_line


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("traner.max_steps=5", "train.py: unknown setting 'traner'; did you mean trainer?"),
        ("optimizer.lrr=1e-3", "optimizer: unknown setting 'lrr'; did you mean lr?"),
        ("~optimizer.lrr", "optimizer: unknown setting 'lrr'; did you mean lr?"),
        ("+experiment=curiculum", "choice of experiment 'curiculum'; did you mean curriculum?"),
        ("experiment=smoke", r"an experiment is added: write \+experiment=smoke"),
        ("proteins=meat", "choice of proteins 'meat'"),
        ("model=evidense", "choice of model 'evidense'; did you mean evidence?"),
        ("model=evidence,recursve", "choice of model 'recursve'; did you mean recursive?"),
        ("loss_scal=1,10", "unknown setting 'loss_scal'; did you mean loss_scale?"),
        ("--experiment", "no option --experiment; settings are written NAME=VALUE"),
    ],
)
def test_what_does_not_exist_is_one_sentence(typed, sentence):
    with pytest.raises(InputError, match=sentence):
        check_command_line(["noise=none", typed])


@pytest.mark.parametrize(
    "typed",
    [
        ["+experiment=smoke", "loss_scale=10", "trainer.precision=32-true"],
        ["-m", "loss_scale=1,10", "model=evidence,transformer", "seed=range(3)"],
        ["--multirun", "optimizer.lr=interval(1e-4,1e-2)", "hydra.sweeper.n_trials=2"],
        ["proteins=fasta", "proteins.path='a b.fasta'", "++peptides.charges.4=0.1", "~model"],
        ["-m", "model=glob(*)"],
        ["--cfg", "job"],
        ["-sc", "query=bash"],  # with which a shell asks Hydra for completions
        ["--help"],
        [],
    ],
)
def test_what_exists_is_let_through(typed):
    check_command_line(typed)
