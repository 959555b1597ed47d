"""Conformance checks that third-party methods, tasks and backends inherit."""
