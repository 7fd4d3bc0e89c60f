"""Asynchronous invocations of Lambda functions as AWS makes them: retries, dead letters, destinations."""
