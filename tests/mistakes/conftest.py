"""`pytest tests/mistakes --update-mistakes` writes the messages anew; read them before you commit."""


def pytest_addoption(parser):
    parser.addoption("--update-mistakes", action="store_true", help="write every expected.txt anew")
