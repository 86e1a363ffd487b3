"""The ladder of methods: how the counterfactual of a series is found, one module for each way."""
