"""The protocol's nouns: quantity, task, method, problem, demand, trial, study, comparison."""
