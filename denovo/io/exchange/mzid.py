"""Writer of mzIdentML 1.2 through psims.

The specification is Vizcaino et al. (2017), Molecular & Cellular Proteomics 16, 1275-1285,
doi:10.1074/mcp.M117.068429; accessions are those of https://github.com/HUPO-PSI/psi-ms-CV.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from psims.controlled_vocabulary.controlled_vocabulary import OBOCache
from psims.mzid import MzIdentMLWriter
from psims.mzid.components import MzIdentML
from psims.xml import CVParam, UserParam

from denovo.chemistry import Modification, bare_sequence
from denovo.io.exchange.source import Source
from denovo.io.exchange.tables import accession
from denovo.io.files import atomic_path, encodable
from denovo.io.formats import format_by_name
from denovo.io.predictions.cells import one_line
from denovo.io.predictions.columns import COLUMNS
from denovo.spectra.prediction import Prediction

_NOT_XML = re.compile("[\ufffe\uffff]")
_UNKNOWN = "MS:1001460"
_WITHOUT_TERM = (
    *("log_probability", "residue_scores", "ppm_error", "isotope_error"),
    *("ambiguity", "site_probabilities", "alternatives"),
)
_USER_PARAMETERS = tuple(column for column in COLUMNS if column.name in _WITHOUT_TERM)
"""Columns that no term of the vocabulary describes."""


def _param(accession: str, name: str, value: Any = None, **unit: str) -> CVParam:
    return CVParam(name=name, accession=accession, ref="PSI-MS", value=value, **unit)


_ANY_FILE = _param("MS:1001459", "file format")
_ANY_SPECTRA = _param("MS:1000560", "mass spectrometer file format")
_AT_N_TERMINUS = _param("MS:1001189", "modification specificity peptide N-term")


class _Writer(MzIdentMLWriter):
    """A writer that needs no network and states no time: equal predictions give equal files."""

    def __init__(self, stream: Any) -> None:
        vocabularies = OBOCache(cache_path="", enabled=False, use_remote=False)
        super().__init__(
            stream,
            close=False,
            missing_reference_is_error=True,
            vocabulary_resolver=vocabularies,
        )

    def toplevel_tag(self) -> MzIdentML:
        """Return the root element."""
        return MzIdentML(version=self.version, id="denovo", creationDate=None)


def write_mzid(path: Path, answers: Iterable[Prediction], source: Source) -> None:
    """Write one identification for each answer.

    As mzIdentML wants each peptide in a protein, each sequence has an entry of its own that stands
    for the protein, which is not known.
    """
    with (
        atomic_path(path) as temporary,
        temporary.open("wb") as stream,
        _Writer(stream) as writer,
    ):
        writer.controlled_vocabularies()
        writer.provenance(software={"id": 1, "name": "denovo", "version": source.run.version})
        spectra = {file: n for n, file in enumerate(source.run.files, start=1)}
        for number in spectra.values():
            writer.register("SpectraData", number)
        for name in ("SearchDatabase", "SpectrumIdentificationList"):
            writer.register(name, 1)
        writer.register("SpectrumIdentificationProtocol", 1)
        with writer.sequence_collection():
            peptides = _write_sequences(writer, source)
        with writer.analysis_collection():
            writer.SpectrumIdentification([*spectra.values()], [1]).write(writer)
        with writer.analysis_protocol_collection():
            writer.spectrum_identification_protocol(
                search_type="de novo search",
                additional_search_params=[
                    UserParam(name=_text(name), value=_text(value))
                    for name, value in source.run.settings.items()
                ],
                # psims writes an empty list of enzymes if there is none, which is not valid.
                enzymes=[{"id": 1, "name": "unspecific cleavage", "missed_cleavages": None}],
                modification_params=list(_searched(source)),
            )
        with writer.data_collection():
            writer.inputs(
                search_databases=[
                    {
                        "id": 1,
                        "name": "sequences of the peptides, read de novo",
                        "location": source.path.absolute().as_uri(),
                        "file_format": [_ANY_FILE],
                    }
                ],
                spectra_data=[_spectra_data(file, n, source) for file, n in spectra.items()],
            )
            with writer.analysis_data(), writer.spectrum_identification_list(id=1):
                for number, p in enumerate(answers, start=1):
                    writer.write_spectrum_identification_result(
                        spectrum_id=_text(p.native_id),
                        id=number,
                        spectra_data_id=spectra[encodable(p.file)],
                        identifications=[_item(p, number, peptides[p.peptide])],
                        params=list(_of_spectrum(p)),
                    )


def _write_sequences(writer: _Writer, source: Source) -> dict[str, int]:
    """Write distinct sequences and peptides; returns the numbers of the peptides."""

    @cache
    def modified(location: int, *modifications: Modification) -> Any:
        first, *others = modifications
        if others or not first.accession.startswith("UNIMOD:"):
            names = " ".join(modification.accession for modification in modifications)
            term = _param(_UNKNOWN, "unknown modification", names)
        else:
            term = CVParam(name=first.name, accession=first.accession, ref="UNIMOD")
        element = writer.Modification(
            monoisotopic_mass_delta=round(sum(each.mass for each in modifications), 6),
            location=location,
            accession=_UNKNOWN,
            name=first.name,
            params=[term],
        )
        # psims would look its name up in all vocabularies each time that it is written: 3 ms.
        element.accession = None
        return element

    numbers = {peptide: n for n, peptide in enumerate(source.peptides, start=1)}
    sequences: dict[str, int] = {}
    for peptide in numbers:
        sequences.setdefault(bare_sequence(peptide), len(sequences) + 1)
    for sequence, number in sequences.items():
        writer.write_db_sequence(accession(sequence), sequence, id=number)
    for peptide, number in numbers.items():
        at_start, residues = source.split(peptide)
        modifications = [modified(0, *at_start)] if at_start else []
        modifications += [modified(n, mod) for n, (_, mod) in enumerate(residues, start=1) if mod]
        writer.write_peptide(bare_sequence(peptide), id=number, modifications=modifications)
    for peptide, number in numbers.items():
        sequence = bare_sequence(peptide)
        writer.write_peptide_evidence(
            number, sequences[sequence], number, 1, len(sequence), pre="?", post="?"
        )
    return numbers


def _item(p: Prediction, number: int, peptide: int) -> dict[str, Any]:
    return {
        "id": number,
        "experimental_mass_to_charge": p.precursor_mz,
        "calculated_mass_to_charge": p.peptide_mz,
        "charge_state": p.precursor_charge,
        "peptide_id": peptide,
        "peptide_evidence_id": peptide,
        "score": _param("MS:1001153", "search engine specific score", p.score),
        "params": list(_of_answer(p)),
    }


def _of_answer(p: Prediction) -> Iterator[CVParam | UserParam]:
    if p.probability is not None:
        yield _param("MS:1002357", "PSM-level probability", p.probability)
        yield _param("MS:1002351", "PSM-level local FDR", 1.0 - p.probability)
    if p.q_value is not None:
        yield _param("MS:1002354", "PSM-level q-value", p.q_value)
    for column in _USER_PARAMETERS:
        if text := column.kind.write(getattr(p, column.name)):
            yield UserParam(name=column.name, value=_text(text))


def _of_spectrum(p: Prediction) -> Iterator[CVParam]:
    if p.title:
        yield _param("MS:1000796", "spectrum title", _text(p.title))
    if p.scan is not None:
        yield _param("MS:1003057", "scan number", p.scan)
    if p.retention_time is not None:
        unit = {"unit_name": "second", "unit_accession": "UO:0000010", "unit_cv_ref": "UO"}
        yield _param("MS:1000016", "scan start time", p.retention_time, **unit)


def _spectra_data(file: str, number: int, source: Source) -> dict[str, Any]:
    known = format_by_name(Path(file))
    return {
        "id": number,
        "location": Path(file).absolute().as_uri(),
        "file_format": [_param(*known.term) if known and known.term.accession else _ANY_SPECTRA],
        "spectrum_id_format": _param(*source.id_formats[file]),
    }


def _searched(source: Source) -> Iterator[dict[str, Any]]:
    letters = [residue.amino_acid for residue in source.run.alphabet.residues]
    for residue in source.run.alphabet.residues:
        if modification := residue.modification:
            is_end = residue.is_n_terminal
            yield {
                "mass_delta": round(modification.mass, 6),
                "fixed": not is_end and letters.count(residue.amino_acid) == 1,
                "residues": residue.amino_acid or ".",
                "accession": modification.accession,
                "specificity": [{"params": [_AT_N_TERMINUS]}] if is_end else None,
            }


def _text(text: str) -> str:
    return _NOT_XML.sub(" ", one_line(text))
