"""A real OpenSearch server made of the jars that Maven Central holds: for tests, and to try search without Docker."""
