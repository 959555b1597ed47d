"""The case of doi:10.1038/s41598-022-05971-9: few columns of a table, as amplitudes or a qubit each."""
