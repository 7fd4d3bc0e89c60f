"""Reported days in OpenSearch or Elasticsearch: fields, documents, indices, bulk requests."""
