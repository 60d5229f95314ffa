"""Page of `denovo app`, which Streamlit runs from top to bottom after every action."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import streamlit as st

from denovo import __version__
from denovo.chemistry import Vocabulary, parse_tolerance
from denovo.choices import DEFAULT_NETWORK, NETWORKS, Rescoring
from denovo.cli.plot_run import choose_peptide, predicted_peaks
from denovo.errors import InputError
from denovo.evaluation import KnownPeptides
from denovo.io import open_spectra
from denovo.io.predictions import RunRecord
from denovo.metrics.false_discovery import FDR_LEVELS
from denovo.reports.figures.gallery import encode
from denovo.reports.figures.mirror import draw_mirror
from denovo.reports.html import write_sequencing_report
from denovo.reports.sequencing_run import SequencingRun
from denovo.reports.showcase import Showcase
from denovo.sequencing.api import Model, Results
from denovo.sequencing.network_proposal import propose
from denovo.sequencing.workers import CHUNK_SIZE
from denovo.simulation import Ms2pipSimulator
from denovo.spectra.measured import MeasuredSpectrum, Rejected

_MODES = {
    "thorough: two networks and MS2PIP": Rescoring.BEST,
    "fast: one network": Rescoring.NONE,
}
_SHOWN = ["title", "peptide", "probability", "q_value", "precursor_mz", "precursor_charge",
          "ppm_error", "site_coverage", "ambiguity"]  # fmt: skip
_SUFFIXES = {".mztab": "mzTab", ".csv": "CSV", ".parquet": "Parquet"}


@dataclass(frozen=True)
class Run:
    """Entries of a file and their answers; ``hint`` says which network reads them better."""

    name: str
    entries: list[MeasuredSpectrum | Rejected]
    results: Results
    hint: str

    @cached_property
    def spectra(self) -> dict[int, MeasuredSpectrum]:
        """Spectra by their place in the file."""
        return {each.index: each for each in self.entries if isinstance(each, MeasuredSpectrum)}

    @cached_property
    def table(self) -> pd.DataFrame:
        """The answers, best first, with the columns of the output files."""
        found = self.results.to_pandas()
        if found.empty:
            return found
        answers = pd.DataFrame(found[found["peptide"] != ""])
        return answers.sort_values(["probability", "log_probability"], ascending=[False, False])

    @cached_property
    def downloads(self) -> dict[str, bytes]:
        """Content of all files by suffix."""
        with TemporaryDirectory() as folder:
            paths = {suffix: Path(folder) / f"answers{suffix}" for suffix in (*_SUFFIXES, ".html")}
            self.results.write(*(paths[suffix] for suffix in _SUFFIXES))
            self._write_page(paths[".html"])
            return {suffix: path.read_bytes() for suffix, path in paths.items()}

    def _write_page(self, path: Path) -> None:
        results, answers = self.results, [p for p in self.results.predictions if p.has_answer]
        showcase = Showcase(float(np.median([p.score for p in answers])) if answers else 0.0)
        for prediction in answers:
            showcase.add(prediction, self.spectra[prediction.index])
        record = RunRecord((self.name,), results.settings, __version__, results.alphabet)
        reasons = pd.Series([each.reason for each in results.rejected], dtype=str)
        counts = reasons.value_counts().to_dict()
        run = SequencingRun(record, "cpu", counts, hint=self.hint)
        vocabulary = Vocabulary(results.alphabet)
        known = KnownPeptides.of(self.entries, results.predictions, vocabulary)
        write_sequencing_report(path, run, results.predictions, showcase, known)

    def picture(self, index: int) -> bytes:
        """Draw a spectrum with its answer, above the spectrum that MS2PIP predicts."""
        spectrum, vocabulary = self.spectra[index], Vocabulary(self.results.alphabet)
        answer = next(p for p in self.results.predictions if p.index == index)
        chosen = choose_peptide(spectrum, vocabulary, prediction=answer)
        peaks = predicted_peaks(chosen, vocabulary, Ms2pipSimulator.model)
        tolerance = parse_tolerance(self.results.settings["fragment_tolerance"])
        return encode(draw_mirror(spectrum, chosen, peaks, tolerance), "png")


@st.cache_resource(show_spinner="loading the network")
def load_network(name: str) -> Model:
    """Load a network of the package once for all visitors."""
    return Model.load(name)


def main() -> None:
    """Lay out the page."""
    st.set_page_config("denovo", layout="wide")
    st.title("denovo")
    st.caption(
        "Peptides out of tandem mass spectra. Everything is computed on this machine: no spectrum "
        "and no answer is sent to another one."
    )
    given = st.file_uploader("Spectrum file: mgf, mzML, mzXML, MSP, sptxt, mzSpecLib, also .gz")
    typed = st.text_input("or the path of a file on this machine")
    mode = st.selectbox("Mode", list(_MODES))
    network = st.selectbox("Network", list(NETWORKS), format_func=lambda n: f"{n}: {NETWORKS[n]}")
    if st.button("Sequence", type="primary"):
        st.session_state.pop("run", None)
        try:
            st.session_state["run"] = _sequence(given, typed.strip(), _MODES[mode], network)
        except InputError as error:
            st.error(_plain(str(error)))
    if "run" in st.session_state:
        _show(st.session_state["run"])


def _sequence(given: object, typed: str, mode: Rescoring, network: str) -> Run:
    """Sequence the file that was given or typed."""
    with TemporaryDirectory() as folder:
        if given is not None:
            path = Path(folder) / Path(given.name).name  # pyright: ignore[reportAttributeAccessIssue]
            path.write_bytes(given.getbuffer())  # pyright: ignore[reportAttributeAccessIssue]
        elif typed:
            try:
                path = Path(typed).expanduser()
                is_there = path.exists()
            except (OSError, RuntimeError) as error:
                raise InputError(f"{typed[:80]!r} is no path: {error}") from error
            if not is_there:
                raise InputError(f"{path} does not exist; give the path of one file")
        else:
            raise InputError("choose a file first, or write its path")
        # Outputs name the file, not the folder of its copy.
        entries = [replace(each, file=path.name) for each in open_spectra(path)]
    usable = (each for each in entries if isinstance(each, MeasuredSpectrum))
    proposal = propose(islice(usable, CHUNK_SIZE)) if network == DEFAULT_NETWORK else None
    hint, notice = proposal.sentence if proposal else "", st.empty()
    if hint:
        notice.warning(_plain(hint))
    results = load_network(network).sequence(_counted(entries), rescoring=mode)
    notice.empty()
    if not results.predictions:
        raise InputError(results.rejected[0].sentence)
    return Run(path.name, entries, results, hint)


def _counted(
    entries: list[MeasuredSpectrum | Rejected],
) -> Iterator[MeasuredSpectrum | Rejected]:
    """Yield entries, and show how many have been read."""
    bar = st.progress(0.0, "sequencing")
    for number, entry in enumerate(entries, start=1):
        yield entry
        bar.progress(number / len(entries), f"sequencing {number:,} of {len(entries):,} entries")
    bar.empty()


def _plain(text: str) -> str:
    """Escape text of a file, which Streamlit would read as Markdown with links and images."""
    return re.sub(r"([\\`*_{}\[\]()#$:!<>~|])", r"\\\1", text)


def _show(run: Run) -> None:
    table, n_entries = run.table, len(run.entries)
    st.header(_plain(run.name))
    st.write(f"{len(table):,} answers to {n_entries:,} entries of the file.")
    if run.hint:
        st.warning(_plain(run.hint))
    if run.results.rejected:
        st.write(
            f"{len(run.results.rejected):,} entries were not sequenced, the first because "
            f"{_plain(run.results.rejected[0].reason)}."
        )
    if table.empty:
        return
    levels = FDR_LEVELS if table["q_value"].notna().sum() else ()
    for column, level in zip(st.columns(max(len(levels), 1)), levels, strict=False):
        number = int((table["q_value"] <= level).sum())
        share = f"{number / n_entries:.1%} of all entries"
        column.metric(
            f"to keep at a false discovery rate of {level:.0%}", f"{number:,}", help=share
        )
    choices = {f"false discovery rate up to {level:.0%}": level for level in levels}
    choice = st.selectbox("Answers", ["all", *choices])
    shown = table
    if choice in choices:
        shown = pd.DataFrame(table[table["q_value"].le(choices[choice])])
    st.caption("Choose a row to see its spectrum.")
    event = st.dataframe(
        shown[_SHOWN], hide_index=True, on_select="rerun", selection_mode="single-row"
    )
    rows = event.selection.rows  # pyright: ignore[reportAttributeAccessIssue]
    if len(shown):
        row = rows[0] if rows and rows[0] < len(shown) else 0
        st.subheader(f"Spectrum {_plain(shown['title'].iloc[row])}")
        st.image(run.picture(int(shown["index"].iloc[row])))
    st.subheader("Download")
    names = {**_SUFFIXES, ".html": "page with all pictures"}
    for column, (suffix, name) in zip(st.columns(len(names)), names.items(), strict=True):
        file = f"{run.name.split('.')[0]}{suffix}"
        column.download_button(name, run.downloads[suffix], file, key=suffix)


if __name__ == "__main__":
    main()
