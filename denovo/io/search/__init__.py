"""Results of search engines, matched to the spectra that were searched."""

from denovo.io.search.formats import FORMATS, SearchMatch, read_matches
from denovo.io.search.results import SearchResults, read_search_results

__all__ = ["FORMATS", "SearchMatch", "SearchResults", "read_matches", "read_search_results"]
