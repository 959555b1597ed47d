"""Other tools' meters, as cross-checks: CodeCarbon and Zeus."""
