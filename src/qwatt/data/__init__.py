"""Data sets and models out of packages, and readers for the user's own files."""

from qwatt.data.documents import Document, Documents, iter_documents, read_documents
from qwatt.data.fetch import fetch, is_fetched, verify
from qwatt.data.report import ReadReport
from qwatt.data.sets import DataSet, get_dataset, list_datasets
from qwatt.data.snippets import read_snippets

__all__ = [
    "DataSet",
    "Document",
    "Documents",
    "ReadReport",
    "fetch",
    "get_dataset",
    "is_fetched",
    "iter_documents",
    "list_datasets",
    "read_documents",
    "read_snippets",
    "verify",
]
